"""What the life cycles of stored objects ask about: plain facts, put together by whoever stores them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class WaiverRecord:
    """A waiver as the guards of its life cycle see it."""

    created_by: str
    applicant_organisation: str
    start_on: date
    end_on: date
    zone: ZoneInfo
    touches_floor: bool | None


@dataclass(frozen=True, slots=True)
class EthicsRecord:
    """An ethics review as the guards of its life cycle see it."""

    created_by: str
    applicant_organisation: str
    conditions: tuple[str, ...]
    next_review_on: date | None


@dataclass(frozen=True, slots=True)
class VoucherRecord:
    """A voucher as the guards of its life cycle see it."""

    created_by: str
    holder_organisation: str
    verified_by: str
    end_on: date
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """A data grant as the guards of its life cycle see it."""

    created_by: str
    applicant_organisation: str
    purpose: str
    basis: str
    start_on: date
    end_on: date
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """An accelerator's service as the guards of its life cycle see it."""

    created_by: str
    applicant_organisation: str
    outcome: str
