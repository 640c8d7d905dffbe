"""Pages of data grants: what is used where it is, and what a second person lets out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision, Scalar
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.decisions import release_export
from biaochi.mechanisms.sandbox.web.forms import ExportForm, lines
from biaochi.mechanisms.sandbox.web.models import (
    ZONE,
    Export,
    Grant,
)
from biaochi.mechanisms.sandbox.web.views.cases import Whole
from biaochi.mechanisms.sandbox.web.views.filling import CASE, case_link
from biaochi.registry.acting import acting, page_language
from biaochi.registry.transition import record
from biaochi.registry.views import Item, ListColumn, ListView, ObjectView, Section


class GrantList(ListView):
    """All data grants."""

    model = Grant
    heading = Text("数据授权", "Data grants")
    columns = (CASE, ListColumn("end_on", Text("止", "to"), lambda g: g.end_on))
    related = ("trial",)


class GrantPage(Whole, ObjectView):
    """One data grant, with what was asked to leave."""

    model = Grant
    related = ("trial", "trial__organisation")

    def answer(self, obj: Grant, actor: Actor, lang: Lang) -> str:
        """Return until when it holds."""
        text = Text(f"可用不可见，止于 {obj.end_on}。", f"Used where they are, until {obj.end_on}.")
        return text.within(lang)

    def facts(self, obj: Grant, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return what was granted."""
        return [
            Item(Text("目的", "purpose"), obj.purpose),
            Item(Text("依据", "basis"), obj.basis),
            Item(Text("字段", "fields"), "、".join(obj.fields)),
            Item(Text("起止", "dates"), f"{obj.start_on} – {obj.end_on}"),
            Item(Text("每日行数上限", "rows a day at most"), obj.rows_per_day),
            Item(Text("最小单元", "smallest cell"), obj.smallest_cell),
        ]

    def sections(self, obj: Grant, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return the exports and the case."""
        context = {
            "grant": obj,
            "exports": list(obj.exports.all()[:50]),
            "ask": ExportForm() if _may_ask(obj, actor) else None,
            "release": actor.role is Role.REGULATOR and obj.state == "active",
        }
        note = Text("由申请人以外的人放行。", "Released by somebody else than who asked.")
        return [Section(Text("导出", "Exports"), "sandbox/exports.html", context, note), case_link(obj.trial)]


def _may_ask(grant: Grant, actor: Actor) -> bool:
    house = grant.trial.organisation
    return actor.role is Role.FIRM and house is not None and house.public_id == actor.organisation


class ExportAct(View):
    """Ask for an export, or decide on it."""

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Keep the request, or release or refuse it with every reason."""
        actor, lang, now = acting(request).actor, page_language(request), timezone.now()
        rows = Grant.visible(actor, Grant.objects.filter(public_id=public_id))
        grant = get_object_or_404(rows.select_related("trial__organisation"))
        if grant.state != "active":
            raise PermissionDenied
        if "code" in request.POST:
            if actor.role is not Role.REGULATOR or not grant.seen_from_inside(actor):
                raise PermissionDenied
            self._decide(request, grant, actor, lang, now)
        elif _may_ask(grant, actor):
            form = ExportForm(request.POST)
            if not form.is_valid():
                return render(
                    request,
                    "sandbox/act.html",
                    {
                        "case": grant,
                        "form": form,
                        "heading": Text("申请导出", "Ask for an export"),
                        "consequence": Text("由第二人放行。", "A second person releases it."),
                    },
                    status=422,
                )
            self._ask(grant, form.cleaned_data, actor, now)
        else:
            raise PermissionDenied
        return HttpResponseRedirect(grant.get_absolute_url())

    def _ask(self, grant: Grant, data: Mapping[str, Any], actor: Actor, now: datetime) -> None:
        with database.atomic():
            held = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
            export = Export.objects.create(
                grant=held, code=f"X{held.exports.count() + 1}", fields=lines(data["field_names"]), rows=data["rows"],
                smallest_count=data["smallest_count"], purpose=data["purpose"], requested_by=actor.person,
                requested_at=now,
            )  # fmt: skip
            facts: dict[str, Scalar] = {"export": export.code, "rows": export.rows}
            record(held, "export_asked", actor, "", Decision("asked", (), now, facts=facts), now=now)

    def _decide(self, request: HttpRequest, grant: Grant, actor: Actor, lang: Lang, now: datetime) -> None:
        with database.atomic():
            held = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
            export = held.exports.filter(code=request.POST["code"], outcome="").first()
            if export is None:
                raise Http404
            day = now.astimezone(ZONE).date()
            decision = release_export(held.to_grant(), export.to_export(actor.person, day), at=day)
            if decision.outcome == "release":
                export.released_by, export.released_on = actor.person, day
            if decision.outcome != "hold":
                export.outcome = decision.outcome
                export.save()
            record(held, "export", actor, request.POST.get("reason", "")[:4000], decision, now=now)
        told = {
            "release": Text("已放行。", "Released."),
            "hold": Text("须先补齐，暂不放行。", "Held until it is complete."),
            "refuse": Text("不予放行，理由见台账。", "Refused; the reasons are in the ledger."),
        }[decision.outcome]
        messages.info(request, told.within(lang))
