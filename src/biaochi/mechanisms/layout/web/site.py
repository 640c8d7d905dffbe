"""What the layout adds to the site."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from django.urls import reverse
from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, to_csv
from biaochi.mechanisms.layout.files import ACTIVITY
from biaochi.mechanisms.layout.web import crowding_page, demonstration, readings
from biaochi.mechanisms.layout.web.models import ActivityTable, DemandRange, PlanDocument, Zone
from biaochi.mechanisms.layout.web.views.activity import JOB
from biaochi.registry.importing import Importer
from biaochi.registry.marks import interval_mark
from biaochi.registry.site import HomeFigure, NavItem, PortalEntry, PortalSection, Site, Station

PORTAL_ROWS = 8
DEMAND = (
    Column("track", "code", Text("赛道", "track"), example="quantum"),
    Column("demand", "number", Text("需求", "demand"), low=0.0, example="20"),
    Column("demand_lo", "number", Text("需求低值", "low demand"), low=0.0, example="10"),
    Column("demand_hi", "number", Text("需求高值", "high demand"), low=0.0, example="40"),
    Column("capacity", "number", Text("单处产能", "capacity of one place"), low=0.0, example="5"),
    Column("source", "text", Text("依据", "source"), example="某研究院测算，2026-03"),
)


def check_activity(frame: pd.DataFrame, faults: Faults, actor: Actor) -> None:
    """Refuse tables that mix units; a table without rows says nothing."""
    if not len(frame):
        faults.add("no_rows", Text("表中没有数据", "the table holds no data"), Text("请填入数据", "add data"))
        return
    first = frame["unit"].iloc[0]
    for row in frame[frame["unit"] != first].head(20).to_dict("records"):
        faults.add(
            "mixed_units",
            Text("单位与第一行不同", "the unit differs from the first row's"),
            Text("一张表只能有一种单位", "a table holds one unit"),
            row=int(row["row"]),
            column="unit",
            seen=str(row["unit"]),
        )


def store_activity(frame: pd.DataFrame, source: Source, actor: Actor) -> str:
    """Keep the table for the uploader's organisation."""
    kept = ActivityTable.objects.create(
        file=source.name[:200],
        sha256=source.sha256,
        rows=len(frame),
        content=to_csv(frame.drop(columns="row")),
        person=actor.person,
        organisation=actor.organisation,
    )
    return reverse("layout:real", args=[kept.public_id])


def check_demand(frame: pd.DataFrame, faults: Faults, actor: Actor) -> None:
    """A demand is a range around its centre, of a track that exists, with a capacity above zero."""
    names = readings.plan_table().names
    for row in frame.to_dict("records"):
        at = int(row["row"])
        if row["track"] not in names:
            faults.add(
                "unknown_track",
                Text("没有这个赛道代码", "there is no track of this code"),
                Text("请对照规划浏览页", "compare it with the plan browser"),
                row=at,
                column="track",
                seen=str(row["track"]),
            )
        if not row["demand_lo"] <= row["demand"] <= row["demand_hi"]:
            faults.add(
                "out_of_range",
                Text("需求区间颠倒", "the demand range is upside down"),
                Text("须 demand_lo ≤ demand ≤ demand_hi", "demand_lo ≤ demand ≤ demand_hi is needed"),
                row=at,
                column="demand",
                seen=f"{row['demand_lo']}, {row['demand']}, {row['demand_hi']}",
            )
        if not row["capacity"] > 0:
            faults.add(
                "out_of_range",
                Text("产能须大于 0", "the capacity must be above 0"),
                Text("请改正", "correct it"),
                row=at,
                column="capacity",
                seen=str(row["capacity"]),
            )


