"""Foresight's part of the yearly report: calibration comes before any forecast."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from biaochi.core.canonical import Json
from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.foresight.model import ModelCode, PartResult, TechnologyForecast
from biaochi.mechanisms.foresight.model.study import CALLS
from biaochi.mechanisms.foresight.report.figures import (
    cheapest,
    consensus_by_stability,
    coverage,
    fan,
    pit,
    reliability_chart,
    value_of_keeping,
    xi,
    years_by_round,
)

MAX_FANS = 6
MAX_ITEMS = 6
_LIMITS = (
    Text(
        "教科书式趋势区间在回测中只覆盖 46%（声称 90%）；优化后的专家权重在样本外言过其实；"
        "上升的词说明什么上升过，不说明什么将上升；"
        "路线之间的相关大多是假定的；匿名防不住系统运营者本人。",
        "Textbook trend bands held 46 % of what came where they claimed 90 %; optimised expert weights overclaim "
        "out of sample; a rising term is what rose, not what will; the correlation of routes is mostly assumed; "
        "anonymity does not survive the operator.",
    ),
)


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence a result, each with its interval or its record."""
    found: list[Text] = []
    if result.hindcast is not None:
        rows = result.hindcast.models.set_index("model")
        best = str(rows["crps"].idxmin())
        held = float(str(rows.loc[best, "coverage_0.9"]))
        found.append(
            Text(
                f"回测 {result.hindcast.n_forecasts} 次：误差最小的是{name_of(best).zh}，其 90% 区间覆盖 {held:.0%}。",
                f"Over {result.hindcast.n_forecasts} hindcasts {name_of(best).en} erred least; "
                f"its 90 % band held {held:.0%}.",
            )
        )
    found += [_both(partial(fan, forecast, None)) for forecast in _forecasts(result)[:3]]
    if result.survey is not None:
        decision = result.survey.decision
        settled, asked, last = (decision.facts[k] for k in ("settled", "items", "round"))
        found.append(
            Text(
                f"调查第 {last} 轮：{asked} 题中 {settled} 题已定，事先的规则说：{CALLS[decision.outcome].zh}。",
                f"Survey round {last}: {settled} of {asked} items settled; "
                f"the rule set beforehand says: {CALLS[decision.outcome].en}.",
            )
        )
    if result.questions is not None and len(result.questions.questions):
        found.append(_both(partial(reliability_chart, result.questions)))
    for outlook in result.routes.functions if result.routes else ():
        found.append(_both(partial(value_of_keeping, outlook)))
    return tuple(t.within(lang) for t in found)


def _forecasts(result: PartResult) -> tuple[TechnologyForecast, ...]:
    return result.forecasts.forecasts if result.forecasts else ()


def _both(make: Callable[[Lang], Figure]) -> Text:
    """Return a figure's sentence in both languages."""
    return Text(make("zh").alternative, make("en").alternative)


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return the evidence; hindcasts first."""
    found = [
        _calibration(result, lang),
        _fans(result, lang),
        _survey(result, lang),
        _experts(result, lang),
        _routes(result, lang),
        _signals(result, lang),
    ]
    limits = Section(
        "foresight-limits",
        Text("这些结果不能说明什么", "What these results do not say").within(lang),
        tuple(Paragraph(t.within(lang)) for t in _LIMITS),
    )
    return (*(s for s in found if s is not None), limits)


def notices(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return warnings and absent files."""
    gone = [Text(f"未提供 {name}。", f"{name} is absent.").within(lang) for name in result.absent]
    return (*gone, *(w.message.within(lang) for w in result.warnings))


def results(result: PartResult) -> dict[str, object]:
    """Return the records for ``report.json``."""
    return result.to_dict()


def name_of(code: str) -> Text:
    """Return a model's name."""
    return ModelCode(code).text


def _grid(key: str, title: Text, records: Sequence[Mapping[str, object]], lang: Lang, note: Text | None = None) -> Grid:
    columns = list(dict.fromkeys(k for r in records for k in r))
    rows: tuple[dict[str, Json], ...] = tuple({c: _plain(r.get(c)) for c in columns} for r in records)
    return Grid(key, title.within(lang), {c: c for c in columns}, rows, note.within(lang) if note else "")


def _records(body: Mapping[str, object], key: str) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", body[key])


def _plain(value: object) -> Json:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    return str(value)


def _calibration(result: PartResult, lang: Lang) -> Section | None:
    if result.hindcast is None:
        return None
    record = result.hindcast.to_dict()
    models = result.hindcast.models
    best = str(models.set_index("model")["crps"].idxmin())
    blocks: list[Paragraph | Grid | Figure] = [coverage(result.hindcast, lang), pit(result.hindcast, best, lang)]
    blocks += [xi(result.hindcast, lang)]
    table = [{k: v for k, v in r.items() if k != "coverage"} for r in _records(record, "models")]
    blocks.append(_grid("foresight-models", Text("各模型的回测", "Hindcasts by model"), table, lang))
    heading = Text(f"回测在先：{name_of(best).zh}误差最小", f"Hindcasts first: {name_of(best).en} erred least")
    return Section("foresight-calibration", heading.within(lang), tuple(blocks))


