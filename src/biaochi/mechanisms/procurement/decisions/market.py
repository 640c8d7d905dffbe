"""The market check: how many suppliers could meet all needs, which need shuts out the rest, and how far to relax it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from biaochi.mechanisms.procurement.decisions.needs import Fit, fit
from biaochi.mechanisms.procurement.model import Need, ProductFact

ENOUGH = 3


@dataclass(frozen=True, slots=True)
class NeedMarket:
    """What one need does: possible suppliers without it, and the nearest threshold that leaves at least three."""

    need: str
    dropped: int
    relaxed_to: float | None


@dataclass(frozen=True, slots=True)
class Slack:
    """How many numeric needs sit exactly on a product's own value."""

    product: str
    equal: int
    of: int


@dataclass(frozen=True, slots=True)
class Market:
    """The result of a market check; it knows only the products that were entered.

    Attributes
    ----------
    certain, possible : int
        Suppliers (a group counts once) with a product that certainly, or possibly, meets every mandatory need.
    verdict : str
        ``clean``, ``needs_context`` or ``violation``.
    """

    certain: int
    possible: int
    verdict: str
    needs: tuple[NeedMarket, ...]
    zero_slack: tuple[Slack, ...]
    suppliers: tuple[str, ...]


def market(needs: Sequence[Need], products: Iterable[ProductFact], *, necessity: bool = False) -> Market:
    """Check which suppliers on the market could meet the mandatory needs.

    Parameters
    ----------
    needs : sequence of Need
        Only the mandatory ones decide.
    products : iterable of ProductFact
        One fact a product and need; a need without a fact is unknown, and unknown is possible.
    necessity : bool
        Whether the buyer recorded why fewer suppliers must do; then one supplier needs context instead.

    Returns
    -------
    Market
        Three certain suppliers are clean; two possible ones need context; fewer point to one supplier.
    """
    mandatory = [n for n in needs if n.mandatory]
    table: dict[str, dict[str, ProductFact]] = {}
    owners: dict[str, str] = {}
    for fact in products:
        table.setdefault(fact.product, {})[fact.need] = fact
        owners[fact.product] = fact.owner
    fits = {p: {n.code: _fit(n, facts.get(n.code)) for n in mandatory} for p, facts in table.items()}
    certain = _owners(fits, owners, Fit.CERTAIN, None)
    possible = _owners(fits, owners, Fit.POSSIBLE, None)
    if len(certain) >= ENOUGH:
        verdict = "clean"
    elif len(possible) >= 2 or necessity:
        verdict = "needs_context"
    else:
        verdict = "violation"
    return Market(
        len(certain),
        len(possible),
        verdict,
        tuple(
            NeedMarket(n.code, len(_owners(fits, owners, Fit.POSSIBLE, n.code)), _relaxed(n, fits, table, owners))
            for n in mandatory
        ),
        tuple(_slack(p, facts, mandatory) for p, facts in table.items()),
        tuple(sorted(possible)),
    )


def _fit(need: Need, fact: ProductFact | None) -> Fit:
    return Fit.POSSIBLE if fact is None else fit(need, fact.value, fact.low, fact.high)


def _owners(
    fits: Mapping[str, Mapping[str, Fit]], owners: Mapping[str, str], least: Fit, without: str | None
) -> set[str]:
    return {owners[p] for p, by in fits.items() if all(f >= least for n, f in by.items() if n != without)}


def _relaxed(
    need: Need,
    fits: Mapping[str, Mapping[str, Fit]],
    table: Mapping[str, Mapping[str, ProductFact]],
    owners: Mapping[str, str],
) -> float | None:
    """Return the threshold nearest to the present one that at least "
    "three suppliers possibly meet; None if none or unneeded."""
    if not need.numeric or need.op not in (">=", "<="):
        return None
    best: dict[str, float | None] = {}
    upward = need.op == ">="
    for product, by in fits.items():
        if any(f is Fit.NOT for n, f in by.items() if n != need.code):
            continue
        fact = table[product].get(need.code)
        reach = None if fact is None else fact.high if upward else fact.low
        if reach is None and fact is not None and isinstance(fact.value, int | float):
            reach = float(fact.value)
        owner = owners[product]
        if owner in best and (best[owner] is None or reach is None):
            best[owner] = None
        elif owner in best:
            held = best[owner]
            best[owner] = max(held, reach) if upward else min(held, reach)  # type: ignore[type-var]
        else:
            best[owner] = reach
    if len(best) < ENOUGH:
        return None
    limit = float(need.threshold)  # type: ignore[arg-type]
    missing = ENOUGH - sum(r is None or (r >= limit if upward else r <= limit) for r in best.values())
    if missing <= 0:
        return None
    short = sorted((r for r in best.values() if r is not None and (r < limit if upward else r > limit)), reverse=upward)
    return short[missing - 1] if len(short) >= missing else None


def _slack(product: str, facts: Mapping[str, ProductFact], needs: Sequence[Need]) -> Slack:
    numeric = [n for n in needs if n.numeric]
    equal = 0
    for need in numeric:
        fact = facts.get(need.code)
        if fact is not None and isinstance(fact.value, int | float):
            equal += float(fact.value) == float(need.threshold)  # type: ignore[arg-type]
    return Slack(product, equal, len(numeric))
