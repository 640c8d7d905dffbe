"""The sandbox in the demonstration: a delivery robot on trial, a graduated case, an application, and vouchers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.mechanisms.sandbox.model import CRITERIA, Floor, start_of_day
from biaochi.mechanisms.sandbox.web import planning, timekeeping, vouchers
from biaochi.mechanisms.sandbox.web.intake import take_in
from biaochi.mechanisms.sandbox.web.models import ZONE, EthicsReview, SandboxCase, Scheme, WaiverRow
from biaochi.mechanisms.sandbox.web.views.cases import decide
from biaochi.registry.models import Organisation, Region
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, transition

TRIPS = 40


def demo(stage: Demo) -> None:
    """Fill in the demonstration; every number is simulated."""
    running = apply_for(
        stage, Text("末端低速无人配送试点", "Low-speed delivery robots on the last mile"), ("embodied",)
    )
    admit(stage, running, stage.now - timedelta(days=34), first_day=-30, last_day=150)
    _report(running, stage.now, days=29)
    timekeeping.catch_up(running, stage.now)
    waiting = apply_for(stage, Text("量子密钥城域试验", "Metropolitan quantum key trial"), ("quantum",))
    _waiver(stage, waiting, stage.now, 20, 200, "示例行业标准第 4.2 条")
    transition(waiting, "submit", stage.actors[Role.FIRM])
    _vouchers(stage)


def apply_for(stage: Demo, title: Text, tracks: tuple[str, ...], *, simulated: bool = True) -> SandboxCase:
    """Return an application of the firm."""
    reasons = {
        "in_scope": "现行路权规则未覆盖这种设备",
        "genuine_innovation": "与遥控车不同的自主避让",
        "consumer_benefit": "老年社区送药",
        "readiness": "封闭场地测试已完成",
        "need_for_support": "没有可申请的常规许可",
    }
    case = SandboxCase(
        title_zh=title.zh, title_en=title.en, tracks=list(tracks), floor=[f.value for f in Floor],
        eligibility={c: {"verdict": "met", "reason": reasons[c], "evidence": []} for c in CRITERIA},
        answers={"E7": "yes"}, simulated=simulated, region=Region.objects.filter(code=stage.region).first(),
    )  # fmt: skip
    return create(case, stage.actors[Role.FIRM])


def _waiver(stage: Demo, case: SandboxCase, at: datetime, first: int, last: int, citation: str) -> WaiverRow:
    day = stage.now.astimezone(ZONE).date()
    number = case.waivers.count() + 1
    waiver = WaiverRow(
        trial=case, code=f"W{number}", title_zh=f"W{number} {citation}", title_en=f"W{number} {citation}",
        citation=citation, level="local_rule", authority="示例市城市管理局", kind="adapt", touches=[],
        area="示例社区", users_max=200, start_on=day + timedelta(days=first), end_on=day + timedelta(days=last),
        region=case.region, simulated=case.simulated,
    )  # fmt: skip
    return create(waiver, stage.actors[Role.FIRM], now=at)


def admit(stage: Demo, case: SandboxCase, at: datetime, *, first_day: int, last_day: int) -> None:
    """Take an application through screening, ethics and plan to its first day, each by whom it belongs to."""
    firm, regulator, ethics = (stage.actors[r] for r in (Role.FIRM, Role.REGULATOR, Role.ETHICS_MEMBER))
    for begin, end, citation in (
        (first_day, last_day, "示例市人行道管理办法第九条"),
        (first_day, first_day + 100, "示例市夜间作业规定第三条"),
    ):
        _waiver(stage, case, at, begin, end, citation)
    hour = timedelta(hours=1)
    transition(case, "submit", firm, now=at)
    transition(case, "screen", regulator, now=at + hour)
    transition(case, "to_ethics", regulator, "", decide(case, "to_ethics", at + hour), now=at + 2 * hour)
    review = EthicsReview.objects.get(trial=case)
    transition(review, "assign", ethics, now=at + 3 * hour)
    transition(review, "deliberate", ethics, now=at + 4 * hour)
    day = (at + 5 * hour).astimezone(ZONE).date()
    values: Mapping[str, Any] = {
        "members": 7, "external": 2, "present": 6, "in_favour": 5, "next_review_on": day + timedelta(days=180),
        "conditions": ["夜间停运", "全程录像仅留存三十天"],
    }  # fmt: skip
    EthicsReview.objects.filter(pk=review.pk).update(**values)
    transition(review, "approve_with_conditions", ethics, "风险可控，条件可核。", now=at + 5 * hour)
    draft = planning.read_plan(planning.TEMPLATE, at)
    found = planning.simulate(draft.plan, exposure=TRIPS, readings=60, worse=2, streams=200)
    planning.keep_draft(case, draft, found, firm, at + 6 * hour)
    transition(case, "agree_plan", regulator, "", decide(case, "agree_plan", at + 7 * hour), now=at + 7 * hour)
    admitted = at + 8 * hour
    transition(case, "admit", regulator, "条件已具备。", decide(case, "admit", admitted), now=admitted)
    first = start_of_day(stage.now.astimezone(ZONE).date() + timedelta(days=first_day), ZONE)
    timekeeping.catch_up(case, max(admitted, first) + hour)


def _report(case: SandboxCase, now: datetime, days: int) -> None:
    """Send a reading a day: calm at first, worse in the last third, one of them late."""
    rng = np.random.default_rng(7)
    for n in range(days, 0, -1):
        at = now - timedelta(days=n) + timedelta(minutes=30)
        level = 0.012 if n > 9 else 0.1
        stamp = (at - timedelta(minutes=20)).astimezone(ZONE).isoformat(timespec="seconds")
        rows = [
            {"metric": "near_miss", "at": stamp, "value": int(rng.binomial(TRIPS, level)), "exposure": TRIPS},
            {"metric": "injury", "at": stamp, "value": 0},
        ]
        take_in(case, rows, at)
    case.refresh_from_db()


def _vouchers(stage: Demo) -> None:
    day = stage.now.astimezone(ZONE).date()
    scheme = vouchers.open_scheme(
        Scheme(
            title_zh="示例省算力券（年度）", title_en="Example Province compute vouchers", budget=Decimal("3000000"),
            start_on=day - timedelta(days=60), end_on=day + timedelta(days=200), holder_cap=Decimal("500000"),
            rates={"training": "0.3", "inference": "0.5"}, simulated=True,
        ),
        stage.now,
    )  # fmt: skip
    officer = stage.actors[Role.OFFICER]
    for name in (stage.actors[Role.FIRM].organisation, stage.other_firm.organisation):
        holder = Organisation.objects.get(public_id=name)
        vouchers.issue(scheme, holder, Decimal("300000"), officer, "符合条件。", stage.now)
