"""Forms of transfer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.transfer.web.models import Project


def page_lang() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def _label(zh: str, en: str) -> Any:
    return Text(zh, en)


class Worded(forms.BaseForm):
    """A form whose labels are texts in both languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            label: object = field.label
            if isinstance(label, Text):
                field.label = label.within(page_lang())


class ProjectForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A new project."""

    title_zh = forms.CharField(label=_label("名称", "name in Chinese"), max_length=200)
    title_en = forms.CharField(label=_label("英文名称", "name in English"), max_length=200)
    track = forms.CharField(label=_label("赛道代码", "track code"), max_length=40, required=False)
    summary = forms.CharField(
        label=_label("做什么", "what it is"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )

    class Meta:
        model = Project
        fields = ("title_zh", "title_en", "track", "summary")


class ShownForm(Worded, forms.Form):
    """What the present stage has shown; evidence itself is added as documents."""

    trl = forms.FloatField(label=_label("技术成熟度 TRL", "TRL"), min_value=1, max_value=9, required=False)
    mrl = forms.FloatField(label=_label("制造成熟度 MRL", "MRL"), min_value=1, max_value=10, required=False)
    cost = forms.FloatField(label=_label("单位成本（元）", "unit cost (yuan)"), min_value=0, required=False)
    yield_share = forms.FloatField(label=_label("良率（0–1）", "yield (0–1)"), min_value=0, max_value=1, required=False)
    safety_file = forms.BooleanField(label=_label("安全文件齐备", "safety file there"), required=False)
    next_money = forms.CharField(
        label=_label("后续资金来源", "source of the next money"), max_length=200, required=False
    )
    platform = forms.CharField(
        label=_label("所用平台或中试线", "platform or pilot line used"), max_length=200, required=False
    )
    standard = forms.CharField(label=_label("测试标准", "standard tested against"), max_length=200, required=False)


class GradeForm(Worded, forms.Form):
    """The grade of the evidence, as the office found it."""

    grade = forms.ChoiceField(label=_label("证据等级", "grade of evidence"), choices=[(g, g) for g in "ABC"])
