"""Layout: speed beside peers, agreement with them, and the back-test tables, in one unattended run of a few minutes.

Run by hand: ``python benchmarks/layout.py [speed|peers|backtest]``, everything by default.  Peers come from the
dependency group ``peers``; each runs in a process of its own and is stopped after ``LIMIT`` processor seconds, or once the
ratio wanted is surely passed: its ratio is then a lower bound and says so.  The back-test reads the patents of the shared reference data beside the project.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biaochi.methods.specialisation import Conventions, Panel, complexity, indicators, location_quotient
from biaochi.methods.specialisation.coordination import Problem, assign, automatic_cap, cover
from biaochi.methods.specialisation.entry import MODELS, EntryEvent, backtest, fit_additive
from biaochi.methods.specialisation.layouts import replay_layouts
from biaochi.methods.specialisation.null_models import curveball

SHARED = Path(__file__).resolve().parents[2] / "shared"
LIMIT = 200.0
YEARS = 20


def timed(work: Callable[[], Any], repeats: int = 1) -> tuple[float, float, Any]:
    """Return wall seconds, processor seconds and the result; of several runs the quickest."""
    best = (np.inf, np.inf)
    result = None
    for _ in range(repeats):
        wall, processor = time.perf_counter(), time.process_time()
        result = work()
        best = min(best, (time.perf_counter() - wall, time.process_time() - processor))
    return *best, result


def simulated(regions: int, tracks: int, seed: int) -> np.ndarray:
    """Return simulated nested counts, so that complexity has something to find."""
    rng = np.random.default_rng(seed)
    able = rng.normal(size=(regions, 1))
    hard = rng.normal(size=(1, tracks))
    mean = np.exp(rng.normal(1.0, 1.2, (regions, tracks)) + able - np.maximum(hard - able, 0))
    return rng.poisson(mean).astype(float)


def labelled(values: np.ndarray) -> pd.DataFrame:
    """Return an array with names of regions and tracks."""
    regions, tracks = values.shape
    return pd.DataFrame(values, [f"r{i}" for i in range(regions)], [f"t{j:05d}" for j in range(tracks)])


def speed() -> None:
    """Print the speed lines of the specification."""
    values = np.stack([simulated(250, 5000, year) for year in range(YEARS)])
    names = labelled(values[0])
    panel = Panel(tuple(str(2000 + y) for y in range(YEARS)), tuple(names.index), tuple(names.columns), values)

    def all_years() -> None:
        for period in panel.periods:
            indicators(panel, Conventions(diagonal="one"), period=period)

    wall, processor, _ = timed(all_years)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"indicators 250 × 5,000 × {YEARS} years: {wall:.1f} s, processor {processor:.1f} s, peak {peak:.2f} GB",
        flush=True,
    )
    rng = np.random.default_rng(0)
    p = pd.DataFrame(rng.beta(1, 8, (300, 200)))
    p.index, p.columns = p.index.map(str), p.columns.map(str)
    for price, cap in ((0.0, automatic_cap(3, 300, 200)), (0.01, None)):
        limits = Problem(k=3, price=price, cap=cap)
        wall, processor, found = timed(lambda: assign(p, None, limits), 3)  # noqa: B023
        print(f"P0 300 × 200, price {price}, cap {cap}: {wall:.2f} s, gap {found.certificate.gap:.1e}")
    small = p.iloc[:38, :35]
    wall, processor, found = timed(lambda: cover(small, None, Problem(k=3)))
    print(f"P2 38 × 35: {wall:.2f} s, gap {found.certificate.gap:.1e}")
    table = rng.random((31, 45)) < 0.25
    wall, processor, _ = timed(lambda: [None for _ in curveball(table, 1000, np.random.default_rng(0))])
    print(f"1,000 curveball tables 31 × 45: {wall:.2f} s")
    x = rng.normal(size=(6500, 14))
    y = rng.random(6500) < 1 / (1 + np.exp(2 - x[:, 0] - np.sin(3 * x[:, 1])))
    wall, processor, model = timed(lambda: fit_additive(x, y), 5)
    print(f"additive 6,500 × 14: {wall:.2f} s, processor {processor:.2f} s", flush=True)
    forest(x, y, model, wall)


def forest(x: np.ndarray, y: np.ndarray, model: Any, own: float) -> None:
    """Print the additive model's AUC beside a random forest's, on rows neither has seen."""
    try:
        ensemble = import_module("sklearn.ensemble")
        metrics = import_module("sklearn.metrics")
    except ImportError:
        print("scikit-learn is not installed: no comparison with a random forest")
        return
    rng = np.random.default_rng(1)
    new = rng.normal(size=x.shape)
    came = rng.random(len(new)) < 1 / (1 + np.exp(2 - new[:, 0] - np.sin(3 * new[:, 1])))
    fit = ensemble.RandomForestClassifier(300, min_samples_leaf=20, random_state=0).fit
    wall, _, fitted = timed(lambda: fit(x, y))
    ours, theirs = model.probability(new), fitted.predict_proba(new)[:, 1]
    print(
        f"AUC on new rows: additive {metrics.roc_auc_score(came, ours):.4f}, random forest "
        f"{metrics.roc_auc_score(came, theirs):.4f} ({wall:.1f} s, {wall / own:.0f} times ours)",
        flush=True,
    )


def world_trade() -> pd.DataFrame:
    """Return the world trade table of the shared data, countries × products."""
    frame = pd.read_csv(SHARED / "data" / "b_region_tech" / "world_trade_avg_1998_2000.csv.gz", dtype={"product": str})
    return frame.pivot_table(index="country", columns="product", values="value", fill_value=0.0)


def peers() -> None:
    """Print agreement and time beside ecomplexity and econcomplex."""
    trade = world_trade()
    held = location_quotient(trade) >= 1
    wall, _, ours = timed(lambda: complexity(held), 3)
    print(f"world trade {trade.shape[0]} × {trade.shape[1]}: ours {wall:.2f} s, components {ours.direction.components}")
    for name, run, track in (("econcomplex", _econcomplex_run, "act"), ("ecomplexity", _ecomplexity_run, "prod")):
        try:
            _agreement(name, run(trade), track, ours)
        except ImportError:
            print(f"{name} is not installed")
    big = Panel.single(labelled(simulated(250, 5000, 0)))
    own, processor, _ = timed(lambda: indicators(big, Conventions(diagonal="one")), 3)
    print(
        f"250 × 5,000, one year: ours {own:.2f} s, processor {processor:.2f} s "
        "(quotients, proximity, density, complexity, fitness, COI, COG, concentration)",
        flush=True,
    )
    for name, floor in (("econcomplex", 20), ("ecomplexity", 100)):
        limit = max(LIMIT, 1.1 * floor * processor)
        found = _in_own_process(name, limit)
        if found is None:
            print(f"{name} is not installed")
        elif found == "stopped":
            print(
                f"250 × 5,000, one year: {name} stopped after {limit:.0f} s of processor, more than "
                f"{limit / processor:.0f} times ours (wanted: at least {floor})",
                flush=True,
            )
        else:
            seconds, busy = found
            print(
                f"250 × 5,000, one year: {name} {seconds:.1f} s, {seconds / own:.0f} times ours (processor {busy:.1f} s, "
                f"{busy / processor:.0f} times; wanted: at least {floor})",
                flush=True,
            )


def _in_own_process(name: str, limit: float) -> tuple[float, float] | str | None:
    """Return a peer's wall and processor seconds, ``stopped`` at the limit, None when it is not installed."""
    context = multiprocessing.get_context("spawn")
    there, here = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(name, limit, here), daemon=True)
    process.start()
    here.close()
    try:
        found: tuple[float, float] | str | None = there.recv()
    except EOFError:
        found = "stopped"
    process.join()
    return found


