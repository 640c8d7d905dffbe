"""Forms of cultivation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.cultivation.model import SETS
from biaochi.mechanisms.cultivation.web.models import Title
from biaochi.mechanisms.cultivation.web.readings import set_name


def page_lang() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


class TitleForm(forms.ModelForm):  # type: ignore[type-arg]
    """The title a firm wants to work towards."""

    grade = forms.ChoiceField()

    class Meta:
        model = Title
        fields = ("grade",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["grade"]
        field.label = Text("称号", "title").within(page_lang())
        field.choices = [(code, set_name(code).within(page_lang())) for code in SETS]
