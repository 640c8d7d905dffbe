"""What the forms of procurement are made of: labels in both languages, fields, lists in one line."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from biaochi.core.text import Lang, Text


def lang_now() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def told(zh: str, en: str) -> ValidationError:
    """Return a fault in the page's language."""
    return ValidationError(Text(zh, en).within(lang_now()))


def label(zh: str, en: str) -> Any:
    """Return a label in both languages; a form says it in the page's."""
    return Text(zh, en)


class Plain(forms.Form):
    """A form whose labels, hints and choices are texts in both languages.

    Several stand on one page within one form element, so the browser demands nothing; the server does.
    """

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = lang_now()
        for field in self.fields.values():
            title: object = field.label
            hint: object = field.help_text
            if isinstance(title, Text):
                field.label = title.within(lang)
            if isinstance(hint, Text):
                field.help_text = hint.within(lang)
            if isinstance(field, forms.ChoiceField):
                field.choices = [(k, v.within(lang) if isinstance(v, Text) else v) for k, v in field.choices]  # type: ignore[union-attr, misc]


def area(title: Any, rows: int = 3, most: int = 4000, *, required: bool = True, hint: Any = "") -> forms.CharField:
    """Return a field for a longer text."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=title, max_length=most, required=required, widget=widget, help_text=hint)


def day(title: Any, *, required: bool = True, hint: Any = "") -> forms.DateField:
    """Return a field for a day."""
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=title, required=required, widget=widget, help_text=hint)


def money(title: Any, *, required: bool = True, hint: Any = "") -> forms.DecimalField:
    """Return a field for an amount in yuan."""
    return forms.DecimalField(
        label=title, required=required, help_text=hint, max_digits=18, decimal_places=2, min_value=Decimal(0)
    )


def choice(title: Any, choices: Iterable[tuple[str, object]], *, hint: Any = "") -> forms.ChoiceField:
    """Return a field that offers choices."""
    return forms.ChoiceField(label=title, choices=list(choices), help_text=hint)


def choose(form: forms.Form, name: str, choices: Iterable[tuple[str, str]]) -> None:
    """Give a field the choices that fit the object at hand."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def split_lines(text: str, parts: int) -> list[list[str]]:
    """Return the lines of a text, each cut at ``|`` into that many parts; raise a fault that shows the line."""
    found = []
    for line in text.splitlines():
        cells = [c.strip() for c in line.replace("｜", "|").split("|")]
        if not any(cells):
            continue
        if len(cells) != parts or not all(cells):
            raise told(
                f"“{line[:60]}”：每行须有 {parts} 项，用 | 隔开", f"“{line[:60]}”: {parts} parts a line, split by |"
            )
        found.append(cells)
    return found


def items(text: str) -> list[str]:
    """Return the items of a list in one line, Chinese or English commas."""
    for mark in ("、", "，", ";", "；"):
        text = text.replace(mark, ",")
    return list(dict.fromkeys(i.strip() for i in text.split(",") if i.strip()))
