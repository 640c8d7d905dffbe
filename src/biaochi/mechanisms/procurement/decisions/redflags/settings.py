"""What the red flags are told before they look: which codes, thresholds, filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CODES = ("R003", "R018", "R024", "R025", "R028", "R030", "R035", "R036", "R038", "R048", "R058")
PRICE_CODES = frozenset({"R024", "R028", "R036", "R058"})


@dataclass(frozen=True, slots=True)
class FlagSettings:
    """Settings of the red flags; the defaults are those of the profile ``cardinal``.

    Parameters
    ----------
    codes : frozenset of str
        Flags to compute.
    thresholds : mapping
        Code → threshold that replaces the statistical fence (R003: days; default 15).
    procurement_methods : mapping
        Code (R003, R018) → methods the flag is limited to; a code that is absent is not limited.
    method_days : mapping
        R003: ``procurementMethodDetails`` → days.
    percentile : float
        R025: tenderers with at least this percentile of submitted bids are looked at.
    minimum_submitted_bids : int
        R038: fewest submitted bids.
    minimum_processes : mapping
        R038 and R048: fewest contracting processes.
    digits : int
        R048: leading characters of an item's class.
    currency : str
        Currency prices are compared in; empty for the first one compared.
    excluded_details : frozenset of str
        ``procurementMethodDetails`` that are left out altogether.
    price_methods, no_price_methods : mapping
        Code (R024, R028, R036, R058) → ``procurementMethodDetails`` where prices are (or are not) compared.
    """

    codes: frozenset[str] = frozenset(CODES)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    procurement_methods: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: {"R018": frozenset({"open", "selective"})}
    )
    method_days: Mapping[str, float] = field(default_factory=dict)
    percentile: float = 75.0
    minimum_submitted_bids: int = 2
    minimum_processes: Mapping[str, int] = field(default_factory=lambda: {"R038": 1, "R048": 20})
    digits: int = 2
    currency: str = ""
    excluded_details: frozenset[str] = frozenset()
    price_methods: frozenset[str] = frozenset()
    no_price_methods: frozenset[str] = frozenset()

    @property
    def days(self) -> float:
        """R003: shortest submission period that is not flagged, in whole days."""
        return self.thresholds.get("R003", 15.0)

    def compares_prices(self, details: object) -> bool:
        """Whether prices are compared under these method details."""
        if self.price_methods and details not in self.price_methods:
            return False
        return details not in self.no_price_methods

    @classmethod
    def from_mapping(cls, raw: Mapping[str, Any], *, days: float | None = None) -> FlagSettings:
        """Build from the content of a settings file that was already checked.

        Codes named in the file are computed; a file that names none computes all.  ``days`` is the profile's
        default of R003.
        """
        named = [c for c in CODES if c in raw]
        own: dict[str, Mapping[str, Any]] = {c: raw[c] or {} for c in named}
        thresholds = {c: float(v["threshold"]) for c, v in own.items() if v.get("threshold") is not None}
        if days is not None:
            thresholds.setdefault("R003", days)
        methods = {"R018": frozenset({"open", "selective"})}
        for code in ("R003", "R018"):
            chosen = own.get(code, {}).get("procurement_methods")
            if chosen is not None:
                methods[code] = frozenset(chosen)
        minimum = {"R038": 1, "R048": 20}
        for code in minimum:
            value = own.get(code, {}).get("minimum_contracting_processes")
            if value is not None:
                minimum[code] = int(value)
        percentile = own.get("R025", {}).get("percentile")
        bids = own.get("R038", {}).get("minimum_submitted_bids")
        digits = own.get("R048", {}).get("digits")
        exclusions = raw.get("exclusions") or {}
        return cls(
            codes=frozenset(named or CODES),
            thresholds=thresholds,
            procurement_methods=methods,
            method_days={k: float(v) for k, v in (own.get("R003", {}).get("procurement_method_details") or {}).items()},
            percentile=75.0 if percentile is None else float(percentile),
            minimum_submitted_bids=2 if bids is None else int(bids),
            minimum_processes=minimum,
            digits=2 if digits is None else int(digits),
            currency=str(raw.get("currency") or ""),
            excluded_details=frozenset(exclusions.get("procurement_method_details") or ()),
            price_methods=frozenset(raw.get("price_comparison_procurement_methods") or ()),
            no_price_methods=frozenset(raw.get("no_price_comparison_procurement_methods") or ()),
        )
