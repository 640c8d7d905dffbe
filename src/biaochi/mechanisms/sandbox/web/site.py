"""What the sandbox adds to the site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.sandbox.web.api import router
from biaochi.mechanisms.sandbox.web.demo import demo
from biaochi.mechanisms.sandbox.web.models import EthicsReview, Grant, SandboxCase, Service, Voucher, WaiverRow
from biaochi.mechanisms.sandbox.web.models.case import OPEN_TO_ALL
from biaochi.mechanisms.sandbox.web.timekeeping import keep_time
from biaochi.mechanisms.sandbox.web.views.cases import HEALTH_CODE, WATCHED
from biaochi.registry.marks import dots_mark
from biaochi.registry.models import Decision
from biaochi.registry.site import CalendarEntry, HomeFigure, NavItem, Offer, PortalSection, Site, Station

_DOTS = {"on_time": "met", "amber": "manual_review", "alarm": "unmet"}


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return how many supervised cases are held, of how many, one mark each."""
    rows = SandboxCase.visible(actor, SandboxCase.objects.filter(state__in=WATCHED))
    health = list(rows.order_by("pk").values_list("health", flat=True))
    held = sum(h == "red" for h in health)
    codes = [_DOTS[HEALTH_CODE.get(h, "on_time")] for h in health]
    label = Text(f"{len(health)} 个在监，{held} 个停用", f"{len(health)} supervised, {held} held")
    return HomeFigure(
        Text(f"{held} / {len(health)}", f"{held} / {len(health)}"),
        Text("停用 / 在监", "held / supervised"),
        Text("没有报警不证明安全。", "No alarm proves no safety."),
        reverse("sandbox:room"),
        dots_mark(codes, label=label.zh) if health else "",
        alarm=held > 0,
    )


def portal_cases() -> Mapping[str, Any]:
    """Return the public list: what was waived until when, and what was learnt."""
    rows = SandboxCase.objects.filter(state__in=OPEN_TO_ALL).prefetch_related("waivers").order_by("-entered_at")[:30]
    shown = []
    for case in rows:
        ends = [w.end_on for w in case.waivers.all() if w.state in ("active", "suspended", "expired", "granted")]
        summary = Text(case.summary_zh, case.summary_en) if case.summary_zh and case.summary_en else None
        shown.append(
            {"case": case, "ends": max(ends, default=None), "summary": summary, "code": case.badge_of(case.state)}
        )
    return {"rows": shown}


def calendar(actor: Actor, now: datetime) -> Sequence[CalendarEntry]:
    """Return the last days of waivers and the next ethics reviews the actor may see."""
    waivers = WaiverRow.visible(actor, WaiverRow.objects.filter(state__in=("granted", "active", "suspended")))
    found = [
        CalendarEntry(w.public_id, w.title, w.end_on, w.get_absolute_url()) for w in waivers.order_by("end_on")[:100]
    ]
    reviews = EthicsReview.visible(actor, EthicsReview.objects.filter(next_review_on__isnull=False))
    found += [
        CalendarEntry(r.public_id, r.title, r.next_review_on, r.get_absolute_url())
        for r in reviews.order_by("next_review_on")[:100]
        if r.next_review_on is not None
    ]
    return found


def exits(actor: Actor, now: datetime) -> Sequence[Offer]:
    """Return cases that left with a conclusion and a rule-change proposal."""
    rows = SandboxCase.visible(
        actor, SandboxCase.objects.filter(state__in=("graduated", "adjusted", "aftercare", "closed"))
    )
    found = []
    for case in rows.order_by("-entered_at")[:50]:
        left = Decision.objects.filter(subject=case.public_id, transition__in=("graduate", "adjust")).first()
        if left is None:
            continue
        payload = {
            "case": case.public_id,
            "outcome": left.transition,
            "tracks": list(case.tracks),
            "clause": (case.proposal or {}).get("clause", ""),
            "summary_zh": case.summary_zh,
            "summary_en": case.summary_en,
        }
        found.append(Offer(case.public_id, case.title, left.decided_at, payload, left.public_id))
    return found


SITE = Site(
    code="sandbox",
    station=Station.SUPERVISE,
    title=Text("监管沙箱", "Regulatory sandbox"),
    purpose=Text(
        "限时豁免，过程监测，到期自止，出箱有结论。",
        "Rules relieved for a time, watched as it runs, ending by itself, leaving with a conclusion.",
    ),
    models=(SandboxCase, WaiverRow, EthicsReview, Voucher, Grant, Service),
    nav=(
        NavItem(Text("总览", "Control room"), "sandbox:room", Text("健康、到期、沉默", "health, expiries, silence")),
        NavItem(Text("案例", "Cases"), "sandbox:sandboxcase_list", Text("申请、运行、出箱", "apply, run, exit")),
        NavItem(Text("豁免", "Waivers"), "sandbox:waiverrow_list", Text("何规则，到何日", "which rule, until when")),
        NavItem(
            Text("伦理审查", "Ethics"),
            "sandbox:ethicsreview_list",
            Text("结论、条件、下次审查", "decisions, conditions, next review"),
            (Role.ETHICS_MEMBER, Role.REGULATOR, Role.FIRM),
        ),
        NavItem(Text("算力券", "Vouchers"), "sandbox:schemes", Text("预算、账簿、发放", "budget, books, issuing")),
        NavItem(
            Text("数据授权", "Data grants"),
            "sandbox:grant_list",
            Text("可用不可见，第二人放行", "used where they are"),
            (Role.REGULATOR, Role.FIRM),
        ),
        NavItem(
            Text("加速器服务", "Services"),
            "sandbox:service_list",
            Text("需求与成效", "needs and outcomes"),
            (Role.OFFICER, Role.FIRM),
        ),
    ),
    home_figure=home_figure,
    portal_sections=(
        PortalSection(
            "sandbox",
            Text("监管沙箱", "Regulatory sandbox"),
            Text("豁免了什么，到哪一天，学到什么。", "What was relieved, until when, what was learnt."),
            "sandbox/portal.html",
            portal_cases,
        ),
    ),
    calendar=calendar,
    gives={"exit": exits},
    clock=keep_time,
    api=router,
    demo=demo,
)
