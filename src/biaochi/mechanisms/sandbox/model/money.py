"""Compute vouchers: the scheme, what is claimed, what is awarded, and the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from biaochi.core.text import Text
from biaochi.core.verdict import Verdict


@dataclass(frozen=True)
class Scheme:
    """A voucher scheme; ``rates`` are shares of what was paid, by kind of compute."""

    id: str
    budget: Decimal
    start_on: date
    end_on: date
    holder_cap: Decimal
    cap_by: Literal["holder", "group"]
    rates: Mapping[str, Decimal]
    allocation: Literal["first_come", "pro_rata", "lottery"]
    seed: str = ""
    local_only: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim on paid compute; ``face`` is what its voucher is worth at most, where vouchers were issued before."""

    id: str
    holder: str
    provider: str
    contract: str
    invoice: str
    kind: str
    contract_amount: Decimal
    paid_amount: Decimal
    submitted_at: datetime
    submitted_on: date
    other_subsidy: bool = False
    face: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ClaimReason:
    """Why a claim was not simply paid in full."""

    rule: str
    verdict: Verdict
    text: Text

    def to_dict(self) -> dict[str, str]:
        """Return the record of an award's reasons."""
        return {"rule": self.rule, "verdict": self.verdict.value, "zh": self.text.zh, "en": self.text.en}


@dataclass(frozen=True, slots=True)
class Award:
    """What a claim is entitled to, and what it gets."""

    claim: str
    holder: str
    entitled: Decimal
    awarded: Decimal
    verdict: Verdict
    reasons: tuple[ClaimReason, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the record of the answer; money becomes text."""
        return {
            "claim": self.claim,
            "holder": self.holder,
            "entitled": self.entitled,
            "awarded": self.awarded,
            "verdict": self.verdict.value,
            "reasons": [r.to_dict() for r in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class BookEntry:
    """One line of the books: the same amount debited and credited."""

    seq: int
    at: str
    debit: str
    credit: str
    amount: Decimal
    claim: str | None

    def to_dict(self) -> dict[str, object]:
        """Return the record of the answer."""
        return {
            "seq": self.seq,
            "at": self.at,
            "debit": self.debit,
            "credit": self.credit,
            "amount": self.amount,
            "claim": self.claim,
        }


@dataclass(frozen=True)
class Allocation:
    """All awards with their books; ``balances`` is debit minus credit of each account and sums to nothing."""

    awards: tuple[Award, ...]
    entries: tuple[BookEntry, ...]
    balances: Mapping[str, Decimal]
    fairness_questions: tuple[Mapping[str, object], ...] = field(default=())
