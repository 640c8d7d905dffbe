"""Tables that are uploaded to the layout: activity, what tracks grow out of, demand ranges."""

from __future__ import annotations

import pandas as pd
from django.urls import reverse
from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, to_csv
from biaochi.mechanisms.layout.files import ACTIVITY, CONCORDANCE
from biaochi.mechanisms.layout.web import readings
from biaochi.mechanisms.layout.web.models import ActivityTable, Concordance, DemandRange
from biaochi.registry.importing import Importer

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


def check_concordance(frame: pd.DataFrame, faults: Faults, actor: Actor) -> None:
    """Refuse tracks that do not exist, and tracks whose weights are all nought."""
    names = readings.plan_table().names
    total = frame.groupby("track")["weight"].sum()
    for row in frame.to_dict("records"):
        if row["track"] not in names:
            faults.add(
                "unknown_track",
                Text("没有这个赛道代码", "there is no track of this code"),
                Text("请对照规划浏览页", "compare it with the plan browser"),
                row=int(row["row"]),
                column="track",
                seen=str(row["track"]),
            )
        elif not total[row["track"]] > 0:
            faults.add(
                "out_of_range",
                Text("该赛道的权重合计须大于 0", "the weights of this track must add up to more than 0"),
                Text("请改正", "correct them"),
                row=int(row["row"]),
                column="weight",
                seen=str(row["weight"]),
            )


def store_concordance(frame: pd.DataFrame, source: Source, actor: Actor) -> str:
    """Keep what tracks grow out of for the uploader's organisation; the newest holds."""
    Concordance.objects.create(
        content=to_csv(frame.drop(columns="row")),
        sha256=source.sha256,
        rows=len(frame),
        person=actor.person,
        organisation=actor.organisation,
    )
    return reverse("layout:tables")


IMPORTERS = (
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
    Importer(
        code="concordance",
        title=Text("赛道归属表", "Concordance of tracks"),
        purpose=Text(
            "写明每条赛道从哪些类别长出来，权重多少；据此推算的数标明“推算”。",
            "Says which classes each track grows out of, with weights; values from it are marked as imputed.",
        ),
        columns=CONCORDANCE,
        key=("track", "class"),
        roles=(Role.OFFICER, Role.ANALYST),
        store=store_concordance,
        check=check_concordance,
        partial=False,
    ),
)
