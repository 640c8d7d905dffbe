"""S-curves and Bass: what they recover, what they refuse, and why the ceiling is required."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from biaochi.core.distribution import Distribution
from biaochi.methods.forecasting.bass import Bass, bass_peak, bass_share
from biaochi.methods.forecasting.hindcast import hindcast
from biaochi.methods.forecasting.random_walk import RandomWalk
from biaochi.methods.forecasting.scurve import SCurve
from biaochi.methods.forecasting.series import Series

CEILING = Distribution.from_quantiles({0.0: 0.6, 1.0: 2.0})


def logistic(seed: int, until: int = 20) -> Series:
    rng = np.random.default_rng(seed)
    t = np.arange(until)
    values = 1 / (1 + np.exp(-0.3 * (t - 20))) * np.exp(0.1 * rng.standard_normal(until))
    return Series("s", 2000 + t, values, "performance")


def test_the_band_of_a_logistic_covers_its_future() -> None:
    inside = 0
    for seed in range(40):
        law = SCurve("logistic", CEILING, draws=1000).fit(logistic(seed)).predict([10])
        truth = np.log(1 / (1 + np.exp(-0.3 * 9)))
        low, high = np.quantile(-law.draws[:, 0], [0.05, 0.95])
        inside += low <= truth <= high
    assert inside >= 32


def test_without_enough_of_the_curve_the_ceiling_stays_the_prior() -> None:
    fitted = SCurve("logistic", CEILING).fit(logistic(1, until=10))
    assert fitted.estimates["ceiling_high"] - fitted.estimates["ceiling_low"] > 0.9
    nearly_done = SCurve("logistic", CEILING).fit(logistic(1, until=35))
    assert nearly_done.estimates["ceiling_high"] - nearly_done.estimates["ceiling_low"] < 0.2


def test_gompertz_recovers_its_own_curve() -> None:
    t = np.arange(25)
    one = Series("g", 2000 + t, np.exp(-np.exp(-0.2 * (t - 12))), "performance")
    fitted = SCurve("gompertz", Distribution.from_quantiles({0.0: 0.8, 1.0: 1.25})).fit(one)
    assert fitted.estimates["rate"] == pytest.approx(0.2, abs=0.02)
    assert fitted.estimates["midpoint"] == pytest.approx(2012, abs=0.7)


def test_bass_recovers_its_parameters() -> None:
    t = np.arange(1, 21)
    one = Series("b", 1999 + t, 100 * bass_share(0.01, 0.4, t.astype(float)), "performance")
    estimates = Bass(Distribution.from_quantiles({0.0: 90.0, 1.0: 110.0})).fit(one).estimates
    assert estimates["p"] == pytest.approx(0.01, rel=0.1)
    assert estimates["q"] == pytest.approx(0.4, rel=0.1)
    assert estimates["peak"] == pytest.approx(1999 + bass_peak(0.01, 0.4), abs=0.5)


def test_the_peak_is_where_adoption_is_fastest() -> None:
    t = np.linspace(0, 30, 3001)
    fastest = t[np.argmax(np.diff(bass_share(0.02, 0.5, t)))]
    assert fastest == pytest.approx(bass_peak(0.02, 0.5), abs=0.02)
    assert bass_peak(0.5, 0.1) == 0.0


def test_growth_refuses_costs_and_short_series() -> None:
    with pytest.raises(ValueError, match="performance"):
        SCurve("logistic", CEILING).fit(Series("c", range(2000, 2010), np.ones(10)))
    with pytest.raises(ValueError, match="four points"):
        Bass(CEILING).fit(Series("c", [2000, 2001, 2002], [0.1, 0.2, 0.3], "performance"))
    with pytest.raises(ValueError, match="launch"):
        Bass(CEILING, launch=2005).fit(Series("c", range(2000, 2010), np.linspace(0.1, 0.5, 10), "performance"))


def test_growth_can_be_hindcast_and_says_it_leaks() -> None:
    found = hindcast([logistic(2, until=14)], [SCurve("logistic", CEILING, draws=400), RandomWalk()], max_horizon=3)
    assert found.leak
    assert np.isfinite(found.scores["crps"]).all()
    inside = hindcast([logistic(2, until=14)], [SCurve("logistic", CEILING, draws=400)], scheme="in_sample")
    assert np.isfinite(inside.scores["crps"]).all()


@pytest.mark.reference
def test_real_growth_of_wind_and_solar_can_be_fitted(shared: Path) -> None:
    frame = pd.read_csv(shared / "reference/foresight/foresight_growth_wind_solar_sample.csv")
    for _, group in frame.groupby("Country"):
        share = group["Value"].to_numpy() / group["Total"].to_numpy()
        one = Series("x", group["Year"], share, "performance") if np.all(np.diff(group["Year"]) == 1) else None
        if one is not None and np.all(share > 0):
            prior = Distribution.from_quantiles({0.0: float(share.max()), 1.0: 1.0})
            law = SCurve("logistic", prior, draws=500).fit(one).predict(10)
            assert law.marginal(10).quantile(0.05) < law.marginal(10).quantile(0.95)
