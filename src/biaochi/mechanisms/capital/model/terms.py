"""The terms of a fund, as its agreement states them; ``None`` means that the agreement was silent or not read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Party:
    """An investor (lp) or the manager (gp)."""

    code: str
    role: Literal["lp", "gp"]
    government: bool


@dataclass(frozen=True, slots=True)
class ReturnOfCapital:
    """Investors get their contributions back, pro rata to what is outstanding."""


@dataclass(frozen=True, slots=True)
class Preferred:
    """Investors get a yearly return on what was outstanding, compounded, actual/365."""

    rate: Decimal


@dataclass(frozen=True, slots=True)
class CatchUp:
    """The manager takes ``share`` of each yuan until it holds ``until`` of all profit."""

    share: Decimal
    until: Decimal


@dataclass(frozen=True, slots=True)
class Split:
    """The rest is split between investors and manager."""

    lps: Decimal
    gp: Decimal


Tier = ReturnOfCapital | Preferred | CatchUp | Split


@dataclass(frozen=True, slots=True)
class FirstLoss:
    """A party that bears the investors' shortfall first, up to a share of its own contribution."""

    party: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class Concession:
    """A share of one party's gain goes to others, in proportion to their contributions."""

    source: str
    share: Decimal
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement says.  Amounts in yuan, shares in 0..1."""

    fund: str
    kind: Literal["national", "regional", "local", "sub_fund"]
    purpose: str
    term_years: float | None = None
    invest_years: float | None = None
    reinvestment_ratio: float | None = None
    registration_required: bool | None = None
    early_share: float | None = None
    ticket_max: Decimal | None = None
    valuation_max: Decimal | None = None
    largest_lp: bool | None = None
    sub_fund_share: float | None = None
    sub_fund_mean: Decimal | None = None
    evaluation: Literal["life_cycle", "yearly", "single_project"] | None = None
    track_years_to_market: float | None = None
    parties: tuple[Party, ...] = ()
    tiers: tuple[Tier, ...] = ()
    first_loss: tuple[FirstLoss, ...] = ()
    concession: Concession | None = None
