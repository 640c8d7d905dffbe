"""Forms of challenges."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.challenge.web.models import Bid, Challenge


def page_lang() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


class _Worded(forms.BaseForm):
    words: dict[str, Text] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, text in self.words.items():
            self.fields[name].label = text.within(page_lang())


class ChallengeForm(_Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A new challenge."""

    words = {
        "title_zh": Text("中文名称", "title in Chinese"),
        "title_en": Text("英文名称", "title in English"),
        "need": Text("要解决什么", "what is needed"),
        "indicators_text": Text(
            "功能指标，每行：名称 | 单位 | 阈值 | 测试方法",
            "functional indicators, a line each: name | unit | threshold | test",
        ),
        "slots": Text("名额", "places"),
        "deadline": Text("截止时间", "deadline"),
    }
    indicators_text = forms.CharField(max_length=8000, widget=forms.Textarea(attrs={"rows": 4}))
    deadline = forms.DateTimeField(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))

    class Meta:
        model = Challenge
        fields = ("title_zh", "title_en", "need", "slots", "deadline")

    def clean_indicators_text(self) -> list[dict[str, str]]:
        """Return the indicators; each has a threshold and a test."""
        found = []
        for line in self.cleaned_data["indicators_text"].splitlines():
            parts = [p.strip() for p in line.split("|")]
            if not any(parts):
                continue
            if len(parts) != 4 or not (parts[0] and parts[2] and parts[3]):
                told = Text(
                    f"“{line[:60]}”：须有名称、阈值与测试方法", f"“{line[:60]}”: needs name, threshold and test"
                )
                raise ValidationError(told.within(page_lang()))
            found.append(dict(zip(("name", "unit", "threshold", "test_method"), parts, strict=True)))
        return found


class BidForm(_Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A new bid, still empty."""

    class Meta:
        model = Bid
        fields: tuple[str, ...] = ()


class SealForm(_Worded, forms.Form):
    """The content of a bid; it lives in memory only, until it is sealed."""

    words = {
        "route": Text("技术路线", "technical route"),
        "months": Text("期限（月）", "months"),
        "amount": Text("申请金额（万元）", "amount asked, 10,000 yuan"),
        "text": Text("方案", "proposal"),
    }
    route = forms.CharField(max_length=60)
    months = forms.IntegerField(min_value=1, max_value=120)
    amount = forms.FloatField(min_value=0)
    text = forms.CharField(max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}))
