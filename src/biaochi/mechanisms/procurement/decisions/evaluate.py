"""Ranking offers: deductions on the price as it is compared, expert means, and how sure the selection is.

The evaluated price is ``E = P·(1 − d₁ − d₂)``, each deduction on the original price; the contract price stays ``P``.
The price score is ``w·min E / E`` over the valid offers.  The bootstrap resamples reviewers
(Efron & Tibshirani 1993, doi:10.1201/9780429246593); the totals decide, not the bootstrap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from biaochi.core.parameters import InForce, Snapshot
from biaochi.core.text import Text
from biaochi.mechanisms.procurement.decisions.needs import meets
from biaochi.mechanisms.procurement.model import Criterion, Offer, Purchase, ReviewerScore

REPLICATES = 2000


@dataclass(frozen=True, slots=True)
class Deduction:
    """A deduction of one policy: rate in 0..1, amount in yuan."""

    policy: str
    rate: float
    amount: Decimal


@dataclass(frozen=True)
class Ranked:
    """One offer after evaluation; totals are None while expert scores are missing."""

    offer: str
    supplier: str
    valid: bool
    reasons: tuple[Text, ...]
    price: Decimal
    deductions: tuple[Deduction, ...]
    evaluated: Decimal
    scores: Mapping[str, float | None]
    total: float | None
    low: float | None
    high: float | None
    p_first: float | None
    rank: int | None
    selected: bool


@dataclass(frozen=True, slots=True)
class ReviewerEffect:
    """A reviewer's mean distance from the others, in points, and whether leaving them out changes who is selected."""

    reviewer: str
    bias: float
    changes_selection: bool


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of all offers.

    ``action``: ``select``; ``take_all_or_restart`` when there are fewer valid offers than planned; ``manual_review``
    when a deduction or a score is open.
    """

    offers: tuple[Ranked, ...]
    reviewers: tuple[ReviewerEffect, ...]
    action: str
    open_points: tuple[Text, ...]
    parameters: Snapshot = field(default_factory=Snapshot.empty)


@dataclass(frozen=True, slots=True)
class _Priced:
    offer: Offer
    reasons: tuple[Text, ...]
    deductions: tuple[Deduction, ...]
    evaluated: Decimal

    @property
    def valid(self) -> bool:
        return not self.reasons


def evaluate(
    purchase: Purchase,
    offers: Sequence[Offer],
    scores: Sequence[ReviewerScore] = (),
    *,
    at: date,
    parameters: Snapshot,
    rng: np.random.Generator,
    level: float = 0.9,
) -> Evaluation:
    """Evaluate offers by the criteria of a purchase.

    Parameters
    ----------
    purchase : Purchase
        Criteria (weights sum to 100), needs, SME rates, number of suppliers planned, order of ties.
    offers : sequence of Offer
        At least one.
    scores : sequence of ReviewerScore
        Expert scores in 0..weight; a criterion's score is the mean over its reviewers.
    at : datetime.date
        Day whose deductions apply.
    parameters : Snapshot
        ``domestic_rate``, ``domestic_package_share``, ``sme_rate``, ``sme_joint_rate``.
    rng : numpy.random.Generator
        For the bootstrap over reviewers.
    level : float
        Level of the interval of totals, equal-tailed.
    """
    del at
    open_points: list[Text] = []
    priced = [_priced(o, purchase, _competition(offers), parameters, open_points) for o in offers]
    valid = [p for p in priced if p.valid]
    lowest = min((p.evaluated for p in valid), default=Decimal(0))
    experts = [c for c in purchase.criteria if c.kind == "expert"]
    tables = {c.code: _table(c.code, offers, scores) for c in experts}
    means = {c.code: _means(tables[c.code]) for c in experts}
    points: dict[str, dict[str, float | None]] = {}
    for p in priced:
        row: dict[str, float | None] = {}
        for c in purchase.criteria:
            if c.kind == "price":
                row[c.code] = _price_score(c, p, lowest)
            else:
                row[c.code] = means[c.code].get(p.offer.offer)
        points[p.offer.offer] = row
    totals = {
        p.offer.offer: sum(v for v in points[p.offer.offer].values() if v is not None)
        for p in valid
        if all(v is not None for v in points[p.offer.offer].values())
    }
    complete = bool(purchase.criteria) and len(totals) == len(valid)
    if not complete and valid:
        open_points.append(Text("评分不全，不能排序", "scores are missing; nothing is ranked"))
    order = _order(totals, points, purchase.ties) if complete else []
    chosen = set(order[: purchase.planned_suppliers])
    draws = _bootstrap(purchase, [p.offer.offer for p in valid], points, tables, rng) if complete and order else {}
    if not complete or open_points:
        action = "manual_review"
    elif len(valid) < purchase.planned_suppliers:
        action = "take_all_or_restart"
    else:
        action = "select"
    ranked = tuple(_ranked(p, points, totals, order, chosen, draws, level) for p in priced)
    effects = _reviewers(purchase, valid, points, tables, chosen) if complete else _biases(tables, {})
    return Evaluation(ranked, effects, action, tuple(open_points), parameters)


def _competition(offers: Sequence[Offer]) -> bool:
    """Whether domestic and other products compete."""
    kinds = {o.domestic for o in offers}
    return "yes" in kinds and bool(kinds - {"yes"})


def _priced(
    offer: Offer, purchase: Purchase, competition: bool, parameters: Snapshot, open_points: list[Text]
) -> _Priced:
    deductions: list[Deduction] = []
    for policy, rate in _rates(offer, purchase, competition, parameters, open_points):
        exact = Decimal(str(rate))
        deductions.append(Deduction(policy, rate, offer.price * exact))
    evaluated = offer.price - sum((d.amount for d in deductions), Decimal(0))
    return _Priced(offer, tuple(_invalid(offer, purchase)), tuple(deductions), evaluated)


def _rates(
    offer: Offer, purchase: Purchase, competition: bool, parameters: Snapshot, open_points: list[Text]
) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    domestic = parameters.get("domestic_rate")
    if offer.domestic == "unknown":
        open_points.append(
            Text(f"{offer.offer} 是否本国产品不明", f"whether {offer.offer} is a domestic product is unknown")
        )
    elif offer.domestic == "yes" and competition and domestic is not None:
        share = parameters["domestic_package_share"]
        if offer.domestic_share is not None and offer.domestic_share >= _value(share):
            found.append(("domestic", _value(domestic)))
        else:
            open_points.append(
                Text(
                    f"{offer.offer} 本国产品成本占比不足或不明，只能按品目扣除",
                    f"{offer.offer}: the domestic share is too small or unknown; only "
                    f"its domestic lines may be deducted",
                )
            )
    if purchase.sme.reserved or offer.sme == "none":
        return found
    rate = purchase.sme.joint_rate if offer.sme == "joint" else purchase.sme.rate
    if rate is None:
        return found
    if purchase.category == "works":
        open_points.append(Text("工程项目的扣除比例尚未核实", "the rates for works are unverified"))
        return found
    found.append(("sme_joint" if offer.sme == "joint" else "sme", rate))
    return found


def _value(parameter: InForce) -> float:
    return float(str(parameter.value))


def _invalid(offer: Offer, purchase: Purchase) -> list[Text]:
    values = dict(offer.values)
    reasons = []
    for need in purchase.mandatory:
        value = values.get(need.code)
        if value is None:
            reasons.append(Text(f"{need.code} 未响应", f"{need.code} is not answered"))
        elif not meets(need, value):
            reasons.append(
                Text(
                    f"{need.code} 为 {value}，要求 {need.op} {need.threshold}",
                    f"{need.code} is {value}, required {need.op} {need.threshold}",
                )
            )
    if offer.price <= 0:
        reasons.append(Text("报价须大于零", "the price must be positive"))
    return reasons


def _price_score(criterion: Criterion, priced: _Priced, lowest: Decimal) -> float | None:
    if not priced.valid or priced.evaluated <= 0:
        return None
    return float(criterion.weight * float(lowest) / float(priced.evaluated))


def _table(code: str, offers: Sequence[Offer], scores: Sequence[ReviewerScore]) -> dict[str, dict[str, float]]:
    known = {o.offer for o in offers}
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for s in scores:
        if s.criterion == code and s.offer in known:
            table[s.reviewer][s.offer] = s.score
    return dict(table)


def _means(table: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    seen: dict[str, list[float]] = defaultdict(list)
    for row in table.values():
        for offer, score in row.items():
            seen[offer].append(score)
    return {offer: sum(v) / len(v) for offer, v in seen.items()}


def _order(
    totals: Mapping[str, float], points: Mapping[str, Mapping[str, float | None]], ties: Sequence[str]
) -> list[str]:
    def key(offer: str) -> tuple[float, ...]:
        return (-round(totals[offer], 9), *(-round(points[offer].get(t) or 0.0, 9) for t in ties))

    return sorted(totals, key=lambda o: (key(o), o))


def _bootstrap(
    purchase: Purchase,
    offers: Sequence[str],
    points: Mapping[str, Mapping[str, float | None]],
    tables: Mapping[str, Mapping[str, Mapping[str, float]]],
    rng: np.random.Generator,
) -> dict[str, tuple[NDArray[np.float64], float]]:
    """Return for each offer its resampled totals and how often it came first."""
    people = sorted({r for t in tables.values() for r in t})
    fixed = np.array([sum(points[o][c.code] or 0.0 for c in purchase.criteria if c.kind == "price") for o in offers])
    totals = np.tile(fixed, (REPLICATES, 1))
    if people:
        drawn = rng.integers(0, len(people), size=(REPLICATES, len(people)))
        weights = np.stack([(drawn == k).sum(axis=1) for k in range(len(people))], axis=1).astype(float)
        for code, table in tables.items():
            grid = np.array([[table.get(r, {}).get(o, np.nan) for o in offers] for r in people])
            present = ~np.isnan(grid)
            mass = weights @ present
            mean = np.divide(weights @ np.nan_to_num(grid), mass, out=np.full(mass.shape, np.nan), where=mass > 0)
            whole = np.array([points[o][code] or 0.0 for o in offers])
            totals += np.where(np.isnan(mean), whole, mean)
    first = np.argmax(totals, axis=1)
    return {o: (totals[:, i], float(np.mean(first == i))) for i, o in enumerate(offers)}


def _ranked(
    priced: _Priced,
    points: Mapping[str, Mapping[str, float | None]],
    totals: Mapping[str, float],
    order: Sequence[str],
    chosen: set[str],
    draws: Mapping[str, tuple[NDArray[np.float64], float]],
    level: float,
) -> Ranked:
    name = priced.offer.offer
    sample = draws.get(name)
    ends = np.quantile(sample[0], [(1 - level) / 2, (1 + level) / 2]) if sample is not None else None
    return Ranked(
        name,
        priced.offer.supplier,
        priced.valid,
        priced.reasons,
        priced.offer.price,
        priced.deductions,
        priced.evaluated,
        points[name],
        totals.get(name),
        float(ends[0]) if ends is not None else None,
        float(ends[1]) if ends is not None else None,
        sample[1] if sample is not None else None,
        order.index(name) + 1 if name in order else None,
        name in chosen,
    )


def _reviewers(
    purchase: Purchase,
    valid: Sequence[_Priced],
    points: Mapping[str, Mapping[str, float | None]],
    tables: Mapping[str, Mapping[str, Mapping[str, float]]],
    chosen: set[str],
) -> tuple[ReviewerEffect, ...]:
    changes: dict[str, bool] = {}
    for person in {r for t in tables.values() for r in t}:
        means = {c: _means({r: row for r, row in t.items() if r != person}) for c, t in tables.items()}
        moved: dict[str, dict[str, float | None]] = {
            p.offer.offer: {
                c.code: points[p.offer.offer][c.code] if c.kind == "price" else means[c.code].get(p.offer.offer)
                for c in purchase.criteria
            }
            for p in valid
        }
        totals = {o: sum(v for v in row.values() if v is not None) for o, row in moved.items()}
        complete = all(v is not None for row in moved.values() for v in row.values())
        order = _order(totals, moved, purchase.ties)
        changes[person] = complete and set(order[: purchase.planned_suppliers]) != chosen
    return _biases(tables, changes)


def _biases(
    tables: Mapping[str, Mapping[str, Mapping[str, float]]], changes: Mapping[str, bool]
) -> tuple[ReviewerEffect, ...]:
    distance: dict[str, list[float]] = defaultdict(list)
    for table in tables.values():
        for person, row in table.items():
            for offer, score in row.items():
                others = [r[offer] for q, r in table.items() if q != person and offer in r]
                if others:
                    distance[person].append(score - sum(others) / len(others))
    people = sorted({r for t in tables.values() for r in t})
    return tuple(
        ReviewerEffect(p, sum(distance[p]) / len(distance[p]) if distance[p] else 0.0, changes.get(p, False))
        for p in people
    )
