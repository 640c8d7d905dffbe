"""What the ruler adds to the site."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

import pandas as pd
from django.urls import reverse

from biaochi.core.decision import Decision
from biaochi.core.errors import InputError
from biaochi.core.region import NATION
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults, unreadable
from biaochi.exchange.source import Source
from biaochi.exchange.tables import read_table
from biaochi.mechanisms.ruler.web import profile_page, readings
from biaochi.mechanisms.ruler.web.acts import COLUMNS, fill, hand_in, store_audit
from biaochi.mechanisms.ruler.web.checking import check_observations
from biaochi.mechanisms.ruler.web.models import Framework, Submission
from biaochi.mechanisms.ruler.web.process import take_observations
from biaochi.registry.importing import Importer
from biaochi.registry.marks import interval_mark
from biaochi.registry.site import Demo, HomeFigure, NavItem, PortalSection, Site, Station
from biaochi.registry.transition import create, transition


def _target() -> Framework:
    """Return the framework uploads are for: the one in force, else the newest under preparation."""
    framework = readings.adopted() or Framework.objects.filter(state__in=("draft", "consulted")).order_by("-pk").first()
    if framework is None:
        raise unreadable(
            "",
            Text("还没有指标体系", "there is no framework yet"),
            Text("请先建立指标体系", "make a framework first"),
            "no_framework",
        )
    return framework


def _check(frame: pd.DataFrame, faults: Faults, actor: Actor) -> None:
    try:
        framework = _target()
    except InputError as error:
        faults.extend(error)
        return
    check_observations(frame, faults, framework, actor)


def _store(frame: pd.DataFrame, source: Source, actor: Actor) -> str:
    return hand_in(_target(), frame, source, actor).get_absolute_url()


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return the tier interval of the viewer's region, or the number of units for everybody else."""
    framework = readings.adopted()
    if framework is None:
        return None
    audit = framework.audit or {}
    units = {u["unit"]: u for u in audit.get("tiers", {}).get("units", [])}
    place = units.get(actor.scope)
    address = reverse("ruler:profile", args=[actor.scope]) if place else reverse("ruler:units")
    if place is None or not place["top"]:
        sentence = Text(
            "各地剖面：位置、差距、抓手，均附区间。", "Profiles of every unit: place, gap, levers, with intervals."
        )
        return HomeFigure(Text(f"{len(units)} 地", f"{len(units)} units"), None, sentence, address)
    most = max(u["bottom"] or 0 for u in units.values())
    top, bottom = place["top"], place["bottom"]
    text = Text(profile_page.tier_text(top, bottom, "zh"), profile_page.tier_text(top, bottom, "en"))
    label = Text(f"层级区间 {top} 到 {bottom}，共 {most} 层", f"tiers {top} to {bottom} of {most}")
    mark = interval_mark(top - 1, bottom, label=label.zh, least=0, most=most, ticks=most)
    return HomeFigure(
        text,
        Text(f"共 {most} 层", f"of {most}"),
        Text("层级是区间：宽即未定。", "A tier is an interval: wide means undecided."),
        address,
        mark,
    )


def portal_profiles() -> Mapping[str, Any]:
    """Return what the public portal shows of the ruler: every unit with its tier interval, by code."""
    framework = readings.adopted()
    audit = (framework.audit or {}) if framework else {}
    units = audit.get("tiers", {}).get("units", [])
    names = readings.built(readings.bundle(framework)).names if framework and units else {}
    ordered = sorted(u["unit"] for u in units)
    return {
        "framework": framework,
        "zh": profile_page.tier_rows(audit, ordered, "", names, "zh") if units else [],
        "en": profile_page.tier_rows(audit, ordered, "", names, "en") if units else [],
    }


