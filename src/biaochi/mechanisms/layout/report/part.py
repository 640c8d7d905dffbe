"""The layout's part of the yearly report: findings, sections and records."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout.model.part import PartResult
from biaochi.mechanisms.layout.report.backtest import backtest_summary
from biaochi.mechanisms.layout.report.crowding import (
    crowding_body,
    crowding_heading,
    crowding_summary,
    crowding_tracks,
    real_shares,
)
from biaochi.mechanisms.layout.report.figures import (
    crowding_strip,
    frontier_figure,
    plan_heat_map,
    relatedness_quadrant,
)
from biaochi.mechanisms.layout.report.indicators import indicators_body
from biaochi.mechanisms.layout.report.paper import LIMITS
from biaochi.mechanisms.layout.report.plan import menus, plan_summary


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return who names the same, why plans are alike, and what activity allows to say."""
    head, why = crowding_heading(result.crowding, result.plans.names), crowding_summary(result.crowding)
    said = [Text(f"错位布局：{head.zh}。", f"Layout: {head.en}."), Text(f"{why.zh}。", f"{why.en}.")]
    if result.study is not None:
        told = backtest_summary(result.study.backtest)
        said.append(Text(f"{told.zh}。", f"{told.en}."))
    return tuple(t.within(lang) for t in said)


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return crowding, then back-test and menus where activity was given."""
    names, reading = result.plans.names, result.crowding
    tracks = crowding_tracks(reading, result.plans.demands)
    blocks: list[Paragraph | Grid | Figure] = [
        crowding_strip(tracks, names, lang),
        Paragraph(crowding_summary(reading).within(lang)),
        plan_heat_map(reading.declared, names, lang),
        *(Paragraph(t.within(lang)) for t in LIMITS),
    ]
    heading = Text("规划有多拥挤，为什么相像", "How crowded plans are, and why they are alike")
    found = [Section("layout-crowding", heading.within(lang), tuple(blocks))]
    if result.indicators is not None and result.activity is not None:
        period = result.activity.periods[-1]
        body = indicators_body([result.indicators], [result.activity.complete(period)[0]], [None], [None], None)
        cells, listed = body["cells"], body["tracks"]
        assert isinstance(cells, pd.DataFrame)
        assert isinstance(listed, pd.DataFrame)
        heading = Text("各地在做什么", "What regions do")
        found.append(Section("layout-real", heading.within(lang), (relatedness_quadrant(cells, listed, lang),)))
    if result.study is not None:
        blocks = [Paragraph(backtest_summary(result.study.backtest).within(lang))]
        if result.study.plan is not None:
            blocks.append(Paragraph(plan_summary(result.study.plan).within(lang)))
            blocks.append(frontier_figure(_plain(result.study.plan.frontier), lang))
        heading = Text("菜单与错位的代价", "Menus, and what differing costs")
        found.append(Section("layout-menus", heading.within(lang), tuple(blocks)))
    return tuple(found)


def results(result: PartResult) -> dict[str, object]:
    """Return the records for ``report.json``."""
    done, plan = result.study, result.study.plan if result.study else None
    return {
        "plans": "shipped" if result.shipped else "plans.csv",
        "crowding": crowding_body(result.crowding, result.plans.demands),
        "without_national": result.local.to_dict(),
        "real": None if result.activity is None else real_shares(result.activity),
        "backtest": None if done is None else {"chosen": done.backtest.chosen or None, "events": done.backtest.events},
        "menus": []
        if plan is None or done is None
        else menus(plan.items, done.tracks, done.regions, at=result.turn.at, parameters=result.parameters),
    }


def _plain(frame: pd.DataFrame) -> list[Mapping[str, object]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
