"""``forecast`` and ``hindcast``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from biaochi.core.distribution import Distribution
from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    Format,
    FormatOption,
    Invocation,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.foresight.cli.frame import app, names, pair_of_numbers
from biaochi.mechanisms.foresight.decisions import ceiling_prior, run_forecasts, run_hindcast
from biaochi.mechanisms.foresight.files import SeriesFile, read_experience, read_series
from biaochi.mechanisms.foresight.model import ModelCode

SeriesArgument = Annotated[Path, typer.Argument(help="技术序列 / series of technologies (CSV, XLSX)")]
CeilingOption = Annotated[
    str | None, typer.Option("--ceiling", metavar="LOW,HIGH", help="增长曲线的上限 / ceiling of a growth curve")
]


class Scheme(StrEnum):
    """What a hindcast may know."""

    PREQUENTIAL = "prequential"
    LEAVE_ONE_OUT = "leave_one_out"
    IN_SAMPLE = "in_sample"


class Select(StrEnum):
    """Which series are hindcast."""

    ALL = "all"
    IMPROVING = "improving"


def model_code(text: str) -> ModelCode:
    """Read a model code."""
    try:
        return ModelCode(text)
    except ValueError:
        known = ", ".join(ModelCode)
        raise UsageError(Text(f"没有“{text}”这个模型；可用：{known}", f"no model {text!r}; known: {known}")) from None


def load_series(call: Invocation, path: Path, faults: Faults) -> SeriesFile:
    """Read series, remember the input, and pass the warnings on."""
    found = read_series(path, faults)
    call.remember(found.source, found.rows)
    call.warnings.extend(found.warnings)
    return found


def _ceiling(text: str | None) -> Distribution | None:
    return ceiling_prior(*pair_of_numbers(text, "--ceiling")) if text else None


def _needs_ceiling(codes: list[ModelCode], ceiling: str | None, faults: Faults) -> None:
    if ceiling is None and any(c in (ModelCode.SCURVE, ModelCode.BASS) for c in codes):
        faults.add(
            "no_ceiling",
            Text("增长曲线没有给出上限", "a growth curve was asked for without a ceiling"),
            Text("请用 --ceiling 低，高 给出", "give it with --ceiling LOW,HIGH"),
        )


@app.command("forecast")
def forecast(
    series: SeriesArgument,
    technology: Annotated[str | None, typer.Option("--technology", help="只预测这一项 / only this technology")] = None,
    model: Annotated[str, typer.Option("--model", metavar="auto|CODE", help="模型 / model")] = "auto",
    horizon: Annotated[int, typer.Option("--horizon", min=1, max=200, help="预测年数 / years ahead")] = 20,
    experience: Annotated[
        Path | None, typer.Option("--experience", help="未来累计产量 / future cumulative experience")
    ] = None,
    ceiling: CeilingOption = None,
    compare: Annotated[
        str | None, typer.Option("--compare", metavar="A,B", help="比较两项技术 / compare two technologies")
    ] = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """预测，并附其回测 / forecast, each with its own hindcast beside it."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.foresight.forecast/1", options) as call:
        pair = names(compare) if compare else None
        if pair is not None and len(pair) != 2:
            raise UsageError(Text("--compare 须写两项:A,B", "--compare takes two technologies: A,B"))
        faults = Faults()
        _needs_ceiling([] if model == "auto" else [model_code(model)], ceiling, faults)
        found = load_series(call, series, faults)
        paths = None
        if experience is not None:
            paths, source, rows = read_experience(experience, faults)
            call.remember(source, rows)
        faults.check()
        if not found.series:
            call.warn("none", Text("没有可预测的序列", "no series can be forecast"))
        try:
            result = run_forecasts(
                found.series,
                technology=technology,
                model=model,
                horizon=horizon,
                paths=paths,
                ceiling=_ceiling(ceiling),
                compare=(pair[0], pair[1]) if pair else None,
                rng=np.random.default_rng(seed),
            )
        except ValueError as error:
            raise UsageError(Text.same(str(error))) from error
        n = len(result.forecasts)
        call.finish(result.to_dict(), summary=Text(f"{n} 项技术", f"{n} technologies"))


@app.command("hindcast")
def hindcast_command(
    series: SeriesArgument,
    models: Annotated[str, typer.Option("--models", metavar="a,b", help="模型 / models")] = "moore,pooled_moore",
    scheme: Annotated[Scheme, typer.Option("--scheme", help="可知范围 / what it may know")] = Scheme.PREQUENTIAL,
    window: Annotated[
        str, typer.Option("--window", metavar="expanding|M", help="窗口增量数 / increments seen")
    ] = "expanding",
    select: Annotated[Select, typer.Option("--select", help="序列 / which series")] = Select.ALL,
    max_horizon: Annotated[int, typer.Option("--max-horizon", min=1, max=200, help="最远年数 / longest horizon")] = 20,
    baseline: Annotated[str, typer.Option("--baseline", help="基线模型 / baseline model")] = "moore",
    bootstrap: Annotated[int, typer.Option("--bootstrap", min=0, help="自助次数 / bootstrap resamples")] = 2000,
    ceiling: CeilingOption = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """回测：过去会怎么说，后来怎样 / hindcast: what models would have said, and what came."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.foresight.hindcast/1", options) as call:
        codes = [model_code(name) for name in names(models)]
        faults = Faults()
        _needs_ceiling(codes, ceiling, faults)
        found = load_series(call, series, faults)
        faults.check()
        result = run_hindcast(
            found.series,
            codes,
            scheme=scheme.value,
            window=_window(window),
            only_improving=select is Select.IMPROVING,
            max_horizon=max_horizon,
            baseline=model_code(baseline),
            bootstrap=bootstrap,
            ceiling=_ceiling(ceiling),
            rng=np.random.default_rng(seed),
        )
        if result.leak:
            call.warn("leak", Text("回测用到了当时未知的信息", "the hindcast saw what was not known at the time"))
        if result.selected_in_hindsight:
            call.warn(
                "selected_in_hindsight",
                Text("序列是看过全程后挑选的，结果偏好", "series were chosen by their whole history: results are kind"),
            )
        call.finish(result.to_dict(), summary=Text(f"{result.n_forecasts} 次预测", f"{result.n_forecasts} forecasts"))


def _window(text: str) -> int | None:
    if text == "expanding":
        return None
    if not text.isdigit() or int(text) < 3:
        raise UsageError(Text("--window 为 expanding 或不小于 3 的整数", "--window is expanding or a whole number ≥ 3"))
    return int(text)
