"""Observations from the platform's own ledgers: what was done becomes what is measured, grade B, with its interval.

The top floor turns ledger entries of all mechanisms into :class:`Event` records of the kinds listed in :data:`RULES`;
here each indicator of the ruler's tree that a ledger can feed is computed from them.  Stopping costs nothing: a case
stopped without fault leaves the denominator (and a stop is a decision in time for B6).  Shares carry Jeffreys intervals
(Brown, Cai & DasGupta 2001, doi 10.1214/ss/1009213286); D6 and G1 are Kaplan–Meier medians, so that cases still running
count as far as they have come.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
from scipy import stats

from biaochi.core.period import Period, add_months
from biaochi.methods.composite.long_cycle import kaplan_meier

Fact = str | float | int | bool | None
COLUMNS = [
    "unit", "indicator", "period", "value", "value_lo", "value_hi", "se", "cases", "grade", "source", "status",
    "vintage",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One case of a ledger.

    Parameters
    ----------
    seq : int
        Number of the ledger entry it rests on.
    on : date
        Day it counts for: when the case was due, began (cohorts) or was decided.
    unit : str
        Region it counts for.
    kind : str
        What kind of case; see :data:`RULES`.
    facts : mapping
        What a rule needs: ``hit`` (bool, or None while open), ``stopped``, ``amount``, ``key``, ``group``, ``value``,
        ``observed``, ``tracks``, ``exposure``.
    """

    seq: int
    on: date
    unit: str
    kind: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 90 % interval and standard error, and how many cases it rests on."""

    value: float
    low: float
    high: float
    se: float
    cases: int


@dataclass(frozen=True, slots=True)
class Rule:
    """How one indicator arises: kind of event, statistic, and for cohorts how many years a case is followed."""

    kind: str
    statistic: Callable[[Sequence[Event]], Estimate | None]
    follow_years: float = 0.0


def _number(event: Event, key: str) -> float:
    value = event.facts.get(key)
    return float(value) if isinstance(value, int | float) else math.nan


def _cases(events: Sequence[Event]) -> list[Event]:
    """Return cases with an answer; one stopped without fault and not a hit leaves the denominator."""
    return [
        e for e in events if e.facts.get("hit") is True or (e.facts.get("hit") is False and not e.facts.get("stopped"))
    ]


def share(events: Sequence[Event]) -> Estimate | None:
    """Share of hits in per cent, Jeffreys interval."""
    cases = _cases(events)
    hits = sum(bool(e.facts["hit"]) for e in cases)
    return _jeffreys(hits, len(cases), len(cases)) if cases else None


def money_share(events: Sequence[Event]) -> Estimate | None:
    """Share of money on hits in per cent; the interval is Jeffreys' on the effective number of cases (Σa)²/Σa²."""
    cases = [e for e in _cases(events) if _number(e, "amount") > 0]
    if not cases:
        return None
    amounts = np.array([_number(e, "amount") for e in cases])
    part = float(amounts[[bool(e.facts["hit"]) for e in cases]].sum() / amounts.sum())
    effective = float(amounts.sum() ** 2 / (amounts**2).sum())
    return _jeffreys(part * effective, effective, len(cases))


def _jeffreys(hits: float, trials: float, cases: int) -> Estimate:
    posterior = stats.beta(hits + 0.5, trials - hits + 0.5)
    low = 0.0 if hits == 0 else float(posterior.ppf(0.05))
    high = 1.0 if hits == trials else float(posterior.ppf(0.95))
    return Estimate(100 * hits / trials, 100 * low, 100 * high, 100 * float(posterior.std()), cases)


def mean(events: Sequence[Event]) -> Estimate | None:
    """Mean of ``value`` with a t interval."""
    values = np.array([_number(e, "value") for e in events])
    values = values[np.isfinite(values)]
    if not values.size:
        return None
    if values.size == 1:
        return Estimate(float(values[0]), math.nan, math.nan, math.nan, 1)
    se = float(values.std(ddof=1) / math.sqrt(values.size))
    reach = float(stats.t.ppf(0.95, values.size - 1)) * se
    middle = float(values.mean())
    return Estimate(middle, middle - reach, middle + reach, se, int(values.size))


def weighted_mean(events: Sequence[Event]) -> Estimate | None:
    """Mean of ``value`` weighted by ``amount``, with the standard error of a ratio."""
    pairs = [(_number(e, "value"), _number(e, "amount")) for e in events]
    held = np.array([p for p in pairs if math.isfinite(p[0]) and p[1] > 0])
    return _ratio(held[:, 0] * held[:, 1], held[:, 1]) if len(held) else None


def money_ratio(events: Sequence[Event]) -> Estimate | None:
    """Sum of ``value`` (private money) over sum of ``amount`` (public money)."""
    pairs = [(_number(e, "value"), _number(e, "amount")) for e in events]
    held = np.array([p for p in pairs if math.isfinite(p[0]) and p[1] > 0])
    return _ratio(held[:, 0], held[:, 1]) if len(held) else None


