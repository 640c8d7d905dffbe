"""Charts of foresight as specifications: fans, calibration, years, consensus, routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.foresight.model import (
    HindcastResult,
    ItemState,
    ModelCode,
    QuestionCalibration,
    SurveyResult,
    TechnologyForecast,
)
from biaochi.methods.forecasting.calibration import COVERAGE_LEVELS, pit_histogram
from biaochi.methods.forecasting.routes import FunctionOutlook
from biaochi.methods.forecasting.series import Series

Row = dict[str, object]


def _axis(title: Text, lang: Lang, **more: object) -> dict[str, object]:
    return {"title": title.within(lang), **more}


def _layered(rows: Sequence[Mapping[str, object]], *layers: Mapping[str, object]) -> dict[str, object]:
    return {"data": {"values": list(rows)}, "layer": list(layers)}


def _amount(value: float) -> str:
    """Return a sum of three figures, written out."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def fan(forecast: TechnologyForecast, series: Series | None, lang: Lang) -> Figure:
    """Return the fan of one technology on a logarithmic axis, past values before it, its hindcast in the sentence."""
    rows: list[Row] = []
    if series is not None:
        rows += [{"year": int(y), "value": float(v)} for y, v in zip(series.years, series.values, strict=True)]
    rows += [
        {
            "year": year,
            "median": law.median,
            "low90": law.quantile(0.05),
            "high90": law.quantile(0.95),
            "low50": law.quantile(0.25),
            "high50": law.quantile(0.75),
        }
        for year, _, law in forecast.path
    ]
    last_year, _, last = forecast.path[-1]
    x = {
        "field": "year",
        "type": "quantitative",
        "axis": _axis(Text("年份", "year"), lang, format="d"),
        "scale": {"zero": False},
    }
    unit = Text(f"{forecast.technology}({forecast.unit})", f"{forecast.technology} ({forecast.unit})")

    def y(field: str) -> dict[str, object]:
        return {"field": field, "type": "quantitative", "scale": {"type": "log"}, "axis": _axis(unit, lang)}

    spec = _layered(
        rows,
        {
            "mark": {"type": "area", "opacity": 0.5, "color": "token:band"},
            "encoding": {"x": x, "y": y("low90"), "y2": {"field": "high90"}},
        },
        {
            "mark": {"type": "area", "opacity": 0.9, "color": "token:band"},
            "encoding": {"x": x, "y": y("low50"), "y2": {"field": "high50"}},
        },
        {"mark": {"type": "line", "color": "token:own"}, "encoding": {"x": x, "y": y("median")}},
        {"mark": {"type": "point", "filled": True, "color": "token:past"}, "encoding": {"x": x, "y": y("value")}},
    )
    record = forecast.backtest
    past = (
        Text("没有可回测的过去", "there is no past to score it on")
        if record.n == 0 or record.coverage90 is None
        else Text(
            f"过去 {record.n} 次预测中 90% 区间覆盖 {record.coverage90:.0%}",
            f"on its own past, {record.n} forecasts, the 90 % band held {record.coverage90:.0%}",
        )
    )
    sentence = Text(
        f"{forecast.technology}：{last_year} 年中位 {last.median:.3g}，90% 区间 "
        f"{last.quantile(0.05):.3g}–{last.quantile(0.95):.3g};{past.zh}。",
        f"{forecast.technology}: median {last.median:.3g} in {last_year}, 90 % between {last.quantile(0.05):.3g} and "
        f"{last.quantile(0.95):.3g}; {past.en}.",
    )
    title = Text(f"{forecast.technology} 的预测扇形", f"Fan of {forecast.technology}")
    return Figure(f"fan-{forecast.technology}", title.within(lang), sentence.within(lang), spec, tuple(rows))


