"""Entry: events, the additive model, calibration, metrics, and a back-test that uses nothing from later."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.methods.specialisation import EntryEvent, Panel, backtest, fit_additive
from biaochi.methods.specialisation.entry import MODELS, calibration
from biaochi.methods.specialisation.entry.metrics import (
    auc,
    auc_within,
    average_precision,
    precision_at,
    reliability,
)
from biaochi.methods.specialisation.layouts import replay_layouts


def simulated(seed: int = 0, periods: int = 5, regions: int = 20, tracks: int = 12) -> Panel:
    """A simulated panel whose quotients wander."""
    rng = np.random.default_rng(seed)
    log = rng.normal(0, 1, (regions, tracks))
    values = []
    for _ in range(periods):
        log = 0.9 * log + rng.normal(0, 0.45, log.shape)
        values.append(rng.poisson(np.exp(3 + log)).astype(float))
    names = [tuple(f"{p}{i:02d}" for i in range(n)) for p, n in (("p", periods), ("r", regions), ("t", tracks))]
    return Panel(*names, np.array(values))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "tight", "absolute:", "absolute:x", "absolute:-1", "loose:1", "absolute:nan"])
def test_events_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        EntryEvent.parse(text)


def test_events_start_and_end_where_they_should() -> None:
    x = np.array([[1.0, 9.0, 4.0], [9.0, 1.0, 5.0]])
    assert EntryEvent("loose").candidates(x).tolist() == [[True, False, True], [False, True, False]]
    assert EntryEvent("strict").candidates(x).tolist() == [[True, False, False], [False, True, False]]
    assert EntryEvent("absolute", 5).candidates(x).tolist() == [[True, False, True], [False, True, False]]
    assert EntryEvent("absolute", 5).reached(x).tolist() == [[False, True, False], [True, False, True]]


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=30))
def test_auc_is_the_share_of_pairs_in_order(rows: list[tuple[int, bool]]) -> None:
    score, came = np.array([r[0] for r in rows], float), np.array([r[1] for r in rows])
    good, bad = score[came], score[~came]
    if not len(good) or not len(bad):
        assert np.isnan(auc(score, came))
        return
    slow = np.mean([1.0 if g > b else 0.5 if g == b else 0.0 for g in good for b in bad])
    assert auc(score, came) == pytest.approx(slow)


def test_metrics_of_a_known_ranking() -> None:
    score = np.array([3.0, 2.0, 1.0, 3.0, 2.0, 1.0])
    came = np.array([True, False, False, False, False, True])
    region = np.array([0, 0, 0, 1, 1, 1])
    assert auc_within(score, came, region) == 0.5
    assert average_precision(np.array([3.0, 2.0, 1.0]), np.array([True, False, True])) == pytest.approx(5 / 6)
    assert np.isnan(precision_at(score, came, region, 1)[0]), "regions with fewer than five candidates do not count"
    hit, chance = precision_at(np.ones(6), np.array([True] * 3 + [False] * 3), np.zeros(6, int), 2)
    assert hit == chance == 0.5, "ties at the border count in proportion"


def test_isotonic_calibration_never_falls_and_never_is_certain() -> None:
    rng = np.random.default_rng(0)
    score = rng.normal(size=300)
    came = rng.random(300) < 1 / (1 + np.exp(-score))
    p = calibration(score, came, "isotonic")(np.sort(rng.normal(size=100)))
    assert (np.diff(p) >= 0).all()
    assert p.min() > 0
    assert p.max() < 1
    logistic = calibration(score, came, "logistic")(np.array([-2.0, 0.0, 2.0]))
    assert (np.diff(logistic) > 0).all()


def test_reliability_covers_every_row() -> None:
    p = np.repeat([0.1, 0.5], 50)
    rows = reliability(p, np.repeat([False, True], 50))
    assert sum(r[2] for r in rows) == 100
    assert reliability(np.full(5, 0.2), np.zeros(5, bool))[0][2] == 5


def test_additive_curves_are_the_forecast() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 14))
    x[rng.random(x.shape) < 0.05] = np.nan
    y = rng.random(500) < 1 / (1 + np.exp(1 - 2 * np.nan_to_num(x[:, 3])))
    model = fit_additive(x, y)
    odds = model.intercept + model.contributions(x).sum(axis=1)
    assert np.allclose(model.probability(x), 1 / (1 + np.exp(-odds)))
    assert np.abs(model.contributions(x).mean(axis=0)).max() < 1e-9
    strength = model.contributions(x).std(axis=0)
    assert strength.argmax() == 3
    assert model.probability(x).mean() == pytest.approx(y.mean(), abs=0.02)


def test_additive_says_the_base_rate_when_there_is_too_little_to_learn() -> None:
    x = np.random.default_rng(0).normal(size=(30, 14))
    assert np.ptp(fit_additive(x, np.arange(30) < 10).probability(x)) == 0.0
    assert np.ptp(fit_additive(np.vstack([x, x]), np.zeros(60, bool)).probability(x)) == 0.0


def test_additive_is_level_with_a_random_forest() -> None:
    """Out of sample, on a simulated world with a bend; the forest needs 300 trees for it."""
    ensemble = pytest.importorskip("sklearn.ensemble")
    rng = np.random.default_rng(2)
    x, new = rng.normal(size=(2, 1500, 14))

    def world(z: np.ndarray) -> np.ndarray:
        return rng.random(len(z)) < 1 / (1 + np.exp(2 - z[:, 0] - np.sin(3 * z[:, 1])))

    y, came = world(x), world(new)
    forest = ensemble.RandomForestClassifier(100, min_samples_leaf=20, random_state=0).fit(x, y)
    ours, theirs = auc(fit_additive(x, y).probability(new), came), auc(forest.predict_proba(new)[:, 1], came)
    assert ours > theirs - 0.01


def run(panel: Panel, **options: object):  # type: ignore[no-untyped-def]
    return backtest(
        panel,
        **{"event": EntryEvent("loose"), "bootstrap": 20, "rng": np.random.default_rng(0), **options},  # type: ignore[arg-type]
    )


def test_later_data_change_no_earlier_score() -> None:
    panel = simulated()
    origins = ["p01", "p02"]
    seen = run(panel, origins=origins)
    other = panel.values.copy()
    other[4] = np.random.default_rng(9).permutation(other[4].ravel()).reshape(other[4].shape)
    changed = run(Panel(panel.periods, panel.regions, panel.tracks, other), origins=origins)
    pd.testing.assert_frame_equal(seen.scores, changed.scores)
    shorter = Panel(panel.periods[:4], panel.regions, panel.tracks, panel.values[:4])
    pd.testing.assert_frame_equal(seen.scores, run(shorter, origins=origins).scores)


def test_too_few_events_give_no_ranking() -> None:
    found = run(simulated(), min_events=10**6)
    assert (found.gate, found.chosen, found.reason) == ("unmet", "", "too_few_events")
    assert found.scores.empty


def test_origins_may_run_side_by_side() -> None:
    panel = simulated()
    with ThreadPoolExecutor(2) as pool:
        pd.testing.assert_frame_equal(run(panel).scores, run(panel, executor=pool).scores)


def test_a_region_with_a_gap_is_no_candidate_there() -> None:
    panel = simulated()
    panel.values[2, 0, 0] = np.nan
    found = run(panel, origins=["p01", "p02"])
    for origin in found.runs:
        assert 0 not in origin.candidates.region


@pytest.mark.parametrize("origins", [["p00"], ["p04"], ["nowhere"]])
def test_origins_without_windows_around_them_are_refused(origins: list[str]) -> None:
    with pytest.raises(ValueError, match="window"):
        run(simulated(), origins=origins)


def test_layouts_have_equal_picks_and_no_overload_when_coordinated() -> None:
    found = run(simulated(), models=MODELS)
    replay = replay_layouts(found, model=found.chosen, k=3, rng=np.random.default_rng(0), bootstrap=20)
    table = replay.layouts.set_index("name")
    assert table["picks"].nunique() == 1
    assert table.loc["coordinated", "overload"] == 0
    assert table.loc["coordinated", "jaccard"] <= table.loc["uncoordinated", "jaccard"]


def patents(shared: Path, floor: int, start: int) -> Panel:
    frame = pd.read_csv(shared / "data/b_region_tech/uspto_patents_35fields_by_country_1998_2020.csv.gz")
    leaves = frame[frame["is_leaf"]]
    size = leaves[leaves["year"].between(2001, 2010)].groupby("unit")["value"].sum()
    kept = leaves[leaves["unit"].isin(size[size > floor].index) & (leaves["year"] >= start)]
    long = kept.rename(columns={"unit": "region", "field": "track", "year": "period"})
    return Panel.from_frame(long.assign(period=long["period"].astype(str)), absent="zero")


@pytest.mark.reference
def test_patents_of_32_countries_in_five_year_windows(shared: Path) -> None:
    panel = patents(shared, 500, 2001).windows(5)
    assert (len(panel.regions), panel.periods) == (32, ("2001", "2006", "2011", "2016"))
    found = run(panel, bootstrap=200)
    assert found.origins[["n", "events"]].to_numpy().tolist() == [[608, 71], [625, 66]]
    scores = found.scores.set_index(["model", "origin"])["auc"]
    for model, expected in {"rca": (0.8462, 0.8594), "density": (0.6702, 0.5785), "hot": (0.4865, 0.4479)}.items():
        assert [scores[model, o] for o in ("2006", "2011")] == pytest.approx(expected, abs=0.001)
    assert found.chosen == "rca"
    assert found.reason == "gain_not_certain"
    strict = run(panel, event=EntryEvent("strict"))
    assert strict.origins["events"].tolist() == [4, 1]
    assert strict.gate == "unmet"


@pytest.mark.reference
@pytest.mark.slow
@pytest.mark.parametrize(("event", "least"), [("loose", 0.77), ("strict", 0.73)])
def test_patents_of_all_countries_in_two_year_windows(shared: Path, event: str, least: float) -> None:
    panel = patents(shared, 0, 1999).windows(2)
    found = run(panel, event=EntryEvent.parse(event), models=("hot", "past_entry", "density", "rca", "additive"))
    overall = found.scores[found.scores["origin"] == "all"].set_index("model")
    assert overall.loc["additive", "auc"] >= least
    assert found.chosen == "additive"
    gain = found.skill[found.skill["metric"] == "auc"].set_index("baseline")
    assert (gain.loc[["density", "rca", "past_entry"], "low"] > 0).all()
    replay = replay_layouts(found, model="additive", k=3, rng=np.random.default_rng(0), bootstrap=50)
    rows = replay.layouts.set_index("name")
    assert rows.loc["coordinated", "overload"] == 0
    assert rows.loc["coordinated", "tracks"] >= 34
    rate = rows["rate"]
    if event == "loose":
        assert rate["coordinated"] >= rate["uncoordinated"] - 0.02
        assert rate["coordinated"] >= rate["density"] + 0.03
        assert rate["coordinated"] >= 2 * rate["hot"]
    else:
        assert rate["coordinated"] >= rate["uncoordinated"] - 0.03
        assert rate["coordinated"] > rate["hot"]
