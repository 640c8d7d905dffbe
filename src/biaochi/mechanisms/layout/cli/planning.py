"""The verb that coordinates: plan."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from biaochi.core.errors import UsageError
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    ConfidenceOption,
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
from biaochi.exchange.tables import Table
from biaochi.mechanisms.layout.cli.declared import as_they_stood
from biaochi.mechanisms.layout.cli.forecast import HorizonOption, lay_windows, used
from biaochi.mechanisms.layout.cli.options import (
    Absent,
    AbsentOption,
    ActivityArgument,
    AnchorOption,
    EventOption,
    KOption,
    LevelOption,
    ProblemKind,
    TracksOption,
    UniverseOption,
    WindowOption,
)
from biaochi.mechanisms.layout.files.constraints import (
    Constraints,
    beyond_p0,
    known,
    limits_of,
    read_constraints,
)
from biaochi.mechanisms.layout.files.gains import read_gains
from biaochi.mechanisms.layout.files.reading import load_activity, load_anchor, parse_event, windowed
from biaochi.mechanisms.layout.files.tables import demands, read_plans, read_tracks, read_universe, records
from biaochi.mechanisms.layout.model import Demand, Documents, Level
from biaochi.mechanisms.layout.model.outlook import EntryOutlook, given_outlook, outlook_of
from biaochi.mechanisms.layout.model.planning import plan as solve_plan
from biaochi.mechanisms.layout.report import gate_unmet_body, plan_body, plan_summary
from biaochi.methods.specialisation import Conventions, Panel, Problem
from biaochi.methods.specialisation import backtest as run_backtest

GainsOption = Annotated[
    Path | None, typer.Option("--gains", help="外部给出的概率表 gains.csv / probabilities somebody gives")
]

CHOICE_BOOTSTRAP = 200


def plan(
    activity: ActivityArgument,
    plans: Annotated[Path | None, typer.Option("--plans", help="已公布规划 / declared plans")] = None,
    tracks: TracksOption = None,
    constraints: Annotated[
        Path | None, typer.Option("--constraints", help="约束 constraints.yaml / constraints")
    ] = None,
    gains: GainsOption = None,
    problem: Annotated[ProblemKind, typer.Option("--problem", help="规划问题 / programme")] = ProblemKind.P0,
    k: KOption = None,
    cap: Annotated[
        str, typer.Option("--cap", help="单条赛道的地区上限：数、auto 或 none / number, auto or none")
    ] = "auto",
    price: Annotated[
        str, typer.Option("--price", help="重复的价格 λ：数或 auto / price of duplication, or auto")
    ] = "auto",
    event: EventOption = "loose",
    window: WindowOption = 1,
    horizon: HorizonOption = None,
    refits: Annotated[int, typer.Option("--refits", min=0, help="重抽样拟合次数 / refits on resampled regions")] = 200,
    universe: UniverseOption = None,
    level: LevelOption = Level.PROVINCE,
    anchor: AnchorOption = None,
    absent: AbsentOption = Absent.MISSING,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    output: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """为每个地区列出有理由的菜单 / a menu with reasons for each region; never an order."""
    options = Options(out, output, lang, seed, at, as_of)
    with invocation("biaochi.layout.plan/1", options) as call:
        request = PlanRequest(
            activity,
            plans,
            tracks,
            constraints,
            gains,
            problem,
            k,
            cap,
            price,
            event,
            window,
            horizon,
            refits,
            universe,
            level,
            anchor,
            absent,
            confidence,
        )
        body, summary, exit_code = planned(call, request)
        call.finish(body, summary=summary, exit_code=exit_code)


@dataclass(frozen=True)
class PlanRequest:
    """What a plan was asked for: the options of the verb, in their order."""

    activity: Path
    plans: Path | None = None
    tracks: Path | None = None
    constraints: Path | None = None
    gains: Path | None = None
    problem: ProblemKind = ProblemKind.P0
    k: int | None = None
    cap: str = "auto"
    price: str = "auto"
    event: str = "loose"
    window: int = 1
    horizon: int | None = None
    refits: int = 200
    universe: Path | None = None
    level: Level = Level.PROVINCE
    anchor: str | None = None
    absent: Absent = Absent.MISSING
    confidence: float = 0.9


@dataclass(frozen=True)
class _Inputs:
    """A plan's files, read and checked."""

    panel: Panel
    listed: _Listed
    limits: Constraints
    chances: pd.DataFrame | None
    conventions: Conventions
    named: dict[str, int] | None
    possible: dict[str, int] | None


