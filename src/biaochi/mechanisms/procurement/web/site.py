"""What procurement adds to the site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column
from biaochi.mechanisms.procurement.web import readings
from biaochi.mechanisms.procurement.web.demonstration import demo
from biaochi.mechanisms.procurement.web.feed import process_events
from biaochi.mechanisms.procurement.web.models import (
    CoPurchase,
    ProcurementTotal,
    RdContract,
    SealedOffer,
    WorkingDay,
)
from biaochi.mechanisms.procurement.web.services.refusing import noted
from biaochi.mechanisms.procurement.web.views.purchases import PREFETCH
from biaochi.registry.importing import Importer
from biaochi.registry.models.record import Decision as StoredDecision
from biaochi.registry.site import CalendarEntry, HomeFigure, NavItem, Offer, PortalEntry, Site, Station, TodoItem

INSIDE = (Role.BUYER, Role.FIRM, Role.REGULATOR, Role.REVIEWER, Role.AUDITOR)
_MOST = 30


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return how many purchases are under way."""
    rows = CoPurchase.visible(actor, CoPurchase.objects.exclude(state__in=("closed", "no_success_closed")))
    n = rows.count()
    return HomeFigure(
        Text(f"{n} 项", f"{n}"),
        None,
        Text("合作创新采购在办。", "co-innovation purchases under way."),
        reverse("procurement:copurchase_list"),
    )


def portal_open(now: datetime) -> list[PortalEntry]:
    """Return the purchases that take applications."""
    today = timezone.localdate(now).isoformat()
    rows = CoPurchase.objects.filter(state="noticed", dates__applications_close__gte=today).order_by("-entered_at")
    return [
        PortalEntry(
            c.title,
            Text("合作创新采购", "co-innovation purchase"),
            c.public_id,
            Text("有研发能力的供应商", "suppliers able to develop"),
            c.get_absolute_url(),
            date.fromisoformat(c.dates["applications_close"]),
        )
        for c in rows[:20]
    ]


def _own(actor: Actor) -> Any:
    rows = CoPurchase.visible(actor, CoPurchase.objects.filter(organisation__public_id=actor.organisation))
    return rows.exclude(state__in=("closed", "no_success_closed"))


def todo(actor: Actor, now: datetime) -> Sequence[TodoItem]:
    """Return the next step of each public purchase of the buyer whose conditions hold already."""
    if actor.role is not Role.BUYER or not actor.organisation:
        return []
    states = CoPurchase.visibility.public_states
    rows = _own(actor).filter(state__in=states).select_related("organisation", "creator")
    found = []
    for row in rows.prefetch_related(*PREFETCH).order_by("entered_at")[:_MOST]:
        moves = [m for m in row.workflow.allowed(row.subject(), actor, now) if not m.code.startswith("challenge")]
        if moves:
            names = Text("、".join(m.name.zh for m in moves[:2]), ", ".join(m.name.en for m in moves[:2]))
            found.append(
                TodoItem(
                    Text(f"{names.zh}：{row.title_zh}", f"{names.en}: {row.title_en}"),
                    moves[0].consequence,
                    row.get_absolute_url(),
                )
            )
    return found


def calendar(actor: Actor, now: datetime) -> list[CalendarEntry]:
    """Return closing days and deadlines everybody may know, and the due days of stages for who handles them."""
    found = []
    rows = CoPurchase.visible(actor, CoPurchase.objects.filter(state__in=("noticed", "file_issued")))
    for row in rows.order_by("-entered_at")[:_MOST]:
        closing = row.dates.get("applications_close") if row.state == "noticed" else None
        on = date.fromisoformat(closing) if closing else timezone.localdate(row.deadline) if row.deadline else None
        if on is not None:
            found.append(CalendarEntry(row.public_id, row.title, on, row.get_absolute_url()))
    running = RdContract.visible(actor, RdContract.objects.filter(state__in=("negotiated", "running")))
    for contract in running.order_by("-entered_at")[:_MOST]:
        due = contract.stages[-1].get("due_on") if contract.stages else None
        if due:
            found.append(
                CalendarEntry(contract.public_id, contract.title, date.fromisoformat(due), contract.get_absolute_url())
            )
    return found


def acceptances(actor: Actor, now: datetime) -> list[Offer]:
    """Return what was accepted and bought first, for the ladder of the firm."""
    rows = CoPurchase.visible(
        actor, CoPurchase.objects.filter(state__in=("first_purchase_contract", "iterated", "closed"))
    )
    found = []
    for row in rows.order_by("-entered_at")[:_MOST]:
        contract = (
            row.contracts.filter(state="accepted", supplier__name_zh=row.first.get("supplier"))
            .select_related("supplier")
            .first()
        )
        if contract is None:
            continue
        made = StoredDecision.objects.filter(subject=contract.public_id, transition="accept").order_by("-pk").first()
        payload = {
            "purchase": row.public_id,
            "firm": contract.supplier.public_id,
            "kind": "first_purchase",
            "price": row.first["price"],
            "contract_on": row.first["contract_on"],
            "tests": [f"{t['need']} {t['value']} {t['evidence']}" for t in contract.tests],
        }
        found.append(Offer(contract.public_id, row.title, row.entered_at, payload, made.public_id if made else ""))
    return found


