"""Forms of purchases; labels in both languages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from biaochi.core.errors import InputError
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.procurement.web import readings
from biaochi.mechanisms.procurement.web.models import CoPurchase


def lang_now() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


class FileForm(forms.Form):
    """The purchase file and the products known on the market."""

    document = forms.CharField(max_length=100_000, widget=forms.Textarea(attrs={"rows": 18}))
    products = forms.CharField(max_length=100_000, required=False, widget=forms.Textarea(attrs={"rows": 8}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = lang_now()
        self.fields["document"].label = Text("采购文件（YAML）", "purchase file (YAML)").within(lang)
        self.fields["products"].label = Text("市场上的产品（CSV）", "products on the market (CSV)").within(lang)
        self.fields["products"].help_text = "product,supplier,group,need,value,low,high,source,date"

    def clean(self) -> dict[str, Any]:
        """Read both; every fault is told."""
        data: dict[str, Any] = super().clean() or {}
        if "document" in data:
            try:
                readings.market_of(readings.purchase_of(data["document"]), data.get("products", ""))
            except InputError as error:
                raise ValidationError([f.line(lang_now()) for f in error.faults]) from error
        return data


class PurchaseForm(FileForm, forms.ModelForm):  # type: ignore[type-arg]
    """A new purchase from its file."""

    class Meta:
        model = CoPurchase
        fields = ("document", "products")