def store_demand(frame: pd.DataFrame, source: Source, actor: Actor) -> str:
    """Keep the ranges; a newer one of the same track takes its place."""
    for row in frame.to_dict("records"):
        values = {k: row[k] for k in ("demand", "demand_lo", "demand_hi", "capacity", "source")}
        stamp = {"organisation": actor.organisation, "at": timezone.now()}
        DemandRange.objects.update_or_create(track=row["track"], defaults={**values, **stamp})
    return reverse("layout:crowding")


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return the most crowded track: regions that named it, and at most how many may have."""
    found = readings.counts(readings.plan_table())
    track = max(found["tracks"], key=lambda t: int(t["named"]))
    if not track["named"]:
        return None
    named, possible, total = int(track["named"]), int(track["possible"]), int(found["regions"]["universe"])
    name = found["names"][track["track"]]
    label = Text(f"{named} 到 {possible}，共 {total}", f"{named} to {possible} of {total}")
    return HomeFigure(
        Text(f"{named} 地", f"{named} regions"),
        Text(f"至多 {possible}", f"at most {possible}"),
        Text(f"点名{name.zh}；点名不等于过剩。", f"name {name.en}; named is not overcapacity."),
        reverse("layout:crowding"),
        interval_mark(named, possible, label=label.zh, least=0, most=total),
    )


def portal_crowding() -> Mapping[str, Any]:
    """Return the tracks most regions name, for everybody."""
    found = readings.counts(readings.plan_table())
    names = found["names"]
    return {
        "zh": crowding_page.strip(found, names, "zh")[:PORTAL_ROWS],
        "en": crowding_page.strip(found, names, "en")[:PORTAL_ROWS],
    }


def portal_open(now: datetime) -> list[PortalEntry]:
    """Zones on notice: everybody may object until the day named."""
    return [
        PortalEntry(
            zone.title,
            Text("先导区公示", "pilot zone on notice"),
            zone.public_id,
            Text("任何登录者可提异议", "whoever is logged in may object"),
            zone.get_absolute_url(),
            timezone.localdate(zone.notice_until - timedelta(seconds=1)) if zone.notice_until else None,
        )
        for zone in Zone.objects.filter(state="on_notice", notice_until__gt=now).order_by("notice_until")[:20]
    ]


SITE = Site(
    code="layout",
    station=Station.FORESEE,
    title=Text("错位布局", "Layout"),
    purpose=Text(
        "看清谁在做同一件事，哪里还有空间；给菜单，不下任务。",
        "See who does the same and where there is room; menus, not orders.",
    ),
    models=(PlanDocument, Zone),
    nav=(
        NavItem(
            Text("规划有多拥挤", "Crowding"),
            "layout:crowding",
            Text("每条赛道有几个地区点名，为什么相像", "how many regions name each track, and why plans are alike"),
        ),
        NavItem(
            Text("规划浏览", "Plan browser"),
            "layout:plans",
            Text("哪份文件、什么原话", "which document, in which words"),
        ),
        NavItem(
            Text("实际活动与菜单", "Real activity and menus"),
            "layout:tables",
            Text("点名与实际、回测、菜单、错位的代价", "declared against real, back-test, menus, what differing costs"),
            (Role.OFFICER, Role.ANALYST, Role.AUDITOR),
        ),
        NavItem(
            Text("先导区", "Pilot zones"),
            "layout:zone_list",
            Text("申报、论证、公示、滚动评估", "application, review, notice, rolling assessment"),
        ),
        NavItem(
            Text("规划文件", "Plan documents"),
            "layout:plandocument_list",
            Text("两人独立编码后发布", "coded by two people on their own, then published"),
        ),
        NavItem(
            Text("报送活动表", "Hand in activity"),
            "layout:import_activity",
            Text("地区、赛道、时期、数值", "region, track, period, value"),
            (Role.OFFICER, Role.ANALYST),
        ),
        NavItem(
            Text("报送需求区间", "Hand in demand ranges"),
            "layout:import_demand",
            Text("有了区间才判断是否拥挤", "only with a range is crowding judged"),
            (Role.OFFICER,),
        ),
    ),
    home_figure=home_figure,
    portal_open=portal_open,
    portal_sections=(
        PortalSection(
            "crowding",
            Text("谁在做同一件事", "Who does the same"),
            Text("实心：已点名的地区；斜纹：不能排除。", "Solid: regions that name it; hatched: cannot be excluded."),
            "layout/portal.html",
            portal_crowding,
            kind="real",
        ),
    ),
    importers=(
        Importer(
            code="activity",
            title=Text("实际活动表", "Table of activity"),
            purpose=Text(
                "与规划对照；只有本单位看得到。没有的格按零计。",
                "Held against the plans; seen by your organisation only. A cell without a row counts as zero.",
            ),
            columns=ACTIVITY,
            key=("region", "track", "period"),
            roles=(Role.OFFICER, Role.ANALYST),
            store=store_activity,
            check=check_activity,
            partial=False,
        ),
        Importer(
            code="demand",
            title=Text("需求区间", "Demand ranges"),
            purpose=Text(
                "需求从不虚构：写明区间、单处产能与依据，拥挤与否才有判断。",
                "Demand is never invented: with a range, a capacity and a source, crowding is judged.",
            ),
            columns=DEMAND,
            key=("track",),
            roles=(Role.OFFICER,),
            store=store_demand,
            check=check_demand,
        ),
    ),
    jobs={JOB: readings.run_study},
    demo=demonstration.fill,
)
