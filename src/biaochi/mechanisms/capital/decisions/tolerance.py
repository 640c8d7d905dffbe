"""How likely the loss share of a class exceeds what a rule tolerates.

Losses sit on a lattice of their greatest common divisor; the distribution is exact where the lattice has at most a
million cells, and simulated elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, sqrt

import numpy as np
from numpy.typing import NDArray

from biaochi.core.parameters import Snapshot
from biaochi.mechanisms.capital.model import Deal, LossTier

CELLS = 1_000_000
DRAWS = 200_000
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Exceedance:
    """P(loss share > tier) of a class; ``se`` 0 where it is exact."""

    kind: str
    tier: float
    p_exceeds: float
    se: float


def tolerance(
    deals: Sequence[Deal], tiers: Sequence[LossTier], *, seed: int = 0, most_cells: int = CELLS
) -> list[Exceedance]:
    """Return the chance that each class loses more than its tier.

    Examples
    --------
    >>> from decimal import Decimal
    >>> two = [Deal(name, "seed", Decimal(100), 0.5, 1.0) for name in "ab"]
    >>> tolerance(two, [LossTier("seed", 0.5, "", "unverified")])[0].p_exceeds
    0.25
    """
    found = []
    for tier in tiers:
        own = [d for d in deals if d.kind == tier.kind]
        if not own:
            continue
        invested = sum((Fraction(d.amount) for d in own), Fraction(0))
        limit = Fraction(str(tier.share)) * invested
        losses = [Fraction(d.amount) * Fraction(str(d.loss_share)) for d in own]
        unit = _unit(losses)
        cells = int(sum(losses) / unit) + 1 if unit else 1
        if cells <= most_cells:
            p, se = _exact(own, [int(loss / unit) if unit else 0 for loss in losses], unit, limit), 0.0
        else:
            p, se = _simulated(own, losses, limit, seed)
        found.append(Exceedance(tier.kind, tier.share, p, se))
    return found


def _unit(losses: Sequence[Fraction]) -> Fraction:
    """Return the greatest common divisor of the losses."""
    denominator = 1
    for loss in losses:
        denominator = denominator * loss.denominator // gcd(denominator, loss.denominator)
    whole = 0
    for loss in losses:
        whole = gcd(whole, int(loss * denominator))
    return Fraction(whole, denominator)


def _groups(deals: Sequence[Deal]) -> list[tuple[float, list[int]]]:
    """Return (probability of being viable, members) of each group; deals alone are always viable."""
    groups: dict[str, tuple[float, list[int]]] = {}
    for i, d in enumerate(deals):
        name = f"group {d.group}" if d.group else f"deal {i}"
        chance = 1.0 if not d.group or d.p_group is None else d.p_group
        groups.setdefault(name, (chance, []))[1].append(i)
    return list(groups.values())


def _exact(deals: Sequence[Deal], losses: Sequence[int], unit: Fraction, limit: Fraction) -> float:
    total = np.ones(1)
    for viable, members in _groups(deals):
        given = np.ones(1)
        for i in members:
            one = np.zeros(losses[i] + 1)
            one[0] += deals[i].p_success
            one[losses[i]] += 1 - deals[i].p_success
            given = _convolved(given, one)
        failed = np.zeros(sum(losses[i] for i in members) + 1)
        failed[-1] = 1 - viable
        failed[: given.size] += viable * given
        total = _convolved(total, failed)
    above = (
        np.array([unit * cell > limit for cell in range(total.size)])
        if total.size < 2000
        else _above(total, unit, limit)
    )
    return float(np.clip(total[above].sum(), 0.0, 1.0))


def _above(total: NDArray[np.float64], unit: Fraction, limit: Fraction) -> NDArray[np.bool_]:
    first = int(limit / unit) + 1
    return np.arange(total.size) >= first


def _convolved(a: NDArray[np.float64], sparse: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convolve with a distribution that has few atoms."""
    result = np.zeros(a.size + sparse.size - 1)
    atoms = np.flatnonzero(sparse)
    if atoms.size > 64:
        return np.asarray(np.convolve(a, sparse))
    for at in atoms:
        result[at : at + a.size] += sparse[at] * a
    return result


def _simulated(deals: Sequence[Deal], losses: Sequence[Fraction], limit: Fraction, seed: int) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    amount = np.array([float(loss) for loss in losses])
    chance = np.array([d.p_success for d in deals])
    groups = _groups(deals)
    place = np.empty(len(deals), dtype=np.int64)
    for g, (_, members) in enumerate(groups):
        place[members] = g
    viable = np.array([v for v, _ in groups])
    above = 0
    for _ in range(DRAWS // BATCH):
        good = rng.random((BATCH, len(groups))) < viable
        success = good[:, place] & (rng.random((BATCH, len(deals))) < chance)
        above += int(((~success) @ amount > float(limit)).sum())
    p = above / DRAWS
    return p, sqrt(p * (1 - p) / DRAWS)


def shipped_tiers(parameters: Snapshot) -> list[LossTier]:
    """Return the tolerated losses among the parameters in force: seed, angel, industry."""
    found: list[LossTier] = []
    for kind in ("seed", "angel", "industry"):
        code = f"capital.loss.{kind}"
        if code in parameters:
            value = parameters[code]
            share = float(str(value.value))
            found.append(LossTier(kind, share, str(value.citation), "confirmed" if value.confirmed else "unverified"))
    return found