def take_evidence(offer: Offer, actor: Actor) -> str:
    """Keep the result of a trial or of a sandbox as evidence of the buyer's newest purchase under preparation."""
    row = _own(actor).filter(state__in=("draft_plan", "first_purchase_review")).order_by("-created_at").first()
    if row is None:
        raise RefusedError(
            "no_purchase",
            Text("先编制一项采购方案，或进入首购评审", "draft a purchase first, or enter a first-purchase review"),
        )
    kept = {"subject": offer.subject, "zh": offer.title.zh, "en": offer.title.en, "payload": dict(offer.payload)}
    row.evidence = [*row.evidence, kept]
    if row.state == "draft_plan" and row.plan.get("ground"):
        ground = row.plan["ground"]
        row.plan = {**row.plan, "ground": {**ground, "evidence": [*ground.get("evidence", []), offer.subject]}}
    row.save(update_fields=["evidence", "plan"])
    noted(row, "evidence_taken", actor, timezone.now(), subject=offer.subject)
    return str(row.get_absolute_url())


def store_days(frame: pd.DataFrame, source: Source, actor: Actor) -> str:
    """Keep declared working days."""
    rows = [WorkingDay(day=r["date"], working=bool(r["working"])) for r in frame.to_dict("records")]
    WorkingDay.objects.bulk_create(rows, update_conflicts=True, unique_fields=["day"], update_fields=["working"])
    cache.delete(readings.DECLARED)
    return reverse("procurement:copurchase_list")


DAYS = Importer(
    code="calendar",
    title=Text("工作日历", "Working days"),
    purpose=Text(
        "法定节假日与调休；没有日历的年份按周一至周五计，并须人工复核。",
        "Holidays and shifted days; a year without them counts Monday to Friday and is reviewed by a person.",
    ),
    columns=(
        Column("date", "date", Text("日期", "date"), example="2026-02-16"),
        Column("working", "flag", Text("是否上班", "working"), example="0"),
    ),
    key=("date",),
    roles=(Role.BUYER, Role.REGULATOR),
    store=store_days,
)


def store_totals(frame: pd.DataFrame, source: Source, actor: Actor) -> str:
    """Keep the totals of procurement by region and year."""
    rows = [
        ProcurementTotal(region=r["region"], year=int(r["year"]), amount=r["amount"], source=r["source"])
        for r in frame.to_dict("records")
    ]
    fields = ["amount", "source"]
    ProcurementTotal.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["region", "year"], update_fields=fields
    )
    return reverse("procurement:copurchase_list")


TOTALS = Importer(
    code="totals",
    title=Text("采购总额", "Totals of procurement"),
    purpose=Text(
        "各省各年的政府采购总额，是标尺指标 E4 的分母；没有总额的年份不计占比。",
        "What each province procured in a year, the denominator of indicator E4; a year without it has no share.",
    ),
    columns=(
        Column("region", "code", Text("行政区划代码", "region"), example="990000"),
        Column("year", "integer", Text("年份", "year"), low=2000, high=2100, example="2026"),
        Column("amount", "money", Text("总额", "total"), unit="元", low=0, example="1200000000.00"),
        Column("source", "text", Text("来源", "source"), example="采购系统年报"),
    ),
    key=("region", "year"),
    roles=(Role.BUYER, Role.OFFICER),
    store=store_totals,
)

SITE = Site(
    code="procurement",
    station=Station.ADOPT,
    title=Text("合作创新采购", "Procurement"),
    purpose=Text("写功能，不写品牌；每一步有条文。", "Functions, not brands; every step has its article."),
    models=(CoPurchase, SealedOffer, RdContract),
    nav=(
        NavItem(
            Text("采购项目", "Purchases"),
            "procurement:copurchase_list",
            Text("从方案到首购", "from plan to first purchase"),
        ),
        NavItem(
            Text("响应文件", "Offers"),
            "procurement:sealedoffer_list",
            Text("密封、开启、评审", "seal, open, evaluate"),
            INSIDE,
        ),
        NavItem(
            Text("研发合同", "R&D contracts"),
            "procurement:rdcontract_list",
            Text("阶段、证据、补偿", "stages, evidence, compensation"),
            INSIDE,
        ),
        NavItem(
            Text("红旗", "Red flags"),
            "procurement:flags",
            Text("本平台的采购，或一个 OCDS 文件；附覆盖面", "of this site or an OCDS file, with coverage"),
        ),
        NavItem(
            Text("工作日历", "Working days"),
            "procurement:import_calendar",
            Text("上传节假日与调休", "upload holidays"),
            (Role.BUYER, Role.REGULATOR),
        ),
    ),
    home_figure=home_figure,
    todo=todo,
    portal_open=portal_open,
    calendar=calendar,
    importers=(DAYS, TOTALS),
    gives={"acceptance": acceptances, "process_events": process_events},
    takes={"evidence": take_evidence},
    demo=demo,
)
