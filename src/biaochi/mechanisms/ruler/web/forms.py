"""Forms of the ruler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from biaochi.core.errors import InputError
from biaochi.core.text import Lang, Text
from biaochi.exchange.source import Source, decode
from biaochi.exchange.tables import read_header
from biaochi.mechanisms.ruler.model import RevisionReason
from biaochi.mechanisms.ruler.web.checking import read_tree
from biaochi.mechanisms.ruler.web.models import Framework
from biaochi.methods.composite.tree import Node


def _lang() -> Lang:
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def _label(zh: str, en: str) -> Any:
    return Text(zh, en)


class Worded(forms.Form):
    """A form whose labels are texts in both languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            label: object = field.label
            hint: object = field.help_text
            if isinstance(label, Text):
                field.label = label.within(_lang())
            if isinstance(hint, Text):
                field.help_text = hint.within(_lang())


class FrameworkForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A new framework from its file, checked whole."""

    framework_file = forms.FileField(label=_label("指标体系文件（framework.yaml）", "framework file (framework.yaml)"))
    units_file = forms.FileField(
        label=_label("单位表（units.csv）", "list of units (units.csv)"),
        required=False,
        help_text=_label(
            "含 unit,name_zh,name_en；其余列用于分组与比照", "unit,name_zh,name_en; further columns group and compare"
        ),
    )

    class Meta:
        model = Framework
        fields = ("title_zh", "title_en")

    def clean_framework_file(self) -> str:
        """Read the file and list every fault with its line."""
        upload = self.cleaned_data["framework_file"]
        try:
            text = decode(upload.read(), upload.name)
        except InputError as error:
            raise ValidationError([f.line(_lang()) for f in error.faults]) from error
        _, faults = read_tree(text)
        if faults:
            raise ValidationError([f.line(_lang()) for f in faults])
        return text

    def clean_units_file(self) -> str:
        """Read the list of units as text."""
        upload = self.cleaned_data.get("units_file")
        if not upload:
            return ""
        data = upload.read()
        try:
            text = decode(data, upload.name)
            header = read_header(Source(upload.name, data))
        except InputError as error:
            raise ValidationError([f.line(_lang()) for f in error.faults]) from error
        if "unit" not in header:
            raise ValidationError(Text("缺少 unit 列", "column unit is missing").within(_lang()))
        return text


class OverrideForm(Worded):
    """Adopting a framework whose coherence gate is not met needs its own written reason."""

    gate_override = forms.CharField(
        label=_label("放行理由（一致性关口未达到时必填）", "reason to override (where the coherence gate is not met)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
    )


class RevisionForm(Worded):
    """Why published cells get a new vintage."""

    revision_reason = forms.ChoiceField(
        label=_label(
            "修订原因（含已发布的单元格时必填）", "reason of the revision (where cells are published already)"
        ),
        required=False,
    )
    vintage = forms.DateField(label=_label("版本日期", "date of the vintage"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(r.value, r.text.within(_lang())) for r in RevisionReason]
        self.fields["revision_reason"].choices = [("", "–"), *choices]  # type: ignore[attr-defined]


class OpinionForm(Worded):
    """An opinion of the consultation, or its answer."""

    text = forms.CharField(label=_label("意见", "opinion"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class RetireForm(Worded):
    """The framework that follows; it must have a period in common."""

    successor = forms.ChoiceField(label=_label("后继指标体系", "framework that follows"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Framework.objects.filter(state="adopted").order_by("-pk")[:50]
        choices = [(f.public_id, f"{f.code} {f.revision} · {f.title.within(_lang())}") for f in rows]
        self.fields["successor"].choices = [("", "–"), *choices]  # type: ignore[attr-defined]


class BandForm(Worded):
    """A band from a day on, and what it rests on."""

    indicator = forms.ChoiceField(label=_label("指标", "indicator"))
    low = forms.FloatField(label=_label("下限", "from"))
    high = forms.FloatField(label=_label("上限", "to"))
    effective_on = forms.DateField(
        label=_label("自哪天起", "from which day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    citation = forms.CharField(label=_label("依据", "what it rests on"), max_length=300)

    def __init__(self, *args: Any, indicators: Sequence[Node] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(n.code, f"{n.code} {n.name.within(_lang())}") for n in indicators]
        self.fields["indicator"].choices = choices  # type: ignore[attr-defined]
