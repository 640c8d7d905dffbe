"""The verb of back-tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

import numpy as np
import typer

from biaochi.core.parameters import Snapshot
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
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.layout.cli.options import (
    Absent,
    AbsentOption,
    ActivityArgument,
    AnchorOption,
    EventOption,
    KOption,
    WindowOption,
)
from biaochi.mechanisms.layout.files.reading import (
    Activity,
    few_windows,
    load_activity,
    load_anchor,
    one_of,
    parse_event,
    parse_list,
)
from biaochi.mechanisms.layout.report import backtest_body, backtest_summary
from biaochi.methods.specialisation import Conventions, Panel
from biaochi.methods.specialisation import backtest as run_backtest
from biaochi.methods.specialisation.entry import MODELS
from biaochi.methods.specialisation.layouts import replay_layouts

PACKAGE = "biaochi.mechanisms.layout"
HorizonOption = Annotated[
    int | None, typer.Option("--horizon", min=1, help="提前期，默认同窗口 / periods ahead, default the window")
]
OriginsOption = Annotated[
    str | None, typer.Option("--origins", help="起点窗口，逗号分隔 / windows to forecast from, with commas")
]
ModelsOption = Annotated[str | None, typer.Option("--models", help="模型，逗号分隔，默认全部 / models, default all")]
BootstrapOption = Annotated[int, typer.Option("--bootstrap", min=1, help="地区重抽样次数 / resamples of regions")]


@dataclass(frozen=True)
class Windows:
    """Windows of a back-test: the panel, the origins asked for, and those whose next window is cut short."""

    panel: Panel
    origins: list[str] | None
    truncated: tuple[str, ...]


def backtest(
    activity: ActivityArgument,
    window: WindowOption = 1,
    horizon: HorizonOption = None,
    event: EventOption = "loose",
    origins: OriginsOption = None,
    models: ModelsOption = None,
    k: KOption = None,
    layouts: Annotated[bool, typer.Option("--layouts", help="一并重放布局 / replay layouts too")] = False,
    bootstrap: BootstrapOption = 1000,
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
    """当时的预测准不准 / would forecasts of entry have been right."""
    options = Options(out, output, lang, seed, at, as_of)
    with invocation("biaochi.layout.backtest/1", options) as call:
        wanted = parse_event(event)
        names = parse_list(models) or list(MODELS)
        one_of("--models", names, MODELS)
        faults = Faults()
        loaded = load_activity(call, activity, absent.value, faults)
        faults.check()
        assert loaded is not None
        fixed = load_anchor(call, anchor, loaded.panel.tracks, loaded.panel.regions, faults)
        windows = lay_windows(loaded, window, horizon or window, parse_list(origins), faults)
        faults.check()
        rules = used(call.at)
        call.parameters = rules.only("layout.k", "layout.min_events", "layout.max_loss", "layout.cap_slack")
        picks = k or int(str(rules["layout.k"].value))
        needed = [*dict.fromkeys([*names, "density", "hot"])] if layouts else names
        rng = np.random.default_rng(seed)
        found = run_backtest(
            windows.panel,
            event=wanted,
            origins=windows.origins,
            models=needed,
            conventions=Conventions(anchor=fixed),
            k=picks,
            min_events=int(str(rules["layout.min_events"].value)),
            bootstrap=bootstrap,
            level=confidence,
            truncated=windows.truncated,
            rng=rng,
        )
        replay = None
        if layouts and found.gate == "met":
            replay = replay_layouts(
                found,
                model=found.chosen,
                k=picks,
                rng=rng,
                max_loss=float(str(rules["layout.max_loss"].value)),
                slack=float(str(rules["layout.cap_slack"].value)),
                bootstrap=bootstrap,
                level=confidence,
            )
        call.finish(backtest_body(found, replay, rules, at=call.at, names=names), summary=backtest_summary(found))


def used(at: date) -> Snapshot:
    """Return the office settings in force."""
    return load_parameters(PACKAGE).at(at)


def lay_windows(loaded: Activity, width: int, step: int, origins: list[str] | None, faults: Faults) -> Windows:
    """Lay windows one horizon apart, so that the origins asked for are window starts; else ending with the data.

    An origin whose next window is observed only in part is kept when it is asked for, and marked truncated.
    """
    panel = loaded.panel
    total = len(panel.periods)
    offset = (total - width) % step if total >= width else 0
    if origins:
        unknown = [o for o in origins if o not in panel.periods]
        _unknown_origins(unknown, loaded, faults)
        known = [panel.periods.index(o) for o in origins if o in panel.periods]
        if not known:
            return Windows(panel, None, ())
        offset = known[0] % step
        _misplaced([panel.periods[s] for s in known if s % step != offset], loaded, faults)
    starts = [s for s in range(offset, total, step) if s + width <= total]
    truncated: tuple[str, ...] = ()
    if starts and starts[-1] + step < total and origins and panel.periods[starts[-1]] in origins:
        truncated = (panel.periods[starts[-1]],)
        starts.append(starts[-1] + step)
    if len(starts) < 3:
        few_windows(faults, loaded, len(starts), 3)
        return Windows(panel, None, ())
    laid = panel.from_starts(starts, width, partial=True)
    if origins:
        usable = laid.periods[1:-1]
        outside = [o for o in origins if o in panel.periods and o not in usable]
        _unknown_origins(outside, loaded, faults)
    return Windows(laid, origins, truncated)


def _unknown_origins(origins: list[str], loaded: Activity, faults: Faults) -> None:
    for origin in origins:
        faults.add(
            "too_few_periods",
            Text(f"起点 {origin} 前后没有完整的窗口", f"origin {origin} has no window before or after it"),
            Text("请换一个起点或补充时期", "choose another origin or add periods"),
            column="period",
            seen=origin,
            file=loaded.table.source.name,
        )


def _misplaced(origins: list[str], loaded: Activity, faults: Faults) -> None:
    for origin in origins:
        faults.add(
            "bad_date",
            Text(
                f"起点 {origin} 与其他起点不相隔整数个提前期", f"origin {origin} is not whole horizons from the others"
            ),
            Text("请使各起点相隔整数个 --horizon", "keep origins whole horizons apart"),
            column="period",
            seen=origin,
            file=loaded.table.source.name,
        )
