"""Forms of challenges."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.challenge.model import StopCause
from biaochi.mechanisms.challenge.report import STAGE_NAMES
from biaochi.mechanisms.challenge.web.models import Bid, Challenge, Milestone
from biaochi.mechanisms.challenge.web.services.reviewing import rules
from biaochi.registry.models import Organisation


def page_lang() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


class _Worded(forms.BaseForm):
    words: dict[str, Text] = {}
    hints: dict[str, Text] = {}
    # Several moves share one form element: an empty field of one move must not stop the browser from sending another.
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, text in self.words.items():
            self.fields[name].label = text.within(page_lang())
        for name, text in self.hints.items():
            self.fields[name].help_text = text.within(page_lang())


def read_indicators(written: str) -> list[dict[str, str]]:
    """Return indicators from lines ``name | unit | threshold | test``; each needs a threshold and a test."""
    found = []
    for line in written.splitlines():
        parts = [p.strip() for p in line.replace("｜", "|").split("|")]
        if not any(parts):
            continue
        if len(parts) != 4 or not (parts[0] and parts[2] and parts[3]):
            told = Text(f"“{line[:60]}”：须有名称、阈值与测试方法", f"“{line[:60]}”: needs name, threshold and test")
            raise ValidationError(told.within(page_lang()))
        found.append(dict(zip(("name", "unit", "threshold", "test_method"), parts, strict=True)))
    return found


def write_indicators(indicators: list[dict[str, str]]) -> str:
    """Return indicators as the lines they were read from."""
    return "\n".join(f"{i['name']} | {i['unit']} | {i['threshold']} | {i['test_method']}" for i in indicators)


_LINES = Text(
    "功能指标，每行：名称 | 单位 | 阈值 | 测试方法",
    "functional indicators, a line each: name | unit | threshold | test",
)
_LINES_HINT = Text(
    "阈值如 >= 1000 或 <= 5；写要达到什么，不写怎么做。",
    "Thresholds such as >= 1000 or <= 5; what is reached, not how.",
)


class ChallengeForm(_Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A challenge's text."""

    words = {
        "title_zh": Text("中文名称", "title in Chinese"),
        "title_en": Text("英文名称", "title in English"),
        "need": Text("要解决什么", "what is needed"),
        "indicators_text": _LINES,
        "slots": Text("名额", "places"),
        "deadline": Text("截止时间", "deadline"),
    }
    hints = {"indicators_text": _LINES_HINT}
    indicators_text = forms.CharField(max_length=8000, widget=forms.Textarea(attrs={"rows": 4}))
    deadline = forms.DateTimeField(
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )

    class Meta:
        model = Challenge
        fields = ("title_zh", "title_en", "need", "slots", "deadline")

    def clean_indicators_text(self) -> list[dict[str, str]]:
        """Return the indicators; each has a threshold and a test."""
        return read_indicators(self.cleaned_data["indicators_text"])

    def clean_slots(self) -> int:
        """Return the number of places, at least one."""
        slots = int(self.cleaned_data["slots"])
        if not 1 <= slots <= 50:
            raise ValidationError(Text("名额应在 1 与 50 之间", "between 1 and 50 places").within(page_lang()))
        return slots


