"""One turn of the programme: the purchases of the year with their market, checks and offers, and red flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from biaochi.core.decision import Decision
from biaochi.core.parameters import Snapshot
from biaochi.core.turn import Turn
from biaochi.mechanisms.procurement.decisions.evaluate import Evaluation, evaluate
from biaochi.mechanisms.procurement.decisions.market import Market, market
from biaochi.mechanisms.procurement.decisions.redflags import RedFlags, red_flags
from biaochi.mechanisms.procurement.decisions.schedule import WorkingCalendar
from biaochi.mechanisms.procurement.decisions.stage import check_purchase
from biaochi.mechanisms.procurement.model import Offer, ProductFact, Purchase, ReviewerScore


@dataclass(frozen=True)
class PartPurchase:
    """A purchase of the programme with what was found on the market and what was offered."""

    purchase: Purchase
    products: tuple[ProductFact, ...] = ()
    offers: tuple[Offer, ...] = ()
    scores: tuple[ReviewerScore, ...] = ()


@dataclass(frozen=True)
class PartInputs:
    """Purchases, the declared working days, and compiled releases (None when there is no file of them)."""

    purchases: tuple[PartPurchase, ...]
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    releases: tuple[Mapping[str, Any], ...] | None = None


@dataclass(frozen=True)
class PurchaseResult:
    """One purchase: its market, its checks, its offers evaluated; what was not handed in is None."""

    purchase: Purchase
    market: Market | None
    checks: Decision
    evaluation: Evaluation | None

    @property
    def verdicts(self) -> Mapping[str, int]:
        """Number of checks by verdict."""
        return Counter(r.verdict.value for r in self.checks.reasons)


@dataclass(frozen=True)
class PartResult:
    """Every purchase of the turn, and the red flags of its releases."""

    purchases: tuple[PurchaseResult, ...]
    flags: RedFlags | None


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Hold every purchase against the rules of the turn's day; evaluate offers where there are any."""
    done = []
    for given in inputs.purchases:
        found = market(given.purchase.needs, given.products) if given.products else None
        checks = check_purchase(
            given.purchase, at=turn.at, parameters=parameters, market=found, calendar=inputs.calendar
        )
        ranked = None
        if given.offers:
            rng = np.random.default_rng(turn.seed)
            ranked = evaluate(given.purchase, given.offers, given.scores, at=turn.at, parameters=parameters, rng=rng)
        done.append(PurchaseResult(given.purchase, found, checks, ranked))
    return PartResult(tuple(done), red_flags(inputs.releases) if inputs.releases is not None else None)
