"""Golden values: Farmer and Lafond's forecasts, the peers' hindcast, and the experience curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from biaochi.methods.forecasting.hindcast import Hindcast, hindcast
from biaochi.methods.forecasting.moore import Moore, PooledMoore, p_cheaper, xi_theory
from biaochi.methods.forecasting.series import Series, improving
from biaochi.methods.forecasting.trend import Trend
from biaochi.methods.forecasting.wright import PooledWright

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def selected(farmer_lafond: list[Series]) -> list[Series]:
    return improving(farmer_lafond)


@pytest.fixture(scope="module")
def fixed_window(selected: list[Series]) -> Hindcast:
    return hindcast(selected, [Moore()], window=5)


@pytest.fixture(scope="module")
def published(golden: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = golden["farmer_lafond_2016"]
    return found


def test_counts_are_the_published_ones(
    farmer_lafond: list[Series], selected: list[Series], fixed_window: Hindcast, published: dict[str, Any]
) -> None:
    assert (len(farmer_lafond), len(selected)) == (66, published["published"]["n_tech"])
    assert fixed_window.n_forecasts == published["published"]["n_forecasts_m5_tau_le_20"]
    everything = hindcast(selected, [Moore()], window=5, max_horizon=200)
    assert everything.n_forecasts == published["published"]["n_forecasts_m5_all"]


def test_errors_by_horizon(fixed_window: Hindcast, published: dict[str, Any]) -> None:
    table = fixed_window.by_horizon().set_index("horizon")
    for tau, n, xi, theory0, theory63, rmse, mae in published["computed_window_m5_tau_le_20"]["rows"]:
        row = table.loc[tau]
        assert row["n"] == n
        assert row["xi"] == pytest.approx(xi, abs=0.01)
        assert row["rmse"] == pytest.approx(rmse, abs=0.001)
        assert row["mae"] == pytest.approx(mae, abs=0.001)
        assert xi_theory(5, np.array([tau]))[0] == pytest.approx(theory0, abs=0.05)
        assert xi_theory(5, np.array([tau]), 0.63)[0] == pytest.approx(theory63, rel=0.002)


@pytest.mark.parametrize(
    ("theta", "corrected", "key"),
    [
        (0.0, False, "theta0"),
        (0.25, False, "theta0.25"),
        (0.63, False, "theta0.63"),
        (0.25, True, "theta0.25"),
        (0.63, True, "theta0.63"),
    ],
)
def test_coverage(selected: list[Series], published: dict[str, Any], theta: float, corrected: bool, key: str) -> None:
    table = published["computed_window_m5_tau_le_20"]
    wanted = table["coverage_50_80_90_95_corrected" if corrected else "coverage_50_80_90_95_eq15"][key]
    seen = hindcast(selected, [Moore(theta, corrected)], window=5).calibration().iloc[0]
    found = [seen[f"coverage_{level}"] for level in ("0.5", "0.8", "0.9", "0.95")]
    assert found == pytest.approx(wanted, abs=0.002)


@pytest.mark.parametrize("theta", [0.0, 0.25, 0.63])
def test_surrogates(fixed_window: Hindcast, published: dict[str, Any], theta: float) -> None:
    z = fixed_window.surrogates(theta, np.random.default_rng(0))["ratio"].mean()
    wanted = published["computed_window_m5_tau_le_20"]["z_surrogate_mean_over_tau_of_xi_emp_over_xi_simulated"]
    assert z == pytest.approx(wanted[f"{theta:g}"], rel=0.04)
    if theta == 0.63:
        assert 0.97 <= z <= 1.03


@pytest.mark.parametrize("window", [4, 8, 16])
def test_other_windows(selected: list[Series], published: dict[str, Any], window: int) -> None:
    found = hindcast(selected, [Moore()], window=window, min_increments=window)
    table = published["computed_window_m5_tau_le_20"]
    assert found.n_forecasts == table["n_by_window_tau_le_20"][str(window)]
    for tau, xi in table["xi_by_window"][str(window)].items():
        assert found.xi()[int(tau)] == pytest.approx(xi, abs=0.01)


def test_cheaper_than_a_flat_rival(published: dict[str, Any]) -> None:
    example = published["pv_example"]["p_PV_below_C_at_tau_5_10_11_20_when_C_costs_one_third_mu_C_0_K_C_0.1"]
    found = p_cheaper(-np.log(3), 0.1004, np.array([5.0, 10, 11, 20]), 0.1502**2 + 0.1**2, 33)
    assert found == pytest.approx(example, abs=0.0005)


def test_peers_are_beaten(farmer_lafond: list[Series]) -> None:
    found = hindcast(farmer_lafond, [Moore(), PooledMoore()])
    moore = found.calibration().iloc[0]
    assert found.n_forecasts == 8036
    assert moore["crps"] <= 0.272
    assert 0.88 <= moore["coverage_0.9"] <= 0.93
    assert found.skill("moore", np.random.default_rng(0))[0].balanced.estimate <= -0.08


def test_textbook_trend_is_overconfident(selected: list[Series]) -> None:
    seen = hindcast(selected, [Trend()]).calibration().iloc[0]
    assert seen["coverage_0.9"] == pytest.approx(0.46, abs=0.005)


def test_experience_helps(experience_curves: list[Series], shared: Path) -> None:
    families = pd.read_csv(shared / "reference/foresight/foresight_pcdb_families.csv").set_index("technology")["family"]
    assert len(experience_curves) == 76
    grouped = []
    for one in experience_curves:
        family = families.get(one.technology, one.technology)
        grouped.append(Series(one.technology, one.years, one.values, "cost", "", "", one.experience, str(family)))
    for series in (experience_curves, grouped):
        found = hindcast(series, [Moore(), PooledWright()])
        skill = found.skill("moore", np.random.default_rng(0))[0]
        table = found.calibration().set_index("model")
        assert found.n_forecasts == 11704
        assert skill.pooled.estimate <= -0.18
        assert skill.pooled.high < 0
        assert 0.88 <= table.loc["pooled_wright", "coverage_0.9"] <= 0.94
