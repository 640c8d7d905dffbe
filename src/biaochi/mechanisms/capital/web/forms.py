"""Forms of patient capital."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from biaochi.core.errors import InputError
from biaochi.core.text import Lang, Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.jsonfile import jsonable
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_data
from biaochi.mechanisms.capital.files import read_terms
from biaochi.mechanisms.capital.report import FLOW_NAMES
from biaochi.mechanisms.capital.web.models import GuidanceFund

MOST_BYTES = 1_000_000


def page_lang() -> Lang:
    """Return the language of the page."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def read_upload(upload: Any) -> Source:
    """Return an upload's bytes, small ones only."""
    if upload.size > MOST_BYTES:
        raise ValidationError(Text("文件超过 1 MB", "the file is larger than 1 MB").within(page_lang()))
    return Source(str(upload.name)[-120:], upload.read())


def told(error: InputError) -> ValidationError:
    """Return every fault of a file as a form shows it."""
    return ValidationError([f.line(page_lang()) for f in error.faults[:50]])


def terms_document(source: Source) -> dict[str, Any]:
    """Return the plain data of a terms file; raise every fault it holds."""
    faults = Faults(source.name)
    read_terms(source, faults)
    faults.check()
    return dict(jsonable(read_data(source)[0]))


class _File(forms.BaseForm):
    def clean_file(self) -> Any:
        """Read the terms and list every fault."""
        try:
            return terms_document(read_upload(self.cleaned_data["file"]))
        except InputError as error:
            raise told(error) from error


class FundForm(_File, forms.ModelForm):  # type: ignore[type-arg]
    """A new fund, from the file of its terms."""

    title_zh = forms.CharField(max_length=200)
    title_en = forms.CharField(max_length=200)
    file = forms.FileField()

    class Meta:
        model = GuidanceFund
        fields = ("title_zh", "title_en")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = page_lang()
        self.fields["title_zh"].label = Text("中文名称", "title in Chinese").within(lang)
        self.fields["title_en"].label = Text("英文名称", "title in English").within(lang)
        _word_file(self.fields["file"], lang)


class TermsForm(_File, forms.Form):
    """Changed terms, from their file."""

    file = forms.FileField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_file(self.fields["file"], page_lang())


def _word_file(field: forms.Field, lang: Lang) -> None:
    field.label = Text("条款文件（YAML 或 JSON）", "file of the terms (YAML or JSON)").within(lang)
    field.help_text = Text(
        "biaochi.capital.terms/1：期限、返投、当事方、分配层级、先行损失与让利。所有错误一次列出。",
        "biaochi.capital.terms/1: term, reinvestment, parties, tiers, first loss, concession. Every fault at once.",
    ).within(lang)


class FlowForm(forms.Form):
    """One call, distribution or valuation."""

    kind = forms.ChoiceField()
    at = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    party = forms.ChoiceField(required=False)
    amount = forms.DecimalField(min_value=0, max_digits=20, decimal_places=2)

    def __init__(self, fund: GuidanceFund, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = page_lang()
        words = {
            "kind": Text("种类", "kind"),
            "at": Text("日期", "date"),
            "party": Text("当事方", "party"),
            "amount": Text("金额（元）", "amount, yuan"),
        }
        for name, text in words.items():
            self.fields[name].label = text.within(lang)
        everyone = Text("共同（按出资或层级）", "all (by contributions or tiers)").within(lang)
        kinds, parties = [(k, t.within(lang)) for k, t in FLOW_NAMES.items()], [p.code for p in fund.terms.parties]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["party"].choices = [("", everyone), *((p, p) for p in parties)]  # type: ignore[attr-defined]