def coverage(result: HindcastResult, lang: Lang) -> Figure:
    """Return the coverage of each model's bands against what they claim."""
    rows: list[Row] = [
        {"model": r["model"], "claimed": level, "held": float(r[f"coverage_{level:g}"])}
        for r in result.models.to_dict("records")
        for level in COVERAGE_LEVELS
    ]
    worst = min((r for r in rows if r["claimed"] == 0.9), key=lambda r: float(str(r["held"])))
    name = ModelCode(str(worst["model"])).text
    x = {
        "field": "claimed",
        "type": "quantitative",
        "axis": _axis(Text("声称", "claimed"), lang, format="%"),
        "scale": {"domain": [0, 1]},
    }
    y = {
        "field": "held",
        "type": "quantitative",
        "axis": _axis(Text("实际", "held"), lang, format="%"),
        "scale": {"domain": [0, 1]},
    }
    spec = _layered(
        rows,
        {
            "data": {"values": [{"claimed": 0, "held": 0}, {"claimed": 1, "held": 1}]},
            "mark": {"type": "line", "strokeDash": [4, 4], "color": "token:axis"},
            "encoding": {"x": x, "y": y},
        },
        {
            "mark": {"type": "line", "point": True},
            "encoding": {"x": x, "y": y, "color": {"field": "model", "type": "nominal", "title": None}},
        },
    )
    sentence = Text(
        f"各模型的 90% 区间中，实际覆盖最少的是{name.zh}：{worst['held']:.0%}。",
        f"Of all 90 % bands that of the {name.en} held least: {worst['held']:.0%}.",
    )
    title = Text("区间覆盖", "Coverage of bands").within(lang)
    return Figure("coverage", title, sentence.within(lang), spec, tuple(rows))


def pit(result: HindcastResult, model: str, lang: Lang) -> Figure:
    """Return the histogram of one model's PIT with the band of a calibrated one."""
    values = result.scores.loc[result.scores["model"] == model, "pit"].to_numpy()
    rows: list[Row] = [{str(k): float(v) for k, v in r.items()} for r in pit_histogram(values).to_dict("records")]
    low = {"field": "low", "type": "quantitative", "axis": _axis(Text("概率积分变换", "PIT"), lang)}
    count = {"field": "n", "type": "quantitative", "axis": _axis(Text("预测数", "forecasts"), lang)}
    spec = _layered(
        rows,
        {"mark": {"type": "bar", "color": "token:own"}, "encoding": {"x": low, "x2": {"field": "high"}, "y": count}},
        {
            "mark": {"type": "rule", "color": "token:threshold"},
            "encoding": {"x": low, "x2": {"field": "high"}, "y": {"field": "expected_low", "type": "quantitative"}},
        },
        {
            "mark": {"type": "rule", "color": "token:threshold"},
            "encoding": {"x": low, "x2": {"field": "high"}, "y": {"field": "expected_high", "type": "quantitative"}},
        },
    )
    mean = float(np.mean(values))
    sentence = Text(
        f"{model} 的平均 PIT 为 {mean:.2f}（无偏为 0.50）。", f"Mean PIT of {model}: {mean:.2f}; 0.50 is unbiased."
    )
    title = Text("概率积分变换", "PIT").within(lang)
    return Figure("pit", title, sentence.within(lang), spec, tuple(rows))


def xi(result: HindcastResult, lang: Lang) -> Figure:
    """Return the normalised error Ξ by horizon."""
    rows: list[Row] = [
        {"model": r["model"], "horizon": int(r["horizon"]), "xi": float(r["xi"])}
        for r in result.horizons.to_dict("records")
    ]
    spec = {
        "data": {"values": rows},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "horizon", "type": "quantitative", "axis": _axis(Text("预测年数", "years ahead"), lang)},
            "y": {"field": "xi", "type": "quantitative", "scale": {"type": "log"}, "axis": _axis(Text("Ξ", "Ξ"), lang)},
            "color": {"field": "model", "type": "nominal", "title": None},
        },
    }
    longest = max(int(str(r["horizon"])) for r in rows)
    ends = [float(str(r["xi"])) for r in rows if r["horizon"] == longest]
    sentence = Text(
        f"{longest} 年后的归一化误差 Ξ 在 {min(ends):.3g} 与 {max(ends):.3g} 之间。",
        f"After {longest} years the normalised error Ξ lies between {min(ends):.3g} and {max(ends):.3g}.",
    )
    return Figure(
        "xi", Text("误差随年数增长", "Error by horizon").within(lang), sentence.within(lang), spec, tuple(rows)
    )


