"""The verb that compares herding, disclosure and planning: simulate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

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
from biaochi.mechanisms.layout.cli.forecast import used
from biaochi.mechanisms.layout.cli.options import KOption
from biaochi.mechanisms.layout.files.gains import read_gains
from biaochi.mechanisms.layout.files.tables import demands, read_tracks, records
from biaochi.mechanisms.layout.model.simulation import simulate as run_simulation
from biaochi.mechanisms.layout.report import simulation_body, simulation_summary


def simulate(
    tracks: Annotated[Path, typer.Argument(help="赛道表，含需求区间 / tracks.csv with demand ranges")],
    gains: Annotated[Path, typer.Argument(help="概率表 gains.csv / probabilities")],
    k: KOption = None,
    draws: Annotated[int, typer.Option("--draws", min=2, help="需求抽样次数 / draws of demand")] = 200,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    output: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """各自为政、互通信息、统筹安排 / herding, disclosure and coordination compared."""
    options = Options(out, output, lang, seed, at, as_of)
    with invocation("biaochi.layout.simulate/1", options) as call:
        body, summary = simulated(call, tracks, gains, k, draws, confidence)
        call.finish(body, summary=summary)


def simulated(
    call: Invocation, tracks: Path, gains: Path, k: int | None, draws: int, level: float
) -> tuple[dict[str, object], Text]:
    """Return the body of a simulation and its summary."""
    faults = Faults()
    listed = read_tracks(call, tracks, faults)
    p = read_gains(call, gains, set(listed.frame["track"]), None, faults)
    wanted = set(p.columns)
    found = demands(listed)
    for row in records(listed):
        if row["track"] in wanted and (row["track"] not in found or np.isnan(row["kappa"])):
            faults.add(
                "demand_missing",
                Text(
                    "缺少需求区间、产能或 kappa；需求从不虚构",
                    "a demand range, capacity or kappa is missing; demand is never invented",
                ),
                Text("请填 demand_lo、demand_hi、capacity、kappa", "fill in demand_lo, demand_hi, capacity and kappa"),
                row=int(row["row"]),
                column="demand_lo" if row["track"] not in found else "kappa",
                seen=row["track"],
                file=listed.source.name,
            )
    faults.check()
    rules = used(call.at).only("layout.k")
    call.parameters = rules
    value = pd.Series({str(r["track"]): 1.0 if np.isnan(r["value"]) else r["value"] for r in records(listed)})
    result = run_simulation(
        p * value.reindex(p.columns),
        found,
        {str(r["track"]): float(r["kappa"]) for r in records(listed)},
        k=k or int(str(rules["layout.k"].value)),
        draws=draws,
        level=level,
        rng=np.random.default_rng(call.options.seed),
    )
    return simulation_body(result), simulation_summary(result)
