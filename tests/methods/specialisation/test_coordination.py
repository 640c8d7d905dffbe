"""Coordination: integral, supported by its prices, never worse than anyone's own; each programme against brute force."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biaochi.methods.specialisation.coordination import (
    Congestion,
    EarlierOrigin,
    Problem,
    advisory,
    assign,
    automatic_cap,
    automatic_price,
    complement,
    cover,
    describe,
    deviations,
    frontier,
    play,
    price_grid,
    stability,
    top_k,
)


def chances(seed: int, regions: int, tracks: int, gaps: float = 0.2) -> pd.DataFrame:
    """Simulated probabilities with some cells that are no candidates."""
    rng = np.random.default_rng(seed)
    p = rng.beta(1, 4, (regions, tracks))
    p[rng.random(p.shape) < gaps] = np.nan
    return pd.DataFrame(p, [f"r{i}" for i in range(regions)], [f"t{j}" for j in range(tracks)])


def layouts(p: pd.DataFrame, k: int) -> list[np.ndarray]:
    """Every layout with exactly min(k, candidates) picks a region."""
    rows = []
    for chance in p.to_numpy():
        free = np.flatnonzero(~np.isnan(chance))
        rows.append([np.isin(np.arange(len(chance)), c) for c in combinations(free, min(k, len(free)))])
    return [np.array(choice) for choice in product(*rows)]


small = st.tuples(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 4), st.integers(1, 2))
prices = st.sampled_from([0.0, 0.01, 0.05, 0.3])


@given(small, prices, st.sampled_from([None, 2]))
def test_p0_is_the_best_of_all_layouts(shape: tuple[int, int, int, int], price: float, cap: int | None) -> None:
    seed, regions, tracks, k = shape
    p = chances(seed, regions, tracks)
    found = assign(p, None, Problem(k=k, price=price, cap=cap))
    limit = regions if cap is None else cap
    values = []
    for x in layouts(p, k):
        n = x.sum(axis=0)
        if n.max(initial=0) <= limit:
            values.append(np.nan_to_num(p.to_numpy())[x].sum() - price * (n * (n - 1) / 2).sum())
    assert found.solved == bool(values)
    if values:
        assert found.certificate.value == pytest.approx(max(values), abs=1e-9)
        assert found.certificate.integral


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.01, 0.05, 0.2]), st.sampled_from([None, 3]))
def test_prices_are_bounded_and_support_every_set(seed: int, price: float, cap: int | None) -> None:
    p = chances(seed, 12, 9)
    problem = Problem(k=2, price=price, cap=cap)
    found = assign(p, None, problem)
    if not found.solved:
        return
    table = found.prices.set_index("track")
    for row in table.itertuples():
        used, capped = row.n > 0, cap is not None and row.n >= cap
        assert row.price == 0 or used
        if used:
            assert row.price >= price * (row.n - 1) - 1e-9
            assert capped or row.price <= price * row.n + 1e-9
    for region in p.index:
        net = (p.loc[region] - table["price"]).dropna().sort_values(ascending=False)
        own = net[found.chosen.loc[region][net.index]]
        assert own.sum() == pytest.approx(net.head(len(own)).sum(), abs=1e-6)


def test_existing_places_count_and_least_numbers_hold() -> None:
    p = pd.DataFrame([[0.9, 0.5, 0.4], [0.8, 0.3, 0.1]], ["a", "b"], ["x", "y", "z"])
    full = assign(p, None, Problem(k=1, max_regions={"x": 3}, existing={"x": 3}))
    assert full.chosen["x"].sum() == 0
    least = assign(p, None, Problem(k=1, min_regions={"z": 1}))
    assert least.chosen["z"].sum() == 1
    dear = assign(p, None, Problem(k=1, price=0.3, existing={"x": 3}))
    assert dear.chosen["x"].sum() == 0
    assert dear.prices.set_index("track").loc["x", ["n", "price"]].tolist() == [3, pytest.approx(0.9)]


def test_fixed_and_excluded_cells_are_kept() -> None:
    p = chances(1, 5, 6, gaps=0.0)
    found = assign(p, None, Problem(k=2, fixed=(("r0", "t5"),), exclude=(("r1", "t0"),)))
    assert found.chosen.loc["r0", "t5"]
    assert not found.chosen.loc["r1", "t0"]


@pytest.mark.parametrize(
    ("problem", "constraint"),
    [
        (Problem(k=2, cap=1), "cap"),
        (Problem(k=1, fixed=(("r0", "t0"), ("r0", "t1"))), "fixed:r0"),
        (Problem(k=1, fixed=(("r0", "t0"),), exclude=(("r0", "t0"),)), "fixed:r0:t0"),
        (Problem(k=1, max_regions={"t0": 0}, fixed=(("r0", "t0"),)), "max_regions:t0"),
        (Problem(k=1, min_regions={"t0": 9}, cap=8), "min_regions:t0"),
        (Problem(k=1, min_regions={"t0": 4, "t1": 4}), "min_regions:t"),
    ],
)
def test_what_cannot_be_met_is_named(problem: Problem, constraint: str) -> None:
    found = assign(chances(0, 5, 6, gaps=0.0), None, problem)
    assert not found.solved
    assert found.infeasible[0].constraint.startswith(constraint)
    assert found.infeasible[0].needed > found.infeasible[0].available
    assert not found.chosen.to_numpy().any()


@pytest.mark.parametrize("seed", range(4))
def test_p1_is_the_best_of_all_layouts(seed: int) -> None:
    p = chances(seed, 3, 4, gaps=0.0)
    cost = {(r, t): 1.0 + i for r in p.index for i, t in enumerate(p.columns)}
    problem = Problem(
        k=2,
        price=0.02,
        clusters={"c": ("r0", "r1")},
        pair_penalty=0.1,
        joint=(("t0", "t1", 0.15),),
        cost=cost,
        budget={"r2": 3.0},
        directions={"t0": "d", "t1": "d", "t2": "e", "t3": "e"},
        direction_min={"e": 2},
        floor={"r0": 0.05},
    )
    best = -np.inf
    for size in range(3):
        for x in layouts(p, 2):
            if size < 2:
                for kept in combinations(np.flatnonzero(x[2]), size):
                    y = x.copy()
                    y[2] = np.isin(np.arange(4), kept)
                    best = max(best, _p1_value(p, y, problem))
            else:
                best = max(best, _p1_value(p, x, problem))
    found = complement(p, None, problem)
    if best == -np.inf:
        assert not found.solved
    else:
        assert found.certificate.value == pytest.approx(best, abs=1e-6)
        assert found.certificate.gap < 1e-5


def _p1_value(p: pd.DataFrame, x: np.ndarray, problem: Problem) -> float:
    gain, n = p.to_numpy(), x.sum(axis=0)
    spent = sum(problem.cost["r2", t] for t, held in zip(p.columns, x[2], strict=True) if held)
    if spent > 3 or n[2] + n[3] < 2 or gain[0][x[0]].sum() < 0.05:
        return -np.inf
    shared = (x[0] & x[1]).sum()
    return float(gain[x].sum() - 0.02 * (n * (n - 1) / 2).sum() - 0.1 * shared + 0.15 * (x[:, 0] & x[:, 1]).sum())


def test_p1_says_which_floor_is_too_high() -> None:
    p = chances(0, 3, 4, gaps=0.0)
    found = complement(p, None, Problem(k=1, floor={"r1": 5.0}))
    assert [s.constraint for s in found.infeasible] == ["floor:r1"]
    assert found.infeasible[0].available == pytest.approx(p.loc["r1"].max(), abs=1e-6)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_p2_is_the_best_of_all_layouts(seed: int) -> None:
    p = chances(seed, 4, 4, gaps=0.1)
    worth = pd.Series(np.random.default_rng(seed).uniform(0.5, 2, 4), p.columns)
    found = cover(p, worth, Problem(k=2), gap=1e-9)
    strength = -np.log1p(-np.nan_to_num(p.to_numpy()))
    best = max((worth.to_numpy() * -np.expm1(-(strength * x).sum(axis=0))).sum() for x in layouts(p, 2))
    assert found.certificate.value == pytest.approx(best, abs=1e-7)
    assert found.certificate.bound >= best - 1e-9


def test_p2_of_a_large_problem_keeps_a_bound() -> None:
    p = chances(5, 30, 20, gaps=0.0)
    big = pd.concat([p.add_suffix(f"_{i}", axis=1) for i in range(35)], axis=1)
    found = cover(big, None, Problem(k=3), seconds=5.0)
    assert big.size > 20_000
    assert (found.chosen.sum(axis=1) == 3).all()
    assert 0 <= found.certificate.gap < 0.05


games = st.tuples(st.integers(0, 10_000), st.integers(2, 6), st.integers(2, 5), st.integers(1, 2))


def market(seed: int, tracks: int) -> Congestion:
    rng = np.random.default_rng(seed + 1)
    return Congestion(rng.uniform(0, 4, tracks), rng.uniform(0.5, 2, tracks), rng.uniform(0, 1, tracks))


@settings(max_examples=20)
@given(games)
def test_planning_beats_both_and_nobody_gains_by_a_swap(shape: tuple[int, int, int, int]) -> None:
    seed, regions, tracks, k = shape
    gains, shared = chances(seed, regions, tracks, gaps=0.1), market(seed, tracks)
    herd, nash, planner = (play(gains, shared, game=g, k=k) for g in ("herd", "nash", "planner"))
    assert planner.welfare >= max(nash.welfare, herd.welfare) - 1e-9
    assert deviations(gains, nash, shared) == 0
    best = max(_welfare(gains, x, shared) for x in layouts(gains, k))
    assert planner.welfare == pytest.approx(best, abs=1e-9)
    assert (herd.chosen.sum(axis=1) == nash.chosen.sum(axis=1)).all()


def _welfare(gains: pd.DataFrame, x: np.ndarray, shared: Congestion) -> float:
    n = x.sum(axis=0)
    loss = [
        c * m * max(0.0, 1 - d / (q * m)) if m else 0.0
        for m, d, q, c in zip(n, shared.demand, shared.capacity, shared.loss, strict=True)
    ]
    return float(np.nan_to_num(gains.to_numpy())[x].sum() - sum(loss))


def test_the_advisory_is_what_the_last_place_costs_everybody() -> None:
    shared = Congestion(np.array([2.0]), np.array([1.0]), np.array([1.0]))
    assert advisory(np.array([2.0]), shared).tolist() == [0.0]
    assert advisory(np.array([4.0]), shared)[0] == pytest.approx(4 * 0.5 - 3 * (1 / 3))


def test_demand_is_never_invented() -> None:
    with pytest.raises(ValueError, match="never invented"):
        Congestion(np.array([np.nan]), np.array([1.0]), np.array([1.0]))


def test_stability_counts_draws_and_skips_unsolved_ones() -> None:
    one = pd.DataFrame([[0.9, 0.1]], ["a"], ["x", "y"])
    other = pd.DataFrame([[0.1, 0.9]], ["a"], ["x", "y"])
    assert stability([one, one, one, other], Problem(k=1)).loc["a"].tolist() == [0.75, 0.25]
    assert stability([one], Problem(k=1, cap=0)).isna().all(axis=None)


def test_the_frontier_trades_value_for_spread_and_uses_the_past_only() -> None:
    p = chances(2, 10, 8, gaps=0.0)
    p["t0"] = 0.9
    came = pd.DataFrame(np.random.default_rng(0).random(p.shape) < 0.3, p.index, p.columns)
    problem = Problem(k=2)
    rows = frontier(p, None, problem, price_grid(p), [EarlierOrigin(p, came)], cap=automatic_cap(2, 10, 8))
    assert (rows["expected"].diff().dropna() <= 1e-9).all()
    assert (rows["max_regions"].diff().dropna() <= 0).all()
    assert rows["rate_earlier"].notna().all()
    assert automatic_price(rows, 1.0) == rows["price"].max()
    assert automatic_price(frontier(p, None, problem, [0.0], cap=3), 0.02) == 0.0


def test_top_k_and_the_record_of_a_layout() -> None:
    p = pd.DataFrame([[0.2, 0.2, np.nan], [0.5, 0.1, 0.4]])
    chosen = top_k(p, 2)
    assert chosen.to_numpy().tolist() == [[True, True, False], [True, False, True]]
    record = describe(chosen.to_numpy(), 1, np.eye(2, 3, dtype=bool))
    assert (record.picks, record.tracks, record.max_regions, record.overload, record.covered) == (4, 3, 2, 1, 1)
    assert record.rate == 0.25


@pytest.mark.parametrize("bad", [{"k": -1}, {"cap": -1}, {"budget": {"a": -1.0}}, {"pair_penalty": float("nan")}])
def test_nonsense_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="negative"):
        Problem(**bad)  # type: ignore[arg-type]


def test_probabilities_outside_their_range_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        assign(pd.DataFrame([[1.2]]), None, Problem(k=1))
