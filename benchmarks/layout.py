"""Layout: speed beside peers and naive twins, agreement with them, and the back-test table, in one run.

Run by hand: ``python benchmarks/layout.py [speed|peers|backtest]``.  Peers come from the dependency group ``peers``;
the back-test reads the patents of the shared reference data beside the project.
"""

from __future__ import annotations

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
from biaochi.methods.specialisation.entry import EntryEvent, backtest, fit_additive
from biaochi.methods.specialisation.layouts import replay_layouts
from biaochi.methods.specialisation.null_models import curveball

SHARED = Path(__file__).resolve().parents[2] / "shared"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return seconds and the result."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def simulated(regions: int, tracks: int, seed: int) -> pd.DataFrame:
    """Return simulated nested counts, so that complexity has something to find."""
    rng = np.random.default_rng(seed)
    able = rng.normal(size=(regions, 1))
    hard = rng.normal(size=(1, tracks))
    mean = np.exp(rng.normal(1.0, 1.2, (regions, tracks)) + able - np.maximum(hard - able, 0))
    values = rng.poisson(mean).astype(float)
    return pd.DataFrame(values, [f"r{i}" for i in range(regions)], [f"t{j:05d}" for j in range(tracks)])


def speed() -> None:
    """Print the speed lines of the specification."""
    years = 20
    total = 0.0
    for year in range(years):
        table = simulated(250, 5000, year)
        seconds, _ = timed(lambda: indicators(Panel.single(table), Conventions(diagonal="one")))  # noqa: B023
        total += seconds
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"indicators 250 × 5,000 × {years} years: {total:.1f} s, peak {peak:.2f} GB")
    rng = np.random.default_rng(0)
    p = pd.DataFrame(rng.beta(1, 8, (300, 200)))
    p.index, p.columns = p.index.map(str), p.columns.map(str)
    for price, cap in ((0.0, automatic_cap(3, 300, 200)), (0.01, None)):
        limits = Problem(k=3, price=price, cap=cap)
        seconds, found = timed(lambda: assign(p, None, limits))  # noqa: B023
        print(f"P0 300 × 200, price {price}, cap {cap}: {seconds:.2f} s, gap {found.certificate.gap:.1e}")
    small = p.iloc[:38, :35]
    seconds, found = timed(lambda: cover(small, None, Problem(k=3)))
    print(f"P2 38 × 35: {seconds:.2f} s, gap {found.certificate.gap:.1e}")
    table = rng.random((31, 45)) < 0.25
    seconds, _ = timed(lambda: [None for _ in curveball(table, 1000, np.random.default_rng(0))])
    print(f"1,000 curveball tables 31 × 45: {seconds:.2f} s")
    x = rng.normal(size=(6500, 14))
    y = rng.random(6500) < 1 / (1 + np.exp(2 - x[:, 0] - np.sin(3 * x[:, 1])))
    seconds, model = timed(lambda: fit_additive(x, y))
    print(f"additive 6,500 × 14: {seconds:.2f} s")
    forest(x, y, model)


def forest(x: np.ndarray, y: np.ndarray, model: Any) -> None:
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
    seconds, fitted = timed(lambda: ensemble.RandomForestClassifier(300, min_samples_leaf=20, random_state=0).fit(x, y))
    ours, theirs = model.probability(new), fitted.predict_proba(new)[:, 1]
    print(
        f"AUC on new rows: additive {metrics.roc_auc_score(came, ours):.4f}, random forest "
        f"{metrics.roc_auc_score(came, theirs):.4f} ({seconds:.1f} s)"
    )


def world_trade() -> pd.DataFrame:
    """Return the world trade table of the shared data, countries × products."""
    frame = pd.read_csv(SHARED / "data" / "b_region_tech" / "world_trade_avg_1998_2000.csv.gz", dtype={"product": str})
    return frame.pivot_table(index="country", columns="product", values="value", fill_value=0.0)


def peers() -> None:
    """Print agreement and time beside ecomplexity and econcomplex."""
    trade = world_trade()
    held = location_quotient(trade) >= 1
    seconds, ours = timed(lambda: complexity(held))
    print(
        f"world trade {trade.shape[0]} × {trade.shape[1]}: ours {seconds:.2f} s, components {ours.direction.components}"
    )
    for name, run, track in (("econcomplex", _econcomplex_run, "act"), ("ecomplexity", _ecomplexity_run, "prod")):
        try:
            _agreement(name, run(trade), track, ours)
        except ImportError:
            print(f"{name} is not installed")
    big = simulated(250, 5000, 0)
    own, _ = timed(lambda: indicators(Panel.single(big), Conventions(diagonal="one")))
    print(f"250 × 5,000, one year: ours {own:.2f} s (quotients, proximity, density, complexity, fitness, COI, COG)")
    for name, run in (("econcomplex", _econcomplex_run), ("ecomplexity", _ecomplexity_run)):
        try:
            seconds, _ = timed(lambda: run(big))  # noqa: B023
        except ImportError:
            print(f"{name} is not installed")
            continue
        print(f"250 × 5,000, one year: {name} {seconds:.1f} s, {seconds / own:.0f} times ours")


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


def patents(name: str) -> Panel:
    """Return two-year windows of patents in 35 fields by leaf country, 1998–2020."""
    frame = pd.read_csv(SHARED / "data" / "b_region_tech" / f"{name}_by_country_1998_2020.csv.gz")
    leaves = frame[frame["is_leaf"]].rename(columns={"unit": "region", "field": "track", "year": "period"})
    panel = Panel.from_frame(leaves.assign(period=leaves["period"].astype(str)), absent="zero")
    n = len(panel.periods)
    return panel.from_starts(list(range(n - 2, -1, -2))[::-1], 2)


def run_backtests() -> None:
    """Print the back-test table: both events, all models, gains over baselines, layouts."""
    for name in ("uspto_patents_35fields", "intl_patent_families_35fields"):
        panel = patents(name)
        for event in ("loose", "strict"):
            rng = np.random.default_rng(0)
            seconds, found = timed(lambda: backtest(panel, event=EntryEvent.parse(event), rng=rng))  # noqa: B023
            print(f"\n{name}, {event}: {found.events} events, chosen {found.chosen} ({found.reason}), {seconds:.0f} s")
            print(found.scores[found.scores["origin"] == "all"].drop(columns="origin").round(4).to_string(index=False))
            gains = found.skill[(found.skill["model"] == "additive") & (found.skill["metric"] == "auc")]
            print(gains.drop(columns=["model", "metric"]).round(3).to_string(index=False))
            replay = replay_layouts(found, model=found.chosen, k=3, rng=rng)
            print(replay.layouts.round(3).to_string(index=False))
            print(replay.skill.round(3).to_string(index=False))


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["speed", "peers", "backtest"]
    for topic in chosen:
        {"speed": speed, "peers": peers, "backtest": run_backtests}[topic]()