def years_by_round(result: SurveyResult, item: str, lang: Lang) -> Figure:
    """Return the panel's distribution of years of one item, a line a round."""
    rows: list[Row] = [
        {"round": r.round, "year": year, "p": p} for r in result.items if r.item == item for year, p in r.cdf.items()
    ]
    spec = {
        "data": {"values": rows},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {
                "field": "year",
                "type": "quantitative",
                "axis": _axis(Text("年份", "year"), lang, format="d"),
                "scale": {"zero": False},
            },
            "y": {
                "field": "p",
                "type": "quantitative",
                "scale": {"domain": [0, 1]},
                "axis": _axis(Text("到该年实现的概率", "P(realised by then)"), lang, format="%"),
            },
            "color": {"field": "round", "type": "ordinal", "title": Text("轮次", "round").within(lang)},
        },
    }
    last = [r for r in result.items if r.item == item][-1]
    never = last.p_never or 0.0
    when = (
        Text("中位年份未达到", "the median is not reached")
        if last.median is None
        else Text(f"中位年份 {last.median:.0f}", f"median year {last.median:.0f}")
    )
    sentence = Text(f"{item}：{when.zh}，永不实现 {never:.0%}。", f"{item}: {when.en}, never {never:.0%}.")
    title = Text(f"{item}：各轮的实现年份", f"{item}: years by round").within(lang)
    return Figure(f"years-{item}", title, sentence.within(lang), spec, tuple(rows))


def consensus_by_stability(result: SurveyResult, lang: Lang) -> Figure:
    """Return the last round's items: agreement against the share of answers changed."""
    last = max(r.round for r in result.items)
    rows: list[Row] = [
        {
            "item": r.item,
            "agreement": r.consensus.value,
            "changed": r.share_changed,
            "state": r.state.text.within(lang),
        }
        for r in result.items
        if r.round == last and r.consensus.value is not None and r.share_changed is not None
    ]
    spec = {
        "data": {"values": rows},
        "mark": {"type": "point", "filled": True, "size": 80},
        "encoding": {
            "x": {
                "field": "changed",
                "type": "quantitative",
                "axis": _axis(Text("改变比例", "share changed"), lang, format="%"),
            },
            "y": {"field": "agreement", "type": "quantitative", "axis": _axis(Text("一致性", "agreement"), lang)},
            "shape": {"field": "state", "type": "nominal", "title": None},
        },
    }
    settled = sum(r.state in (ItemState.CONSENSUS, ItemState.STABLE_DISSENT) for r in result.items if r.round == last)
    total = sum(r.round == last for r in result.items)
    sentence = Text(f"{total} 题中 {settled} 题已定。", f"{settled} of {total} items are settled.")
    title = Text("共识与稳定", "Consensus and stability").within(lang)
    return Figure("consensus", title, sentence.within(lang), spec, tuple(rows))


