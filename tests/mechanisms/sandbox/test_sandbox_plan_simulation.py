"""The plan editor's simulation: false alarms stay below α, worse harm is found sooner."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from biaochi.mechanisms.sandbox.decisions import simulate_plan
from biaochi.methods.surveillance import Rule

RULES: list[tuple[dict[str, Any], float, float, float]] = [
    ({"method": "beta", "cap": 0.1, "alpha": 0.05}, 0.2, 0.4, 2),
    ({"method": "gamma", "cap": 1.0, "alpha": 0.05}, 2.0, 4.0, 0.5),
    ({"method": "normal", "cap": 0.0, "sigma": 1, "alpha": 0.05, "tune_at": 100}, 0.5, 1.0, 1),
]


@pytest.mark.parametrize(("rule", "worse", "worst", "exposure"), RULES)
def test_worse_harm_is_found_sooner(rule: dict[str, Any], worse: float, worst: float, exposure: float) -> None:
    made = Rule.from_mapping(rule)
    bad, worst_found = (
        simulate_plan(made, worse=w, exposure=exposure, readings=300, rng=np.random.default_rng(4), streams=600)
        for w in (worse, worst)
    )
    assert bad.false_alarm <= 0.05 + 3 * (0.05 * 0.95 / 600) ** 0.5
    assert worst_found.delay[1] < bad.delay[1]
    assert bad.delay[0] <= bad.delay[1] <= bad.delay[2]


def test_charts_start_from_their_level_and_some_methods_cannot_be_drawn() -> None:
    chart = Rule.from_mapping({"method": "cusum", "mu0": 1, "sigma": 2, "k": 0.5, "arl": 500})
    found = simulate_plan(chart, worse=4, exposure=1, readings=100, rng=np.random.default_rng(4), streams=300)
    assert found.detected == 1.0
    for rule in ({"method": "hard", "cap": 1}, {"method": "betting", "cap": 0.2, "alpha": 0.05, "range": [0, 1]}):
        with pytest.raises(ValueError, match="no distribution"):
            simulate_plan(Rule.from_mapping(rule), worse=1, exposure=1, readings=5, rng=np.random.default_rng(0))
