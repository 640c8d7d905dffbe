"""Before a plan is registered: how often would it cry wolf, and how soon would it see harm?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biaochi.methods.surveillance import Rule, replay


@dataclass(frozen=True, slots=True)
class PlanSimulation:
    """Simulated behaviour of one guardrail.

    ``false_alarm`` is the share of streams that alarmed within the span although harm was exactly at the cap,
    ``detected`` the share that alarmed at the worse level, ``delay`` the readings needed there at the 10, 50 and 90 %
    quantiles, counting streams that never alarmed as longer than the span (infinite).
    """

    false_alarm: float
    detected: float
    delay: tuple[float, float, float]
    streams: int
    readings: int


def simulate_plan(
    rule: Rule,
    *,
    worse: float,
    exposure: float,
    readings: int,
    rng: np.random.Generator,
    at_cap: float | None = None,
    streams: int = 2000,
) -> PlanSimulation:
    """Simulate independent readings at the cap and at a worse level.

    Parameters
    ----------
    rule : Rule
        Beta, gamma or normal, an e-detector on beta or gamma, ``cusum`` or ``maxsprt``.
    worse : float
        Mean harm to be detected, in the readings' own units per exposure.
    exposure : float
        Exposure of each reading (trials, miles); whole for beta.
    readings : int
        Length of a stream.
    rng : numpy.random.Generator
        Source of random numbers.
    at_cap : float or None
        Harm when all is well; the cap (``cusum``: ``mu0``) by default.
    streams : int
        Streams simulated at each level.

    Raises
    ------
    ValueError
        For a method whose readings have no distribution to draw from (``betting``, ``hard``, ``asymptotic``).

    Examples
    --------
    >>> rule = Rule("beta", cap=0.1, alpha=0.05)
    >>> found = simulate_plan(rule, worse=0.3, exposure=1, readings=200, rng=np.random.default_rng(1), streams=500)
    >>> found.false_alarm < 0.05, found.delay[1] < 30
    (True, True)
    """
    calm = at_cap if at_cap is not None else (rule.mu0 if rule.cap is None else rule.cap)
    if calm is None:
        raise ValueError("this rule names no level at which all is well; give at_cap")
    shape = (streams, readings)
    sizes = np.full(shape, float(exposure))
    quiet = replay(_draw(rule, calm, exposure, shape, rng), rule, exposure=sizes).alarm_index
    found = replay(_draw(rule, worse, exposure, shape, rng), rule, exposure=sizes).alarm_index
    delays = np.where(found > 0, found.astype(float), np.inf)
    low, middle, high = np.quantile(delays, [0.1, 0.5, 0.9], method="higher")
    return PlanSimulation(
        float((quiet > 0).mean()),
        float((found > 0).mean()),
        (float(low), float(middle), float(high)),
        streams,
        readings,
    )


def _draw(
    rule: Rule, mean: float, exposure: float, shape: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float64]:
    if rule.likelihood == "beta":
        return rng.binomial(round(exposure), mean, shape).astype(float)
    if rule.likelihood in ("gamma", "maxsprt"):
        return rng.poisson(mean * exposure, shape).astype(float)
    if rule.likelihood in ("normal", "cusum") and rule.sigma is not None:
        return rng.normal(mean, rule.sigma, shape)
    raise ValueError(f"method {rule.method} has no distribution to draw readings from")