def reliability_chart(result: QuestionCalibration, lang: Lang) -> Figure:
    """Return forecast probability against frequency of resolved questions."""
    rows: list[Row] = [{str(k): v for k, v in r.items()} for r in result.reliability.to_dict("records")]
    spec = _layered(
        rows,
        {
            "data": {"values": [{"forecast": 0, "frequency": 0}, {"forecast": 1, "frequency": 1}]},
            "mark": {"type": "line", "strokeDash": [4, 4], "color": "token:axis"},
            "encoding": {
                "x": {"field": "forecast", "type": "quantitative"},
                "y": {"field": "frequency", "type": "quantitative"},
            },
        },
        {
            "mark": {"type": "point", "filled": True, "color": "token:own"},
            "encoding": {
                "x": {
                    "field": "forecast",
                    "type": "quantitative",
                    "axis": _axis(Text("预测概率", "forecast"), lang, format="%"),
                },
                "y": {
                    "field": "frequency",
                    "type": "quantitative",
                    "axis": _axis(Text("实现比例", "share realised"), lang, format="%"),
                },
                "size": {"field": "n", "type": "quantitative", "title": Text("题数", "questions").within(lang)},
            },
        },
    )
    n = len(result.questions)
    score = float(result.questions["score"].mean()) if n else float("nan")
    sentence = Text(
        f"{n} 题到期，平均得分 {score:.2f}（越低越好）。",
        f"{n} questions are due; mean score {score:.2f}, less is better.",
    )
    return Figure(
        "reliability", Text("兑现情况", "What came true").within(lang), sentence.within(lang), spec, tuple(rows)
    )


def cheapest(outlook: FunctionOutlook, lang: Lang) -> Figure:
    """Return P(cheapest) by year, stacked, with the share where no route is ready."""
    none = Text("无可用路线", "none ready").within(lang)
    rows: list[Row] = [
        {"year": y, "route": r.route, "p": p} for r in outlook.routes for y, p in r.p_cheapest.items()
    ] + [{"year": y, "route": none, "p": p} for y, p in outlook.p_none_ready.items()]
    spec = {
        "data": {"values": rows},
        "width": 560,
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "axis": _axis(Text("年份", "year"), lang)},
            "y": {
                "field": "p",
                "type": "quantitative",
                "stack": "zero",
                "axis": _axis(Text("最便宜的概率", "P(cheapest among ready)"), lang, format="%"),
            },
            "color": {"field": "route", "type": "nominal", "title": None},
        },
    }
    last = max(outlook.p_none_ready)
    parts = ", ".join(f"{r.route} {r.p_cheapest[last]:.0%}" for r in outlook.routes)
    empty = outlook.p_none_ready[last]
    sentence = Text(f"{last} 年：{parts}；无可用路线 {empty:.0%}。", f"In {last}: {parts}; none ready {empty:.0%}.")
    title = Text(f"{outlook.function}：谁最便宜", f"{outlook.function}: which is cheapest").within(lang)
    return Figure(f"cheapest-{outlook.function}", title, sentence.within(lang), spec, tuple(rows))


def value_of_keeping(outlook: FunctionOutlook, lang: Lang) -> Figure:
    """Return the value of keeping k routes under three correlations."""
    rows: list[Row] = [
        {"k": keep.k, "value": keep.estimate, "low": keep.low, "high": keep.high, "rho": f"ρ = {s.rho:g}"}
        for s in outlook.sensitivity
        for keep in s.keep
    ]
    spec = {
        "data": {"values": rows},
        "width": 320,
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "k", "type": "ordinal", "axis": _axis(Text("保留路线数", "routes kept"), lang)},
            "y": {"field": "value", "type": "quantitative", "axis": _axis(Text("净值", "net value"), lang)},
            "color": {"field": "rho", "type": "nominal", "title": None},
        },
    }
    best = max(outlook.keep, key=lambda k: k.estimate)
    sentence = Text(
        f"净值最高的是保留 {best.k} 条（{'、'.join(best.set)}），{_amount(best.estimate)}，"
        f"90% 在 {_amount(best.low)} 与 {_amount(best.high)} 之间。",
        f"Keeping {best.k} ({', '.join(best.set)}) has the highest net value, {_amount(best.estimate)}, 90 % between "
        f"{_amount(best.low)} and {_amount(best.high)}.",
    )
    title = Text(f"{outlook.function}：留几条路线", f"{outlook.function}: how many routes to keep").within(lang)
    return Figure(f"keep-{outlook.function}", title, sentence.within(lang), spec, tuple(rows))
