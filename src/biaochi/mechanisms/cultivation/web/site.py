"""What cultivation adds to the site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from django.urls import reverse
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.period import add_months
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.core.text import Text
from biaochi.exchange.source import Source
from biaochi.mechanisms.cultivation.web.intake import COSTS, FIRMS, REGISTER, store_firm, store_register, take_evidence
from biaochi.mechanisms.cultivation.web.models import VALID, FirmFile, Title
from biaochi.mechanisms.cultivation.web.views import own_files
from biaochi.registry.site import CalendarEntry, Demo, HomeFigure, NavItem, Site, Station
from biaochi.registry.transition import create, transition

AHEAD = timedelta(days=365)


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return a firm's own page, or how many titles lapse within a year."""
    today = timezone.localdate(now)
    if actor.role is Role.FIRM:
        file = own_files(actor).first()
        address = file.get_absolute_url() if file else reverse("cultivation:title_new")
        text = Text("我的阶梯", "my ladder") if file else Text("未建档", "no file yet")
        return HomeFigure(
            text, None, Text("所在级别、差距与最省的路。", "Your rung, the gaps, the cheapest way up."), address
        )
    titles = Title.visible(actor, Title.objects.filter(state__in=VALID))
    ending = titles.filter(valid_to__gte=today, valid_to__lte=today + AHEAD).count()
    total = titles.count()
    return HomeFigure(
        Text.same(str(total)),
        Text(f"一年内 {ending} 个到期", f"{ending} end within a year"),
        Text("有效的称号。", "Titles in force."),
        reverse("cultivation:title_list"),
    )


def calendar(actor: Actor, now: datetime) -> Sequence[CalendarEntry]:
    """Return the last days of the titles the actor may see."""
    rows = Title.visible(actor, Title.objects.filter(state__in=VALID, valid_to__gte=timezone.localdate(now)))
    return [
        CalendarEntry(t.public_id, Text(f"到期：{t.title_zh}", f"ends: {t.title_en}"), t.valid_to, t.get_absolute_url())
        for t in rows.order_by("valid_to")[:200]
        if t.valid_to
    ]


def clock(now: datetime) -> int:
    """Let titles lapse whose last day is over; return how many."""
    over = Title.objects.filter(state__in=VALID, valid_to__lt=timezone.localdate(now))
    made = 0
    for title in over:
        try:
            transition(title, "lapse", CLOCK, "有效期已满，由系统时钟办理", now=now)
            made += 1
        except RefusedError:
            continue
    return made


def _facts(year: int, code: str, **more: Any) -> dict[str, Any]:
    return {
        "firm": code,
        "fiscal_year": year,
        "grade": "A",
        "region": "990100",
        "registered_on": f"{year - 9}-04-01",
        "employees": 120,
        "staff_tech": 45,
        "staff_rd": 38,
        "institution": "provincial",
        "strategic": 1,
        "revenue_1": 56_000_000,
        "revenue_2": 52_000_000,
        "revenue_3": 47_000_000,
        "main_revenue_1": 51_500_000,
        "main_revenue_2": 47_000_000,
        "main_revenue_3": 42_000_000,
        "rd_1": 4_200_000,
        "rd_2": 3_100_000,
        "assets_1": 80_000_000,
        "liabilities_1": 36_000_000,
        "ip1": 6,
        "ip1_own": 5,
        "ip1_linked": 4,
        "segment_years": 5,
        "market_share": 0.12,
        "platform_score": 66,
        "tech_sme_until": f"{year + 2}-08-31",
        "innovative_until": f"{year + 2}-05-31",
        "srdi_until": f"{year + 3}-12-31",
        "little_giant_until": "none",
        "champion_until": "none",
        "resident": 1,
        "sme": 1,
        "listed": 0,
        "prohibited": 0,
        "dishonest": 0,
        "incident_3y": 0,
        "data_fraud_3y": 0,
        "little_giant_sibling": 0,
        "audit_coded": 1,
        "review_market": 1,
        "review_chain": 1,
        **more,
    }


_BOTH_SIDES: dict[str, Any] = {
    "revenue_1": 120_000_000,
    "revenue_2": 110_000_000,
    "revenue_3": 100_000_000,
    "main_revenue_1": 98_000_000,
    "main_revenue_2": 90_000_000,
    "main_revenue_3": 82_000_000,
    "rd_1": 4_800_000,
    "rd_2": 4_200_000,
    "assets_1": 150_000_000,
    "liabilities_1": 66_000_000,
    "ip1_linked": 3,
    "little_giant_until": "none",
}
"""A firm that meets the rules for little giants of 2022 and falls short of those of 2026."""


