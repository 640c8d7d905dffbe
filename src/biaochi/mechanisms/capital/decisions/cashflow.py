"""DPI, RVPI, TVPI, IRR, trough, payback and the J-curve; by fund and by vintage.

DPI=ΣD/ΣC, RVPI=NAV/ΣC, TVPI is their sum.  The IRR solves Σ cf(1+r)^(−days/365)=0 and is given only when there is
exactly one root.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import numpy as np
from scipy.optimize import brentq

from biaochi.core.parameters import Snapshot
from biaochi.core.period import add_months
from biaochi.mechanisms.capital.model import Flow

YEAR = 365.0
SPAN = 12.0
STEPS = 4_000


@dataclass(frozen=True, slots=True)
class Irr:
    """The rate, or ``None`` with the reason why there is none."""

    value: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Trough:
    """The lowest point of cumulative net money."""

    at: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class FundFigures:
    """A fund's (or vintage's) figures; ``None`` where something is missing, never zero."""

    name: str
    paid_in: Decimal
    distributed: Decimal
    nav: Decimal | None
    dpi: float | None
    rvpi: float | None
    tvpi: float | None
    irr: Irr
    trough: Trough | None
    payback_on: date | None
    phase: Literal["too_early", "assessable"]


@dataclass(frozen=True, slots=True)
class JPoint:
    """Net money of one day, and all of it so far."""

    fund: str
    at: date
    net: Decimal
    cumulative: Decimal


def irr(dates: Sequence[date], amounts: Sequence[float]) -> Irr:
    """Return the internal rate of return, actual/365.

    Parameters
    ----------
    dates, amounts : sequences
        Cash flows, positive to the investor; in any order.

    Examples
    --------
    >>> irr([date(2020, 1, 1), date(2021, 1, 1)], [-100.0, 110.0]).value is not None
    True
    """
    cash = np.array(amounts, dtype=np.float64)
    if not cash.size or not (cash.min() < 0 < cash.max()):
        return Irr(None, "no_root")
    first = min(dates)
    years = np.array([(d - first).days / YEAR for d in dates])
    cash = cash / np.abs(cash).max()

    def present(log_growth: float) -> float:
        return float(cash @ np.exp(-years * log_growth))

    grid = np.linspace(-SPAN, SPAN, STEPS + 1)
    values = np.exp(-np.outer(grid, years)) @ cash
    signs = np.sign(values)
    exact = grid[signs == 0]
    crossing = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    roots = [*exact, *(brentq(present, grid[i], grid[i + 1], xtol=1e-14) for i in crossing)]
    if len(roots) != 1:
        return Irr(None, "no_root" if not roots else "several_roots")
    return Irr(float(np.expm1(roots[0])), "")


def jcurve(name: str, flows: Sequence[Flow]) -> list[JPoint]:
    """Return net and cumulative money by day."""
    by_day: dict[date, Decimal] = {}
    for f in sorted(flows, key=lambda f: f.at):
        if f.kind != "nav":
            sign = -1 if f.kind == "call" else 1
            by_day[f.at] = by_day.get(f.at, Decimal(0)) + sign * f.amount
    points, total = [], Decimal(0)
    for day, net in by_day.items():
        total += net
        points.append(JPoint(name, day, net, total))
    return points


def fund_figures(name: str, flows: Sequence[Flow], *, at: date, parameters: Snapshot) -> FundFigures:
    """Return the figures of one fund from its flows up to a day."""
    return _figures(name, [list(flows)], at, parameters)


def portfolio_figures(name: str, flows: Sequence[Flow], *, at: date, parameters: Snapshot) -> FundFigures:
    """Return the pooled figures of all funds together: a portfolio is judged over its whole life, never by one deal."""
    funds: dict[str, list[Flow]] = {}
    for f in flows:
        funds.setdefault(f.fund, []).append(f)
    return _figures(name, list(funds.values()), at, parameters)


def vintage_figures(flows: Sequence[Flow], *, at: date, parameters: Snapshot) -> list[FundFigures]:
    """Return the pooled figures of the funds of each vintage: the year of the first call."""
    funds: dict[str, list[Flow]] = {}
    for f in flows:
        funds.setdefault(f.fund, []).append(f)
    vintages: dict[int, list[list[Flow]]] = {}
    for own in funds.values():
        calls = [f.at for f in own if f.kind == "call"]
        if calls:
            vintages.setdefault(min(calls).year, []).append(own)
    return [_figures(str(year), pooled, at, parameters) for year, pooled in sorted(vintages.items())]


def _figures(name: str, funds: Sequence[Sequence[Flow]], at: date, parameters: Snapshot) -> FundFigures:
    flows = [f for own in funds for f in own]
    paid = sum((f.amount for f in flows if f.kind == "call"), Decimal(0))
    back = sum((f.amount for f in flows if f.kind == "distribution"), Decimal(0))
    navs = [_nav(own) for own in funds]
    nav = sum((n for _, n in navs if n is not None), Decimal(0)) if all(n is not None for _, n in navs) else None
    dpi = float(back / paid) if paid else None
    rvpi = float(nav / paid) if paid and nav is not None else None
    tvpi = float((back + nav) / paid) if paid and nav is not None else None
    points = jcurve(name, flows)
    low = min(points, key=lambda p: p.cumulative, default=None)
    trough = Trough(low.at, low.cumulative) if low is not None and low.cumulative < 0 else None
    early = any(_investing(own, at, parameters) for own in funds)
    return FundFigures(
        name,
        paid,
        back,
        nav,
        dpi,
        rvpi,
        tvpi,
        _rate(flows, navs, nav is None),
        trough,
        _payback(points),
        "too_early" if early else "assessable",
    )


def _nav(flows: Sequence[Flow]) -> tuple[date | None, Decimal | None]:
    """Return the last valuation: all its lines of the last day that has one."""
    days = [f.at for f in flows if f.kind == "nav"]
    if not days:
        return None, None
    last = max(days)
    return last, sum((f.amount for f in flows if f.kind == "nav" and f.at == last), Decimal(0))


def _rate(flows: Sequence[Flow], navs: Sequence[tuple[date | None, Decimal | None]], missing: bool) -> Irr:
    dates = [f.at for f in flows if f.kind != "nav"]
    amounts = [float(f.amount) * (-1 if f.kind == "call" else 1) for f in flows if f.kind != "nav"]
    for day, nav in navs:
        if day is not None and nav is not None and nav > 0:
            dates.append(day)
            amounts.append(float(nav))
    found = irr(dates, amounts)
    return Irr(found.value, "nav_missing") if missing and found.value is not None else found


def _payback(points: Sequence[JPoint]) -> date | None:
    """Return the first day on which all money is back, after it was not."""
    below = False
    for p in points:
        if p.cumulative < 0:
            below = True
        elif below:
            return p.at
    return None


def _investing(flows: Sequence[Flow], at: date, parameters: Snapshot) -> bool:
    """Whether a fund is still investing: money was called lately, or nothing has come back in its first years."""
    calls = [f.at for f in flows if f.kind == "call"]
    if not calls:
        return True
    quiet = int(str(parameters["capital.quiet_months"].value))
    years = float(str(parameters["capital.invest_years"].value))
    if at < add_months(max(calls), quiet):
        return True
    young = at < min(calls) + timedelta(days=years * YEAR)
    return young and not any(f.kind == "distribution" for f in flows)
