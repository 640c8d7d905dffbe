"""The layout's part of the yearly report: findings, sections and records."""

from __future__ import annotations

import pandas as pd

from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout.model.part import PartResult
from biaochi.mechanisms.layout.model.real import real_activity, stand_against
from biaochi.mechanisms.layout.model.study import Study
from biaochi.mechanisms.layout.report.backtest import backtest_summary
from biaochi.mechanisms.layout.report.crowding import (
    crowding_body,
    crowding_heading,
    crowding_summary,
    crowding_tracks,
    local_summary,
    real_shares,
)
from biaochi.mechanisms.layout.report.figures import (
    crowding_strip,
    plan_heat_map,
    real_heat_map,
    relatedness_quadrant,
    trade_figure,
)
from biaochi.mechanisms.layout.report.grids import menu_grid, score_grid, standing_grid
from biaochi.mechanisms.layout.report.indicators import indicators_body
from biaochi.mechanisms.layout.report.paper import LIMITS
from biaochi.mechanisms.layout.report.plan import menus, plan_summary
from biaochi.mechanisms.layout.report.real import real_heading
from biaochi.mechanisms.layout.report.study import trade_steps
from biaochi.methods.specialisation import Panel


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return who names the same, why plans are alike, and what activity allows to say."""
    head, why = crowding_heading(result.crowding, result.plans.names), crowding_summary(result.crowding)
    said = [Text(f"错位布局：{head.zh}。", f"Layout: {head.en}."), Text(f"{why.zh}。", f"{why.en}.")]
    if result.study is not None:
        told = backtest_summary(result.study.backtest)
        said.append(Text(f"{told.zh}。", f"{told.en}."))
    return tuple(t.within(lang) for t in said)


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return crowding; then declared against real, back-test and menus where activity was given."""
    found = [_crowding(result, lang)]
    if result.activity is not None:
        found.append(_real(result, result.activity, lang))
    if result.study is not None:
        found += _study(result, result.study, lang)
    return tuple(found)


def _crowding(result: PartResult, lang: Lang) -> Section:
    names, reading = result.plans.names, result.crowding
    tracks = crowding_tracks(reading, result.plans.demands)
    blocks: list[Paragraph | Grid | Figure] = [
        crowding_strip(tracks, names, lang),
        Paragraph(crowding_summary(reading).within(lang)),
        Paragraph(local_summary(result.local).within(lang)),
        plan_heat_map(reading.declared, names, lang),
        *(Paragraph(t.within(lang)) for t in LIMITS),
    ]
    heading = Text("规划有多拥挤，为什么相像", "How crowded plans are, and why they are alike")
    return Section("layout-crowding", heading.within(lang), tuple(blocks))


def _real(result: PartResult, activity: Panel, lang: Lang) -> Section:
    against = stand_against(result.crowding.declared.state, real_activity(activity))
    named = against[against["track"].isin(result.plans.names)]
    blocks: list[Paragraph | Grid | Figure] = [Paragraph(real_heading(against).within(lang))]
    if len(named):
        blocks.append(real_heat_map(named, result.plans.names, {}, lang))
    blocks.append(standing_grid(against, lang))
    if result.indicators is not None:
        period = activity.periods[-1]
        body = indicators_body([result.indicators], [activity.complete(period)[0]], [None], [None], None)
        cells, listed = body["cells"], body["tracks"]
        assert isinstance(cells, pd.DataFrame)
        assert isinstance(listed, pd.DataFrame)
        blocks.append(relatedness_quadrant(cells, listed, lang, names=result.plans.names))
    return Section("layout-real", Text("点名与实际", "Declared against real").within(lang), tuple(blocks))


def _study(result: PartResult, done: Study, lang: Lang) -> list[Section]:
    blocks: list[Paragraph | Grid | Figure] = [Paragraph(backtest_summary(done.backtest).within(lang))]
    if done.backtest.gate == "met":
        blocks.append(score_grid(done.backtest.scores, lang))
    heading = Text("当时的预测准不准", "Would forecasts have been right")
    found = [Section("layout-backtest", heading.within(lang), tuple(blocks))]
    if done.plan is None:
        return found
    blocks = [Paragraph(plan_summary(done.plan).within(lang)), trade_figure(trade_steps(done), lang)]
    blocks.append(menu_grid(_menus(result, done), result.plans.names, lang))
    heading = Text("菜单与错位的代价", "Menus, and what differing costs")
    return [*found, Section("layout-menus", heading.within(lang), tuple(blocks))]


def _menus(result: PartResult, done: Study) -> list[dict[str, object]]:
    if done.plan is None:
        return []
    return menus(done.plan.items, done.tracks, done.regions, at=result.turn.at, parameters=result.parameters)


def results(result: PartResult) -> dict[str, object]:
    """Return the records for ``report.json``."""
    done, plan = result.study, result.study.plan if result.study else None
    return {
        "plans": "shipped" if result.shipped else "plans.csv",
        "crowding": crowding_body(result.crowding, result.plans.demands),
        "without_national": result.local.to_dict(),
        "real": None if result.activity is None else real_shares(result.activity),
        "backtest": None if done is None else {"chosen": done.backtest.chosen or None, "events": done.backtest.events},
        "differing": [] if done is None else trade_steps(done),
        "certificate": None if plan is None else plan.solution.certificate.to_dict(),
        "menus": [] if done is None else _menus(result, done),
    }