def demo(stage: Demo) -> None:
    """Fill in the provincial framework on published statistics: real data, played through the real services."""
    folder = files("biaochi.data") / "provinces" / "ruler"
    text = {name: (folder / name).read_text(encoding="utf-8") for name in ("framework.yaml", "units.csv")}
    officer, second = stage.actors[Role.OFFICER], stage.second[Role.OFFICER]
    national = Actor(officer.person, officer.role, officer.organisation, NATION)
    framework = Framework(
        title_zh="省域创新标尺（公开数据）",
        title_en="Provincial innovation ruler (public facts)",
        document=text["framework.yaml"],
        units=text["units.csv"],
    )
    fill(framework)
    create(framework, national)
    source = Source("observations.csv", (folder / "observations.csv").read_bytes())
    table = read_table(source, COLUMNS, key=("unit", "indicator", "period", "vintage"))
    submission = hand_in(framework, table.frame, source, national)
    validator = Actor(second.person, Role.OFFICER, "", NATION)
    transition(submission, "validate", validator, "与公开来源逐条核对。", now=stage.now)
    transition(submission, "publish", validator, "来源齐全，可以发布。", now=stage.now)
    store_audit(framework, national, stage.now)
    framework.refresh_from_db()
    transition(framework, "consult", national, "", now=stage.now)
    framework.gate_override = ""
    facts: dict[str, Any] = {"gate": framework.gate}
    reason = "公开数据的最小框架；权重为等权，待专家组赋权。"
    transition(framework, "adopt", validator, reason, Decision("adopt", (), stage.now, facts=facts), now=stage.now)
    _whole_ruler(officer)


def _whole_ruler(officer: Actor) -> None:
    """Keep the whole tree of 58 indicators as a draft: what ledgers feed lands there until a panel sets its weights."""
    document = (files("biaochi.data") / "ruler" / "framework.yaml").read_text(encoding="utf-8")
    framework = Framework(
        title_zh="创新标尺（58 项，起草中）", title_en="Innovation ruler (58 indicators, draft)", document=document
    )
    fill(framework)
    create(framework, officer)


SITE = Site(
    code="ruler",
    station=Station.MEASURE,
    title=Text("创新标尺", "Innovation ruler"),
    purpose=Text(
        "看自己在哪、差在哪、先动哪；不排名。", "See where you stand, what the gap is, what to move first; no ranking."
    ),
    models=(Framework, Submission),
    nav=(
        NavItem(
            Text("各地剖面", "Profiles"), "ruler:units", Text("层级区间、差距、抓手", "tier intervals, gaps, levers")
        ),
        NavItem(
            Text("方法卡", "Method card"), "ruler:card", Text("怎么算的，数据在哪", "how it is computed, and the data")
        ),
        NavItem(
            Text("变动由来", "What changed"),
            "ruler:changes",
            Text("实绩、标杆、修订、方法各多少", "performance, goalposts, revision, method"),
        ),
        NavItem(
            Text("过程指标", "Process indicators"),
            "ruler:process",
            Text("台账喂出的读数，附条目号", "readings fed by ledgers, with entry numbers"),
        ),
        NavItem(
            Text("指标体系", "Frameworks"),
            "ruler:framework_list",
            Text("起草、征求意见、施行", "draft, consult, adopt"),
        ),
        NavItem(Text("数据报送", "Submissions"), "ruler:submission_list", Text("核验与发布", "validate and publish")),
        NavItem(
            Text("核验队列", "Validation queue"),
            "ruler:validation",
            Text("待核验、待发布的报送", "submissions that wait"),
            (Role.OFFICER,),
        ),
        NavItem(
            Text("防做数卡片", "Gaming cards"),
            "ruler:gaming",
            Text("待看的清单，不指控任何人", "where to look; nobody is accused"),
            (Role.AUDITOR,),
        ),
        NavItem(
            Text("报送数据", "Hand in data"),
            "ruler:import_observations",
            Text("上传观测值表", "upload a table of observations"),
            (Role.OFFICER,),
        ),
    ),
    home_figure=home_figure,
    portal_sections=(
        PortalSection(
            "ruler",
            Text("创新标尺", "Innovation ruler"),
            Text(
                "按行政区划代码排列，不按高低；层级是区间。",
                "In the order of codes, not of scores; a tier is an interval.",
            ),
            "ruler/portal.html",
            portal_profiles,
            kind="real",
        ),
    ),
    importers=(
        Importer(
            code="observations",
            title=Text("观测值", "Observations"),
            purpose=Text(
                "核验无错后存为一次报送，由另一单位的人核验、发布。",
                "Kept as a submission once it is clean; a person of another organisation validates, then publishes.",
            ),
            columns=COLUMNS,
            key=("unit", "indicator", "period", "vintage"),
            roles=(Role.OFFICER,),
            store=_store,
            check=_check,
        ),
    ),
    takes={"observations": take_observations},
    demo=demo,
)
