"""Forms of a review; labels in both languages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language

from biaochi.core.errors import InputError
from biaochi.core.text import Lang, Text
from biaochi.exchange.source import decode
from biaochi.mechanisms.fairness.model import Ground
from biaochi.mechanisms.fairness.web.models import ExceptionClaim, FairnessReview, Hearing

MOST = 200_000
KIND = {
    "tender": Text("采购文件", "tender document"),
    "first_purchase": Text("首购文件", "first-purchase document"),
    "policy": Text("政策措施", "policy measure"),
    "voucher": Text("券类办法", "voucher scheme"),
    "fund": Text("基金办法", "fund rules"),
    "scene": Text("场景机会清单", "scene list"),
    "pilot_zone": Text("先导区办法", "pilot-zone rules"),
}


def lang_now() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def _label(zh: str, en: str) -> Any:
    return Text(zh, en)


def _area(label: Any, rows: int = 2, most: int = 4000, *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=required, widget=forms.Textarea(attrs={"rows": rows}))


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


class Worded(forms.Form):
    """A form whose labels, hints and choices are texts in both languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = lang_now()
        for field in self.fields.values():
            label: object = field.label
            hint: object = field.help_text
            if isinstance(label, Text):
                field.label = label.within(lang)
            if isinstance(hint, Text):
                field.help_text = hint.within(lang)
            if isinstance(field, forms.ChoiceField):
                field.choices = [(k, v.within(lang) if isinstance(v, Text) else v) for k, v in field.choices]  # type: ignore[union-attr, misc]


class TextForm(Worded):
    """A text, pasted or as a file."""

    pasted = _area(_label("粘贴全文", "paste the text"), 10, MOST, required=False)
    file = forms.FileField(
        label=_label("或选择文件（txt、md）", "or choose a file (txt, md)"),
        required=False,
        help_text=_label("UTF-8 或 GB18030，至多 20 万字", "UTF-8 or GB18030, at most 200,000 characters"),
    )

    def clean(self) -> dict[str, Any]:
        """Take exactly one text and refuse what is empty, too long or no text."""
        data: dict[str, Any] = super().clean() or {}
        pasted, upload = data.get("pasted", ""), data.get("file")
        if bool(pasted) == bool(upload) and not self.errors:
            raise ValidationError(
                Text("请粘贴文本或选择文件，二者取一", "paste a text or choose a file, one of the two").within(
                    lang_now()
                )
            )
        text = pasted
        if upload:
            text = self._read(upload)
        text = text.replace("\r\n", "\n").replace("\x00", "")
        if not text.strip() and not self.errors:
            raise ValidationError(Text("没有文字", "there is no text").within(lang_now()))
        data["text"] = text
        return data

    def _read(self, upload: Any) -> str:
        if upload.size > 4 * MOST:
            raise ValidationError(Text("文件过大", "the file is too large").within(lang_now()))
        try:
            text = decode(upload.read(), str(upload.name))
        except InputError as error:
            raise ValidationError([f.message.within(lang_now()) for f in error.faults]) from error
        if len(text) > MOST:
            raise ValidationError(Text("文本过长", "the text is too long").within(lang_now()))
        return text


class ReviewForm(TextForm, forms.ModelForm):  # type: ignore[type-arg]
    """A text handed in for review."""

    title_zh = forms.CharField(label=_label("中文名称", "title in Chinese"), max_length=200)
    title_en = forms.CharField(label=_label("英文名称", "title in English"), max_length=200)
    kind = forms.ChoiceField(label=_label("文件类型", "kind of document"), choices=list(KIND.items()))
    dated = _day(_label("文件日期（按当日有效的规则审读）", "date of the document (rules of that day)"))
    by_government = forms.BooleanField(
        label=_label("以人民政府名义出台", "issued in the name of a government"), required=False
    )

    class Meta:
        model = FairnessReview
        fields = ("title_zh", "title_en", "kind", "dated", "by_government")


class ClaimForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """An exception claim: one ground, one alternative at least, and an end."""

    rule = forms.CharField(label=_label("适用的规则编号", "rule it covers"), max_length=20)
    ground = forms.ChoiceField(label=_label("理由", "ground"), choices=[(g.value, g.text) for g in Ground])
    statement = _area(_label("说明", "statement"))
    alternative = _area(_label("考虑过的、影响更小的方案", "less restrictive alternative considered"))
    why_not = _area(_label("为何不足以替代", "why it does not serve"))
    end_on = _day(_label("实施到哪一天", "until which day"), required=False)
    termination = _area(_label("或终止条件", "or on which condition it ends"), required=False)

    class Meta:
        model = ExceptionClaim
        fields = ("rule", "ground", "statement", "alternative", "why_not", "end_on", "termination")

    def clean(self) -> dict[str, Any]:
        """Demand an end."""
        data: dict[str, Any] = super().clean() or {}
        if not data.get("end_on") and not data.get("termination"):
            raise ValidationError(
                Text("须有到期日或终止条件（第十二条）", "an end date or condition is needed (Art 12)").within(
                    lang_now()
                )
            )
        return data


class HearingForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A stakeholder who was heard."""

    who = forms.CharField(label=_label("听取了谁的意见（单位）", "who was heard (organisation)"), max_length=120)
    on = _day(_label("日期", "date"))
    view = _area(_label("意见", "their view"))

    class Meta:
        model = Hearing
        fields = ("who", "on", "view")

    def clean_on(self) -> Any:
        """Refuse the future."""
        if self.cleaned_data["on"] > timezone.localdate():
            raise ValidationError(Text("日期在将来", "the date lies in the future").within(lang_now()))
        return self.cleaned_data["on"]


class ReasonForm(Worded):
    """A written reason, public once the text is issued."""

    reason = _area(_label("理由（出台后公开）", "reason (public once issued)"))
