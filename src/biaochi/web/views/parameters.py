"""The parameters in force, each with its citation; where the office may set them, it does so here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from biaochi.core.errors import RefusedError
from biaochi.core.parameters import DatedValue, Parameter, ParameterSet
from biaochi.exchange.parameter_files import load_parameters
from biaochi.registry import office
from biaochi.registry.acting import acting, page_language
from biaochi.registry.site import Site
from biaochi.web.sites import sites

_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter as the list shows it."""

    parameter: Parameter
    value: str
    dated: DatedValue
    coming: DatedValue | None
    adjustable: bool


class ValueForm(forms.Form):
    """A new value of a parameter."""

    value = forms.CharField(label=gettext_lazy("Value"), max_length=2000)
    effective_on = forms.DateField(
        label=gettext_lazy("In force from"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    citation = forms.CharField(label=gettext_lazy("Laid down in (document, number, date)"), max_length=300)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show every parameter in force today, by mechanism."""
    today = timezone.localdate()
    rooms = [(site, _rows(_parameters(site), today)) for site in sites()]
    count = sum(len(rows) for _, rows in rooms)
    unverified = sum(r.dated.status != "confirmed" for _, rows in rooms for r in rows)
    context = {"rooms": rooms, "count": count, "unverified": unverified, "setter": _may_set(request)}
    return render(request, "web/parameters.html", context)


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, mechanism: str, code: str) -> HttpResponseBase:
    """Show a parameter with all its values; set one that is to come."""
    site = next((s for s in sites() if s.code == mechanism), None)
    parameter = next((p for p in _parameters(site) if p.code == code), None) if site else None
    if site is None or parameter is None:
        raise Http404
    may = _may_set(request) and office.adjustable(parameter)
    form = ValueForm(initial={"effective_on": timezone.localdate() + timedelta(days=1)})
    refused, status = "", 200
    if request.method == "POST":
        if not may:
            raise PermissionDenied
        form = ValueForm(request.POST)
        refused, status = _("The form was incomplete; please try again."), 422
        if form.is_valid():
            found = form.cleaned_data
            try:
                actor = acting(request).actor
                office.set_value(actor, site.code, parameter, found["value"], found["effective_on"], found["citation"])
            except RefusedError as error:
                refused = error.text.within(page_language(request))
            else:
                messages.success(request, _("The value was set and recorded in the ledger."))
                return redirect("parameter", site.code, parameter.code)
    today = timezone.localdate()
    context: dict[str, Any] = {
        "site": site,
        "parameter": parameter,
        "values": [(written(v.value), v, v is parameter.at(today), v.effective_on > today) for v in parameter.values],
        "adjustable": office.adjustable(parameter),
        "may": may,
        "form": form,
        "refused": refused,
    }
    return render(request, "web/parameter.html", context, status=status)


def written(value: object) -> str:
    """Return a value as a reader sees it; a long one is cut."""
    if isinstance(value, dict):
        text = "; ".join(f"{k}: {written(v)}" for k, v in value.items())
    elif isinstance(value, list | tuple):
        text = "、".join(written(v) for v in value)
    else:
        text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _may_set(request: HttpRequest) -> bool:
    actor = acting(request).actor
    return actor.role in office.SETTERS and bool(actor.organisation)


def _parameters(site: Site) -> ParameterSet:
    return load_parameters(f"biaochi.mechanisms.{site.code}")


def _rows(parameters: ParameterSet, today: date) -> list[Row]:
    rows = []
    for p in parameters:
        dated = p.at(today)
        coming = next((v for v in p.values if v.effective_on > today), None)
        if dated is not None:
            rows.append(Row(p, written(dated.value), dated, coming, office.adjustable(p)))
    return rows
