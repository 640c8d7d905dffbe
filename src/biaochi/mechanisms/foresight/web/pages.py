"""What the pages of forecasts, routes and studies say: headings, rows, marks; every number from a stored result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from django.utils.safestring import SafeString

from biaochi.core.canonical import digest
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.foresight.model import HindcastResult, ReadinessResult, TechnologyForecast
from biaochi.mechanisms.foresight.web.readings import Technology
from biaochi.methods.forecasting.routes import FunctionOutlook, Keep
from biaochi.registry.marks import interval_mark
from biaochi.registry.views import Item

CLAIMED = 0.9


def digest_of(content: Any) -> str:
    """Return the digest of a stored record."""
    return digest(content)


def share(value: float | None) -> str:
    """Return a share as a reader sees it."""
    return "–" if value is None or np.isnan(value) else f"{value:.0%}"


def amount(value: float | None) -> str:
    """Return a number of three figures."""
    if value is None or not np.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


@dataclass(frozen=True)
class ForecastRow:
    """One technology that can be forecast: its record, then what may come."""

    code: str
    title: Text
    n: int
    held: str
    mark: SafeString
    year: int
    median: str
    low: str
    high: str
    unit: str


def forecast_row(technology: Technology, made: TechnologyForecast, past: object, lang: Lang) -> ForecastRow:
    """Return one row of the list."""
    year, _, law = made.path[4]
    record = made.backtest
    held = record.coverage90
    label = Text(f"90% 区间在 {record.n} 次中覆盖 {share(held)}", f"its 90 % band held {share(held)} of {record.n}")
    mark = interval_mark(0, held or 0.0, label=label.within(lang), least=0, most=1, middle=held or 0.0, ticks=10)
    return ForecastRow(
        technology.code,
        technology.title,
        record.n,
        share(held),
        mark,
        year,
        amount(law.median),
        amount(law.quantile(0.05)),
        amount(law.quantile(0.95)),
        technology.unit,
    )


def forecast_heading(made: TechnologyForecast, lang: Lang) -> str:
    """Return what may come in five years, with its interval."""
    year, _, law = made.path[4]
    low, middle, high = (amount(law.quantile(q)) for q in (0.05, 0.5, 0.95))
    return Text(
        f"{made.technology}：{year} 年中位 {middle}，90% 区间 {low}–{high}",
        f"{made.technology}: median {middle} in {year}, 90 % between {low} and {high}",
    ).within(lang)


def record_sentence(made: TechnologyForecast, lang: Lang) -> str:
    """Return how far such a band may be believed."""
    record = made.backtest
    if record.n == 0 or record.coverage90 is None:
        return Text("没有可回测的过去：这些区间未经检验。", "No past to score it on: these bands are untested.").within(
            lang
        )
    shy = record.coverage90 < CLAIMED
    return Text(
        f"先看成绩：同一方法在过去 {record.n} 次预测中，90% 区间实际覆盖 {share(record.coverage90)}"
        + ("，区间偏窄，请放宽来读。" if shy else "。"),
        f"Its record first: over {record.n} past forecasts the 90 % band held {share(record.coverage90)}"
        + ("; the bands are too narrow, read them wider." if shy else "."),
    ).within(lang)


def record_items(made: TechnologyForecast, past: HindcastResult | None, lang: Lang) -> list[Item]:
    """Return the record as facts, beside that of the baseline."""
    record = made.backtest
    held = record.coverage90 or 0.0
    label = Text(f"覆盖 {share(record.coverage90)}，声称 90%", f"held {share(record.coverage90)}, claimed 90 %")
    better = None if not record.baseline_crps or record.crps is None else 1 - record.crps / record.baseline_crps
    return [
        Item(Text("过去的预测", "past forecasts"), record.n),
        Item(
            Text("90% 区间覆盖", "90 % band held"),
            interval_mark(0, held, label=label.within(lang), least=0, most=1, middle=held, ticks=10),
        ),
        Item(Text("覆盖率", "share held"), share(record.coverage90)),
        Item(Text("平均误差 CRPS（对数）", "mean CRPS (log)"), amount(record.crps)),
        Item(Text("随机游走的 CRPS", "CRPS of a random walk"), amount(record.baseline_crps)),
        Item(Text("比随机游走好", "better than a random walk by"), share(better)),
    ]


def path_rows(made: TechnologyForecast) -> list[tuple[int, str, str, str]]:
    """Return the path as a table: year, median, ends of the 90 % band."""
    return [(y, amount(d.median), amount(d.quantile(0.05)), amount(d.quantile(0.95))) for y, _, d in made.path]


@dataclass(frozen=True)
class CameRow:
    """One old forecast and what came."""

    technology: str
    origin: int
    year: int
    said: str
    came: str
    inside: bool


def came_rows(scores: pd.DataFrame, code: str = "", most: int = 60) -> list[CameRow]:
    """Return old forecasts and what came; inside means within the 90 % band."""
    own = scores[scores["technology"] == code] if code else scores
    return [
        CameRow(
            str(r["technology"]),
            int(r["origin"]),
            int(r["year"]),
            amount(float(np.exp(r["median"]))),
            amount(float(np.exp(r["observed"]))),
            bool(0.05 <= r["pit"] <= 0.95),
        )
        for r in own.head(most).to_dict("records")
    ]


def renamed(made: FunctionOutlook, names: Mapping[str, str]) -> FunctionOutlook:
    """Return an outlook under the names a reader knows."""

    def keep(rows: Sequence[Keep]) -> tuple[Keep, ...]:
        return tuple(replace(k, set=tuple(names[c] for c in k.set)) for k in rows)

    return replace(
        made,
        routes=tuple(
            replace(r, route=names[r.route], dominated_by=tuple(names[d] for d in r.dominated_by)) for r in made.routes
        ),
        crossover=tuple(replace(c, a=names[c.a], b=names[c.b]) for c in made.crossover),
        keep=keep(made.keep),
        sensitivity=tuple(
            replace(s, p_cheapest={names[c]: p for c, p in s.p_cheapest.items()}, keep=keep(s.keep))
            for s in made.sensitivity
        ),
    )


def keep_heading(made: FunctionOutlook, title: Text, lang: Lang) -> str:
    """Return how many routes are worth keeping; a lead within its own uncertainty is said to be one."""
    best = max(made.keep, key=lambda k: k.estimate)
    rivals = [k for k in made.keep if k.k != best.k and k.high >= best.low and k.low <= best.high]
    joined_zh, joined_en = "、".join(best.set), ", ".join(best.set)
    doubt = Text("，但差距小于不确定性" if rivals else "", ", by less than the uncertainty" if rivals else "")
    return Text(
        f"{title.zh}：保留 {best.k} 条路线（{joined_zh}）的期望净值最高{doubt.zh}",
        f"{title.en}: keeping {best.k} ({joined_en}) has the highest expected net value{doubt.en}",
    ).within(lang)


def keep_sentence(made: FunctionOutlook, lang: Lang) -> str:
    """Return whether another correlation would say otherwise."""
    best = {s.rho: max(s.keep, key=lambda k: k.estimate) for s in made.sensitivity}
    same = len({(b.k, b.set) for b in best.values()}) == 1
    tried = "、".join(f"{r:g}" for r in best)
    verdict = (
        Text("结论不变", "the conclusion stays")
        if same
        else Text("结论会变，见下表", "the conclusion changes, see below")
    )
    source = {
        "assumed": Text("是假定的", "is assumed"),
        "given": Text("由使用者给定", "is given"),
        "estimated": Text("由序列估计", "is estimated from the series"),
    }[made.dependence.source]
    return Text(
        f"路线相关系数 ρ＝{made.dependence.rho:g} {source.zh}；改为 {tried} 时，{verdict.zh}。不指定赢家。",
        f"The routes' correlation ρ = {made.dependence.rho:g} {source.en}; at {tried.replace('、', ', ')} "
        f"{verdict.en}. No winner is named.",
    ).within(lang)


@dataclass(frozen=True)
class KeepRow:
    """The best set of k routes."""

    k: int
    members: str
    estimate: str
    interval: str
    marginal: str
    mark: SafeString


def keep_rows(made: FunctionOutlook, lang: Lang) -> list[KeepRow]:
    """Return the value of keeping one, two, three routes, each with its interval."""
    least = min(0.0, *(k.low for k in made.keep))
    most = max(k.high for k in made.keep)
    found = []
    for k in made.keep:
        members = ("、" if lang == "zh" else ", ").join(k.set)
        interval = f"{amount(k.low)}–{amount(k.high)}"
        label = Text(f"{k.k} 条：{amount(k.estimate)}（{interval}）", f"{k.k}: {amount(k.estimate)} ({interval})")
        mark = interval_mark(k.low, k.high, label=label.within(lang), least=least, most=most, middle=k.estimate)
        found.append(KeepRow(k.k, members, amount(k.estimate), interval, signed(k.marginal), mark))
    return found


def signed(value: float) -> str:
    """Return a number with its sign."""
    return f"{'+' if value >= 0 else '−'}{amount(abs(value))}"


def sensitivity_rows(made: FunctionOutlook, lang: Lang) -> list[dict[str, Any]]:
    """Return for every correlation the value of keeping one, two, three routes and who is cheapest."""
    return [
        {
            "rho": f"{s.rho:g}",
            "best": max(s.keep, key=lambda k: k.estimate).k,
            "values": [amount(k.estimate) for k in s.keep],
            "cheapest": [(route, share(p)) for route, p in s.p_cheapest.items()],
        }
        for s in made.sensitivity
    ]


def route_rows(made: FunctionOutlook) -> list[dict[str, Any]]:
    """Return each route in the last year of demand: ready, cheapest, cost with its interval."""
    last = max(made.p_none_ready)
    return [
        {
            "name": r.route,
            "p_ready": share(r.p_ready[last]),
            "p_cheapest": share(r.p_cheapest[last]),
            "cost": amount(r.cost[last].median),
            "interval": f"{amount(r.cost[last].quantile(0.05))}–{amount(r.cost[last].quantile(0.95))}",
            "p_regret": share(r.p_regret),
            "dominated": ", ".join(r.dominated_by),
        }
        for r in made.routes
    ]


def ready_rows(made: FunctionOutlook) -> list[tuple[str, list[str], list[str]]]:
    """Return P(ready) and P(cheapest) of each route in a few years."""
    years = sorted(made.p_none_ready)[:: max(1, len(made.p_none_ready) // 4)]
    return [
        (r.route, [share(r.p_ready[y]) for y in years], [share(r.p_cheapest[y]) for y in years]) for r in made.routes
    ]


def crossover_rows(made: FunctionOutlook, lang: Lang) -> list[dict[str, str]]:
    """Return when one route first becomes cheaper than another; a year beyond the last reads as such."""

    def year(value: float) -> str:
        return f"{value:.0f}" if np.isfinite(value) else Text("期内不发生", "not within the years").within(lang)

    return [
        {
            "pair": Text(f"{c.a} 首次低于 {c.b}", f"{c.a} below {c.b}").within(lang),
            "median": year(c.year.median),
            "low": year(c.year.quantile(0.05)),
            "high": year(c.year.quantile(0.95)),
            "never": share(c.p_never),
        }
        for c in made.crossover
    ]


def readiness_rows(found: Mapping[str, ReadinessResult], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the nodes of routes that come as a graph: when ready, what binds, what would help."""
    rows = []
    for route, result in found.items():
        for node in result.readiness.nodes:
            last = max(node.p_ready)
            rows.append(
                {
                    "route": names[route],
                    "node": node.node,
                    "year": last,
                    "p_ready": share(node.p_ready[last]),
                    "criticality": share(node.criticality),
                    "leverage": signed(node.leverage),
                }
            )
    return rows