def planned(call: Invocation, asked: PlanRequest) -> tuple[dict[str, object], Text, int]:
    """Return the body of a plan, its summary and the exit code."""
    rng = np.random.default_rng(call.options.seed)
    fixed_cap, fixed_price = _cap(asked.cap), _price(asked.price)
    inputs = _inputs(call, asked)
    rules = used(call.at).only(
        "layout.k",
        "layout.tier_firm",
        "layout.tier_optional",
        "layout.min_events",
        "layout.cap_slack",
        "layout.max_loss",
    )
    call.parameters = rules
    picks = asked.k or inputs.limits.k or int(str(rules["layout.k"].value))
    view, events = _view(inputs, asked, picks, rules, rng)
    if view is None:
        least = int(str(rules["layout.min_events"].value))
        text = Text(
            f"历史上只见到 {events} 次进入，不足 {least} 次，不排序",
            f"only {events} entries were seen, fewer than {least}: no ranking",
        )
        call.warn("gate_unmet", text)
        return gate_unmet_body(inputs.panel.regions, asked.problem.value, events, least), text, 0
    if asked.problem is not ProblemKind.P1 and beyond_p0(inputs.limits):
        names = ", ".join(beyond_p0(inputs.limits))
        call.warn("ignored_constraints", Text(f"只有 p1 使用：{names}", f"only p1 uses: {names}"))
    own_cap = inputs.limits.cap if asked.cap == "auto" else fixed_cap
    listed = inputs.listed
    problem = limits_of(
        inputs.limits, k=picks, cap=own_cap, most=listed.most, least=listed.least, directions=listed.directions
    )
    if own_cap is not None:
        faults = Faults()
        _feasible_cap(problem, view, faults)
        faults.check()
    automatic = asked.cap == "auto" and own_cap is None
    solved = solve_plan(
        view,
        listed.value.reindex(view.p.columns).fillna(1.0),
        problem,
        problem=asked.problem.code,
        automatic_cap_slack=float(str(rules["layout.cap_slack"].value)) if automatic else None,
        price=fixed_price,
        max_loss=float(str(rules["layout.max_loss"].value)),
        refits=asked.refits,
        level=asked.confidence,
        named=inputs.named,
        possible=inputs.possible,
        demands=listed.demands,
        rng=rng,
        progress=_progress(call.options),
    )
    order = [t for t in listed.codes if t in view.p.columns] + [t for t in view.p.columns if t not in listed.codes]
    body = plan_body(solved, order, list(view.p.index), at=call.at, parameters=rules, chosen_model=view.model)
    return body, plan_summary(solved), 0 if solved.solution.solved else 1


def _inputs(call: Invocation, asked: PlanRequest) -> _Inputs:
    """Read every file of a plan; all faults are found before any is raised."""
    parse_event(asked.event)
    faults = Faults()
    loaded = load_activity(call, asked.activity, asked.absent.value, faults)
    limits = read_constraints(call, asked.constraints, faults)
    listed = _listed(call, asked.tracks, loaded.panel if loaded else None, faults)
    if loaded is None or limits is None:
        faults.check()
        raise AssertionError("a file without faults was not read")
    panel = loaded.panel
    chances = read_gains(call, asked.gains, panel.tracks, panel.regions, faults) if asked.gains else None
    anchor = load_anchor(call, asked.anchor, panel.tracks, panel.regions, faults)
    if chances is None:
        laid = lay_windows(loaded, asked.window, asked.horizon or asked.window, None, faults).panel
    else:
        laid = windowed(loaded, asked.window, faults)
    name = asked.constraints.name if asked.constraints else ""
    known(limits, panel.regions, panel.tracks, set(listed.directions.values()), faults, name)
    named = possible = None
    if asked.plans:
        named, possible = _declared(call, asked.plans, listed, asked.universe, asked.level, faults)
    faults.check()
    return _Inputs(laid, listed, limits, chances, Conventions(anchor=anchor), named, possible)


