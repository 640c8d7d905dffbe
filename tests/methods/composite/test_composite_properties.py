"""What must hold for any framework and data: monotone, permutable, unit-free, additive, transitive."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from biaochi.methods.composite import (
    Dataset,
    Design,
    Framework,
    Method,
    Plan,
    contributions,
    rank_confidence_sets,
    replay,
    tiers_of,
)
from biaochi.methods.composite.aggregate import combine, gradient
from biaochi.methods.composite.chain import trajectory
from biaochi.methods.composite.change import Side, decompose
from biaochi.methods.composite.contributions import secant_slopes
from biaochi.methods.composite.levers import slopes
from biaochi.methods.composite.penalised import Common
from biaochi.methods.composite.pipeline import Composite
from biaochi.methods.composite.replicate import ranks_of
from biaochi.methods.composite.treat.moments import SortedMoments, shape_moments

AGGREGATORS = [
    "arithmetic",
    "geometric",
    "harmonic",
    {"method": "power", "p": 2},
    {"method": "power", "p": -0.5},
    "min",
]
SAMPLES = [*AGGREGATORS, {"method": "owa", "weights": [0.5, 0.3, 0.2]}]
PENALISED = ["mpi", "ampi"]


def framework(method: list[object], leaves: int = 5) -> Framework:
    """A small tree with a skipped level, a negative and a band indicator."""
    polarity = ["positive", "negative", "positive", "band", "positive"]
    nodes: list[dict[str, object]] = [
        {"code": "T", "name": "T"},
        {"code": "P", "name": "P", "parent": "T", "weight": 2},
        {"code": "Q", "name": "Q", "parent": "T"},
    ]
    for i in range(leaves):
        parent = "P" if i < 2 else "Q" if i < 4 else "T"
        node: dict[str, object] = {
            "code": f"x{i}", "name": f"x{i}", "parent": parent, "polarity": polarity[i % 5], "weight": 1 + i % 3,
        }  # fmt: skip
        if polarity[i % 5] == "band":
            node["band"] = [0.4, 0.5]
        nodes.append(node)
    return Framework.from_mapping({"code": "T", "version": "1", "name": "T", "nodes": nodes, "method": method})


def dataset(tree: Framework, values: np.ndarray) -> Dataset:
    """A dataset of (periods, units, indicators)."""
    rows = [
        (f"u{u}", f"x{i}", str(2020 + p), values[p, u, i])
        for p in range(values.shape[0])
        for u in range(values.shape[1])
        for i in range(values.shape[2])
    ]
    return Dataset.from_long(pd.DataFrame(rows, columns=["unit", "indicator", "period", "value"]), tree)


def steps(aggregator: object = "arithmetic", **more: object) -> list[object]:
    """Min–max to a positive range, then one aggregator."""
    extra = [{k: v} for k, v in more.items()]
    spec = aggregator if isinstance(aggregator, str) else {"*": aggregator}
    return [*extra, {"normalise": {"method": "minmax", "to": [1, 100]}}, {"weights": "declared"}, {"aggregate": spec}]


seeds = st.integers(0, 10_000)


def panel(seed: int, periods: int = 1, units: int = 8, gaps: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.lognormal(size=(periods, units, 5))
    values[rng.random(values.shape) < gaps] = np.nan
    values[0, :2] = [[0.1] * 5, [3.0] * 5]
    return values


@given(seeds, st.sampled_from(SAMPLES), st.integers(2, 7), st.sampled_from([0, 1, 2, 4]))
def test_improving_a_cell_never_lowers_its_unit(seed: int, aggregator: object, unit: int, leaf: int) -> None:
    values = panel(seed)
    tree = framework(steps(aggregator))
    before = dataset(tree, values)
    assert tree.method is not None
    fitted = tree.method.fit(before)
    better = values.copy()
    better[0, unit, leaf] *= 0.8 if leaf == 1 else 1.25
    after = fitted.transform(dataset(tree, better))
    root = after.frame.column["T"]
    was, now = fitted.transform(before).table[root, unit], after.table[root, unit]
    assume(np.isfinite(was) and np.isfinite(now))
    assert now >= was - 1e-9


@given(seeds, st.sampled_from([*SAMPLES, "copeland"]))
def test_order_of_units_does_not_matter_even_with_gaps(seed: int, aggregator: object) -> None:
    values = panel(seed, gaps=0.2)
    tree = framework(steps(aggregator, screen={"min_available": 0.3}))
    data = dataset(tree, values)
    assert tree.method is not None
    own = tree.method.fit(data).transform(data)
    order = np.random.default_rng(seed).permutation(len(data.units))
    turned = replace(
        data, units=tuple(data.units[i] for i in order), values=data.values[:, order], se=data.se[:, order],
        status=data.status[:, order], denominators=data.denominators[:, order],
    )  # fmt: skip
    other = tree.method.fit(turned).transform(turned)
    assert np.allclose(own.table[:, order], other.table, rtol=1e-12, atol=1e-10, equal_nan=True)


@given(seeds, st.floats(0.01, 1000), st.floats(-50, 50))
def test_units_of_measurement_do_not_matter(seed: int, scale: float, shift: float) -> None:
    values = panel(seed)
    tree = framework(steps(treat={"winmax": 3}))
    moved = values.copy()
    moved[..., [0, 1, 2, 4]] = moved[..., [0, 1, 2, 4]] * scale + shift
    a, b = dataset(tree, values), dataset(tree, moved)
    assert tree.method is not None
    one, two = tree.method.fit(a).transform(a).table, tree.method.fit(b).transform(b).table
    assert np.allclose(one, two, rtol=1e-7, atol=1e-6, equal_nan=True)


@given(seeds, st.sampled_from([*SAMPLES, *PENALISED]), st.sampled_from([*SAMPLES, *PENALISED]))
def test_contributions_add_up(seed: int, low: object, high: object) -> None:
    values = panel(seed)
    tree = framework(steps(low, screen={"min_available": 0}))
    assert tree.method is not None
    method = tree.method.with_("aggregate", {"*": low, "T": high})
    data = dataset(tree, values)
    composite = method.fit(data).transform(data)
    z = composite.stages["normalised"][0]
    for u in range(3, 7):
        found = contributions(composite, z[:, u], z[:, u - 1])
        root = composite.table[composite.frame.column["T"]]
        assert found.applicable
        assert found.frame["indicator"].tolist() == list(tree.leaves)
        assert abs(found.frame["contribution"].sum() - (root[u] - root[u - 1])) <= 1e-10 * 100


@given(seeds, st.floats(0, 0.4))
def test_contributions_add_up_with_gaps(seed: int, gaps: float) -> None:
    values = panel(seed, gaps=gaps)
    tree = framework(steps("geometric"))
    data = dataset(tree, values)
    assert tree.method is not None
    composite = tree.method.fit(data).transform(data)
    z, root = composite.stages["normalised"][0], composite.table[composite.frame.column["T"]]
    for u in range(1, 8):
        found = contributions(composite, z[:, u], z[:, u - 1])
        if np.isfinite(root[u] - root[u - 1]):
            assert abs(found.frame["contribution"].sum() - (root[u] - root[u - 1])) <= 1e-8


@given(seeds, st.sampled_from(SAMPLES))
def test_secant_slopes_of_any_mean_add_up(seed: int, spec: object) -> None:
    rng = np.random.default_rng(seed)
    z, reference, w = rng.uniform(1, 100, (2, 3))[0], rng.uniform(1, 100, 3), rng.dirichlet([1, 1, 1])
    gap = float(combine(z[:, None], w, spec)[0] - combine(reference[:, None], w, spec)[0])
    assert abs((secant_slopes(z, reference, w, spec) * (z - reference)).sum() - gap) <= 1e-10 * 10


@given(seeds, st.sampled_from(SAMPLES))
def test_gradients_equal_finite_differences(seed: int, spec: object) -> None:
    rng = np.random.default_rng(seed)
    z, w = rng.uniform(5, 100, 4), rng.dirichlet(np.ones(4))
    assume(np.min(np.abs(np.subtract.outer(z, z))[~np.eye(4, dtype=bool)]) > 1e-2)
    exact, h = gradient(z, w, spec), 1e-4
    for j in range(4):
        step = np.eye(4)[j] * h
        up, down = combine((z + step)[:, None], w, spec)[0], combine((z - step)[:, None], w, spec)[0]
        assert abs(exact[j] - (up - down) / (2 * h)) <= 1e-6


@given(seeds, st.sampled_from(PENALISED))
def test_penalised_means_on_a_held_scale(seed: int, name: str) -> None:
    """Slopes equal finite differences, parts add up, and a stranger is scored by what was learnt without changing it."""
    rng = np.random.default_rng(seed)
    z, w = rng.uniform(5, 100, (4, 12)), np.full(4, 0.25)
    scale = Common.learn(name, z)

    def score(x: np.ndarray) -> float:
        return float(combine(x[:, None], w, name, common=scale)[0])

    assert np.allclose(combine(z, w, name), combine(z, w, name, common=scale), rtol=0, atol=1e-12)
    exact, h = gradient(z[:, 0], w, name, scale), 1e-4
    for j in range(4):
        step = np.eye(4)[j] * h
        assert abs(exact[j] - (score(z[:, 0] + step) - score(z[:, 0] - step)) / (2 * h)) <= 1e-6
    parts = secant_slopes(z[:, 0], z[:, 1], w, name, scale) * (z[:, 0] - z[:, 1])
    assert abs(parts.sum() - (score(z[:, 0]) - score(z[:, 1]))) <= 1e-10


@settings(max_examples=20)
@given(seeds, st.sampled_from(["arithmetic", "geometric", "harmonic", *PENALISED]))
def test_levers_equal_finite_differences(seed: int, aggregator: str) -> None:
    values = panel(seed, units=9)
    tree = framework(steps(aggregator, treat={"winmax": 2, "then": "log_ct"}))
    data = dataset(tree, values)
    assert tree.method is not None
    fitted = tree.method.fit(data)
    composite = fitted.transform(data)
    root = composite.frame.column["T"]
    for u in (4, 6):
        exact, flags = slopes(composite, u)
        for i in range(5):
            x = values[0, u, i]
            h = 1e-6 * max(abs(x), 0.1)
            near_edge = i == 3 and (abs(x - 0.4) < 1e-3 or abs(x - 0.5) < 1e-3)
            if flags[i] or near_edge:
                continue
            moved = []
            for sign in (1, -1):
                changed = values.copy()
                changed[0, u, i] = x + sign * h
                moved.append(fitted.transform(replace(data, values=changed)).table[root, u])
            size = max(1.0, abs(exact[i]))
            assert abs(exact[i] - (moved[0] - moved[1]) / (2 * h)) <= 1e-6 * size + 1e-5 * abs(exact[i])


@given(seeds)
def test_chained_equals_direct_when_nothing_changed(seed: int) -> None:
    values = panel(seed, periods=4)
    tree = framework(steps())
    data = dataset(tree, values)
    assert tree.method is not None
    composite = tree.method.fit(data).transform(data)
    scores = composite.table[composite.frame.column["T"]].reshape(4, -1)[:, 3]
    found = trajectory(composite, "u3")
    assert np.allclose(found["index"], 100 * scores / scores[0], rtol=1e-10)
    assert np.allclose(found["link"], 1.0, rtol=1e-10)


@given(seeds, st.floats(0.5, 0.99))
def test_tiers_are_transitive_and_hold_their_units(seed: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    samples = rng.normal(size=(60, 7)) * rng.uniform(0, 2, 7) + rng.normal(size=7) * 2
    found = tiers_of(samples, [f"u{i}" for i in range(7)], level)
    above = found.above
    assert not (above & above.T).any()
    two_steps = (above.astype(int) @ above.astype(int)) > 0
    assert (above[two_steps]).all()
    assert (found.top >= 1).all()
    assert (found.top <= found.bottom).all()
    i, j = np.nonzero(above)
    assert (found.top[i] < found.top[j]).all()
    assert (found.bottom[i] < found.bottom[j]).all()


def test_an_uncertain_unit_gets_a_wide_tier_not_a_crown() -> None:
    rng = np.random.default_rng(1)
    samples = rng.normal(size=(400, 4)) * [0.1, 0.1, 0.1, 9.0] + [3.0, 2.0, 1.0, 2.0]
    found = tiers_of(samples, ["a", "b", "c", "wild"])
    assert (found.top[:3].tolist(), found.bottom[:3].tolist()) == ([1, 2, 3], [1, 2, 3])
    assert (found.top[3], found.bottom[3]) == (1, 3)


def test_units_without_spread_are_told_apart_by_sign() -> None:
    found = tiers_of(np.tile([1.0, 2.0, 2.0], (5, 1)), ["a", "b", "c"])
    assert found.above[1, 0]
    assert not found.above[1, 2]
    assert found.decided_share == pytest.approx(2 / 3)


@pytest.mark.parametrize("simultaneous", [True, False])
def test_rank_sets_cover(simultaneous: bool) -> None:
    rng = np.random.default_rng(5)
    truth = np.array([0.0, 0.2, 0.4, 1.0, 1.1, 2.5])
    ranks = len(truth) - np.arange(len(truth))
    held = 0
    for _ in range(150):
        found = rank_confidence_sets(
            truth + rng.normal(size=6) * 0.3, np.full(6, 0.09), level=0.9, simultaneous=simultaneous, rng=rng, draws=400
        )
        inside = (found.low <= ranks) & (ranks <= found.high)
        held += bool(inside.all()) if simultaneous else bool(inside[2])
    assert held / 150 >= 0.9 - 0.05


@given(seeds)
def test_ranks_agree_with_pandas(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = np.round(rng.normal(size=(5, 9)), 1)
    scores[rng.random(scores.shape) < 0.1] = np.nan
    expected = pd.DataFrame(scores.T).rank(ascending=False, method="min").to_numpy().T
    assert np.array_equal(ranks_of(scores), expected.astype(np.float32), equal_nan=True)


def changed(composite: Composite) -> Method:
    assert isinstance(composite.method, Method)
    return composite.method


@settings(max_examples=12)
@given(seeds)
def test_parts_of_a_change_add_up_and_name_the_cause(seed: int) -> None:
    values = panel(seed, periods=2)
    tree = framework(steps())
    assert tree.method is not None
    data = dataset(tree, values)
    old = Side(data, tree.method, "u4", "2020")
    plain = decompose(Side(data, tree.method, "u4", "2021"), old)
    assert abs(plain.performance - plain.total) <= 1e-9
    assert max(abs(plain.goalposts), abs(plain.revision), abs(plain.method)) <= 1e-9
    other = decompose(Side(data, tree.method.with_("aggregate", "geometric"), "u4", "2020"), old)
    assert abs(other.method - other.total) <= 1e-9
    posts = decompose(Side(data, tree.method.with_("normalise.base", ["2020"]), "u4", "2021"), old)
    held = tree.method.with_("normalise.base", ["2020"])
    alone = decompose(Side(data, held, "u4", "2020"), old)
    assert abs(alone.goalposts - alone.total) <= 1e-9
    assert max(abs(posts.method), abs(posts.revision)) <= 1e-9
    revised = values.copy()
    revised[0, 4, 0] *= 1.1
    third = decompose(Side(dataset(tree, revised), tree.method.with_("aggregate", "geometric"), "u4", "2021"), old)
    parts = third.performance + third.goalposts + third.revision + third.method
    assert abs(parts - third.total) <= 1e-9


@settings(max_examples=15)
@given(seeds, st.integers(1, 40))
def test_chunks_and_memory_change_no_digit(seed: int, chunk: int) -> None:
    values = panel(seed, gaps=0.1)
    tree = framework(steps(treat={"winmax": 2}))
    data = replace(dataset(tree, values), se=np.full(values.shape, 0.05))
    plan = Plan.from_mapping(
        {
            "factors": {
                "observations": {"noise": "se", "draws": 50},
                "weights": {"scale": 0.25, "levels": [1, 2], "draws": 16},
                "aggregate": {"choice": ["arithmetic", "geometric"]},
            }
        },
        seed=seed,
    )
    assert tree.method is not None
    design = plan.sample(20, rng=np.random.default_rng(seed))
    one = replay(tree.method, data, plan, design).scores
    two = replay(tree.method, data, plan, design, chunk_bytes=chunk * 400).scores
    three = replay(tree.method, data, plan, design, memoise=False).scores
    assert np.array_equal(one, two, equal_nan=True)
    assert np.array_equal(one, three, equal_nan=True)
    turned = Design(design.paths, design.replications[::-1], design.values[::-1].copy())
    assert np.array_equal(replay(tree.method, data, plan, turned).scores[::-1], one, equal_nan=True)


@given(seeds, st.integers(1, 9), st.sampled_from([0.0, 0.4]))
def test_winsorised_moments_equal_those_of_the_values(seed: int, reach: int, gaps: float) -> None:
    """The moments kept outwards from the median equal those of the clipped values, whatever lies at the ends."""
    rng = np.random.default_rng(seed)
    x = (rng.standard_cauchy((6, 14)).round(1) + rng.uniform(-5, 5)) * 10.0 ** rng.integers(-6, 7, (6, 1))
    x[rng.random(x.shape) < gaps] = np.nan
    x = x[np.isfinite(x).sum(1) >= 4]
    assume(len(x) > 0)
    ordered, count = np.sort(x, axis=1), np.isfinite(x).sum(1)
    first = rng.integers(0, count // 2)
    last = count - rng.integers(0, count - first)
    lines = np.arange(len(x))
    low, high = ordered[lines, first], ordered[lines, last - 1]
    found = SortedMoments(ordered, count, reach).at(lines, first, last, low, high)
    _, *expected = shape_moments(np.clip(ordered, low[:, None], high[:, None]))
    for ours, theirs in zip(found, expected, strict=True):
        assert (np.isnan(ours) == np.isnan(theirs)).all()
        assert np.allclose(ours, theirs, rtol=1e-9, atol=1e-9, equal_nan=True)