class BidForm(_Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A new bid, still empty."""

    class Meta:
        model = Bid
        fields: tuple[str, ...] = ()


class SealForm(_Worded, forms.Form):
    """The content of a bid; it lives in memory only, until it is sealed."""

    words = {
        "route": Text("技术路线", "technical route"),
        "partners": Text("牵头单位之外的参与单位数", "partners beside the lead"),
        "months": Text("期限（月）", "months"),
        "amount": Text("申请金额（万元）", "amount asked, 10,000 yuan"),
        "text": Text("方案", "proposal"),
    }
    hints = {
        "text": Text(
            "只写技术内容；评审专家不知道投标方是谁。", "Technical content only; reviewers do not know who bids."
        )
    }
    route = forms.CharField(max_length=60)
    partners = forms.IntegerField(min_value=0, max_value=100, initial=0)
    months = forms.IntegerField(min_value=1, max_value=120)
    amount = forms.FloatField(min_value=0, max_value=10_000_000)
    text = forms.CharField(max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}))


class AnswerForm(_Worded, forms.Form):
    """What a bidder adds when more was asked."""

    words = {"text": Text("补充说明", "answer")}
    text = forms.CharField(max_length=8000, widget=forms.Textarea(attrs={"rows": 4}))


class MilestoneForm(_Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A stage's tests, registered before it starts."""

    words = {
        "stage": Text("阶段", "stage"),
        "indicators_text": _LINES,
        "verifier": Text("第三方检验方", "third-party verifier"),
        "due_on": Text("到期日", "due on"),
        "amount": Text("达到后付款（元）", "paid on a pass, yuan"),
    }
    hints = {
        "indicators_text": _LINES_HINT,
        "verifier": Text("不能是团队或发榜方。", "Neither the team nor the owner."),
    }
    stage = forms.ChoiceField()
    indicators_text = forms.CharField(max_length=8000, widget=forms.Textarea(attrs={"rows": 3}))
    due_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    amount = forms.DecimalField(min_value=0, max_digits=16, decimal_places=2, initial=0)

    class Meta:
        model = Milestone
        fields = ("stage", "indicators_text", "verifier", "due_on", "amount")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stages = rules()["challenge.standard_milestones"].value
        lang = page_lang()
        codes = [str(s) for s in stages] if isinstance(stages, list | tuple) else []
        self.fields["stage"].choices = [(c, STAGE_NAMES[c].within(lang)) for c in codes]  # type: ignore[attr-defined]
        houses = Organisation.objects.filter(kind__in=("institute", "university", "other")).order_by("pk")
        chosen: Any = self.fields["verifier"]
        chosen.queryset = houses
        chosen.label_from_instance = lambda o: o.title.within(lang)

    def clean_indicators_text(self) -> list[dict[str, str]]:
        """Return the indicators; each has a threshold and a test."""
        return read_indicators(self.cleaned_data["indicators_text"])


def assess_form(milestone: Milestone) -> type[forms.Form]:
    """Return the form of a verifier's result: a measured value for each registered test, and the report."""
    fields: dict[str, Any] = {"use_required_attribute": False}
    for number, i in enumerate(milestone.indicators):
        unit = f"，{i['unit']}" if page_lang() == "zh" else f", {i['unit']}"
        label = f"{i['name']} {i['threshold']}{unit if i['unit'] else ''}"
        fields[f"value_{number}"] = forms.FloatField(label=label, help_text=i["test_method"])
    fields["report"] = forms.CharField(
        label=Text("检验报告编号", "number of the test report").within(page_lang()), max_length=200
    )
    return type("AssessForm", (forms.Form,), fields)


class GroundsForm(_Worded, forms.Form):
    """The grounds of a decision on a milestone, the same for all four outcomes."""

    legend = Text("决定的依据（四种决定共用）", "Grounds of the decision, whichever of the four")
    words = {
        "alternatives": Text("考虑过的备选，每行一项", "alternatives considered, a line each"),
        "forecast": Text("下一阶段达到的概率（0–1）", "chance that the next stage is met (0–1)"),
        "due_on": Text("新的到期日（调整时）", "new due day (to adjust)"),
        "cause": Text("停止原因（停止时）", "cause (to stop)"),
        "delay_reason": Text("逾期的理由（逾期时）", "reason of the delay (if late)"),
    }
    alternatives = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))
    forecast = forms.FloatField(min_value=0, max_value=1, widget=forms.NumberInput(attrs={"step": "0.01"}))
    due_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    cause = forms.ChoiceField(required=False)
    delay_reason = forms.CharField(required=False, max_length=1000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": "grounds"})
        causes = [("", "–"), *((c.value, c.text.within(page_lang())) for c in StopCause)]
        self.fields["cause"].choices = causes  # type: ignore[attr-defined]
