"""Forms of sharing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sharing.model import ResourceKind
from biaochi.mechanisms.sharing.web.models import Booking, Price, Resource

KINDS = {
    ResourceKind.EQUIPMENT: Text("仪器设备", "equipment"),
    ResourceKind.PILOT_LINE: Text("中试线", "pilot line"),
    ResourceKind.COMPUTE: Text("算力", "computing"),
    ResourceKind.DATASET: Text("数据集", "data set"),
    ResourceKind.TALENT: Text("人才", "talent"),
    ResourceKind.TECHNOLOGY: Text("技术", "technology"),
    ResourceKind.CAPITAL: Text("资本", "capital"),
    ResourceKind.STANDARD: Text("标准", "standard"),
    ResourceKind.JOINT_PROJECT: Text("联合项目", "joint project"),
}


def page_lang() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def _label(zh: str, en: str) -> Any:
    return Text(zh, en)


class Worded(forms.BaseForm):
    """A form whose labels and choices are texts in both languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = page_lang()
        for field in self.fields.values():
            label: object = field.label
            if isinstance(label, Text):
                field.label = label.within(lang)
            if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
                choices: Any = field.choices
                field.choices = [(v, t.within(lang) if isinstance(t, Text) else t) for v, t in choices]


def _instant(zh: str, en: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=_label(zh, en), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )


class ResourceForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A resource with its first listed price."""

    title_zh = forms.CharField(label=_label("名称", "name in Chinese"), max_length=200)
    title_en = forms.CharField(label=_label("英文名称", "name in English"), max_length=200)
    kind = forms.ChoiceField(label=_label("类型", "kind"), choices=[(k.value, t) for k, t in KINDS.items()])
    unit = forms.CharField(label=_label("计量单位", "unit"), max_length=40)
    capacity = forms.FloatField(label=_label("同时可用的单位数", "units at once"), min_value=0.001)
    unit_price = forms.DecimalField(
        label=_label("每单位价格（元）", "price of a unit (yuan)"), min_value=0, max_digits=14, decimal_places=2
    )

    class Meta:
        model = Resource
        fields = ("title_zh", "title_en", "kind", "unit", "capacity")

    def _save_m2m(self) -> None:
        """List the price from today on, once the resource is stored."""
        super()._save_m2m()  # type: ignore[misc]
        Price.objects.create(
            resource=self.instance, starts_on=timezone.localdate(), unit_price=self.cleaned_data["unit_price"]
        )


class BookingForm(Worded, forms.ModelForm):  # type: ignore[type-arg]
    """A request for units over a span of time."""

    resource = forms.ModelChoiceField(
        label=_label("资源", "resource"), queryset=Resource.objects.filter(state="listed")
    )
    starts_at = _instant("从", "from")
    ends_at = _instant("到", "to")
    units = forms.FloatField(label=_label("单位数", "units"), min_value=0.001, initial=1)

    class Meta:
        model = Booking
        fields = ("resource", "starts_at", "ends_at", "units")

    def clean(self) -> dict[str, Any]:
        """The end comes after the start."""
        data = super().clean() or {}
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            raise ValidationError(Text("结束须晚于开始", "the end must come after the start").within(page_lang()))
        return data


class UseForm(Worded, forms.Form):
    """The units used."""

    units = forms.FloatField(label=_label("实用单位", "units used"), min_value=0)
