"""``profile`` and ``compare``: one unit, and two places."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    ConfidenceOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.mechanisms.ruler import report as sheets
from biaochi.mechanisms.ruler.cli.frame import (
    BandsOption,
    CountOption,
    Files,
    FrameworkArg,
    MethodOption,
    ObservationsArg,
    PeriodOption,
    PlanOption,
    UnitsOption,
    app,
    chosen,
    freeze,
    head,
    known_unit,
    number,
    plan_of,
    read_files,
)
from biaochi.mechanisms.ruler.model import AGAINST, Place, compare, profile
from biaochi.methods.composite import Dataset
from biaochi.methods.composite.errors import Problems


@app.command("profile")
def profile_command(
    framework: FrameworkArg,
    observations: ObservationsArg,
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="单位代码 / code of the unit")],
    against: Annotated[
        str, typer.Option("--against", help="peers|past|target|frontier|CODE 参照 / reference")
    ] = "peers",
    units: UnitsOption = None,
    method: MethodOption = None,
    plan: PlanOption = None,
    bands: BandsOption = None,
    period: PeriodOption = "",
    n: CountOption = 512,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """一个单位的画像：差距、障碍、抓手 / one unit: gaps, obstacles, levers."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.profile/1", options) as call:
        files = Files(framework, observations, units, method, plan, bands)
        tree, dataset, steps = read_files(call, files, period)
        last, root = chosen(dataset, period, "", tree)
        known_unit(dataset, unit, "UNIT")
        if against not in AGAINST:
            known_unit(dataset, against, "--against")
        open_choices = plan_of(call, files, tree, steps)
        in_force = freeze(call, "tier_level")
        composite = steps.fit(dataset).transform(dataset)
        found = profile(
            composite,
            open_choices,
            unit,
            period=last,
            against=against,
            n=n,
            seed=seed,
            confidence=confidence,
            tier_level=number(in_force, "tier_level"),
        )
        if against == "peers" and not len(found.peers):
            call.warn(
                "no_context",
                Text(
                    "单位表没有背景列，以其余全部单位的均值为参照",
                    "the units have no context, so the mean of all others is the reference",
                ),
            )
        body = {**head(tree, steps, dataset, root), "period": last, **sheets.profile_tables(found)}
        call.finish(body, summary=sheets.said_profile(found, composite))


@app.command("compare")
def compare_command(
    framework: FrameworkArg,
    observations: ObservationsArg,
    left: Annotated[str, typer.Argument(metavar="LEFT", help="UNIT[@PERIOD]")],
    right: Annotated[str, typer.Argument(metavar="RIGHT", help="UNIT[@PERIOD]")],
    framework_right: Annotated[
        Path | None, typer.Option("--framework-right", help="右侧的框架 / framework of the right side")
    ] = None,
    observations_right: Annotated[
        Path | None, typer.Option("--observations-right", help="右侧的数据 / observations of the right side")
    ] = None,
    units: UnitsOption = None,
    method: MethodOption = None,
    plan: PlanOption = None,
    bands: BandsOption = None,
    n: CountOption = 512,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """比较两处：差异有多可靠、由什么构成 / compare two places: how certain, and made of what."""
    options = Options(out, format, lang, seed, at, as_of)
    with invocation("biaochi.ruler.compare/1", options) as call:
        files = Files(framework, observations, units, method, plan, bands)
        tree, dataset, steps = read_files(call, files, "")
        composite = steps.fit(dataset).transform(dataset)
        first = plan_of(call, files, tree, steps)
        other, second = composite, first
        if framework_right is not None or observations_right is not None:
            files_right = Files(framework_right or framework, observations_right or observations, units, bands=bands)
            tree_right, dataset_right, steps_right = read_files(call, files_right, "")
            other = steps_right.fit(dataset_right).transform(dataset_right)
            second = plan_of(call, files_right, tree_right, steps_right)
        a, b = _place(left, dataset, "LEFT"), _place(right, other.dataset, "RIGHT")
        found = compare(composite, other, a, b, first, second, n=n, seed=seed, confidence=confidence)
        body = {**head(tree, steps, dataset, tree.root), **sheets.comparison_tables(found)}
        call.finish(body, summary=sheets.said_comparison(found))


def _place(text: str, dataset: Dataset, column: str) -> Place:
    unit, _, period = text.partition("@")
    problems = Problems("")
    if unit not in dataset.units:
        problems.add("unknown_unit", column=column, seen=text)
    if period and period not in dataset.periods:
        problems.add("bad_period", column=column, seen=text)
    problems.check()
    return Place(unit, period or dataset.periods[-1])
