"""Properties of every method: recursion, replay and brute force agree; mirrors, round trips, order, guarantees."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from biaochi.methods.surveillance import (
    Method,
    ReadingError,
    Rule,
    RuleError,
    State,
    beta_log_e,
    cusum_arl,
    cusum_limit,
    e_bh,
    e_lond,
    gamma_log_e,
    interval,
    replay,
    settle,
    start,
    update,
)

RULES: dict[str, dict[str, Any]] = {
    "beta": {"method": "beta", "cap": 0.1, "alpha": 0.05},
    "beta_below": {"method": "beta", "cap": 0.8, "alpha": 0.05, "direction": "below"},
    "gamma": {"method": "gamma", "cap": 0.4, "alpha": 0.05},
    "betting": {"method": "betting", "cap": 0.3, "alpha": 0.05, "range": [-1, 3]},
    "betting_below": {"method": "betting", "cap": 0.3, "alpha": 0.05, "range": [-1, 3], "direction": "below"},
    "normal": {"method": "normal", "cap": 0.1, "sigma": 0.7, "alpha": 0.05, "tune_at": 50},
    "asymptotic": {"method": "asymptotic", "cap": 0.4, "alpha": 0.05, "tune_at": 50, "min_data": 50},
    "cusum": {"method": "cusum", "mu0": 0.4, "sigma": 0.5, "k": 0.5, "arl": 200, "fast_start": True},
    "cusum_below": {"method": "cusum", "mu0": 0.4, "sigma": 0.5, "k": 0.5, "h": 4, "direction": "below"},
    "sr_beta": {"method": "e_detector", "base": "beta", "kind": "sr", "cap": 0.4, "arl": 200},
    "cusum_gamma": {
        "method": "e_detector", "base": "gamma", "kind": "cusum", "cap": 0.4, "arl": 200, "ratios": [1.2, 4],
    },
    "sr_betting": {
        "method": "e_detector", "base": "betting", "kind": "sr", "cap": 0.4, "arl": 200, "range": [0, 1],
    },
    "maxsprt": {"method": "maxsprt", "cap": 0.4, "alpha": 0.05, "horizon": 20, "min_events": 2},
    "hard": {"method": "hard", "cap": 0.9},
    "hard_below": {"method": "hard", "cap": 0.1, "direction": "below"},
}  # fmt: skip
READINGS = st.lists(
    st.tuples(st.floats(0, 1, allow_subnormal=False), st.sampled_from([1.0, 2.0, 5.5])), min_size=1, max_size=60
)


@pytest.mark.parametrize("name", RULES)
@given(readings=READINGS)
def test_recursion_equals_replay(name: str, readings: list[tuple[float, float]]) -> None:
    rule = Rule.from_mapping(RULES[name])
    state, path = start(rule), []
    for value, exposure in readings:
        state = update(state, value, exposure)
        path.append(state.statistic)
    found = replay([v for v, _ in readings], rule, exposure=[e for _, e in readings], trace=True)
    assert found.trace is not None
    assert found.trace[0] == pytest.approx(path, abs=1e-9)
    assert int(found.alarm_index[0]) == state.alarm_index
    assert found.maximum[0] == pytest.approx(state.maximum, abs=1e-9)
    assert found.statistic[0] == pytest.approx(state.statistic, abs=1e-9)
    settled = settle([v for v, _ in readings], rule, exposure=[e for _, e in readings])
    assert settled.memory == pytest.approx(state.memory, abs=1e-9)
    assert (settled.readings, settled.alarm_index) == (state.readings, state.alarm_index)
    one, other = interval(settled, 0.9), interval(state, 0.9)
    if one is not None and other is not None:
        assert [one.low, one.high] == pytest.approx([other.low, other.high], abs=1e-9)


@pytest.mark.parametrize("name", RULES)
@given(readings=READINGS)
def test_state_survives_json_and_keeps_its_size(name: str, readings: list[tuple[float, float]]) -> None:
    state = start(Rule.from_mapping(RULES[name]))
    size = len(state.memory)
    for value, exposure in readings:
        state = update(state, value, exposure)
        again = State.from_json(state.to_json())
        assert again.to_json() == state.to_json()
        assert update(again, value, exposure).statistic == update(state, value, exposure).statistic
        assert len(state.memory) == size


@pytest.mark.parametrize("name", RULES)
def test_fresh_state_survives_json(name: str) -> None:
    state = start(Rule.from_mapping(RULES[name]))
    assert State.from_json(state.to_json()).to_json() == state.to_json()


@given(st.integers(0, 60), st.integers(0, 400), st.floats(0.001, 0.9), st.floats(1, 60))
def test_beta_against_quadrature(s: int, extra: int, cap: float, b: float) -> None:
    n = s + extra
    base = math.log(special.betainc(b, 1.0, 1 - cap)) + special.betaln(1.0, b)
    peak = max(cap, s / max(n + b - 1, 1e-9)) if n else cap
    peak = min(peak, 1 - 1e-9)

    def log_density(p: float) -> float:
        return float(special.xlogy(s, p) + special.xlog1py(b + n - s - 1, -p))

    top = log_density(peak)
    spread = math.sqrt(peak * (1 - peak) / (n + b + 1)) + 1e-4
    points = sorted({p for k in (-9, -3, 0, 3, 9, 30) if cap < (p := peak + k * spread) < 1})
    edges = [cap, *points, 1.0]
    area = sum(
        integrate.quad(lambda p: math.exp(log_density(p) - top), x, y, epsabs=0, epsrel=1e-11, limit=200)[0]
        for x, y in pairwise(edges)
    )
    expected = math.log(area) + top - base - s * math.log(cap) - (n - s) * math.log1p(-cap)
    assert float(beta_log_e(s, n, cap, 1.0, b)) == pytest.approx(expected, abs=1e-6)


def test_tails_that_naive_code_loses() -> None:
    assert float(beta_log_e(0, 10_000, 0.1)) == pytest.approx(-math.log(10_001), abs=1e-9)
    assert np.isfinite(beta_log_e([0, 3, 900], 10**6, 0.05, 1, 9)).all()
    assert np.isfinite(beta_log_e([10**6, 999_999], 10**6, 0.05, 1, 9)).all()
    assert np.isfinite(gamma_log_e([0, 5, 1e6, 0], [1e6, 1e5, 1.0, 0.0])).all()


@pytest.mark.parametrize(("s", "n", "cap"), [(0, 1e4, 0.1), (5e4, 1e6, 0.1), (500, 1e6, 0.001), (9e4, 1e6, 0.1)])
def test_single_updates_deep_in_the_tail(s: float, n: float, cap: float) -> None:
    """The scalar continued fraction is the vectorised one; gamma likewise."""
    state = update(start(Rule(Method.BETA, cap=cap, alpha=0.05)), s, n)
    assert state.statistic == pytest.approx(float(beta_log_e(s, n, cap, *state.rule.shape)), abs=1e-12)
    rate = update(start(Rule(Method.GAMMA, cap=1, alpha=0.05)), s, n * cap)
    assert rate.statistic == pytest.approx(float(gamma_log_e(s, n * cap)), abs=1e-9)


def test_tail_branches_meet() -> None:
    """Around the switch to the continued fraction both branches give one smooth curve."""
    n = np.arange(1000.0, 40_000.0)
    beta = beta_log_e(np.floor(n * 0.05), n, 0.1, 1, 4)
    assert np.abs(np.diff(beta[np.floor(n * 0.05) == np.floor(n[0] * 0.05)])).max() < 0.2
    exact = gamma_log_e(np.zeros(3), np.array([500.0, 577.0, 700.0]), 1.0, 0.5)
    # with no events and a = 1 the integral is elementary: e = b/(b+x)
    assert exact == pytest.approx(np.log(0.5 / (0.5 + np.array([500.0, 577.0, 700.0]))), abs=1e-9)


@given(st.lists(st.integers(0, 3), min_size=2, max_size=40), st.randoms(use_true_random=False))
def test_beta_and_gamma_do_not_mind_the_order(values: list[int], random: Any) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    for rule in (Rule(Method.BETA, cap=0.2, alpha=0.05), Rule(Method.GAMMA, cap=0.5, alpha=0.05)):
        one, other = (
            replay(values, rule, exposure=np.full(len(values), 3.0)),
            replay(shuffled, rule, exposure=np.full(len(values), 3.0)),
        )
        assert one.statistic == pytest.approx(other.statistic, abs=1e-10)


@given(READINGS)
def test_below_is_the_mirror_of_above(readings: list[tuple[float, float]]) -> None:
    y, e = np.array([v for v, _ in readings]), np.array([x for _, x in readings])
    pairs = [
        (Rule(Method.BETA, cap=0.9, alpha=0.05, direction="below"), Rule(Method.BETA, cap=1 - 0.9, alpha=0.05), e - y),
        (
            Rule(Method.BETTING, cap=0.7, alpha=0.05, range=(0, 1), direction="below"),
            Rule(Method.BETTING, cap=1 - 0.7, alpha=0.05, range=(0, 1)),
            1 - y,
        ),
        (
            Rule(Method.NORMAL, cap=0.2, sigma=1, alpha=0.05, tune_at=50, direction="below"),
            Rule(Method.NORMAL, cap=-0.2, sigma=1, alpha=0.05, tune_at=50),
            -y,
        ),
        (
            Rule(Method.CUSUM, mu0=0.2, sigma=1, k=0.1, h=4, direction="below"),
            Rule(Method.CUSUM, mu0=-0.2, sigma=1, k=0.1, h=4),
            -y,
        ),
    ]
    for below, above, mirrored in pairs:
        assert replay(y, below, exposure=e).statistic == pytest.approx(
            replay(mirrored, above, exposure=e).statistic, abs=1e-9
        )


def test_padding_and_gaps_are_no_readings() -> None:
    rule = Rule(Method.CUSUM, mu0=0, sigma=1, k=0.2, h=2)
    whole = replay([1.0, 2.0, 0.5, 3.0], rule)
    holes = replay([[1.0, np.nan, 2.0, 0.5, 3.0, np.nan], [np.nan] * 6], rule)
    assert holes.readings.tolist() == [4, 0]
    assert holes.alarm_index.tolist() == [whole.alarm_index[0], 0]
    assert holes.statistic[0] == whole.statistic[0]


def test_false_alarms_stay_below_alpha() -> None:
    """5,000 streams of 400 readings exactly at the cap, for every e-process; three standard errors of room."""
    rng = np.random.default_rng(7)
    room = 0.05 + 3 * math.sqrt(0.05 * 0.95 / 5000)
    streams = {
        "beta": ((rng.random((5000, 400)) < 0.1).astype(float), {"method": "beta", "cap": 0.1, "alpha": 0.05}),
        "gamma": (rng.poisson(0.4, (5000, 400)).astype(float), {"method": "gamma", "cap": 0.4, "alpha": 0.05}),
        "betting": (rng.beta(2, 6, (5000, 400)), {"method": "betting", "cap": 0.25, "alpha": 0.05, "range": [0, 1]}),
        "normal": (
            rng.normal(0, 1, (5000, 400)),
            {"method": "normal", "cap": 0, "sigma": 1, "alpha": 0.05, "tune_at": 100},
        ),
    }
    for values, rule in streams.values():
        assert (replay(values, Rule.from_mapping(rule)).alarm_index > 0).mean() <= room


def test_detectors_keep_their_run_length() -> None:
    """Mean time to the first alarm at the cap is at least ARL; streams cut at 3,000 make the estimate too low."""
    rng = np.random.default_rng(11)
    values = (rng.random((800, 3000)) < 0.1).astype(float)
    for kind in ("sr", "cusum"):
        rule = Rule(Method.E_DETECTOR, base="beta", kind=kind, cap=0.1, arl=100)  # type: ignore[arg-type]
        found = replay(values, rule).alarm_index
        assert np.where(found > 0, found, 3000).mean() >= 100


def test_cusum_run_length_by_simulation() -> None:
    rng = np.random.default_rng(3)
    rule = Rule(Method.CUSUM, mu0=0, sigma=1, k=0.5, arl=100)
    found = replay(rng.normal(0, 1, (3000, 1500)), rule).alarm_index
    assert found.min() > 0
    assert found.mean() == pytest.approx(100, abs=4 * found.std() / math.sqrt(3000))


def test_median_delay_to_detect() -> None:
    rng = np.random.default_rng(5)
    rule = Rule(Method.BETA, cap=0.1, alpha=0.05)
    for rate, limit in ((0.15, 300), (0.2, 75), (0.3, 24)):
        found = replay((rng.random((2000, 2000)) < rate).astype(float), rule).alarm_index
        assert np.median(np.where(found > 0, found, 9999)) <= limit


@given(st.lists(st.floats(0, 5000), min_size=1, max_size=30), st.sampled_from([0.01, 0.05, 0.2]))
def test_e_bh_holds_e_bonferroni_and_is_the_definition(e: list[float], alpha: float) -> None:
    found, values, members = e_bh(e, alpha), np.array(e), len(e)
    assert (found | ~(values >= members / alpha)).all()
    ranked = np.sort(values)[::-1]
    best = max((k for k in range(1, members + 1) if ranked[k - 1] >= members / (alpha * k)), default=0)
    assert found.sum() == best


def test_e_bh_runs_over_the_last_axis() -> None:
    rows = [[150, 3, 80, 41], [1, 1, 1, 1]]
    assert e_bh(rows, 0.05).tolist() == [e_bh(r, 0.05).tolist() for r in rows]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20))
def test_e_lond_levels_never_exceed_the_budget_before_a_rejection(e: list[float]) -> None:
    found = e_lond(e, 0.05)
    first = int(np.argmax(found.rejected)) if found.rejected.any() else len(e)
    assert found.alpha_t[: first + 1].sum() <= 0.05


def test_intervals_cover_while_looking_always() -> None:
    """The true rate leaves the 95 % sequence at any of 300 looks in at most 5 % of streams."""
    rng = np.random.default_rng(2)
    rule = Rule(Method.BETA, cap=0.3, alpha=0.05)
    missed = 0
    for _ in range(120):
        state, out = start(rule), False
        for i, value in enumerate((rng.random(300) < 0.2).astype(float)):
            state = update(state, value)
            found = interval(state, 0.95) if i % 10 == 9 else None
            out = out or (found is not None and 0.2 not in found)
        missed += out
    assert missed / 120 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 120)


@pytest.mark.parametrize("name", ["beta", "gamma", "betting", "normal", "asymptotic"])
def test_intervals_hold_the_estimate(name: str) -> None:
    rule = Rule.from_mapping(RULES[name])
    state = start(rule)
    for value in np.tile([0.0, 1.0, 1.0, 0.0, 0.0], 20):
        state = update(state, float(value))
    found = interval(state, 0.9)
    assert found is not None
    assert found.low < 0.4 < found.high


def test_arl_limit_round_trip() -> None:
    for arl in (50, 370.4, 10_000):
        assert cusum_arl(0.5, cusum_limit(0.5, arl), 0) == pytest.approx(arl, rel=1e-9)
    with pytest.raises(ValueError, match=r"seen 1\.01"):
        cusum_limit(0.5, 1.01)
    with pytest.raises(ValueError, match="start"):
        cusum_arl(0.5, 3, 0, start=3)


@pytest.mark.parametrize(
    ("rule", "value", "exposure", "code"),
    [
        ({"method": "beta", "cap": 0.1, "alpha": 0.05}, 3, 2, "events_above_trials"),
        ({"method": "beta", "cap": 0.1, "alpha": 0.05}, -1, 2, "out_of_range"),
        ({"method": "gamma", "cap": 0.1, "alpha": 0.05}, 3, 0, "exposure_not_positive"),
        ({"method": "gamma", "cap": 0.1, "alpha": 0.05}, math.inf, 1, "not_a_number"),
        ({"method": "betting", "cap": 0.1, "alpha": 0.05, "range": [0, 1]}, 1.5, 1, "out_of_range"),
        ({"method": "hard", "cap": 1}, math.nan, 1, "not_a_number"),
    ],
)
def test_impossible_readings_are_refused(rule: dict[str, Any], value: float, exposure: float, code: str) -> None:
    made = Rule.from_mapping(rule)
    with pytest.raises(ReadingError) as caught:
        update(start(made), value, exposure)
    assert caught.value.faults[0].code == code
    if not math.isnan(value):
        with pytest.raises(ReadingError) as batch:
            replay([value], made, exposure=[exposure])
        assert batch.value.faults[0].code == code


@pytest.mark.parametrize(
    ("rule", "codes"),
    [
        ({"method": "sequential"}, {"unknown_method"}),
        ({}, {"missing_field"}),
        ({"method": "beta", "cap": 0.1}, {"missing_field"}),
        ({"method": "beta", "cap": 1.0, "alpha": 2}, {"out_of_range"}),
        ({"method": "beta", "cap": "x", "alpha": 0.05}, {"not_a_number"}),
        ({"method": "beta", "cap": True, "alpha": 0.05}, {"not_a_number"}),
        ({"method": "beta", "cap": 0.1, "alpha": 0.05, "sigma": 2}, {"unknown_key"}),
        ({"method": "beta", "cap": 0.1, "alpha": 0.05, "colour": 2}, {"unknown_key"}),
        ({"method": "beta", "cap": 0.1, "alpha": 0.05, "prior": [1, 0]}, {"out_of_range"}),
        ({"method": "gamma", "cap": 0.1, "alpha": 0.05, "direction": "below"}, {"unknown_value"}),
        ({"method": "asymptotic", "cap": 0.1, "alpha": 0.05, "tune_at": 100}, {"out_of_range"}),
        ({"method": "cusum", "mu0": 0, "sigma": 1, "k": 0.5}, {"missing_field"}),
        ({"method": "cusum", "mu0": 0, "sigma": 0, "k": 0.5, "h": 4, "arl": 5}, {"missing_field", "out_of_range"}),
        ({"method": "betting", "cap": 2, "alpha": 0.05, "range": [0, 1]}, {"out_of_range"}),
        ({"method": "e_detector", "base": "betting", "kind": "sr", "cap": 0.1, "arl": 9}, {"missing_field"}),
        ({"method": "e_detector", "base": "beta", "kind": "x", "cap": 0.1, "arl": 9}, {"unknown_value"}),
        ({"method": "hard", "cap": 1, "min_data": 0}, {"out_of_range"}),
    ],
)
def test_a_contradicting_rule_names_its_faults(rule: dict[str, Any], codes: set[str]) -> None:
    with pytest.raises(RuleError) as caught:
        Rule.from_mapping(rule)
    assert {f.code for f in caught.value.faults} == codes


def test_default_prior() -> None:
    assert Rule(Method.BETA, cap=0.02, alpha=0.05).shape == (1.0, 24.0)
    assert Rule(Method.BETA, cap=0.9, alpha=0.05).shape == (1.0, 1.0)
    assert Rule(Method.GAMMA, cap=2, alpha=0.05).shape == (1.0, 0.5)


def test_asymptotic_half_width_shrinks() -> None:
    rule = Rule(Method.ASYMPTOTIC, cap=0.4, alpha=0.05, tune_at=100, min_data=50)
    values = stats.norm.ppf((np.arange(500) * 0.6180339887498949) % 1 * 0.98 + 0.01)
    found = replay(values, rule, trace=True)
    assert found.trace is not None
    assert found.trace[0][-1] > found.trace[0][50]


@pytest.mark.parametrize(
    "rule",
    [
        {"method": "gamma", "cap": 1e-320, "alpha": 0.05},
        {"method": "beta", "cap": 1e-320, "alpha": 0.05},
        {"method": "beta", "cap": 0.1, "alpha": 0.05, "prior": [1, 1e300]},
        {"method": "normal", "cap": 1e300, "sigma": 1, "alpha": 0.05, "tune_at": 10},
        {"method": "cusum", "mu0": 0, "sigma": 1e-320, "k": 0.5, "h": 4},
    ],
)
def test_numbers_beyond_all_measure_are_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(RuleError) as caught:
        Rule.from_mapping(rule)
    assert {f.code for f in caught.value.faults} == {"out_of_range"}


def test_readings_beyond_all_measure_are_refused() -> None:
    rule = Rule(Method.GAMMA, cap=1, alpha=0.05)
    for value, exposure in ((1e300, 1.0), (1.0, 1e300), (1.0, 1e-300)):
        with pytest.raises(ReadingError):
            update(start(rule), value, exposure)
        with pytest.raises(ReadingError):
            replay([value], rule, exposure=[exposure])