def _ratio(top: np.ndarray, bottom: np.ndarray) -> Estimate:
    n, ratio = len(top), float(top.sum() / bottom.sum())
    if n < 2:
        return Estimate(ratio, math.nan, math.nan, math.nan, n)
    rest = top - ratio * bottom
    se = float(np.sqrt((rest**2).sum() / (n * (n - 1))) / bottom.mean())
    reach = float(stats.t.ppf(0.95, n - 1)) * se
    return Estimate(ratio, ratio - reach, ratio + reach, se, n)


def median_time(events: Sequence[Event]) -> Estimate | None:
    """Kaplan–Meier median of ``value``; ``observed`` False means still running.  Missing while fewer than half came
    through; the ends are where the pointwise band of the curve meets one half."""
    pairs = [(_number(e, "value"), bool(e.facts.get("observed", True)), bool(e.facts.get("stopped"))) for e in events]
    held = [(t, seen and not stopped) for t, seen, stopped in pairs if math.isfinite(t)]
    if not held:
        return None
    curve = kaplan_meier([t for t, _ in held], [seen for _, seen in held])
    z = float(stats.norm.ppf(0.95))
    found = []
    for shift in (-z, 0.0, z):
        reached = curve["survival"] + shift * curve["se"] <= 0.5 + 1e-12
        found.append(float(curve.loc[reached, "time"].iloc[0]) if reached.any() else math.nan)
    if math.isnan(found[1]):
        return None
    return Estimate(found[1], found[0], found[2], math.nan, len(held))


def _shares_by_group(events: Sequence[Event]) -> list[np.ndarray]:
    """Return, for each ``group`` (track), the shares of money by ``key`` (route)."""
    table: dict[str, dict[str, float]] = {}
    for e in events:
        amount = _number(e, "amount")
        if amount > 0:
            routes = table.setdefault(str(e.facts.get("group") or ""), {})
            key = str(e.facts.get("key") or "")
            routes[key] = routes.get(key, 0.0) + amount
    return [np.array(list(r.values())) / sum(r.values()) for r in table.values()]


def effective_routes(events: Sequence[Event]) -> Estimate | None:
    """Mean over tracks of exp(−Σ s ln s): the effective number of routes."""
    return _over_groups([float(np.exp(-(s * np.log(s)).sum())) for s in _shares_by_group(events)])


def concentration(events: Sequence[Event]) -> Estimate | None:
    """Mean over tracks of Σ s²: the concentration of money over routes."""
    return _over_groups([float((s**2).sum()) for s in _shares_by_group(events)])


def _over_groups(values: list[float]) -> Estimate | None:
    if not values:
        return None
    if len(values) == 1:
        return Estimate(values[0], math.nan, math.nan, math.nan, 1)
    se = float(np.std(values, ddof=1) / math.sqrt(len(values)))
    reach = float(stats.t.ppf(0.95, len(values) - 1)) * se
    middle = float(np.mean(values))
    return Estimate(middle, middle - reach, middle + reach, se, len(values))


def count(events: Sequence[Event]) -> Estimate | None:
    """Number of cases; Jeffreys interval of a Poisson mean."""
    n = sum(bool(e.facts.get("hit", True)) for e in events)
    posterior = stats.gamma(n + 0.5)
    low = 0.0 if n == 0 else float(posterior.ppf(0.05))
    return Estimate(float(n), low, float(posterior.ppf(0.95)), float(posterior.std()), len(events))


def rate_per_hundred(events: Sequence[Event]) -> Estimate | None:
    """Sum of ``value`` (incidents) per 100 of ``exposure`` (trials); Jeffreys interval of a Poisson rate."""
    exposure = sum(x for e in events if math.isfinite(x := _number(e, "exposure")))
    n = sum(x for e in events if math.isfinite(x := _number(e, "value")))
    if exposure <= 0:
        return None
    posterior, scale = stats.gamma(n + 0.5), 100 / exposure
    low = 0.0 if n == 0 else float(posterior.ppf(0.05))
    return Estimate(n * scale, low * scale, float(posterior.ppf(0.95)) * scale, float(posterior.std()) * scale, int(n))


RULES: dict[str, Rule] = {
    "B1": Rule("track_foresight", share),
    "B2": Rule("forecast_scored", mean),
    "B3": Rule("route_money", effective_routes),
    "B4": Rule("route_money", concentration),
    "B5": Rule("milestone_due", share),
    "B6": Rule("milestone_missed", share),
    "C2": Rule("firm_tier", share, follow_years=3),
    "D1": Rule("proof_of_concept", share, follow_years=1),
    "D3": Rule("pilot_project", share, follow_years=1),
    "D6": Rule("lab_to_batch", median_time),
    "D7": Rule("readiness_gain", mean),
    "E1": Rule("scene_due", share),
    "E2": Rule("scene_held", share, follow_years=1),
    "E3": Rule("scene_offer", share),
    "E4": Rule("purchase", money_share),
    "E5": Rule("first_purchase", mean),
    "E6": Rule("first_purchase_accepted", share, follow_years=1),
    "F2": Rule("investment", money_share),
    "F3": Rule("fund_money", money_ratio),
    "F4": Rule("fund_term", weighted_mean),
    "F7": Rule("compute_voucher", share),
    "G1": Rule("sandbox_application", median_time),
    "G2": Rule("feed_hour", share),
    "G3": Rule("sandbox_exit", share),
    "G4": Rule("text_issued", share),
    "G5": Rule("finding_confirmed", share),
    "G6": Rule("ethics_missed", count),
    "G7": Rule("trial_incidents", rate_per_hundred),
    "H3": Rule("track_declared", share),
    "H4": Rule("project_begun", share),
}


