"""Every golden value of the surveillance reference: indices exact, traces 1e-8, the rest 1e-9 or printed digits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from biaochi.methods.surveillance import (
    Rule,
    beta_interval,
    beta_log_e,
    cusum_arl,
    cusum_arl_two_sided,
    e_bh,
    e_lond,
    gamma_log_e,
    interval,
    maxsprt_critical,
    replay,
    start,
    update,
)
from biaochi.methods.surveillance.asymptotic import half_width, tuning
from biaochi.methods.surveillance.empirical_bernstein import empirical_bernstein
from biaochi.methods.surveillance.normal_mixture import mixing, normal_boundary, normal_log_e

pytestmark = pytest.mark.reference
BOUNDED = [(t * (math.sqrt(5) - 1) / 2) % 1 for t in range(1, 301)]


@pytest.mark.parametrize("number", range(19))
def test_alarm_times(golden: dict[str, Any], number: int) -> None:
    case = golden["alarm_times"]["cases"][number]
    stream = golden["alarm_times"]["streams"][case["stream"]]
    rule = Rule.from_mapping(case["guardrail"])
    found = replay(stream["value"], rule, exposure=stream["exposure"], trace=True)
    assert found.trace is not None
    assert int(found.readings[0]) == case["n"]
    assert int(found.alarm_index[0]) == (case["alarm_index"] or 0)
    assert found.threshold == pytest.approx(case["threshold"], rel=1e-9)
    assert found.maximum[0] == pytest.approx(case["max"], abs=1e-8)
    assert found.statistic[0] == pytest.approx(case["final"], abs=1e-8)
    for index, value in case["trace"].items():
        assert found.trace[0][int(index) - 1] == pytest.approx(value, abs=1e-8)


@pytest.mark.parametrize("number", range(19))
def test_alarm_times_reading_by_reading(golden: dict[str, Any], number: int) -> None:
    case = golden["alarm_times"]["cases"][number]
    stream = golden["alarm_times"]["streams"][case["stream"]]
    state = start(Rule.from_mapping(case["guardrail"]))
    exposures = stream["exposure"] or [1.0] * len(stream["value"])
    for index, (value, exposure) in enumerate(zip(stream["value"], exposures, strict=True), start=1):
        state = update(state, value, exposure)
        if str(index) in case["trace"]:
            assert state.statistic == pytest.approx(case["trace"][str(index)], abs=1e-8)
    assert state.alarm_index == (case["alarm_index"] or 0)
    assert state.maximum == pytest.approx(case["max"], abs=1e-8)


def test_beta_and_gamma(golden: dict[str, Any]) -> None:
    reference = golden["independent_reference"]
    for case in reference["beta_binomial_uniform"]:
        assert float(beta_log_e(case["s"], case["n"], case["p0"])) == pytest.approx(case["log_e_upper"], abs=1e-9)
        found = beta_interval(case["s"], case["n"], 0.95)
        assert [found.low, found.high] == pytest.approx(case["cs95"], abs=1e-9)
    for case in reference["gamma_poisson_a1_b1"]:
        value = float(gamma_log_e(case["N"], case["E"] * case["lam0"], 1.0, 1.0))
        assert value == pytest.approx(case["log_e_upper"], abs=1e-9)
    for case in reference["beta_binomial_on_stream"]:
        events = sum(x < 0.12 for x in BOUNDED[: case["t"]])
        found = beta_interval(events, case["t"], 0.95)
        assert [found.low, found.high] == pytest.approx(case["cs95"], abs=1e-9)


def test_cusum_run_lengths(golden: dict[str, Any]) -> None:
    reference, printed = golden["independent_reference"], golden["published_tables"]
    for case in reference["cusum_one_sided"]:
        assert cusum_arl(case["k"], case["h"], case["mu"]) == pytest.approx(case["arl"], rel=1e-9)
    for case in reference["cusum_two_sided"]:
        assert cusum_arl_two_sided(case["k"], case["h"], case["mu"]) == pytest.approx(case["arl"], rel=1e-9)
    table = printed["cusum_two_sided_k0.5_h4_LucasCrosier1982"]
    for mean, zero, head in zip(table["mu"], table["arl"], table["arl_fast_initial_response_h/2"], strict=True):
        assert cusum_arl_two_sided(0.5, 4, mean) == pytest.approx(zero, rel=0.005)
        assert cusum_arl_two_sided(0.5, 4, mean, 2) == pytest.approx(head, rel=0.005)
    assert round(cusum_arl(0.5, 3, 1.5), 2) == printed["cusum_one_sided_k0.5_h3_BrookEvans1972"]["mu1.5"]


def test_maxsprt_critical_values(golden: dict[str, Any]) -> None:
    for case in golden["independent_reference"]["maxsprt_poisson_continuous_cv"]:
        if case["cv"] is None:
            with pytest.raises(ValueError, match="no critical value"):
                maxsprt_critical(case["T"], case["alpha"], case["M"])
        else:
            assert maxsprt_critical(case["T"], case["alpha"], case["M"]) == pytest.approx(case["cv"], abs=1e-9)
    printed = golden["published_tables"]["maxsprt_poisson_cv"]
    for horizon in (1, 5, 20, 100):
        for events, value in zip(printed["columns_M"], printed[f"T={horizon}"], strict=False):
            assert maxsprt_critical(horizon, 0.05, events) == pytest.approx(value, abs=1e-9)


def test_normal_mixture_against_confseq(golden: dict[str, Any]) -> None:
    for case in golden["confseq_reference"]["cases"]:
        given = case["args"]
        if case["fn"] == "normal_mixture_bound":
            found = normal_boundary(given["v"], given["alpha"], mixing(given["v_opt"], 2 * given["alpha_opt"]))
            assert found == pytest.approx(case["value"], rel=1e-9)
        elif case["fn"] == "normal_log_mixture":
            found = float(normal_log_e(given["s"], given["v"], mixing(given["v_opt"], 2 * given["alpha_opt"])))
            assert found == pytest.approx(case["value"], abs=1e-9)


def test_confidence_sequences(golden: dict[str, Any]) -> None:
    reference = golden["independent_reference"]
    low, high = empirical_bernstein(BOUNDED)
    case = reference["empirical_bernstein"]
    for t, lower, upper in zip(case["t"], case["lower"], case["upper"], strict=True):
        assert [low[t - 1], high[t - 1]] == pytest.approx([lower, upper], abs=1e-9)
    state = start(Rule.from_mapping({"method": "betting", "cap": 0.5, "alpha": 0.05, "range": [0, 1]}))
    for value in BOUNDED[:100]:
        state = update(state, value)
    found = interval(state, 0.95)
    assert found is not None
    assert [found.low, found.high] == pytest.approx([0.39318848, 0.60795876], abs=5e-9)
    for case in reference["asymptotic_cs"]:
        rho2 = tuning(case["t_opt"], case["alpha"])
        assert rho2 == pytest.approx(case["rho2_exact"], abs=1e-9)
        half = float(half_width(case["t"], case["sd"], case["alpha"], rho2))
        assert half == pytest.approx(case["halfwidth_rho_exact"], abs=1e-9)


def test_many_hypotheses(golden: dict[str, Any]) -> None:
    case = golden["independent_reference"]["ebh"]
    assert np.flatnonzero(e_bh(case["e"], case["alpha"])).tolist() == case["rejected_zero_based"]
    assert np.flatnonzero(np.array(case["e"]) >= len(case["e"]) / case["alpha"]).tolist() == case["ebonferroni"]
    online = golden["online_fdr_reference"]["e-LOND"]
    found = e_lond(online["e"], online["alpha"])
    assert found.alpha_t.tolist() == pytest.approx(online["alpha_t"], rel=1e-9)
    assert found.rejected.astype(int).tolist() == online["R"]


def test_sr_detector_keeps_its_run_length(golden: dict[str, Any]) -> None:
    assert golden["independent_reference"]["sr_edetector_normal_delta05_thr100"]["guarantee"] == 100
