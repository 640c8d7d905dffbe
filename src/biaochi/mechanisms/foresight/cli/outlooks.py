"""``routes``, ``readiness``, ``emergence``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from biaochi.core.errors import UsageError
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.foresight.cli.forecasts import load_series
from biaochi.mechanisms.foresight.cli.frame import app, whole_numbers
from biaochi.mechanisms.foresight.cli.surveys import office_parameters
from biaochi.mechanisms.foresight.decisions import run_routes
from biaochi.mechanisms.foresight.files import build_graph, read_counts, read_evidence, read_readiness, read_routes
from biaochi.mechanisms.foresight.model import ReadinessResult, SignalResult
from biaochi.methods.forecasting.emergence import signals
from biaochi.methods.forecasting.readiness import ready_by
from biaochi.methods.forecasting.series import Series

ByOption = Annotated[str | None, typer.Option("--by", metavar="Y,…", help="报告年份 / years to report")]
DrawsOption = Annotated[int, typer.Option("--draws", min=100, max=1_000_000, help="抽样次数 / draws")]


def stage_prior(parameters: Snapshot) -> tuple[float, float]:
    """Return the office's prior of a stage: shape and rate."""
    return (
        float(str(parameters["stage_prior_shape"].value)),
        float(str(parameters["stage_prior_rate"].value)),
    )


@app.command("routes")
def routes(
    file: Annotated[Path, typer.Argument(help="功能与路线 / functions and routes (YAML, JSON)")],
    series: Annotated[Path | None, typer.Option("--series", help="路线所引序列 / series that routes name")] = None,
    by: ByOption = None,
    rho: Annotated[str, typer.Option("--rho", metavar="auto|X", help="路线相关 / correlation of routes")] = "auto",
    draws: DrawsOption = 20_000,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """路线：何时可用、谁更便宜、留几条值多少 / routes: ready when, cheapest how surely, worth of keeping several."""
    with invocation("biaochi.foresight.routes/1", Options(out, format, lang, seed, at, as_of)) as call:
        faults = Faults()
        functions, source = read_routes(file, faults)
        call.remember(source, 0)
        known: tuple[Series, ...] = ()
        if series is not None:
            known = load_series(call, series, faults).series
        call.parameters = office_parameters(call.at).only("stage_prior_shape", "stage_prior_rate")
        prior = stage_prior(call.parameters)
        for route in [r for f in functions for r in f.routes if r.nodes]:
            graph = build_graph(route.nodes, None, prior=prior, at=call.at, faults=faults, file=file.name)
            if graph is not None and route.goal not in {n.code for n in route.nodes}:
                faults.add(
                    "unknown_node",
                    Text("目标节点不在图中", "the goal is not a node of the graph"),
                    Text("请核对 goal", "check goal"),
                    column=route.code,
                    seen=route.goal,
                    file=file.name,
                )
        faults.check()
        years = whole_numbers(by, "--by")
        _years_ahead(years, call.at.year)
        result = run_routes(
            functions,
            known,
            by=years,
            rho=_rho(rho),
            draws=draws,
            at=call.at,
            prior=prior,
            rng=np.random.default_rng(seed),
        )
        if any(f.dependence.source == "assumed" for f in result.functions):
            call.warn(
                "rho_assumed",
                Text("路线相关系数是假定的，见 sensitivity", "the correlation is assumed, see sensitivity"),
            )
        n = len(result.functions)
        call.finish(result.to_dict(), summary=Text(f"{n} 个功能", f"{n} functions"))


def _rho(text: str) -> float | None:
    if text == "auto":
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise UsageError(Text("--rho 为 auto 或 0 到 1 之间的数", "--rho is auto or a number in 0..1"))
    return value


def _years_ahead(years: list[int], now: int) -> None:
    past = [y for y in years if y < now]
    if past:
        raise UsageError(Text(f"--by 早于 {now}：{past}", f"--by lies before {now}: {past}"))


@app.command("readiness")
def readiness(
    file: Annotated[Path, typer.Argument(help="成熟度图 / readiness graph (YAML, JSON)")],
    evidence: Annotated[Path | None, typer.Option("--evidence", help="跃迁记录 / passages (CSV, XLSX)")] = None,
    by: ByOption = None,
    draws: DrawsOption = 20_000,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """何时成熟：逐级跃迁、与或门、关键与杠杆 / ready when: stages, gates, criticality and leverage."""
    with invocation("biaochi.foresight.readiness/1", Options(out, format, lang, seed, at, as_of)) as call:
        faults = Faults()
        nodes, source = read_readiness(file, faults)
        call.remember(source, len(nodes))
        seen = None
        if evidence is not None:
            seen, evidence_source = read_evidence(evidence, faults)
            call.remember(evidence_source, len(seen))
        faults.check()
        call.parameters = office_parameters(call.at).only("stage_prior_shape", "stage_prior_rate")
        prior = stage_prior(call.parameters)
        graph = build_graph(nodes, seen, prior=prior, at=call.as_of, faults=faults, file=file.name)
        faults.check()
        years = whole_numbers(by, "--by") or [call.as_of.year + k for k in (5, 10, 15)]
        _years_ahead(years, call.as_of.year)
        if graph is None or not nodes:
            raise UsageError(Text("图中没有节点", "the graph has no nodes"))
        call.warn("prior_unverified", Text("跃迁先验未经核实", "the prior of stages is unverified"))
        result = ReadinessResult(ready_by(graph, years, np.random.default_rng(seed), draws))
        call.finish(result.to_dict(), summary=Text(f"{len(nodes)} 个节点", f"{len(nodes)} nodes"))


@app.command("emergence")
def emergence(
    counts: Annotated[Path, typer.Argument(help="词频 / counts of terms (CSV, XLSX)")],
    until: Annotated[int | None, typer.Option("--until", metavar="Y", help="最后一期 / last period seen")] = None,
    future: Annotated[int, typer.Option("--future", min=1, help="回测期数 / periods that judge")] = 3,
    top: Annotated[int, typer.Option("--top", min=1, help="信号个数 / number of signals")] = 50,
    null: Annotated[int, typer.Option("--null", min=1, help="匹配抽样次数 / matched draws")] = 1000,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """上升的词，及此类词后来怎样 / rising terms, and how such terms fared before."""
    with invocation("biaochi.foresight.emergence/1", Options(out, format, lang, seed, at, as_of)) as call:
        faults = Faults()
        table, totals, source, rows = read_counts(counts, faults)
        call.remember(source, rows)
        faults.check()
        try:
            found = signals(table, totals, np.random.default_rng(seed), until=until, future=future, top=top, null=null)
        except ValueError as error:
            faults.add(
                "too_few_periods",
                Text("时期不足十个（三个基期、七个活跃期）", "fewer than ten periods (three base, seven active)"),
                Text("请补足时期", "add periods"),
                file=counts.name,
                seen=str(error),
            )
            faults.check()
            raise
        result = SignalResult(found, top)
        if len(found.backtest) == 0:
            call.warn("no_backtest", Text("时期太少，无法回测", "too few periods for a back-test"))
        n = int(found.terms["candidate"].sum())
        call.finish(result.to_dict(), summary=Text(f"{n} 个候选词", f"{n} candidate terms"))
