"""Verbs about declared plans: crowding."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

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
from biaochi.mechanisms.layout.cli.options import (
    DocumentsOption,
    DrawsOption,
    LevelOption,
    TracksOption,
    UniverseOption,
)
from biaochi.mechanisms.layout.files.tables import (
    demands,
    read_activity,
    read_plans,
    read_tracks,
    read_universe,
    records,
)
from biaochi.mechanisms.layout.model import (
    Declarations,
    Documents,
    Level,
    declarations,
    national_days,
    read_crowding,
)
from biaochi.mechanisms.layout.report import crowding_body, crowding_summary, real_shares
from biaochi.methods.specialisation.panel import Panel


def crowding(
    plans: Annotated[
        Path | None, typer.Argument(help="已公布规划，默认随附数据 / declared plans, default: shipped")
    ] = None,
    universe: UniverseOption = None,
    tracks: TracksOption = None,
    activity: Annotated[
        Path | None, typer.Option("--activity", help="实际活动表，与规划对照 / real activity to hold plans against")
    ] = None,
    level: LevelOption = Level.PROVINCE,
    documents: DocumentsOption = Documents.LATEST,
    draws: DrawsOption = 1000,
    out: OutOption = None,
    output: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """已公布的规划有多拥挤，为什么相像 / how crowded the declared plans are, and why they are alike."""
    options = Options(out, output, lang, seed, at, as_of)
    with invocation("biaochi.layout.crowding/1", options) as call:
        faults = Faults()
        listed = read_tracks(call, tracks, faults)
        codes = [str(t) for t in listed.frame["track"]]
        everyone = read_universe(call, universe, level, faults)
        rows = read_plans(call, plans, codes, everyone, level, faults)
        real = read_activity(call, activity, faults) if activity else None
        faults.check()
        declared = as_they_stood(call, rows, level, codes, everyone, documents)
        reading = read_crowding(
            declared,
            national=national_days(rows, declared.at),
            directions={str(r["track"]): str(r["direction"]) for r in records(listed)},
            draws=draws,
            rng=np.random.default_rng(seed),
        )
        body = crowding_body(reading, demands(listed))
        if real is not None:
            body["real"] = real_shares(Panel.from_frame(real.frame, absent="zero"))
        call.finish(body, summary=crowding_summary(reading))


def as_they_stood(
    call: Invocation,
    rows: pd.DataFrame,
    level: Level,
    codes: list[str],
    universe: list[str] | None,
    documents: Documents,
) -> Declarations:
    """Return the declarations on the day asked for; by default the day of the newest document."""
    known: list[date] = [d for d in rows["date"] if d is not None]
    if call.options.at is None and known:
        call.at = max(known)
        call.as_of = call.options.as_of or call.at
    return declarations(rows, at=call.as_of, level=level, tracks=codes, universe=universe, documents=documents)
