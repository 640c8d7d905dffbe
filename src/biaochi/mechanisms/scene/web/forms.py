"""Forms of scenes."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.scene.decisions import least_reserve
from biaochi.mechanisms.scene.model import LOG_NAMES, Pay, ReviewVerdict, SceneKind, TrialOutcome
from biaochi.mechanisms.scene.web.models import Scene, SceneApplication, parameters

KINDS = {
    SceneKind.MAJOR: Text("综合性重大场景", "major scene"),
    SceneKind.INTEGRATED: Text("行业领域集成式场景", "integrated scene of a sector"),
    SceneKind.NICHE: Text("高价值小切口场景", "niche scene of high value"),
}
PAYS = {
    Pay.NONE: Text("不付费", "not paid"),
    Pay.PAID: Text("付费试用", "paid trial"),
    Pay.ORDER: Text("订单", "order"),
}
REVIEWS = {
    ReviewVerdict.CLEAR: Text("明确通过", "clear"),
    ReviewVerdict.FINDINGS: Text("有问题", "findings"),
    ReviewVerdict.BLOCKED: Text("不得实施", "blocked"),
}
LOGS = LOG_NAMES
OUTCOMES = {
    TrialOutcome.FAILED: Text("未成功（不追责）", "failed, no fault"),
    TrialOutcome.ITERATE: Text("改进后再试", "iterate"),
    TrialOutcome.ADOPT: Text("采用", "adopt"),
    TrialOutcome.FIRST_PURCHASE: Text("转入首购", "first purchase"),
}


def page_lang() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def _label(zh: str, en: str) -> Any:
    return Text(zh, en)


class Worded(forms.BaseForm):
    """A form whose labels, hints and choices are texts in both languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = page_lang()
        for field in self.fields.values():
            label: object = field.label
            hint: object = field.help_text
            if isinstance(label, Text):
                field.label = label.within(lang)
            if isinstance(hint, Text):
                field.help_text = hint.within(lang)
            if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
                choices: Any = field.choices
                field.choices = [(v, t.within(lang) if isinstance(t, Text) else t) for v, t in choices]


def read_weights(text: str) -> dict[str, str]:
    """Return criterion → number of ``technology:0.6;price:0.4``; a colon or semicolon may be full-width."""
    found: dict[str, str] = {}
    for part in text.replace("；", ";").replace("：", ":").split(";"):
        name, _, value = part.partition(":")
        if not part.strip():
            continue
        try:
            number = Decimal(value.strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if not name.strip() or name.strip() in found or not number.is_finite() or not 0 <= number <= 1:
            raise ValidationError(
                Text(f"看不懂“{part}”；请写成 technology:0.6", f"cannot read “{part}”; write technology:0.6").within(
                    page_lang()
                )
            )
        found[name.strip()] = str(number)
    return found


def _choices(texts: dict[Any, Text]) -> Any:
    return [(k.value, t) for k, t in texts.items()]


def _area(zh: str, en: str, *, required: bool = True) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=_label(zh, en), max_length=1000, required=required, widget=widget)


def _day(zh: str, en: str) -> forms.DateField:
    return forms.DateField(label=_label(zh, en), widget=forms.DateInput(attrs={"type": "date"}))


class SceneForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A new scene with its terms, its rule and how success is measured."""

    title_zh = forms.CharField(label=_label("名称", "name in Chinese"), max_length=200)
    title_en = forms.CharField(label=_label("英文名称", "name in English"), max_length=200)
    kind = forms.ChoiceField(label=_label("类型", "kind"), choices=_choices(KINDS), initial="niche")
    track = forms.CharField(label=_label("赛道代码", "track code"), max_length=40, required=False)
    problem = _area("需求（按功能表述，不指名供应者）", "the need (by function, no supplier named)")
    offers = _area("提供的条件", "what is offered")
    access = _area("准入条件", "terms of access")
    safety = _area("安全边界", "safety limits")
    data_terms = _area("数据条款", "data terms")
    ip_terms = _area("知识产权条款", "IP terms")
    pay = forms.ChoiceField(label=_label("付费", "pay"), choices=_choices(PAYS), initial="paid")
    slots = forms.IntegerField(label=_label("名额", "slots"), min_value=1, max_value=100)
    reserved = forms.IntegerField(
        label=_label("其中先给初创企业的名额", "of these, to start-ups first"),
        min_value=0,
        required=False,
        initial=0,
        help_text=_label(
            "初创企业先占，用不完的开放给所有企业；这是政策选择，由公平竞争审查决定",
            "start-ups first, what they leave goes to anyone; a policy choice that the fair-competition review decides",
        ),
    )
    trl_min = forms.FloatField(label=_label("最低成熟度", "least TRL"), min_value=1, max_value=9, required=False)
    trl_max = forms.FloatField(label=_label("最高成熟度", "greatest TRL"), min_value=1, max_value=9, required=False)
    opens_on = _day("开放日", "opens on")
    closes_on = _day("截止日", "closes on")
    starts_on = _day("试用开始", "trial starts on")
    ends_on = _day("试用结束", "trial ends on")
    rule_text = forms.CharField(
        label=_label("评选规则与权重", "rule of selection with weights"),
        max_length=400,
        help_text=_label(
            "如 technology:0.6;price:0.4，权重之和为 1；规则日期为今天，须早于开放日",
            "such as technology:0.6;price:0.4, summing to 1; it is dated today and must precede opening",
        ),
    )
    metrics = forms.CharField(label=_label("评价指标", "metric of the trial"), max_length=400)
    target = forms.FloatField(label=_label("目标值", "target"))
    higher_is_better = forms.BooleanField(label=_label("越大越好", "higher is better"), required=False, initial=True)
    scale_up = _area("成功之后", "what follows success")

    class Meta:
        model = Scene
        fields = (
            "title_zh", "title_en", "kind", "track", "problem", "offers", "access", "safety", "data_terms", "ip_terms",
            "pay", "slots", "reserved", "trl_min", "trl_max", "opens_on", "closes_on", "starts_on", "ends_on",
            "metrics", "target", "higher_is_better", "scale_up",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The reserve lies within the slots and is not below what the office has set."""
        data = super().clean() or {}
        if "reserved" in data:
            data["reserved"] = data["reserved"] or 0
        slots, reserved = data.get("slots"), data.get("reserved")
        if slots is None or reserved is None:
            return data
        least = least_reserve(slots, parameters(timezone.localdate()))
        if not least <= reserved <= slots:
            text = Text(f"预留名额应在 {least} 与 {slots} 之间", f"the reserve must lie between {least} and {slots}")
            self.add_error("reserved", text.within(page_lang()))
        return data

    def clean_rule_text(self) -> dict[str, str]:
        """Read the weights; they sum to one."""
        found = read_weights(self.cleaned_data["rule_text"])
        total = sum((Decimal(w) for w in found.values()), Decimal(0))
        if total != 1:
            text = Text(f"权重之和为 {total}，应为 1", f"weights sum to {total}, not 1")
            raise ValidationError(text.within(page_lang()))
        return found


class ReviewForm(Worded, forms.Form):
    """The verdict of the fair-competition review."""

    verdict = forms.ChoiceField(label=_label("审查结论", "verdict of the review"), choices=_choices(REVIEWS))


class PointsForm(Worded, forms.Form):
    """The points of an admitted application."""

    points = forms.CharField(
        label=_label("各项得分（0–1）", "points by criterion (0–1)"),
        max_length=400,
        help_text=_label("如 technology:0.8;price:0.7", "such as technology:0.8;price:0.7"),
    )

    startup = forms.BooleanField(
        label=_label("已按登记核实为初创企业", "confirmed as a start-up by its registration"),
        required=False,
        help_text=_label("只有核实过的才能占用预留名额", "only a confirmed start-up may take a reserved slot"),
    )

    def clean_points(self) -> dict[str, str]:
        """Read the points."""
        return read_weights(self.cleaned_data["points"])


class ApplicationForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """An application to a scene."""

    scene = forms.ModelChoiceField(label=_label("场景", "scene"), queryset=Scene.objects.filter(state="open"))
    capability = _area("你们怎样解决", "how you meet the need")
    startup = forms.BooleanField(label=_label("初创企业", "start-up"), required=False)

    class Meta:
        model = SceneApplication
        fields = ("scene", "capability", "startup")


class ReportForm(Worded, forms.Form):
    """What was measured."""

    value = forms.FloatField(label=_label("实测值", "value measured"))


class ConcludeForm(Worded, forms.Form):
    """What the trial came to."""

    outcome = forms.ChoiceField(label=_label("结论", "conclusion"), choices=_choices(OUTCOMES))


class LogForm(Worded, forms.Form):
    """One entry of the diligence log."""

    kind = forms.ChoiceField(label=_label("类别", "kind"), choices=_choices(LOGS))
    text = _area("内容", "text")
