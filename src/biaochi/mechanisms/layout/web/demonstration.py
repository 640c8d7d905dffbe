"""A small living programme: a zone in each stage, a document between its two codings, an activity table.

Everything is simulated and says so; none of it enters the real figures.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.exchange.source import Source
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.layout.decisions import decide_zone_admission, decide_zone_assessment
from biaochi.mechanisms.layout.model import AssessmentResult, ZoneAssessment
from biaochi.mechanisms.layout.web import readings
from biaochi.mechanisms.layout.web.models import ActivityTable, PlanDocument, Zone
from biaochi.mechanisms.layout.web.views.zones import criteria
from biaochi.registry.models import Region
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, record, transition

REGIONS, TRACKS, YEARS = 20, 24, 8


def fill(stage: Demo) -> None:
    """Make the zones, the document and the table."""
    _zone(stage, "港湾脑机接口先导区", "Harbour brain–computer interface zone", "示例一市高新区", ["bci"], 0)
    _zone(stage, "江北量子先导区", "Riverside quantum zone", "示例二市开发区", ["quantum"], 3)
    _zone(stage, "云谷生物制造先导区", "Cloud Valley biomanufacturing zone", "示例一市产业园", ["biomanufacturing"], 6)
    document = PlanDocument(
        title_zh="示例一市未来产业行动方案",
        title_en="Action plan of Example City 1",
        place="示例一市",
        level="city",
        source="示例一市未来产业行动方案（模拟）",
        dated=date(2026, 2, 1),
        simulated=True,
    )
    officer = stage.actors[Role.OFFICER]
    create(document, officer, now=stage.now - timedelta(days=2))
    document.first = {"bci": "脑机接口", "quantum": "量子信息", "embodied": "人形机器人"}
    document.save(update_fields=["first"])
    transition(document, "code", officer, now=stage.now - timedelta(days=1))
    _table(stage, officer)


def _zone(stage: Demo, zh: str, en: str, site: str, tracks: list[str], steps: int) -> None:
    """Make one zone and take it ``steps`` moves on its way."""
    firm, officer, second = stage.actors[Role.FIRM], stage.actors[Role.OFFICER], stage.second[Role.OFFICER]
    reviewer = stage.actors[Role.REVIEWER]
    began = stage.now - timedelta(days=40 if steps < 6 else 1200)
    zone = Zone(
        title_zh=zh,
        title_en=en,
        jurisdiction="anhui",
        site=site,
        tracks=tracks,
        case_made="园区已有中试平台和首批企业，主攻方向明确。（模拟）",
        region=Region.objects.filter(code=stage.region).first(),
        simulated=True,
    )
    create(zone, firm, now=began)
    parameters, day = readings.rules(), began.date()
    if steps >= 1:
        zone.facts = {c.code: True for c in criteria(zone)}
        zone.save(update_fields=["facts"])
        found = decide_zone_admission(zone.application(), at=day, parameters=parameters)
        transition(zone, "check", officer, "材料逐条核对。", found, now=began + timedelta(days=5))
    if steps >= 2:
        zone.experts, zone.score, zone.reviewer = 7, 86.0, reviewer.person
        zone.save(update_fields=["experts", "score", "reviewer"])
        record(zone, "reviewed", reviewer, "七位专家实地论证。", now=began + timedelta(days=20))
        transition(zone, "review_site", reviewer, "", now=began + timedelta(days=21))
    if steps >= 3:
        zone.notice_until = began + timedelta(days=32)
        zone.save(update_fields=["notice_until"])
        transition(zone, "give_notice", second, "", now=began + timedelta(days=25))
    if steps >= 4:
        found = decide_zone_admission(zone.application(), at=day, parameters=parameters)
        transition(zone, "start_building", second, "", found, now=began + timedelta(days=33))
        transition(zone, "start_assessment", officer, "", now=began + timedelta(days=1100))
        _assess(zone, officer, stage)


def _assess(zone: Zone, officer: Actor, stage: Demo) -> None:
    zone.assessment = AssessmentResult.GOOD.value
    zone.save(update_fields=["assessment"])
    result = ZoneAssessment(zone.public_id, zone.jurisdiction, AssessmentResult.GOOD)
    at = stage.now - timedelta(days=30)
    found: Decision = decide_zone_assessment(result, at=at.date(), parameters=readings.rules())
    record(zone, "assessed", officer, "中试平台建成，指标达到任务书要求。", found, now=at)
    transition(zone, "continue", officer, "评估优良。", found, now=at + timedelta(days=1))


def _table(stage: Demo, officer: Actor) -> None:
    """Keep a simulated table: strengths that spread slowly to related tracks."""
    rng = np.random.default_rng(7)
    codes = list(readings.plan_table().names)[:TRACKS]
    place, skill = rng.normal(size=(REGIONS, 2)), rng.normal(size=(TRACKS, 2))
    strength = place @ skill.T + rng.normal(scale=0.7, size=(REGIONS, TRACKS))
    blocks = []
    for year in range(YEARS):
        strength = strength + rng.normal(scale=0.45, size=strength.shape) + 0.06 * (place @ skill.T)
        counts = rng.poisson(np.exp(1.2 + 0.8 * strength).clip(max=400))
        blocks.append(
            pd.DataFrame(
                {
                    "region": np.repeat([f"示例{n + 1:02d}地" for n in range(REGIONS)], TRACKS),
                    "track": np.tile(codes, REGIONS),
                    "period": str(2016 + year),
                    "value": counts.ravel(),
                    "unit": "项",
                    "source": "模拟数据",
                    "se": "",
                }
            )
        )
    frame = pd.concat(blocks, ignore_index=True)
    source = Source("activity-simulated.csv", to_csv(frame).encode())
    ActivityTable.objects.create(
        file=source.name,
        sha256=source.sha256,
        rows=len(frame),
        content=source.text(),
        person=officer.person,
        organisation=officer.organisation,
        simulated=True,
    )