def observe(
    events: Iterable[Event], *, kind: str = "year", as_of: date, indicators: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return observations of every indicator the events can feed.

    Parameters
    ----------
    events : iterable of Event
    kind : {"year", "quarter", "month"}
        Periods to count by; an event falls into the period of its day.
    as_of : date
        Known by then: later events are left out, and cohorts not followed long enough are ``too_early``.
    indicators : sequence of str or None
        Codes to compute; all rules and H1 by default.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`; ``source`` lists the ledger numbers, grade is B, ``vintage`` is ``as_of``.

    Examples
    --------
    >>> seen = [Event(7, date(2025, 3, 1), "330000", "milestone_due", {"hit": True}),
    ...         Event(9, date(2025, 5, 1), "330000", "milestone_due", {"hit": False})]
    >>> observe(seen, as_of=date(2025, 12, 31), indicators=["B5"])[["value", "source"]].values.tolist()
    [[50.0, '台账 / ledger #7, #9']]
    """
    known = [e for e in events if e.on <= as_of]
    wanted = list(indicators) if indicators is not None else [*RULES, "H1"]
    rows: list[dict[str, object]] = []
    for code in wanted:
        if code == "H1":
            rows += _portfolios(known, kind, as_of)
            continue
        rule = RULES[code]
        for (unit, period), cell in _cells(known, rule.kind, kind).items():
            ripe = [e for e in cell if add_months(e.on, round(12 * rule.follow_years)) <= as_of]
            found = rule.statistic(ripe) if ripe else None
            rows.append(_row(code, unit, period, found, ripe, cell, as_of))
    return pd.DataFrame(rows, columns=COLUMNS)


def _cells(events: Sequence[Event], wanted: str, kind: str) -> dict[tuple[str, str], list[Event]]:
    cells: dict[tuple[str, str], list[Event]] = {}
    for e in sorted((e for e in events if e.kind == wanted), key=lambda e: (e.unit, e.on, e.seq)):
        cells.setdefault((e.unit, _period(e.on, kind)), []).append(e)
    return cells


def _period(day: date, kind: str) -> str:
    if kind == "quarter":
        return Period(day.year, "quarter", (day.month - 1) // 3 + 1).code
    return Period(day.year, "month", day.month).code if kind == "month" else Period(day.year, "year").code


def _row(
    code: str,
    unit: str,
    period: str,
    found: Estimate | None,
    used: Sequence[Event],
    cell: Sequence[Event],
    as_of: date,
) -> dict[str, object]:
    status = "observed" if found is not None else ("missing" if used else "too_early")
    numbers = ", ".join(f"#{e.seq}" for e in (used or cell))
    nan = math.nan
    estimate = found or Estimate(nan, nan, nan, nan, 0)
    return {
        "unit": unit,
        "indicator": code,
        "period": period,
        "value": estimate.value,
        "value_lo": estimate.low,
        "value_hi": estimate.high,
        "se": estimate.se,
        "cases": estimate.cases,
        "grade": "B",
        "source": f"台账 / ledger {numbers}",
        "status": status,
        "vintage": as_of.isoformat(),
    }


def _portfolios(events: Sequence[Event], kind: str, as_of: date) -> list[dict[str, object]]:
    """H1: one minus the mean Jaccard similarity with all other units, corrected for what chance alone would give.

    Events of kind ``track_declared`` with ``key`` = track; tracks named by the nation (``national`` True) are left out.
    With A and B drawn at random from N tracks the expected similarity is J₀ = (ab/N)/(a + b − ab/N); the corrected
    value is 1 − (J − J₀)/(1 − J₀).
    """
    chosen = [e for e in events if e.kind == "track_declared" and not e.facts.get("national")]
    rows: list[dict[str, object]] = []
    cells = _cells(chosen, "track_declared", kind)
    for period in sorted({p for _, p in cells}):
        sets = {u: {str(e.facts.get("key")) for e in cell} for (u, p), cell in cells.items() if p == period}
        total = len(set().union(*sets.values()))
        for unit, own in sets.items():
            others = [other for u, other in sets.items() if u != unit]
            if not others:
                continue
            gaps = [_corrected(own, other, total) for other in others]
            found = _over_groups([1 - g for g in gaps])
            rows.append(_row("H1", unit, period, found, cells[unit, period], cells[unit, period], as_of))
    return rows


def _corrected(a: set[str], b: set[str], total: int) -> float:
    shared = len(a) * len(b) / total
    chance = shared / (len(a) + len(b) - shared)
    seen = len(a & b) / len(a | b)
    return (seen - chance) / (1 - chance) if chance < 1 else 0.0
