"""Money in and out of funds, and the deals below them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Flow:
    """One call, distribution or valuation; ``party`` empty for what all share."""

    fund: str
    at: date
    kind: Literal["call", "distribution", "nav"]
    party: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Deal:
    """One investment.

    It succeeds with ``p_success`` — given that its group is viable, if it has one — and else loses ``loss_share`` of
    its amount.  Deals of a group share one draw: the group is viable with ``p_group``.
    """

    deal: str
    kind: str
    amount: Decimal
    p_success: float
    loss_share: float
    group: str = ""
    p_group: float | None = None


@dataclass(frozen=True, slots=True)
class LossTier:
    """The share of loss a rule tolerates for a class of deals."""

    kind: str
    share: float
    citation: str
    status: Literal["confirmed", "unverified"]
