"""Each model against a slow, obvious twin written from the formulas, and the properties all models share."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from math import exp, log, sqrt

import numpy as np
import pandas as pd
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from biaochi.core.distribution import Distribution
from biaochi.methods.forecasting.calibration import crps_sample, crps_student
from biaochi.methods.forecasting.combine import LinearPool, log_score_weights, odds_pool, quantile_average
from biaochi.methods.forecasting.hindcast import hindcast
from biaochi.methods.forecasting.moore import Moore, PooledMoore
from biaochi.methods.forecasting.predictive import StudentForecast
from biaochi.methods.forecasting.random_walk import RandomWalk
from biaochi.methods.forecasting.recalibrate import cross_fitted, fit_beta
from biaochi.methods.forecasting.series import Series
from biaochi.methods.forecasting.student import StudentModel
from biaochi.methods.forecasting.trend import Trend
from biaochi.methods.forecasting.wright import Given, PooledWright, Scenario, Wright, learning_rate

MODELS: list[StudentModel] = [RandomWalk(), Trend(), Moore(), PooledMoore(), Wright(), PooledWright()]


def twin_pooled_moore(
    series: list[Series], name: str, origin: int, tau: int, theta: float = 0.25
) -> tuple[float, float]:
    """Location and scale, written out."""
    own = next(s for s in series if s.technology == name).upto(origin)
    dy = np.diff(np.log(own.values))
    m, mu, k2 = len(dy), dy.mean(), dy.var(ddof=1)
    others = [s.upto(origin) for s in series if s.technology != name and np.sum(s.years <= origin) >= 6]
    steps = [np.diff(np.log(s.values)) for s in others]
    k2 = ((m - 1) * k2 + 4 * exp(np.mean([log(d.var(ddof=1)) for d in steps]))) / (m + 3)
    sigma2 = k2 / (1 + theta**2 - 2 * theta / m)
    v = sigma2 * ((1 + theta) ** 2 / m - 2 * theta / m**2)
    mus = [d.mean() for d in steps]
    b = max(np.var(mus) - np.mean([d.var(ddof=1) / len(d) for d in steps]), 1e-3)
    w = b / (b + v)
    location = log(own.values[-1]) + tau * (w * mu + (1 - w) * np.median(mus))
    return location, sqrt(sigma2 * ((1 + theta) ** 2 * (tau - 1) + 1 + theta**2) + tau**2 * w * v)


def twin_wright_exact(series: Series, x: float, tau: int, rho: float = 0.19) -> tuple[float, float]:
    """Location and scale for a known path, by explicit vectors and matrices."""
    assert series.experience is not None
    dy, dx = np.diff(np.log(series.values)), np.diff(np.log(series.experience))
    m, s = len(dy), float(np.sum(dx**2))
    b = float(np.sum(dx * dy)) / s
    s2 = float(np.sum((dy - b * dx) ** 2)) / (m - 1)
    c = (1 + rho**2) * np.eye(m) + rho * (np.eye(m, k=1) + np.eye(m, k=-1))
    e = np.trace((np.eye(m) - np.outer(dx, dx) / s) @ c) / (m - 1)
    a = np.concatenate([[0.0], -x * dx / s, np.ones(tau), [0.0]])
    total = float(np.sum((a[:-1] + rho * a[1:]) ** 2))
    return log(series.values[-1]) + b * x, sqrt(s2 / e * total)


def test_pooled_moore_equals_its_twin(simulated: list[Series]) -> None:
    for origin, tau in ((1998, 1), (2000, 4), (2003, 9)):
        law = PooledMoore().fit(simulated[7], upto=origin, reference=simulated).predict([tau])
        location, scale = twin_pooled_moore(simulated, "t7", origin, tau)
        assert law.location[0] == pytest.approx(location, rel=1e-12)
        assert law.scale[0] == pytest.approx(scale, rel=1e-12)


def test_wright_with_a_path_equals_its_twin(simulated: list[Series]) -> None:
    one = simulated[3]
    assert one.experience is not None
    last = float(one.experience[-1])
    path = {int(one.years[-1]) + h: last * 1.3**h for h in (1, 2, 3, 4, 5)}
    law = Wright(experience=Given(path)).fit(one).predict([1, 3, 5])
    for i, tau in enumerate((1, 3, 5)):
        location, scale = twin_wright_exact(one, tau * log(1.3), tau)
        assert law.location[i] == pytest.approx(location, rel=1e-12)
        assert law.scale[i] == pytest.approx(scale, rel=1e-12)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.code)
def test_fit_and_hindcast_agree(model: StudentModel, simulated: list[Series]) -> None:
    scores = hindcast(simulated, [model]).scores
    one = scores[(scores["technology"] == "t6") & (scores["origin"] == 2002)].set_index("horizon")
    law = model.fit(simulated[6], upto=2002, reference=simulated).predict([1, 3, 5])
    assert law.location == pytest.approx(one.loc[[1, 3, 5], "median"].to_numpy(), rel=1e-10)
    assert law.scale == pytest.approx(one.loc[[1, 3, 5], "scale"].to_numpy(), rel=1e-10)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.code)
def test_path_marginals_are_the_closed_form(model: StudentModel, simulated: list[Series]) -> None:
    law = model.fit(simulated[5], reference=simulated).predict(8)
    assert isinstance(law, StudentForecast)
    eigenvalues = np.linalg.eigvalsh(law.scale2)
    assert eigenvalues.min() > -1e-9 * eigenvalues.max()
    paths = law.y_paths(40_000, np.random.default_rng(3))
    for level in (0.05, 0.5, 0.95):
        simulated_level = np.mean(paths <= law.y_quantiles([level])[:, 0], axis=0)
        assert simulated_level == pytest.approx(level, abs=0.009)
    closed = model.law(
        model.fit(simulated[5], reference=simulated).rows, [simulated[5], *simulated[:5], *simulated[6:]], law.horizons
    )
    assert np.diag(law.scale2) == pytest.approx(closed.scale2[0], rel=1e-9)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.code)
def test_later_data_change_no_prequential_forecast(model: StudentModel, simulated: list[Series]) -> None:
    changed = []
    for one in simulated:
        values = one.values.copy()
        values[one.years > 2003] *= 5.0
        changed.append(Series(one.technology, one.years, values, "cost", "u", "", one.experience))
    before, after = hindcast(simulated, [model]).scores, hindcast(changed, [model]).scores
    known = before["origin"] <= 2003
    assert after.loc[known, "median"].to_numpy() == pytest.approx(before.loc[known, "median"].to_numpy(), abs=1e-12)
    assert after.loc[known, "scale"].to_numpy() == pytest.approx(before.loc[known, "scale"].to_numpy(), rel=1e-12)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.code)
def test_units_do_not_matter_and_performance_is_inverse_cost(model: StudentModel, simulated: list[Series]) -> None:
    scaled = [Series(s.technology, s.years, 1000 * s.values, "cost", "mu", "", s.experience) for s in simulated]
    inverse = [Series(s.technology, s.years, 1 / s.values, "performance", "u", "", s.experience) for s in simulated]
    plain = model.fit(simulated[2], reference=simulated).predict(5)
    large = model.fit(scaled[2], reference=scaled).predict(5)
    turned = model.fit(inverse[2], reference=inverse).predict(5)
    assert large.marginal(5).quantile(0.9) == pytest.approx(1000 * plain.marginal(5).quantile(0.9), rel=1e-9)
    assert turned.marginal(5).quantile(0.1) == pytest.approx(1 / plain.marginal(5).quantile(0.9), rel=1e-3)
    assert turned.crps(1 / np.full(5, 0.5)) == pytest.approx(plain.crps(np.full(5, 0.5)))


def test_in_sample_and_leave_one_out_are_flagged(simulated: list[Series]) -> None:
    assert not hindcast(simulated, [Moore()]).leak
    assert hindcast(simulated, [Moore()], scheme="in_sample").leak
    assert hindcast(simulated, [PooledMoore()], scheme="leave_one_out").leak
    assert hindcast(simulated, [Wright(experience=Given())]).leak
    honest = hindcast(simulated, [PooledMoore()]).calibration()["crps"].iloc[0]
    assert hindcast(simulated, [PooledMoore()], scheme="in_sample").calibration()["crps"].iloc[0] < honest


def test_too_small_a_reference_class_falls_back(simulated: list[Series]) -> None:
    alone = Moore(0.25).fit(simulated[0]).predict(4)
    pooled = PooledMoore().fit(simulated[0], reference=simulated[1:5]).predict(4)
    assert pooled.location == pytest.approx(alone.location)
    assert pooled.scale2 == pytest.approx(alone.scale2)


def test_families_never_serve_each_other(simulated: list[Series]) -> None:
    family = [
        Series(s.technology, s.years, s.values, "cost", "u", "", None, "f" if i < 3 else None)
        for i, s in enumerate(simulated)
    ]
    estimates = PooledMoore().fit(family[0], reference=family).estimates
    assert estimates["reference"] == len(simulated) - 3


@given(st.floats(-30, 30), st.floats(2.0, 60.0))
def test_student_crps_against_a_published_implementation(z: float, df: float) -> None:
    assert float(crps_student(z, df)) == pytest.approx(float(scoringrules.crps_t(z, df)), rel=1e-6, abs=1e-9)


def test_sample_crps_is_the_definition() -> None:
    rng = np.random.default_rng(0)
    draws, y = np.sort(rng.normal(size=(3, 50)), axis=1), np.array([0.0, 1.0, -2.0])
    slow = [np.mean(np.abs(d - v)) - 0.5 * np.mean(np.abs(d[:, None] - d)) for d, v in zip(draws, y, strict=True)]
    assert crps_sample(draws, y) == pytest.approx(slow)


def test_pool_lies_between_its_members_and_scores_as_it_is_fitted(simulated: list[Series]) -> None:
    pool = LinearPool((Moore(), RandomWalk()), (0.7, 0.3))
    law = pool.fit(simulated[1]).predict(4)
    parts = [m.fit(simulated[1]).predict(4) for m in pool.models]
    assert law.y_cdf(np.full(4, -1.0)) == pytest.approx(
        0.7 * parts[0].y_cdf(np.full(4, -1.0)) + 0.3 * parts[1].y_cdf(np.full(4, -1.0))
    )
    draws = np.sort(law.y_paths(60_000, np.random.default_rng(1)), axis=0).T
    assert law.y_crps(np.full(4, -1.0)) == pytest.approx(crps_sample(draws, np.full(4, -1.0)), abs=0.01)
    quantiles = law.y_quantiles([0.1, 0.9])
    assert law.y_cdf(quantiles[:, 1]) == pytest.approx(0.9, abs=1e-9)
    scores = hindcast(simulated, [pool, Moore()]).scores
    assert scores["crps"].notna().all()
    weights = log_score_weights(hindcast(simulated, [Moore(), RandomWalk()]).scores, ["moore", "random_walk"])
    assert all(sum(w) == pytest.approx(1) for w in weights.values())
    assert weights[1][0] > 0.5


def test_pooled_probabilities(golden: dict[str, dict[str, float]]) -> None:
    p = golden["pooling"]["probabilities"]
    assert float(odds_pool(p)) == pytest.approx(golden["pooling"]["geometric_mean_of_odds"])


def test_quantile_average_warns() -> None:
    members = [Distribution.from_quantiles({0.1: 0.0, 0.9: 1.0}), Distribution.from_quantiles({0.1: 2.0, 0.9: 3.0})]
    with pytest.warns(UserWarning, match="hides disagreement"):
        assert quantile_average(members).quantile(0.9) == 2.0


def test_recalibration_undoes_a_known_distortion() -> None:
    rng = np.random.default_rng(0)
    raw = stats.beta.rvs(2, 3, size=4000, random_state=rng)
    found = fit_beta(raw)
    assert (found.alpha, found.beta) == pytest.approx((2, 3), rel=0.08)
    groups = [f"g{i % 40}" for i in range(len(raw))]
    assert abs(np.mean(np.abs(cross_fitted(raw, groups) - 0.5) <= 0.45) - 0.9) < 0.02
    assert float(found.pit(found.level(0.3))) == pytest.approx(0.3)


def test_scenario_experience(simulated: list[Series]) -> None:
    one = simulated[4]
    assert one.experience is not None
    last, year = float(one.experience[-1]), int(one.years[-1])
    path = {
        year + h: Distribution.from_quantiles({0.05: last * 1.1**h, 0.5: last * 1.3**h, 0.95: last * 1.6**h})
        for h in range(1, 4)
    }
    wide = Wright(experience=Scenario(path)).fit(one).predict(3)
    exact = Wright(experience=Given({y: d.median for y, d in path.items()})).fit(one).predict(3)
    assert np.all(wide.scale > exact.scale)
    with pytest.raises(ValueError, match="lacks the years"):
        Wright(experience=Scenario(path)).fit(one).predict(4)


def test_way_2022_learning_rate(golden: dict[str, dict[str, list[float]]]) -> None:
    omega = golden["way_2022_parameters"]["solar pv"][0]
    assert learning_rate(-omega) == pytest.approx(0.198, abs=0.001)


@pytest.mark.parametrize(
    ("years", "values", "experience", "message"),
    [
        ([2000, 2002], [1.0, 1.0], None, "consecutive"),
        ([2000, 2001], [1.0, 0.0], None, "positive"),
        ([2000, 2001], [1.0, 1.0], [2.0, 1.0], "experience falls"),
        ([], [], None, "not empty"),
    ],
)
def test_a_bad_series_is_refused(
    years: list[int], values: list[float], experience: list[float] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Series("a", years, values, experience=experience)


def test_a_series_without_noise_keeps_a_finite_score() -> None:
    one = Series("a", range(2000, 2010), 0.9 ** np.arange(10))
    scores = hindcast([one], [Moore(), RandomWalk(), Trend()]).scores
    assert np.isfinite(scores[["crps", "log_score"]].to_numpy()).all()


def test_an_executor_changes_nothing(simulated: list[Series]) -> None:
    models = [Moore(), PooledMoore(), PooledWright()]
    with ThreadPoolExecutor(2) as pool:
        shared_out = hindcast(simulated, models, executor=pool)
    pd.testing.assert_frame_equal(shared_out.scores, hindcast(simulated, models).scores)
    again = pickle.loads(pickle.dumps((models, simulated)))  # what a process pool or a cluster would send
    pd.testing.assert_frame_equal(hindcast(again[1], again[0]).scores, shared_out.scores)


def test_hindcast_refuses_what_it_cannot_tell_apart(simulated: list[Series]) -> None:
    with pytest.raises(ValueError, match="must not repeat"):
        hindcast([simulated[0], simulated[0]], [Moore()])
    with pytest.raises(ValueError, match="must not repeat"):
        hindcast(simulated, [Moore(), Moore(0.25)])
    with pytest.raises(ValueError, match="baseline"):
        hindcast(simulated, [Moore()]).skill("trend", np.random.default_rng(0))
