"""Forms of plan documents and pilot zones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout.model import AssessmentResult, ChoiceKind, Coverage, Criterion, Jurisdiction, Level
from biaochi.mechanisms.layout.web import readings
from biaochi.mechanisms.layout.web.models import PlanDocument, Zone

LEVELS = {
    Level.PROVINCE: Text("省级", "province"),
    Level.CITY: Text("市级", "city"),
    Level.DISTRICT: Text("区县", "district"),
}
COVERAGES = {
    Coverage.COMPLETE: Text("完整清单", "complete list"),
    Coverage.PARTIAL: Text("部分清单", "partial list"),
}
FACTS = {"yes": True, "no": False, "": None}


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


class DocumentForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A plan document that was found."""

    place = forms.CharField(label=_label("地区（如 浙江）", "region (as in the plans, such as 浙江)"), max_length=60)
    level = forms.ChoiceField(label=_label("层级", "level"))
    source = forms.CharField(label=_label("文件名称与文号", "title and number"), max_length=300)
    dated = forms.DateField(label=_label("文件日期", "date of the document"), widget=forms.DateInput({"type": "date"}))
    coverage = forms.ChoiceField(label=_label("清单是否完整", "is its list complete"))
    seen = forms.BooleanField(label=_label("看过原文", "the text itself was seen"), required=False)

    class Meta:
        model = PlanDocument
        fields = ("title_zh", "title_en", "place", "level", "source", "dated", "coverage", "seen")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = [(v.value, t.within(_lang())) for v, t in LEVELS.items()]  # type: ignore[attr-defined]
        self.fields["coverage"].choices = [(v.value, t.within(_lang())) for v, t in COVERAGES.items()]  # type: ignore[attr-defined]

    def clean_dated(self) -> Any:
        """Refuse documents of the future."""
        day = self.cleaned_data["dated"]
        if day > timezone.localdate():
            raise ValidationError(Text("日期在将来", "the date lies in the future").within(_lang()))
        return day


class CodingForm(Worded):
    """What a person read in the document: one track a line, with its wording."""

    coding = forms.CharField(
        label=_label("赛道与原文", "tracks and wording"),
        help_text=_label(
            "每行一条：赛道代码，逗号，原文表述。例：quantum，量子信息",
            "one a line: track code, comma, original wording. Example: quantum,量子信息",
        ),
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=20_000,
    )

    def clean_coding(self) -> dict[str, str]:
        """Return track → wording; every faulty line is told."""
        known, found, faults = readings.plan_table().names, {}, []
        for number, line in enumerate(self.cleaned_data["coding"].splitlines(), start=1):
            code, _, wording = line.replace("，", ",", 1).partition(",")
            code, wording = code.strip(), wording.strip()
            if not line.strip():
                continue
            if code not in known:
                text = Text(f"第 {number} 行：没有赛道代码 {code[:40]}", f"line {number}: no track code {code[:40]}")
                faults.append(text.within(_lang()))
            elif not wording:
                text = Text(f"第 {number} 行：缺少原文表述", f"line {number}: the wording is missing")
                faults.append(text.within(_lang()))
            elif code in found:
                text = Text(f"第 {number} 行：{code} 重复", f"line {number}: {code} repeats")
                faults.append(text.within(_lang()))
            else:
                found[code] = wording[:200]
        if not faults and not found:
            faults.append(Text("至少一条", "at least one track").within(_lang()))
        if faults:
            raise ValidationError(faults)
        return found


class ZoneForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """An application for a pilot zone."""

    jurisdiction = forms.ChoiceField(label=_label("按哪一地的办法", "by whose rules"))
    site = forms.CharField(label=_label("地点（开发区、园区）", "site (development zone, park)"), max_length=200)
    tracks = forms.MultipleChoiceField(label=_label("主攻方向（至多三条）", "main tracks (three at most)"))
    case_made = forms.CharField(
        label=_label("申报理由", "the case for it"), widget=forms.Textarea(attrs={"rows": 6}), max_length=4000
    )

    class Meta:
        model = Zone
        fields = ("title_zh", "title_en", "jurisdiction", "site", "tracks", "case_made")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        other = Text("其他（没有见到办法，须人工审核）", "elsewhere (no rule was seen: a person decides)")
        listed = [(j.value, j.text.within(_lang())) for j in Jurisdiction]
        self.fields["jurisdiction"].choices = [*listed, ("other", other.within(_lang()))]  # type: ignore[attr-defined]
        names = readings.plan_table().names
        self.fields["tracks"].choices = [(c, t.within(_lang())) for c, t in names.items()]  # type: ignore[attr-defined]

    def clean_tracks(self) -> list[str]:
        """Allow three tracks at most."""
        tracks: list[str] = self.cleaned_data["tracks"]
        if len(tracks) > 3:
            raise ValidationError(Text("至多三条", "three at most").within(_lang()))
        return tracks