def _measure(name: str, limit: float, answer: Any) -> None:
    """Time one peer on one year and send its seconds back; the system ends the process at the limit."""
    try:
        import_module(name)
    except ImportError:
        answer.send(None)
        return
    run = {"econcomplex": _econcomplex_run, "ecomplexity": _ecomplexity_run}[name]
    table = labelled(simulated(250, 5000, 0))
    most = int(time.process_time() + limit) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    answer.send(timed(lambda: run(table))[:2])


def _ecomplexity_run(table: pd.DataFrame) -> pd.DataFrame:
    package = import_module("ecomplexity")
    long = table.rename_axis("loc").reset_index().melt("loc", var_name="prod", value_name="val").assign(time=1)
    names = {"time": "time", "loc": "loc", "prod": "prod", "val": "val"}
    return package.ecomplexity(long, names)


def _econcomplex_run(table: pd.DataFrame) -> pd.DataFrame:
    package = import_module("econcomplex")
    long = table.rename_axis("loc").reset_index().melt("loc", var_name="act", value_name="val")
    return package.compute_complexity(long, {"loc": "loc", "act": "act", "val": "val"})


def _agreement(name: str, theirs: pd.DataFrame, track: str, ours: Any) -> None:
    """Print how far correlations with a peer are from 1."""
    pairs = {"ECI": (ours.eci, "loc", "eci"), "PCI": (ours.pci, track, "pci")}
    for label, (own, key, column) in pairs.items():
        other = theirs.groupby(key)[column].first().reindex(own.index)
        known = own.notna() & other.notna()
        r = abs(np.corrcoef(own[known], other[known])[0, 1]) if known.any() else float("nan")
        print(f"{label} beside {name}: 1 − |r| = {1 - r:.1e} over {known.sum()} of {len(own)}")


