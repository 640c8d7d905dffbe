"""Foresight's numbers and speeds on the reference data beside the project: run by hand.

    python benchmarks/foresight.py [--shared ../shared] [--part forecasts|experts|routes|survey|ceilings|signals]

Prints one line a claim of the documentation; wall seconds and processor seconds on this machine.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize

from biaochi.core.distribution import Distribution
from biaochi.methods.elicitation.consensus import ItemSpec, summarise_round
from biaochi.methods.elicitation.cooke import combinations, cooke_scores, out_of_sample
from biaochi.methods.elicitation.excalibur import parse_dtt, parse_rls
from biaochi.methods.forecasting.emergence import signals
from biaochi.methods.forecasting.hindcast import hindcast
from biaochi.methods.forecasting.moore import Moore, PooledMoore
from biaochi.methods.forecasting.random_walk import RandomWalk
from biaochi.methods.forecasting.routes import Function, Route, route_outlook
from biaochi.methods.forecasting.series import Series, improving
from biaochi.methods.forecasting.trend import Trend
from biaochi.methods.forecasting.wright import Given, PooledWright, Wright


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long a block took."""
    wall, processor = time.perf_counter(), time.process_time()
    yield
    print(f"  [{what}: {time.perf_counter() - wall:.2f} s wall, {time.process_time() - processor:.2f} s processor]")


def farmer_lafond(shared: Path) -> list[Series]:
    frame = pd.read_csv(shared / "data/c_tech_curves/owid_farmer_lafond_2016.csv")
    frame.columns = pd.Index(["technology", "year", "value"])
    return [Series(str(t), g["year"], g["value"]) for t, g in frame.sort_values("year").groupby("technology")]


def experience_curves(shared: Path, families: bool = False) -> list[Series]:
    frame = pd.read_csv(shared / "data/c_tech_curves/ExpCurves.csv").sort_values("Year")
    known = pd.read_csv(shared / "reference/foresight/foresight_pcdb_families.csv").set_index("technology")["family"]
    found = []
    for name, g in frame.groupby("Tech"):
        if len(g) >= 8 and bool((np.diff(g["Year"]) == 1).all()):
            family = str(known.get(name, name)) if families else None
            found.append(
                Series(str(name), g["Year"], g["Unit cost"], experience=g["Cumulative production"], family=family)
            )
    return found


def forecasts(shared: Path) -> None:
    published = json.loads((shared / "reference/foresight/foresight_published.json").read_text())
    series = farmer_lafond(shared)
    with timed("item 1"):
        chosen = improving(series)
        fixed = hindcast(chosen, [Moore()], window=5)
        everything = hindcast(chosen, [Moore()], window=5, max_horizon=200)
        z = fixed.surrogates(0.63, np.random.default_rng(0))["ratio"].mean()
    row = fixed.calibration().iloc[0]
    print(
        f"1. {len(chosen)} of {len(series)}; {everything.n_forecasts} and {fixed.n_forecasts} forecasts; Z(.63) {z:.3f}"
    )
    print(f"   coverage {[round(float(row[f'coverage_{p}']), 3) for p in ('0.5', '0.8', '0.9', '0.95')]}")
    print(f"   textbook trend: 90 % band held {hindcast(chosen, [Trend()]).calibration()['coverage_0.9'].iloc[0]:.3f}")
    with timed("item 2"):
        found = hindcast(series, [Moore(), PooledMoore(), RandomWalk(), Trend()])
        skills = found.skill("moore", np.random.default_rng(0))
    table = found.calibration().set_index("model")
    print(
        f"2. {found.n_forecasts} forecasts; Moore CRPS {table.loc['moore', 'crps']:.4f}, "
        f"coverage {table.loc['moore', 'coverage_0.9']:.3f}; PooledMoore balanced {skills[0].balanced}"
    )
    for peer, value in published["peers_same_hindcast"].items():
        if isinstance(value, dict):
            print(f"   peer {peer}: CRPS {value['crps']}, coverage {value['coverage90']} (recorded, not run here)")
    for families in (False, True):
        curves = experience_curves(shared, families)
        with timed("item 3"):
            found = hindcast(curves, [Moore(), PooledMoore(), Wright(), PooledWright()])
            skills = found.skill("moore", np.random.default_rng(0))
        table = found.calibration().set_index("model")
        last = skills[-1]
        print(
            f"3. {len(curves)} series, {found.n_forecasts} forecasts{', own family left out' if families else ''}: "
            f"PooledWright {last.pooled}, coverage {table.loc['pooled_wright', 'coverage_0.9']:.3f}"
        )
    for model in (Wright(experience=Given()), PooledWright(experience=Given())):
        row = hindcast(curves, [model]).calibration().iloc[0]
        print(f"   given true production, {model.code}: mean PIT {row['mean_pit']:.3f}, CRPS {row['crps']:.3f}")


def text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        return path.read_bytes().decode("latin-1")


def experts(shared: Path) -> None:
    folder = shared / "data/f_experts/cooke_cases"
    by_name = {p.name.lower(): p for p in folder.iterdir()}
    with timed("item 4, 57 pairs without splits"):
        cases = [
            (parse_dtt(text_of(p)), parse_rls(text_of(by_name[n[:-4] + ".rls"])))
            for n, p in sorted(by_name.items())
            if n.endswith(".dtt") and n[:-4] + ".rls" in by_name
        ]
        better = 0
        for answers, truth in cases:
            cooke_scores(answers, truth.seeds, excalibur=True)
            made = combinations(answers, truth.seeds, excalibur=True)
            best, plain = made["performance"], made["unthresholded"]
            better += best.calibration * best.information >= plain.calibration * plain.information - 1e-12
    print(f"4. {len(cases)} pairs; optimised at least as good as unthresholded in {better}")
    with timed("30 splits of the three-quantile studies"):
        rng = np.random.default_rng(0)
        tables = [out_of_sample(a, t.seeds, rng, 30) for a, t in cases if len(a.levels) == 3]
    mean = pd.concat(tables).groupby("name")[["coverage90", "pinball", "width"]].mean()
    print(mean.round(3).to_string())


