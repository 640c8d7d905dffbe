"""What other mechanisms bring: an outlook of routes becomes a programme, an awarded team enters one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision, Reason
from biaochi.core.errors import InputError, RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.fund.decisions import Plan, priors_of, programme_of
from biaochi.mechanisms.fund.web import readings
from biaochi.mechanisms.fund.web.forms import PlanForm
from biaochi.mechanisms.fund.web.models import Programme, TakenOutlook
from biaochi.methods.allocation import Programme as Model
from biaochi.registry.acting import acting, page_language
from biaochi.registry.site import Offer
from biaochi.registry.transition import create, record


def take_outlook(offer: Offer, actor: Actor) -> str:
    """Keep an outlook of routes; its user adds stages and money and confirms before anything is a programme."""
    try:
        priors_of(offer.payload, parameters=readings.rules())
    except (KeyError, ValueError) as error:
        raise RefusedError("no_routes", Text("展望中没有可用的路线", "the outlook names no route to use")) from error
    made = TakenOutlook.objects.create(
        subject=offer.subject,
        title_zh=offer.title.zh[:200],
        title_en=offer.title.en[:200],
        payload=dict(offer.payload),
        organisation=actor.organisation or "",
    )
    return reverse("fund:outlook", args=[made.pk])


def take_team(offer: Offer, actor: Actor) -> str:
    """Add an awarded team to the newest draft programme that has its route."""
    said = offer.payload
    drafts = Programme.visible(actor, Programme.objects.filter(state="draft").order_by("-pk"))
    for programme in drafts.filter(organisation__public_id=actor.organisation)[:20]:
        route = _route_named(programme.document, str(said["route"]))
        if route is None:
            continue
        with database.atomic():
            row = Programme.objects.select_for_update(of=("self",)).get(pk=programme.pk)
            row.document = _with_team(row.document, route, str(said["award"]))
            row.programme()
            row.version += 1
            row.save(update_fields=["document", "version"])
            text = Text(
                f"揭榜项目 {said['award']} 进入路线 {route}，期望名次 {_rank(said)}",
                f"award {said['award']} enters route {route}, expected rank {_rank(said)}",
            )
            reason = Reason("awarded_by_challenge", Verdict.MET, text, str(said["challenge"]))
            record(row, "team_taken", actor, "", Decision("team_taken", (reason,), timezone.localdate()))
        return row.get_absolute_url()
    raise RefusedError(
        "no_draft",
        Text(
            f"没有含路线“{said['route']}”的方案草稿；请先由展望或文件建立方案",
            f"no draft programme has the route “{said['route']}”: make one from an outlook or a file first",
        ),
    )


def _route_named(document: Mapping[str, Any], name: str) -> str | None:
    """Return the code of the route called so; a name may be given in both languages."""
    wanted = {name.strip().lower(), *(p.strip().lower() for p in name.split("/"))}
    for route in document["routes"]:
        names = {str(route["code"]).lower(), *(str(v).lower() for v in dict(route.get("name") or {}).values())}
        if names & wanted:
            return str(route["code"])
    return None


def _with_team(document: Mapping[str, Any], route: str, team: str) -> dict[str, Any]:
    """Return the programme with one more team on a route; a number of unnamed teams gives way to named ones."""
    routes = []
    for r in document["routes"]:
        if r["code"] == route:
            named = [] if isinstance(r["teams"], int) else list(r["teams"])
            if any((t["code"] if isinstance(t, Mapping) else t) == team for t in named):
                raise RefusedError("team_there", Text("这支队伍已在方案中", "this team is in the programme already"))
            routes.append({**r, "teams": [*named, team]})
        else:
            routes.append(r)
    return {**document, "routes": routes}


def _rank(said: Mapping[str, Any]) -> str:
    rank = said.get("expected_rank")
    return "–" if rank is None else f"{float(rank):.2f}"


class OutlookPage(View):
    """An outlook's priors, and the form that makes a programme of them."""

    def get(self, request: HttpRequest, number: int) -> HttpResponseBase:
        """Show what the outlook says and what must be added."""
        return self._page(request, self._outlook(request, number), PlanForm(), 200)

    def post(self, request: HttpRequest, number: int) -> HttpResponseBase:
        """Make the draft of a programme, or show every fault."""
        outlook = self._outlook(request, number)
        if outlook.programme_id is not None:
            return HttpResponseRedirect(outlook.programme.get_absolute_url() if outlook.programme else "/")
        form = PlanForm(request.POST)
        if not form.is_valid():
            return self._page(request, outlook, form, 422)
        plan = Plan(**form.cleaned_data)
        document = programme_of(priors_of(outlook.payload, parameters=readings.rules()), plan)
        document["name"] = {"zh": outlook.title_zh, "en": outlook.title_en}
        try:
            Model.from_json(document)
        except InputError as error:
            for fault in error.faults[:20]:
                form.add_error(None, fault.line(page_language(request)))
            return self._page(request, outlook, form, 422)
        with database.atomic():
            made = Programme(
                title_zh=f"{outlook.title_zh[:180]} · 探索方案",
                title_en=f"{outlook.title_en[:170]} · exploration programme",
                document=document,
                simulated=bool(outlook.payload.get("simulated", False)),
            )
            create(made, acting(request).actor)
            text = Text(
                f"先验来自展望 {outlook.subject}，由用户确认", f"priors from outlook {outlook.subject}, confirmed"
            )
            reason = Reason("priors_from_outlook", Verdict.MET, text, outlook.subject)
            decision = Decision("outlook_taken", (reason,), timezone.localdate())
            record(made, "outlook_taken", acting(request).actor, "", decision)
            outlook.programme = made
            outlook.save(update_fields=["programme"])
        return HttpResponseRedirect(made.get_absolute_url())

    def _outlook(self, request: HttpRequest, number: int) -> TakenOutlook:
        actor = acting(request).actor
        if actor.role is not Role.FUND_MANAGER:
            raise PermissionDenied
        found = TakenOutlook.of(actor).select_related("programme").filter(pk=number).first()
        if found is None:
            raise Http404
        return found

    def _page(self, request: HttpRequest, outlook: TakenOutlook, form: PlanForm, status: int) -> HttpResponseBase:
        priors = priors_of(outlook.payload, parameters=readings.rules())
        joint = [{"routes": " · ".join(names) or "–", "p": p} for names, p in priors.joint]
        context = {"outlook": outlook, "priors": priors, "joint": joint, "form": form}
        return render(request, "fund/outlook.html", context, status=status)
