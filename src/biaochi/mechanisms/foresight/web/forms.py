"""Forms of foresight."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from biaochi.core.errors import InputError
from biaochi.core.text import Lang, Text
from biaochi.exchange.source import decode
from biaochi.mechanisms.foresight.decisions.rounds import IDEA_ROUNDS
from biaochi.mechanisms.foresight.model import Design
from biaochi.mechanisms.foresight.web import readings
from biaochi.mechanisms.foresight.web.models import (
    DESIGNS,
    MEASURES,
    OUTCOMES,
    TYPES,
    FunctionOfRoutes,
    Study,
    StudyItem,
    TermScan,
)


def page_lang() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def _label(zh: str, en: str) -> Any:
    return Text(zh, en)


class Worded(forms.BaseForm):
    """A form whose labels, hints and choices are texts in both languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            label: object = field.label
            hint: object = field.help_text
            if isinstance(label, Text):
                field.label = label.within(page_lang())
            if isinstance(hint, Text):
                field.help_text = hint.within(page_lang())
            if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
                offered: Any = field.choices
                field.choices = [(c, t.within(page_lang()) if isinstance(t, Text) else t) for c, t in offered]


def _day(zh: str, en: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=_label(zh, en), widget=forms.DateInput(attrs={"type": "date"}), **more)


class StudyForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A new study with the rules it will stop by."""

    title_zh = forms.CharField(label=_label("中文名称", "title in Chinese"), max_length=200)
    title_en = forms.CharField(label=_label("英文名称", "title in English"), max_length=200)
    design = forms.ChoiceField(label=_label("怎样进行", "how it runs"), choices=DESIGNS)
    purpose = forms.CharField(
        label=_label("要回答的问题", "what it is to answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    consensus_measure = forms.ChoiceField(label=_label("共识按什么判", "consensus is judged by"), choices=MEASURES)
    consensus_threshold = forms.FloatField(
        label=_label("共识阈值（0–1）", "consensus threshold (0–1)"), min_value=0, max_value=1, initial=0.75
    )
    year_range = forms.FloatField(
        label=_label("年份题：四分位距不超过（年）", "year items: interquartile range at most (years)"),
        min_value=0,
        initial=5,
    )
    stability_threshold = forms.FloatField(
        label=_label("稳定：改变回答的比例不超过（0–1）", "stable: share of answers changed at most (0–1)"),
        min_value=0,
        max_value=1,
        initial=0.15,
        help_text=_label(
            "两轮之间改变回答者的比例；首轮之前定下，之后不能改。",
            "share of experts who changed between rounds; set before the first, fixed afterwards.",
        ),
    )
    round_limit = forms.IntegerField(
        label=_label("轮次上限", "round limit"),
        min_value=1,
        max_value=9,
        initial=3,
        help_text=_label("实时征询指截取次数；IDEA 必为 2。", "in real time the number of cuts; 2 for IDEA."),
    )
    partial = forms.ChoiceField(
        label=_label("“部分实现”", "“partly realised”"),
        choices=(
            ("does_not_count", Text("不算实现", "does not count")),
            ("counts", Text("算实现", "counts")),
        ),
    )
    subgroup_minimum = forms.IntegerField(
        label=_label("分组最少人数", "fewest answers of a group shown"), min_value=5, max_value=50, initial=5
    )

    class Meta:
        model = Study
        fields = (
            "title_zh",
            "title_en",
            "design",
            "purpose",
            "consensus_measure",
            "consensus_threshold",
            "year_range",
            "stability_threshold",
            "round_limit",
            "partial",
            "subgroup_minimum",
        )

    def clean(self) -> dict[str, Any]:
        """IDEA asks exactly twice."""
        data = super().clean() or {}
        if data.get("design") == Design.IDEA.value and data.get("round_limit") not in (None, IDEA_ROUNDS):
            told = Text("IDEA 问两次，请填 2", "IDEA asks twice: put 2")
            self.add_error("round_limit", told.within(page_lang()))
        return data


class ItemForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """One item of a study."""

    code = forms.SlugField(label=_label("代号", "code"), max_length=40)
    type = forms.ChoiceField(label=_label("题型", "type"), choices=TYPES)
    name_zh = forms.CharField(label=_label("中文题面", "wording in Chinese"), max_length=200)
    name_en = forms.CharField(label=_label("英文题面", "wording in English"), max_length=200)
    low = forms.FloatField(label=_label("评分最低", "lowest rating"), required=False)
    high = forms.FloatField(label=_label("评分最高", "highest rating"), required=False)
    options = forms.CharField(
        label=_label("选项（用分号隔开）", "options (separated by semicolons)"), max_length=400, required=False
    )
    due_on = _day("判定日期（年份题）", "day of resolution (year items)", required=False)

    class Meta:
        model = StudyItem
        fields = ("code", "type", "name_zh", "name_en", "low", "high", "options", "due_on")

    def clean(self) -> dict[str, Any]:
        """A rating needs its scale, a choice its options, a year its day of resolution."""
        data = super().clean() or {}
        kind = data.get("type")
        low, high = data.get("low"), data.get("high")
        if kind == "likert" and (low is None or high is None or low >= high):
            self.add_error(
                "high", Text("评分须有最低与最高", "a rating needs a lowest and a highest").within(page_lang())
            )
        if kind == "choice" and ";" not in str(data.get("options", "")).replace("；", ";"):
            self.add_error("options", Text("至少两个选项", "at least two options").within(page_lang()))
        if kind == "year" and data.get("due_on") is None:
            self.add_error("due_on", Text("须定判定日期", "a day of resolution is needed").within(page_lang()))
        return data


class OutcomeForm(Worded, forms.Form):
    """What became of a question, and how that is known."""

    outcome = forms.ChoiceField(label=_label("结果", "outcome"), choices=OUTCOMES)
    realised_on = _day("实现日期（已实现时必填）", "day it came true (if realised)", required=False)
    evidence = forms.CharField(
        label=_label("依据与出处", "evidence and source"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class FunctionForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A function with its routes, from its file."""

    title_zh = forms.CharField(label=_label("中文名称", "title in Chinese"), max_length=200)
    title_en = forms.CharField(label=_label("英文名称", "title in English"), max_length=200)
    file = forms.FileField(
        label=_label("功能与路线（routes.yaml）", "function and routes (routes.yaml)"),
        help_text=_label(
            "一个功能，至少两条路线；成本可引用内置序列。",
            "one function with two routes or more; costs may name shipped series.",
        ),
    )
    simulated = forms.BooleanField(label=_label("数据是模拟的", "the data are simulated"), required=False)

    class Meta:
        model = FunctionOfRoutes
        fields = ("title_zh", "title_en", "simulated")

    def clean_file(self) -> str:
        """Read the file and list every fault."""
        upload = self.cleaned_data["file"]
        if upload.size > 1_000_000:
            raise ValidationError(Text("文件超过 1 MB", "the file is larger than 1 MB").within(page_lang()))
        try:
            text = decode(upload.read(), upload.name)
            spec = readings.read_function(text)
        except InputError as error:
            raise ValidationError([f.line(page_lang()) for f in error.faults]) from error
        known = {s.technology for s in readings.shipped().series}
        unknown = [r.series for r in spec.routes if r.series is not None and r.series not in known]
        if unknown or len(spec.routes) < 2:
            names = ", ".join(str(u) for u in unknown)
            told = Text(f"没有这些内置序列：{names}", f"no such shipped series: {names}")
            few = Text("至少两条路线", "two routes or more are needed")
            raise ValidationError((told if unknown else few).within(page_lang()))
        return text


class ScanForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A table of terms by period, with where it comes from."""

    title_zh = forms.CharField(label=_label("中文名称", "title in Chinese"), max_length=200)
    title_en = forms.CharField(label=_label("英文名称", "title in English"), max_length=200)
    origin = forms.CharField(label=_label("数据出处", "source of the data"), max_length=400)
    file = forms.FileField(
        label=_label("词频表（term, period, count, total）", "counts of terms (term, period, count, total)"),
        help_text=_label("CSV 或 XLSX，至少十个时期。", "CSV or XLSX, ten periods or more."),
    )
    simulated = forms.BooleanField(label=_label("数据是模拟的", "the data are simulated"), required=False)

    class Meta:
        model = TermScan
        fields = ("title_zh", "title_en", "origin", "simulated")

    def clean_file(self) -> str:
        """Read the table and list every fault; it is kept as CSV."""
        upload = self.cleaned_data["file"]
        if upload.size > 20_000_000:
            raise ValidationError(Text("文件超过 20 MB", "the file is larger than 20 MB").within(page_lang()))
        try:
            return readings.counts_document(str(upload.name), upload.read())
        except InputError as error:
            raise ValidationError([f.line(page_lang()) for f in error.faults]) from error


class CodeForm(Worded, forms.Form):
    """The code of a seat, typed on another device."""

    code = forms.CharField(label=_label("席位代码", "code of your seat"), max_length=40)