def _view(
    inputs: _Inputs, asked: PlanRequest, picks: int, rules: Snapshot, rng: np.random.Generator
) -> tuple[EntryOutlook | None, int]:
    """Return the outlook, or None with the events seen when they are too few."""
    if inputs.chances is not None:
        return given_outlook(inputs.panel, inputs.chances, inputs.conventions), 0
    result = run_backtest(
        inputs.panel,
        event=parse_event(asked.event),
        conventions=inputs.conventions,
        k=picks,
        min_events=int(str(rules["layout.min_events"].value)),
        bootstrap=CHOICE_BOOTSTRAP,
        level=asked.confidence,
        rng=rng,
    )
    if result.gate != "met":
        return None, result.events
    return outlook_of(inputs.panel, result, inputs.conventions), result.events


@dataclass(frozen=True)
class _Listed:
    """A table of tracks, by code."""

    codes: list[str]
    directions: dict[str, str]
    value: pd.Series
    most: dict[str, int]
    least: dict[str, int]
    demands: dict[str, Demand]
    table: Table | None


def _listed(call: Invocation, path: Path | None, panel: Panel | None, faults: Faults) -> _Listed:
    """Return the tracks given, or those of the activity table when none are."""
    if path is None:
        codes = list(panel.tracks) if panel else []
        return _Listed(codes, {}, pd.Series(1.0, index=codes), {}, {}, {}, None)
    table = read_tracks(call, path, faults)
    rows = records(table)
    value = pd.Series({str(r["track"]): 1.0 if np.isnan(r["value"]) else r["value"] for r in rows}, dtype=float)
    held = set(panel.tracks) if panel else set()
    return _Listed(
        [str(r["track"]) for r in rows],
        {str(r["track"]): str(r["direction"]) for r in rows},
        value,
        {str(r["track"]): int(r["max_regions"]) for r in rows if not np.isnan(r["max_regions"]) and r["track"] in held},
        {str(r["track"]): int(r["min_regions"]) for r in rows if not np.isnan(r["min_regions"]) and r["track"] in held},
        dict(demands(table)),
        table,
    )


def _declared(
    call: Invocation, path: Path, listed: _Listed, universe: Path | None, level: Level, faults: Faults
) -> tuple[dict[str, int], dict[str, int]]:
    everyone = read_universe(call, universe, level, faults) if universe else None
    rows = read_plans(call, path, listed.codes, everyone, level, faults)
    if len(faults):
        return {}, {}
    known_on = call.at
    stood = as_they_stood(call, rows, level, listed.codes, everyone, Documents.LATEST)
    call.at = call.options.at or known_on
    named, possible = stood.named, stood.possible
    return (
        {str(t): int(named[t]) for t in stood.tracks},
        {str(t): int(possible[t]) for t in stood.tracks},
    )


def _feasible_cap(asked: Problem, view: EntryOutlook, faults: Faults) -> None:
    """Note a cap under which the picks find no room."""
    candidates = (~view.p.isna()).sum(axis=1)
    needed = sum(min(asked.k_by_region.get(str(r), asked.k), int(n)) for r, n in candidates.items())
    general = asked.cap if asked.cap is not None else len(view.p)
    available = sum(min(general, asked.max_regions.get(str(t), general)) for t in view.p.columns)
    if needed > available:
        faults.add(
            "infeasible_cap",
            Text(
                f"需要 {needed} 个位置，上限之下只有 {available} 个",
                f"{needed} picks need room, the cap leaves {available}",
            ),
            Text("请提高 --cap 或减少 --k", "raise --cap or lower --k"),
            column="cap",
            seen=general,
        )


def _cap(text: str) -> int | None:
    """Return the cap asked for; None for ``auto`` and ``none``."""
    if text in ("auto", "none"):
        return None
    if not text.isdigit():
        raise UsageError(
            Text(f"--cap 应为整数、auto 或 none，见到 {text}", f"--cap is a whole number, auto or none, seen {text}")
        )
    return int(text)


def _price(text: str) -> float | None:
    """Return the price asked for; None for ``auto``."""
    if text == "auto":
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value < float("inf"):
        raise UsageError(
            Text(f"--price 应为非负数或 auto，见到 {text}", f"--price is a number from 0, or auto, seen {text}")
        )
    return value


def _progress(options: Options) -> Callable[[int, int], None] | None:
    """Return a teller of progress for a terminal, or nothing for files and pipes."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, total: int) -> None:
        word = "重抽样" if options.language == "zh" else "refits"
        typer.echo(f"\r{word} {done}/{total}", err=True, nl=done == total)

    return tell