def _register(today: date) -> pd.DataFrame:
    """Return a simulated register of little giants: some near their end, one promoted, one lost under a new name."""
    rows = []
    for number in range(36):
        granted = add_months(today, -5 - 2 * (number % 24))
        row: dict[str, Any] = {
            "firm": f"R{number + 1:03d}",
            "grade": "little_giant",
            "batch": str(granted.year),
            "granted_on": granted,
        }
        if number % 9 == 4:
            row |= {
                "ended_on": add_months(granted, 4 + 9 * (number // 9)),
                "end_cause": ("removed", "promoted", "lapsed")[number % 3],
            }
        rows.append(row)
    rows[7] |= {"ended_on": add_months(rows[7]["granted_on"], 3), "end_cause": "renamed", "successor": "R900"}
    return pd.DataFrame(rows).astype(object).where(lambda f: f.notna(), None)


def demo(stage: Demo) -> None:
    """Three firms on file, one with costs and a title applied for; a register of titles; everything simulated."""
    year = timezone.localdate(stage.now).year - 1
    source = Source("simulated.csv", b"")
    firm = store_firm(_facts(year, "E1"), source, stage.actors[Role.FIRM], simulated=True)
    firm.costs = {
        "rd_1": {"unit_cost": 1.0, "max_change": 5_000_000},
        "revenue_1": {"unit_cost": 0.3, "max_change": 60_000_000},
        "main_revenue_1": {"unit_cost": 0.3, "max_change": 60_000_000},
        "ip1_linked": {"unit_cost": 80_000, "max_change": 4},
        "platform_score": {"unit_cost": 20_000, "max_change": 30},
    }
    firm.save(update_fields=["costs"])
    small = {
        "employees": 28,
        "staff_tech": 12,
        "revenue_1": 9_600_000,
        "revenue_2": 6_100_000,
        "revenue_3": 2_800_000,
        "main_revenue_1": 9_300_000,
        "main_revenue_2": 5_900_000,
        "main_revenue_3": 2_700_000,
        "rd_1": 1_450_000,
        "rd_2": 990_000,
        "assets_1": 14_000_000,
        "liabilities_1": 5_200_000,
        "grade": "B",
        "segment_years": 2,
        "srdi_until": "none",
        "platform_score": 41,
    }
    store_firm(_facts(year, "E2", **small), source, stage.other_firm, simulated=True)
    store_firm(_facts(year, "E3", **_BOTH_SIDES), source, stage.actors[Role.OFFICER], simulated=True)
    store_register(_register(timezone.localdate(stage.now)), source, stage.actors[Role.OFFICER])
    title = Title(
        title_zh=f"{firm.title_zh}：专精特新中小企业",
        title_en=f"{firm.title_en}: SRDI SME",
        firm=firm,
        grade="srdi",
        region=firm.region,
        simulated=True,
    )
    create(title, stage.actors[Role.FIRM])
    transition(title, "apply", stage.actors[Role.FIRM], now=stage.now)


SITE = Site(
    code="cultivation",
    station=Station.ADOPT,
    title=Text("梯度培育", "Cultivation"),
    purpose=Text(
        "企业在哪一级、为什么、怎样最省地上一级、什么何时到期。",
        "Which rung a firm is on, why, the cheapest way up, and what expires when.",
    ),
    models=(FirmFile, Title),
    nav=(
        NavItem(
            Text("企业", "Firms"),
            "cultivation:firmfile_list",
            Text("阶梯、逐条结论、最省的路", "ladder, verdicts, the way up"),
            (Role.OFFICER, Role.FIRM, Role.AUDITOR),
        ),
        NavItem(Text("称号", "Titles"), "cultivation:title_list", Text("申报、有效、到期", "applied, in force, ended")),
        NavItem(
            Text("称号登记簿", "Register of titles"),
            "cultivation:register",
            Text("到期、存续、改名", "lapses, cohorts, new names"),
            (Role.OFFICER, Role.AUDITOR),
        ),
        NavItem(
            Text("规则集", "Rule sets"), "cultivation:rules", Text("版本、出处、改了什么", "versions, sources, changes")
        ),
        NavItem(
            Text("上传企业数据", "Upload firms"),
            "cultivation:import_firms",
            Text("每家企业一行", "one row a firm"),
            (Role.OFFICER, Role.FIRM),
        ),
        NavItem(
            Text("上传改变的代价", "Upload costs"),
            "cultivation:import_costs",
            Text("据此算最省的路", "for the cheapest way up"),
            (Role.OFFICER, Role.FIRM),
        ),
    ),
    home_figure=home_figure,
    calendar=calendar,
    importers=(FIRMS, REGISTER, COSTS),
    takes={"evidence": take_evidence},
    clock=clock,
    demo=demo,
)
