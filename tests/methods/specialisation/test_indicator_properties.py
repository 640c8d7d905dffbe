"""Properties that hold for every table: scale, permutation, gaps, unknowns, signs, shrinkage, windows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from biaochi.methods.specialisation import (
    Anchor,
    Conventions,
    Panel,
    complexity,
    concentration,
    density,
    fitness,
    indicators,
    location_quotient,
    proximity,
    shrunk_quotient,
    similarity,
    steady_fitness,
)
from biaochi.methods.specialisation.concordance import impute, weights
from biaochi.methods.specialisation.location_quotient import quotient_interval

KINDS = ["conditional", "correlation", "association", "cosine", "jaccard"]


def table(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values, [f"r{i}" for i in range(values.shape[0])], [f"t{j}" for j in range(values.shape[1])])


counts = arrays(np.float64, st.tuples(st.integers(2, 7), st.integers(2, 7)), elements=st.integers(0, 50).map(float))


def nested(seed: int = 0, shape: tuple[int, int] = (12, 10)) -> pd.DataFrame:
    """A simulated table with a complexity axis."""
    rng = np.random.default_rng(seed)
    able, hard = rng.normal(size=(shape[0], 1)), rng.normal(size=(1, shape[1]))
    return table(rng.poisson(np.exp(2 + able * hard + rng.normal(0, 0.5, shape))).astype(float))


@given(counts, st.sampled_from([0.01, 7.0, 1e6]))
def test_quotients_do_not_depend_on_the_scale(values: np.ndarray, factor: float) -> None:
    x = table(values)
    pd.testing.assert_frame_equal(location_quotient(x), location_quotient(x * factor), rtol=1e-9)


@given(counts)
def test_shares_times_quotients_give_the_whole_back(values: np.ndarray) -> None:
    x = table(values)
    assume(x.to_numpy().sum() > 0)
    national = x.sum() / x.to_numpy().sum()
    back = (location_quotient(x) * national).sum(axis=1)[x.sum(axis=1) > 0]
    assert np.allclose(back, 1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_order_of_regions_and_tracks_does_not_matter(kind: str) -> None:
    x = nested()
    rules = Conventions(proximity=kind)  # type: ignore[arg-type]
    shuffled = x.iloc[::-1, ::-1]
    pd.testing.assert_frame_equal(proximity(x, rules), proximity(shuffled, rules).loc[x.columns, x.columns])
    pd.testing.assert_frame_equal(density(x, rules), density(shuffled, rules).loc[x.index, x.columns])
    one, other = indicators(Panel.single(x), rules), indicators(Panel.single(shuffled), rules)
    pd.testing.assert_series_equal(one.regions["eci"], other.regions["eci"].loc[x.index], atol=1e-9)
    pd.testing.assert_series_equal(one.regions["coi"], other.regions["coi"].loc[x.index], atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_a_product_of_loops_gives_the_same_proximity(kind: str) -> None:
    """The slow obvious twin."""
    x = nested(3, (8, 6))
    quotient = location_quotient(x).to_numpy()
    m = quotient >= 1
    co = np.array([[(m[:, j] & m[:, k]).sum() if j != k else 0 for k in range(6)] for j in range(6)], dtype=float)
    sums = np.where(co.sum(axis=0) > 0, co.sum(axis=0), np.inf)
    total = co.sum()
    fast = proximity(x, Conventions(proximity=kind)).to_numpy()  # type: ignore[arg-type]
    for j in range(6):
        for k in range(6):
            if j == k:
                continue
            slow = {
                "conditional": lambda j=j, k=k: co[j, k] / max(m[:, j].sum(), m[:, k].sum()),
                "correlation": lambda j=j, k=k: (
                    (1 + np.corrcoef(np.log1p(quotient[:, j]), np.log1p(quotient[:, k]))[0, 1]) / 2
                ),
                "association": lambda j=j, k=k: co[j, k] * total / (sums[j] * sums[k]),
                "cosine": lambda j=j, k=k: co[j, k] / np.sqrt(sums[j] * sums[k]),
                "jaccard": lambda j=j, k=k: co[j, k] / (sums[j] + sums[k] - co[j, k]),
            }[kind]()
            assert fast[j, k] == pytest.approx(np.nan_to_num(slow), abs=1e-12)


def test_eci_is_the_mean_pci_held_and_anchors_turn_the_axis() -> None:
    m = location_quotient(nested()) >= 1
    found = complexity(m)
    for region in m.index:
        if not np.isnan(found.raw_eci[region]):
            assert found.raw_eci[region] == pytest.approx(found.raw_pci[m.loc[region]].mean())
    most, least = found.pci.idxmax(), found.pci.idxmin()
    towards = complexity(m, Conventions(anchor=Anchor("tracks", {str(least): 1.0})))
    assert towards.direction.determined
    assert np.allclose(towards.eci, -found.eci)
    by_region = {str(r): float(-v) for r, v in found.eci.items()}
    assert np.allclose(complexity(m, Conventions(anchor=Anchor("gdp", by_region))).eci, -found.eci)
    by_track = {str(most): 1.0, str(least): 0.0}
    assert np.allclose(complexity(m, Conventions(anchor=Anchor("pci", by_track))).eci, found.eci)


def test_an_empty_region_or_track_is_unknown_alone() -> None:
    x = nested()
    whole = indicators(Panel.single(x))
    x.loc["empty"] = 0.0
    x["nothing"] = 0.0
    found = indicators(Panel.single(x))
    assert found.regions.loc["empty", ["state", "reason"]].tolist() == ["unknown", "no_activity"]
    assert np.isnan(found.regions.loc["empty", "eci"])
    assert np.isnan(found.tracks.loc["nothing", "pci"])
    assert found.regions["eci"].drop("empty").notna().all()
    # The normalised index counts the tracks there are, so an empty one is part of it.
    same = [c for c in whole.regions if c != "hhi_normalised"]
    pd.testing.assert_frame_equal(found.regions.drop("empty")[same], whole.regions[same], atol=1e-9)


def test_regions_off_the_largest_component_are_unknown() -> None:
    block = np.zeros((6, 6), dtype=bool)
    block[:4, :4] = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]])
    block[4:, 4:] = True
    found = complexity(table(block.astype(float)).astype(bool))
    assert found.direction.components == 2
    assert found.eci.notna().tolist() == [True] * 4 + [False] * 2
    assert found.pci.notna().tolist() == [True] * 4 + [False] * 2


def test_two_like_regions_have_no_second_axis() -> None:
    assert complexity(table(np.ones((3, 3))).astype(bool)).eci.isna().all()


@given(counts)
def test_concentration_keeps_its_bounds(values: np.ndarray) -> None:
    found = concentration(table(values)).dropna(how="all")
    n = values.shape[1]
    assert (found["krugman"].between(-1e-9, 2 + 1e-9)).all()
    assert (found["hhi"].between(1 / n - 1e-9, 1 + 1e-9)).all()
    assert (found["hhi_normalised"].between(-1e-9, 1 + 1e-9)).all()
    assert (found["hachman"].between(0, 1 + 1e-9)).all()
    assert (found["entropy"].between(-1e-9, np.log2(n) + 1e-9)).all()


@given(counts)
def test_similarity_is_symmetric_and_one_with_oneself(values: np.ndarray) -> None:
    for measure in ("unido", "overlap", "krugman"):
        found = similarity(table(values), measure).to_numpy()  # type: ignore[arg-type]
        assert np.allclose(found, found.T, equal_nan=True)
        own = np.diag(found)
        assert np.allclose(own[~np.isnan(own)], 0.0 if measure == "krugman" else 1.0)


def test_shrinkage_pulls_small_counts_to_one_and_large_ones_little() -> None:
    rng = np.random.default_rng(1)
    share = rng.dirichlet(np.full(8, 0.8), 30)
    sizes = np.repeat([20, 2000], 15)
    x = table(np.array([rng.multinomial(n, s) for n, s in zip(sizes, share, strict=True)], dtype=float))
    found = shrunk_quotient(x)
    raw = location_quotient(x)
    moved = ((found.value - raw).abs() / (raw - 1).abs()).to_numpy()
    assert np.nanmedian(moved[:15]) > np.nanmedian(moved[15:])
    assert (found.low <= found.value).all(axis=None)
    assert (found.value <= found.high).all(axis=None)


def test_intervals_of_shrunk_quotients_hold_what_they_promise() -> None:
    """A Poisson bootstrap holds the truth in .31–.63 of 90 % intervals; the Gamma posterior nearly keeps its word."""
    rng = np.random.default_rng(7)
    national = rng.dirichlet(np.full(10, 3.0))
    hits = cells = 0
    for _ in range(30):
        truth = rng.dirichlet(6.0 * national * 10, 25)
        x = table(np.array([rng.multinomial(40, s) for s in truth], dtype=float))
        found = shrunk_quotient(x, level=0.9)
        true_quotient = truth / national
        inside = (found.low.to_numpy() <= true_quotient) & (true_quotient <= found.high.to_numpy())
        hits, cells = hits + int(inside.sum()), cells + inside.size
    assert 0.84 < hits / cells < 0.94


def test_without_differences_everything_shrinks_to_one() -> None:
    same = shrunk_quotient(table(np.full((4, 5), 20.0)))
    assert np.isinf(same.k)
    assert (same.value == 1.0).all(axis=None)


def test_intervals_from_standard_errors_widen_with_them() -> None:
    x = nested()
    narrow, wide = (quotient_interval(x, x * 0 + se) for se in (0.5, 2.0))
    assert ((wide[1] - wide[0]) >= (narrow[1] - narrow[0])).all(axis=None)
    assert (narrow[0] >= 0).all(axis=None)


@pytest.mark.parametrize("bad", [np.array([[1.0, np.nan]]), np.array([[1.0, -1.0]]), np.array([[np.inf, 1.0]])])
def test_gaps_and_negative_values_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"gaps|negative"):
        location_quotient(table(bad))


@pytest.mark.parametrize("bad", [{"threshold": 0}, {"proximity": "max"}, {"diagonal": "two"}, {"pci_scale": "none"}])
def test_unknown_conventions_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Conventions(**bad)  # type: ignore[arg-type]


def test_steady_fitness_ranks_like_fitness_where_that_converges() -> None:
    m = location_quotient(nested(2, (15, 12))) >= 1
    plain, steady = fitness(m), steady_fitness(m, delta=1e-4)
    assert steady.converged
    kept = plain.fitness[plain.fitness > 1e-3].index
    assert plain.fitness[kept].rank().corr(steady.fitness[kept].rank()) > 0.95
    assert (steady.fitness.dropna() > 0).all()


def test_a_region_with_a_gap_is_left_out_and_named() -> None:
    long = pd.DataFrame(
        [(r, t, "2020", 1.0 + i + j) for i, r in enumerate("abc") for j, t in enumerate("xy") if (r, t) != ("c", "y")],
        columns=["region", "track", "period", "value"],
    )
    x, excluded = Panel.from_frame(long).complete("2020")
    assert excluded == ("c",)
    assert list(x.index) == ["a", "b"]
    assert Panel.from_frame(long, absent="zero").complete("2020")[1] == ()


def test_windows_sum_whole_spans_and_carry_gaps() -> None:
    values = np.arange(10, dtype=float).reshape(5, 1, 2)
    values[4, 0, 0] = np.nan
    panel = Panel(("1", "2", "3", "4", "5"), ("r",), ("a", "b"), values)
    found = panel.windows(2)
    assert found.periods == ("1", "3")
    assert found.values[:, 0, 1].tolist() == [1 + 3, 5 + 7]
    assert np.isnan(panel.from_starts([3], 2).values[0, 0, 0])
    with pytest.raises(ValueError, match="beyond"):
        panel.from_starts([4], 2)


def test_a_concordance_imputes_weighted_means_and_keeps_unknowns() -> None:
    rows = pd.DataFrame({"track": ["f", "f", "g"], "class": ["a", "b", "c"], "weight": [3.0, 1.0, 1.0]})
    found = impute(weights(rows), pd.Series({"a": 1.0, "b": 5.0, "c": np.nan}))
    assert found["f"] == 2.0
    assert np.isnan(found["g"])
    with pytest.raises(ValueError, match="above 0"):
        weights(pd.DataFrame({"track": ["f"], "class": ["a"], "weight": [0.0]}))