def routes(shared: Path) -> None:
    del shared
    rng = np.random.default_rng(1)
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    z = np.array([-1.645, -0.674, 0.0, 0.674, 1.645])

    def law(mean: float, sd: float) -> Distribution:
        return Distribution(levels, tuple(np.exp(mean + sd * z).tolist()))

    made = tuple(
        Route(
            f"r{i}",
            {2026: law(rng.normal(0, 0.3), 0.3), 2055: law(rng.normal(-1, 0.3), 0.6)},
            {2026: 0.1, 2055: float(rng.uniform(0.3, 1))},
            upkeep=0.5,
        )
        for i in range(10)
    )
    function = Function("f", "t", "u", 1.0, dict.fromkeys(range(2026, 2056), 1.0), 0.04, 2026, made)
    with timed("10 routes × 20,000 draws × 30 years, all subsets, three correlations"):
        found = route_outlook(function, np.random.default_rng(0), 20_000)
    print(f"5. best number of routes {max(found.keep, key=lambda k: k.estimate).k}")


def survey(shared: Path) -> None:
    del shared
    rng = np.random.default_rng(0)
    n, items = 2000, 200
    frame = pd.DataFrame(
        {
            "round": 1,
            "expert": np.repeat(np.arange(n), items),
            "item": np.tile([f"q{i}" for i in range(items)], n),
            "version": "1",
            "value": rng.integers(1, 6, n * items).astype(float),
        }
    )
    specs = {f"q{i}": ItemSpec(f"q{i}", "likert", 1, 5) for i in range(items)}
    with timed("2,000 experts × 200 items"):
        summarise_round(frame, specs)


def ceilings(shared: Path, repetitions: int = 60) -> None:
    """Estimate the ceiling freely from a part of a logistic: why it must be given."""
    del shared
    rng = np.random.default_rng(0)
    for share in (0.10, 0.25, 0.50, 0.75):
        until = int(20 + np.log(share / (1 - share)) / 0.3)
        t = np.arange(until + 1)
        found = []
        for _ in range(repetitions):
            y = -np.log1p(np.exp(-0.3 * (t - 20))) + 0.1 * rng.standard_normal(len(t))
            found.append(np.exp(min(_free_fits(t, y), key=lambda r: r.cost).x[0]))
        low, high = np.quantile(found, [0.05, 0.95])
        print(f"   up to {share:.0%} of saturation: fitted ceilings {low:.2f} to {high:.2g} (true 1)")


def _free_fits(t: np.ndarray, y: np.ndarray) -> list[optimize.OptimizeResult]:
    def residual(p: np.ndarray) -> np.ndarray:
        return p[0] - np.logaddexp(0, -np.exp(p[1]) * (t - p[2])) - y

    bounds = ([-5, -5, -50], [np.log(1e9), 1.5, 200])
    starts = ([0, np.log(0.3), 20], [5, np.log(0.3), 40], [-1, np.log(0.3), 10])
    return [optimize.least_squares(residual, s, bounds=bounds) for s in starts]


def rising_terms(shared: Path) -> None:
    frame = pd.read_csv(shared / "data/d_projects/sbir_awards_1983_2018.csv.gz")
    frame = frame[(frame["phase"] == 2) & frame["year"].between(1984, 2017)]
    totals = frame.groupby("year").size()
    stop = {"a", "an", "the", "of", "for", "and", "in", "to", "with", "on", "by", "using", "from", "at", "as", "via"}
    stop |= {"into", "based"}
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for year, title in zip(frame["year"], frame["title"].fillna(""), strict=True):
        words = re.findall(r"[a-z][a-z0-9\-]+", title.lower())
        terms = {w for w in words if w not in stop and len(w) > 2}
        pairs = itertools.pairwise(words)
        terms |= {f"{a} {b}" for a, b in pairs if a not in stop and b not in stop}
        for term in terms:
            counts[term][int(year)] += 1
    kept = {term: c for term, c in counts.items() if c.total() >= 7}
    years = [int(y) for y in totals.index]
    table = pd.DataFrame([[c.get(y, 0) for y in years] for c in kept.values()], index=list(kept), columns=years)
    with timed(f"{len(table)} terms × {len(years)} years with back-test"):
        found = signals(table, totals, np.random.default_rng(0))
    seen = found.backtest[found.backtest["origin"].between(1998, 2013)]
    q = seen[["p_grows", "null_median", "p_stays", "null_stays"]].quantile([0.25, 0.5, 0.75])
    print("   titles 1998–2013, quartiles over origins:\n" + q.round(2).to_string())


PARTS: dict[str, Callable[[Path], None]] = {
    "forecasts": forecasts,
    "experts": experts,
    "routes": routes,
    "survey": survey,
    "ceilings": ceilings,
    "signals": rising_terms,
}


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument("--part", choices=sorted(PARTS), action="append")
    given = parser.parse_args()
    for name in given.part or PARTS:
        print(name)
        PARTS[name](given.shared)


if __name__ == "__main__":
    main()
