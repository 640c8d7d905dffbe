"""Pages of what may come: shipped technologies with their record first, and functions with their routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from biaochi.core.errors import RefusedError, UsageError
from biaochi.core.figure import Figure
from biaochi.core.roles import Role
from biaochi.core.text import Lang
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.foresight import report
from biaochi.mechanisms.foresight.model import HindcastResult
from biaochi.mechanisms.foresight.web import pages, readings
from biaochi.mechanisms.foresight.web.forms import FunctionForm
from biaochi.mechanisms.foresight.web.models import FunctionOfRoutes
from biaochi.registry import ledger
from biaochi.registry.acting import acting, page_language


class ForecastsPage(View):
    """Every shipped technology: those that can be forecast with their record, the others as they are."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the list."""
        lang = page_language(request)
        known = readings.technologies()
        made = [pages.forecast_row(t, *readings.forecast(t.code), lang) for t in known.values() if t.series is not None]
        return render(
            request,
            "foresight/forecasts.html",
            {"made": made, "shown": [t for t in known.values() if t.series is None], "all": len(known)},
        )


class TechnologyPage(View):
    """One technology: how its forecasts did in the past, then what may come."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """Show the record first."""
        lang = page_language(request)
        technology = readings.technologies().get(code)
        if technology is None:
            raise Http404
        context: dict[str, Any] = {"technology": technology}
        if technology.series is None:
            context["history"] = report.history(technology.title, technology.unit, technology.points, lang)
            return render(request, "foresight/technology_shown.html", context)
        made, past = readings.forecast(code)
        named = readings.named(made, technology, lang)
        fan = replace(report.fan(named, technology.series, lang), key="fan")
        context |= {
            "heading": pages.forecast_heading(named, lang),
            "record": pages.record_items(made, past, lang),
            "answer": pages.record_sentence(made, lang),
            "figures": _record_figures(past, made.model.value, lang),
            "fan": fan,
            "path": pages.path_rows(made),
            "model": made.model.text,
            "reason": made.reason,
            "came": pages.came_rows(readings.past_forecasts(), code),
        }
        return render(request, "foresight/technology.html", context)


def _record_figures(past: HindcastResult | None, model: str, lang: Lang) -> list[Figure]:
    if past is None:
        return []
    return [report.coverage(past, lang), report.pit(past, model, lang), report.xi(past, lang)]


class FunctionsPage(View):
    """Every function with its routes."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the list."""
        return render(
            request,
            "foresight/functions.html",
            {
                "functions": list(FunctionOfRoutes.objects.all()[:100]),
                "may": acting(request).role is Role.OFFICER,
            },
        )


class FunctionPage(View):
    """One function: how many routes are worth keeping, and what that rests on."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show the outlook with its sensitivity on the same screen."""
        lang = page_language(request)
        function = get_object_or_404(FunctionOfRoutes, public_id=public_id)
        found = readings.outlook(function)
        made = found.outlook.functions[0]
        names = {code: name.within(lang) for code, name in found.names.items()}
        called = pages.renamed(made, names)
        return render(
            request,
            "foresight/function.html",
            {
                "function": function,
                "heading": pages.keep_heading(called, function.title, lang),
                "answer": pages.keep_sentence(called, lang),
                "keep": pages.keep_rows(called, lang),
                "sensitivity": pages.sensitivity_rows(called, lang),
                "routes": pages.route_rows(called),
                "years": sorted(called.p_none_ready)[:: max(1, len(called.p_none_ready) // 4)],
                "ready": pages.ready_rows(called),
                "none_ready": [
                    called.p_none_ready[y]
                    for y in sorted(called.p_none_ready)[:: max(1, len(called.p_none_ready) // 4)]
                ],
                "crossover": pages.crossover_rows(called, lang),
                "cheapest": replace(report.cheapest(called, lang), key="cheapest", simulated=function.simulated),
                "value": replace(report.value_of_keeping(called, lang), key="keep", simulated=function.simulated),
                "dependence": called.dependence,
                "outlook": called,
                "readiness": pages.readiness_rows(found.readiness, names),
                "assumed": called.dependence.source == "assumed",
                "records": _records(found, lang),
            },
        )


def _records(found: readings.Computed, lang: Lang) -> list[tuple[str, Any]]:
    """Return the record of every series a route rests on: a forecast is never shown without it."""
    rows = []
    for route in found.spec.routes:
        if route.series is not None:
            made, _ = readings.forecast(route.series)
            rows.append(
                (route.name.within(lang), pages.forecast_row(readings.technologies()[route.series], made, None, lang))
            )
    return rows


class FunctionDownload(View):
    """The file behind a function's outlook."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Give the file as it was stored."""
        function = get_object_or_404(FunctionOfRoutes, public_id=public_id)
        headers = {"Content-Disposition": f'attachment; filename="{function.public_id}.yaml"'}
        return HttpResponse(function.document, content_type="application/yaml; charset=utf-8", headers=headers)


class NewFunction(View):
    """A function from its file."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        self._may(request)
        return self._page(request, FunctionForm(), 200)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Compute the outlook once, keep it, and put its digest into the ledger."""
        self._may(request)
        form = FunctionForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form, 422)
        function: FunctionOfRoutes = form.save(commit=False)
        function.document = form.cleaned_data["file"]
        function.as_of = timezone.localdate()
        try:
            keep_function(function, request)
        except (UsageError, RefusedError) as error:
            form.add_error("file", error.text.within(page_language(request)))
            return self._page(request, form, 422)
        return HttpResponseRedirect(reverse("foresight:function", args=[function.public_id]))

    def _may(self, request: HttpRequest) -> None:
        if acting(request).role is not Role.OFFICER:
            raise PermissionDenied

    def _page(self, request: HttpRequest, form: FunctionForm, status: int) -> HttpResponse:
        return render(request, "foresight/function_new.html", {"form": form}, status=status)


def keep_function(function: FunctionOfRoutes, request: HttpRequest) -> None:
    """Store a function with its outlook and its line in the ledger."""
    with transaction.atomic():
        function.save()
        readings.outlook(function)
        stored: Mapping[str, object] = {"outcome": "outlook_kept", "sha256": pages.digest_of(function.content)}
        ledger.append(
            actor=acting(request).actor,
            at=timezone.now(),
            subject=function.public_id,
            transition_code="outlook_kept",
            reason="",
            decision=stored,
        )


class PastForecasts(View):
    """Old forecasts of the shipped series and what came, as a table."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Give the table."""
        frame = readings.past_forecasts()
        headers = {"Content-Disposition": 'attachment; filename="past-forecasts.csv"'}
        return HttpResponse(to_csv(frame).encode("utf-8-sig"), content_type="text/csv; charset=utf-8", headers=headers)