def patents(name: str, *, large: bool) -> Panel:
    """Return yearly patents in 35 fields by leaf country, 1998–2020; ``large``: more than 500 in 2001–10."""
    frame = pd.read_csv(SHARED / "data" / "b_region_tech" / f"{name}_by_country_1998_2020.csv.gz")
    leaves = frame[frame["is_leaf"]].rename(columns={"unit": "region", "field": "track", "year": "period"})
    if large:
        decade = leaves[leaves["period"].between(2001, 2010)].groupby("region")["value"].sum()
        leaves = leaves[leaves["region"].isin(decade.index[decade > 500])]
    return Panel.from_frame(leaves.assign(period=leaves["period"].astype(str)), absent="zero")


def windows(panel: Panel, width: int) -> tuple[Panel, list[str] | None]:
    """Return windows, and the origins asked for.

    Five years: those the specification fixes, from 2001, origins 2006 and 2011, the last window ending with the data.
    Others end with the newest year; every window with one before and after it is an origin.
    """
    if width == 5:
        starts = [panel.periods.index(y) for y in ("2001", "2006", "2011", "2016")]
        return panel.from_starts(starts, 5, partial=True), ["2006", "2011"]
    n = len(panel.periods)
    return panel.from_starts(list(range(n - width, -1, -width))[::-1], width), None


def run_backtests() -> None:
    """Print the back-test tables: every set-up and both events, all models, gains over baselines, layouts."""
    for name in ("uspto_patents_35fields", "intl_patent_families_35fields"):
        for large, width in ((True, 5), (False, 2), (True, 2), (False, 1)):
            if name.startswith("intl") and (large or width == 1):
                continue
            panel, origins = windows(patents(name, large=large), width)
            for event in ("loose", "strict"):
                _one_backtest(
                    f"{name}, {len(panel.regions)} countries, {width}-year windows, {event}", panel, event, origins
                )


def _one_backtest(title: str, panel: Panel, event: str, origins: list[str] | None) -> None:
    rng = np.random.default_rng(0)
    wall, _, found = timed(
        lambda: backtest(panel, event=EntryEvent.parse(event), origins=origins, models=MODELS, rng=rng)
    )
    n = ", ".join(
        f"{o}: {k} of {m}"
        for o, k, m in zip(found.origins["origin"], found.origins["events"], found.origins["n"], strict=True)
    )
    print(f"\n### {title}: {found.events} events ({n}); {wall:.0f} s")
    if found.gate != "met":
        print("gate unmet: no ranking", flush=True)
        return
    print(f"chosen: {found.chosen} ({found.reason})")
    scores = found.scores[found.scores["origin"] == "all"].set_index("model")
    gains = found.skill[(found.skill["model"] == "additive") & (found.skill["metric"] == "auc")].set_index("baseline")
    print(
        "| model | AUC | within | PR-AUC | P@3 (chance) | Brier | log | additive − model, AUC (90 %) |\n|---|---|---|---|---|---|---|---|"
    )
    for model, s in scores.iterrows():
        gain = ""
        if model in gains.index:
            g = gains.loc[model]
            gain = f"{g['estimate']:+.3f} ({g['low']:+.3f} to {g['high']:+.3f})"
        print(
            f"| {model} | {s['auc']:.4f} | {s['auc_within']:.3f} | {s['pr_auc']:.3f} | {s['p_at_k']:.3f} "
            f"({s['random_p_at_k']:.3f}) | {s['brier']:.4f} | {s['log_score']:.4f} | {gain} |"
        )
    replay = replay_layouts(found, model=found.chosen, k=3, rng=rng)
    print(replay.layouts.round(3).to_string(index=False))
    print(replay.skill.round(3).to_string(index=False), flush=True)


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["speed", "peers", "backtest"]
    for topic in chosen:
        {"speed": speed, "peers": peers, "backtest": run_backtests}[topic]()