def checking_form(criteria: tuple[Criterion, ...]) -> type[forms.Form]:
    """Return the form of the check: one answer for each criterion of the jurisdiction."""

    def choices() -> list[tuple[str, str]]:
        words = (
            ("", Text("不明", "unknown")),
            ("yes", Text("符合", "holds")),
            ("no", Text("不符合", "does not hold")),
        )
        return [(code, text.within(_lang())) for code, text in words]

    fields: dict[str, Any] = {
        c.code: forms.ChoiceField(label=c.text, choices=choices, required=False)  # type: ignore[arg-type]
        for c in criteria
    }
    return type("CheckingForm", (Worded,), fields)


class NoticeForm(Worded):
    """Until when objections are received."""

    notice_until = forms.DateField(
        label=_label("公示截止日（含当日）", "last day of the notice"), widget=forms.DateInput({"type": "date"})
    )

    def clean_notice_until(self) -> Any:
        """A notice lasts at least until today."""
        day = self.cleaned_data["notice_until"]
        if day < timezone.localdate():
            raise ValidationError(Text("截止日已过", "that day is past").within(_lang()))
        return day


class ReviewForm(Worded):
    """What experts found on site."""

    experts = forms.IntegerField(label=_label("专家人数", "number of experts"), min_value=1, max_value=99)
    score = forms.FloatField(label=_label("平均分（0–100）", "mean score (0–100)"), min_value=0, max_value=100)
    reason = forms.CharField(
        label=_label("论证意见", "their opinion"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000
    )


class AssessmentForm(Worded):
    """The result of an assessment."""

    result = forms.ChoiceField(label=_label("评估结果", "result"))
    reason = forms.CharField(
        label=_label("依据", "on what grounds"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["result"].choices = [(r.value, r.text.within(_lang())) for r in AssessmentResult]  # type: ignore[attr-defined]


class ObjectionForm(Worded):
    """An objection, or the answer to one."""

    text = forms.CharField(label=_label("内容", "text"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000)


class AddressForm(Worded):
    """Which office of the region a menu goes to."""

    receiver = forms.ChoiceField(label=_label("送给哪个主管部门", "which office it goes to"))

    def __init__(self, *args: Any, offices: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receiver"].choices = list(offices)  # type: ignore[attr-defined]


class AnswerForm(Worded):
    """A region's answer to one track, on its menu or beyond it."""

    track = forms.ChoiceField(label=_label("赛道", "track"))
    kind = forms.ChoiceField(label=_label("答复", "answer"))
    reason = forms.CharField(label=_label("理由", "reason"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)

    def __init__(self, *args: Any, on_menu: Sequence[str] = (), all_tracks: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = readings.plan_table().names
        self.on_menu = set(on_menu)
        beyond = [t for t in dict.fromkeys((*names, *all_tracks)) if t not in self.on_menu]

        def named(codes: Sequence[str]) -> list[tuple[str, str]]:
            return [(c, names[c].within(_lang()) if c in names else c) for c in codes]

        groups = [
            (Text("菜单上的", "on the menu").within(_lang()), named(list(on_menu))),
            (Text("菜单之外", "beyond the menu").within(_lang()), named(beyond)),
        ]
        self.fields["track"].choices = groups  # type: ignore[attr-defined]
        self.fields["kind"].choices = [(k.value, k.text.within(_lang())) for k in ChoiceKind]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A track beyond the menu can only be chosen as such, and one on it never is."""
        data: dict[str, Any] = super().clean() or {}
        outside = data.get("kind") == ChoiceKind.OUTSIDE_MENU.value
        if "track" in data and "kind" in data and outside == (data["track"] in self.on_menu):
            text = (
                Text("它在菜单上：请选择、暂缓或不选", "it is on the menu: choose, defer or decline it")
                if outside
                else Text("它不在菜单上：请用“另选菜单之外”", "it is not on the menu: answer “chosen outside the menu”")
            )
            raise ValidationError(text.within(_lang()))
        return data


class OutlookForm(Worded):
    """Which track an outlook from foresight speaks of."""

    track = forms.ChoiceField(label=_label("说的是哪条赛道", "which track it speaks of"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = readings.plan_table().names
        self.fields["track"].choices = [(c, t.within(_lang())) for c, t in names.items()]  # type: ignore[attr-defined]