def _fans(result: PartResult, lang: Lang) -> Section | None:
    if result.forecasts is None:
        return None
    series = {s.technology: s for s in result.series}
    chosen = result.forecasts.forecasts
    figures = tuple(fan(f, series.get(f.technology), lang) for f in chosen[:MAX_FANS])
    rows = [
        {
            "technology": f.technology,
            "model": f.model.text.within(lang),
            "year": f.path[-1][0],
            "median": f.path[-1][2].median,
            "low90": f.path[-1][2].quantile(0.05),
            "high90": f.path[-1][2].quantile(0.95),
            "hindcasts": f.backtest.n,
            "held90": f.backtest.coverage90,
        }
        for f in chosen
    ]
    table = _grid("foresight-forecasts", Text("预测与其回测", "Forecasts and their record"), rows, lang)
    heading = Text(f"{len(chosen)} 项技术的预测", f"Forecasts of {len(chosen)} technologies")
    return Section("foresight-forecasts", heading.within(lang), (*figures, table))


def _survey(result: PartResult, lang: Lang) -> Section | None:
    if result.survey is None:
        return None
    rows = [
        {
            "item": r.item,
            "version": r.version,
            "round": r.round,
            "n": r.n,
            "median": r.median,
            "iqr": r.iqr,
            "p_never": r.p_never,
            "state": r.state.text.within(lang),
        }
        for r in result.survey.items
    ]
    years = list(dict.fromkeys(r.item for r in result.survey.items if r.type == "year" and r.cdf))
    blocks: list[Paragraph | Grid | Figure] = [years_by_round(result.survey, item, lang) for item in years[:MAX_ITEMS]]
    if any(r.share_changed is not None and r.consensus.value is not None for r in result.survey.items):
        blocks.append(consensus_by_stability(result.survey, lang))
    blocks.append(_grid("foresight-items", Text("各题各轮", "Items by round"), rows, lang))
    blocks += [Paragraph(r.text.within(lang)) for r in result.survey.decision.reasons[:20]]
    call = CALLS[result.survey.decision.outcome]
    return Section("foresight-survey", Text(f"调查：{call.zh}", f"Survey: {call.en}").within(lang), tuple(blocks))


def _experts(result: PartResult, lang: Lang) -> Section | None:
    blocks: list[Paragraph | Grid | Figure] = []
    if result.questions is not None and len(result.questions.questions):
        blocks.append(reliability_chart(result.questions, lang))
        records = [{str(k): v for k, v in r.items()} for r in result.questions.questions.to_dict("records")]
        blocks.append(_grid("foresight-questions", Text("到期的问题", "Questions that are due"), records, lang))
    if result.seeds is not None:
        body = result.seeds.to_dict()
        blocks.append(
            _grid("foresight-combinations", Text("专家合并", "Combinations"), _records(body, "combinations"), lang)
        )
        if result.seeds.out_of_sample is not None:
            tested = _records(body, "out_of_sample")
            blocks.append(_grid("foresight-out-of-sample", Text("样本外", "Out of sample"), tested, lang))
        blocks += [Paragraph(r.text.within(lang)) for r in result.seeds.recommended.reasons]
    if not blocks:
        return None
    return Section("foresight-experts", Text("专家说得准不准", "How good the experts were").within(lang), tuple(blocks))


def _routes(result: PartResult, lang: Lang) -> Section | None:
    if result.routes is None:
        return None
    blocks: list[Paragraph | Grid | Figure] = []
    for outlook in result.routes.functions:
        blocks += [cheapest(outlook, lang), value_of_keeping(outlook, lang)]
        last = max(outlook.p_none_ready)
        rows = [
            {
                "route": r.route,
                "p_ready": r.p_ready[last],
                "p_cheapest": r.p_cheapest[last],
                "expected_rank": r.expected_rank,
                "payoff": r.payoff.median,
                "payoff_low": r.payoff.quantile(0.05),
                "payoff_high": r.payoff.quantile(0.95),
            }
            for r in outlook.routes
        ]
        source = outlook.dependence.source
        note = Text(
            f"相关系数 {outlook.dependence.rho:.2f}（{source}）", f"correlation {outlook.dependence.rho:.2f} ({source})"
        )
        title = Text(f"{outlook.function}：{last} 年", f"{outlook.function} in {last}")
        blocks.append(_grid(f"foresight-routes-{outlook.function}", title, rows, lang, note))
    heading = Text("留几条路线", "How many routes to keep")
    return Section("foresight-routes", heading.within(lang), tuple(blocks))


def _signals(result: PartResult, lang: Lang) -> Section | None:
    blocks: list[Paragraph | Grid | Figure] = []
    if result.readiness is not None:
        rows = [
            {
                "node": n.node,
                "p_never": n.p_never,
                "median": n.year.median,
                "criticality": n.criticality,
                "leverage": n.leverage,
            }
            for n in result.readiness.readiness.nodes
        ]
        blocks.append(_grid("foresight-readiness", Text("成熟度", "Readiness"), rows, lang))
    if result.signals is not None:
        body = result.signals.to_dict()
        blocks.append(_grid("foresight-signals", Text("上升的词", "Rising terms"), _records(body, "signals"), lang))
        tested = result.signals.signals.backtest
        if len(tested):
            records = [{str(k): v for k, v in r.items()} for r in tested.to_dict("records")]
            blocks.append(_grid("foresight-backtest", Text("此类词后来", "How such terms fared"), records, lang))
    if not blocks:
        return None
    return Section("foresight-signals", Text("成熟度与信号", "Readiness and signals").within(lang), tuple(blocks))
