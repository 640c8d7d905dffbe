"""One pass over the releases: what each flag needs is kept, the releases are not.

Memory grows with the number of prices compared (a few numbers each), of organisations and of flags; a million
releases of a kilobyte stay far below their own size.  The pass is written for speed: every process goes through
:meth:`Scan.add` once, organisations are looked up once a bid, and sets are built only where they can matter.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from biaochi.mechanisms.procurement.decisions.redflags.bids import (
    BIDS,
    LAST,
    LAST_VALID,
    NONE,
    PROCESSES,
    REJECTED,
    VALID,
    WON,
    Bid,
    Ratio,
    Tally,
    identity,
    ids,
    instant,
    mapping,
    records,
    submitted,
    word,
)
from biaochi.mechanisms.procurement.decisions.redflags.settings import CODES, PRICE_CODES, FlagSettings

_FINAL = frozenset({"active", "cancelled", "unsuccessful"})
_DAY = timedelta(days=1)
_INFINITE = float("inf")
_WITHOUT_BIDS = frozenset({"R003", "R018", "R048"})
_SPREAD = ("R024", "R058")
Group = dict[str, dict[str, dict[str, float]]]


@dataclass
class Scan:
    """The running state of one pass; feed it with :meth:`add`, read it with ``finish``."""

    settings: FlagSettings
    maps: bool = False
    results: Group = field(default_factory=lambda: {g: {} for g in ("OCID", "Buyer", "ProcuringEntity", "Tenderer")})
    computed: Counter[str] = field(default_factory=Counter)
    excluded: dict[str, Counter[str]] = field(default_factory=lambda: {c: Counter() for c in CODES})
    releases: int = 0
    currency: str = ""
    spreads: array[float] = field(default_factory=lambda: array("d"))
    pairs: array[int] = field(default_factory=lambda: array("q"))
    ocids: list[str] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    tenderers: dict[str, Tally] = field(default_factory=dict)
    rejected: dict[str, dict[str, Ratio]] = field(default_factory=lambda: {"Buyer": {}, "ProcuringEntity": {}})
    classes: dict[str, tuple[set[str], Ratio]] = field(default_factory=dict)
    mapped: dict[str, dict[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        codes = self.settings.codes
        self.currency = self.settings.currency
        self._asked = {c: c in codes for c in CODES}
        self._needing_bids = tuple(codes - _WITHOUT_BIDS)
        self._comparing = tuple(codes & PRICE_CODES)
        self._spreading = tuple(c for c in _SPREAD if c in codes)
        self._all_prices = codes >= PRICE_CODES

    def flag(self, group: str, subject: str, code: str, value: float) -> None:
        """Note a flag; when one subject earns a code several times, the last value in a process stands."""
        if subject:
            self.results[group].setdefault(subject, {})[code] = value

    def miss(self, code: str, reason: str) -> None:
        """Count a process for which a flag could not be computed."""
        self.excluded[code][reason] += 1

    def add(self, release: Mapping[str, Any]) -> None:
        """Take one compiled release into account."""
        self.releases += 1
        settings, asked = self.settings, self._asked
        tender = release.get("tender")
        if not isinstance(tender, dict):
            tender = NONE
        details = tender.get("procurementMethodDetails")
        if not isinstance(details, str):
            details = None
        if tender.get("status") == "cancelled" or details in settings.excluded_details:
            reason = "cancelled" if tender.get("status") == "cancelled" else "excluded_method"
            for code in settings.codes:
                self.excluded[code][reason] += 1
            return
        ocid = str(release.get("ocid") or "")
        awards = records(release.get("awards"))
        active = [a for a in awards if a.get("status") == "active"]
        own = [ids(a.get("suppliers")) for a in active]
        suppliers = {s for each in own for s in each}
        end: datetime | None = None
        if asked["R003"] or asked["R030"]:
            period = mapping(tender.get("tenderPeriod"))
            end = instant(period.get("endDate"))
            if asked["R003"]:
                self._r003(ocid, tender, details, period, end)
        if asked["R018"]:
            self._r018(ocid, tender)
        if asked["R048"]:
            self._r048(active, suppliers)
        bids = submitted(release)
        if not bids:
            for code in self._needing_bids:
                self.excluded[code]["no_bids"] += 1
            return
        if self.maps:
            self._map(ocid, release, tender, bids)
        if asked["R030"]:
            self._r030(ocid, end, suppliers, bids)
        final = bool(awards) and all(word(a.get("status")) in _FINAL for a in awards)
        winner = own[0][0] if final and len(active) == 1 and len(own[0]) == 1 else ""
        bad = self._organisations(release, tender, winner, bids) if asked["R025"] or asked["R038"] else 1
        if asked["R035"]:
            self._r035(ocid, final, suppliers if active else None, bids, bad)
        if not settings.compares_prices(details):
            for code in self._comparing:
                self.excluded[code]["no_price_comparison"] += 1
            return
        if not (self._all_prices and self._compare(ocid, bool(active), winner, bids)):
            if asked["R028"]:
                self._r028(ocid, bids)
            if asked["R036"]:
                self._r036(ocid, active, bids)
            if self._spreading:
                self._spread(ocid, winner, bids)

    def _r003(
        self, ocid: str, tender: Mapping[str, Any], details: object, period: Mapping[str, Any], end: datetime | None
    ) -> None:
        methods = self.settings.procurement_methods.get("R003")
        if methods is not None and word(tender.get("procurementMethod")) not in methods:
            return self.miss("R003", "other_method")
        if not period.get("startDate") or not period.get("endDate"):
            return self.miss("R003", "no_period")
        start = instant(period["startDate"])
        if start is None or end is None:
            return self.miss("R003", "bad_date")
        self.computed["R003"] += 1
        days = self.settings.method_days.get(str(details), self.settings.days)
        if (end - start) // _DAY < days:
            self.flag("OCID", ocid, "R003", 1.0)
        return None

    def _r018(self, ocid: str, tender: Mapping[str, Any]) -> None:
        methods = self.settings.procurement_methods.get("R018")
        if methods is not None and word(tender.get("procurementMethod")) not in methods:
            return self.miss("R018", "other_method")
        count = tender.get("numberOfTenderers")
        if not isinstance(count, int | float) or isinstance(count, bool):
            return self.miss("R018", "no_number_of_tenderers")
        self.computed["R018"] += 1
        if count == 1:
            self.flag("OCID", ocid, "R018", 1.0)
        return None

    def _organisations(
        self, release: Mapping[str, Any], tender: Mapping[str, Any], winner: str, bids: list[Bid]
    ) -> int:
        """R025 and R038: count what each organisation did; return the number of disqualified bids."""
        now, known, bad = self.releases, self.tenderers, 0
        for status, own, _, _, _ in bids:
            out = status == "disqualified"
            bad += out
            for name in own:
                held = known.get(name)
                if held is None:
                    known[name] = held = [0, 0, 0, 0, 0, 0, 0]
                held[BIDS] += 1
                if held[LAST] != now:
                    held[LAST] = now
                    held[PROCESSES] += 1
                if out:
                    held[REJECTED] += 1
                elif winner and status == "valid" and held[LAST_VALID] != now:
                    held[LAST_VALID] = now
                    held[VALID] += 1
                    held[WON] += name == winner
        if self._asked["R025"]:
            if winner:
                self.computed["R025"] += 1
            else:
                self.miss("R025", "no_sole_winner")
        if self._asked["R038"]:
            self.computed["R038"] += 1
            buyer, entity = identity(release.get("buyer")), identity(tender.get("procuringEntity"))
            for group, name in (("Buyer", buyer), ("ProcuringEntity", entity)):
                if name:
                    ratio = self.rejected[group].setdefault(name, [0, 0, 0])
                    ratio[REJECTED] += bad
                    ratio[BIDS] += len(bids)
                    ratio[PROCESSES] += 1
        return bad

    def _compare(self, ocid: str, awarded: bool, winner: str, bids: list[Bid]) -> bool:
        """All price flags in one walk, for the usual process: every bid priced, in the one currency, no price twice.

        Return False, having counted nothing, when the process is not of that kind.
        """
        currency, lowest, least = self.currency, "", _INFINITE
        own = other = 0.0
        rival = ""
        priced = named = False
        seen = set()
        for status, who, amount, money, _ in bids:
            if not amount or money != currency:
                return False
            seen.add(amount)
            if amount < least:
                lowest, least = status, amount
            if who:
                named = True
            if status == "valid":
                priced = True
                if len(who) == 1:
                    if who[0] == winner:
                        own = amount if not own or amount < own else own
                    elif not other or amount < other:
                        other, rival = amount, who[0]
        if len(seen) != len(bids) or not named:
            return False
        computed = self.computed
        computed["R028"] += 1
        if not awarded:
            self.miss("R036", "no_active_award")
        elif not priced:
            self.miss("R036", "no_valid_price")
        else:
            computed["R036"] += 1
            if lowest == "disqualified":
                self.flag("OCID", ocid, "R036", 1.0)
        if winner:
            self._distance(ocid, winner, rival, own, other)
        else:
            self._miss_each(_SPREAD, "no_sole_winner")
        return True

    def _r028(self, ocid: str, bids: list[Bid]) -> None:
        prices = [(b[2], b[3]) for b in bids if b[2] and b[1]]
        if not prices:
            return self.miss("R028", "no_prices")
        self.computed["R028"] += 1
        if len(set(prices)) == len(prices):
            return None
        priced: dict[tuple[float | None, str], list[tuple[str, ...]]] = {}
        for bid in bids:
            if bid[2] and bid[1]:
                priced.setdefault((bid[2], bid[3]), []).append(bid[1])
        for sets in priced.values():
            if len(sets) > 1 and len({frozenset(s) for s in sets}) > 1:
                self.flag("OCID", ocid, "R028", 1.0)
                for tenderer in {t for s in sets for t in s}:
                    self.flag("Tenderer", tenderer, "R028", 1.0)
        return None

    def _r030(self, ocid: str, end: datetime | None, suppliers: set[str], bids: list[Bid]) -> None:
        if end is None:
            return self.miss("R030", "no_end_date")
        if not suppliers:
            return self.miss("R030", "no_active_award")
        dated = False
        for status, own, _, _, day in bids:
            if status != "valid" or not day:
                continue
            dated = True
            if suppliers.isdisjoint(own):
                continue
            at = instant(day)
            if at is None or at <= end:
                continue
            self.flag("OCID", ocid, "R030", 1.0)
            for supplier in suppliers.intersection(own):
                self.flag("Tenderer", supplier, "R030", 1.0)
        if dated:
            self.computed["R030"] += 1
        else:
            self.miss("R030", "no_bid_dates")
        return None

    def _r035(self, ocid: str, final: bool, suppliers: set[str] | None, bids: list[Bid], bad: int) -> None:
        if not final or suppliers is None:
            return self.miss("R035", "no_final_award")
        self.computed["R035"] += 1
        if not bad:
            return None
        valid: set[str] = set()
        for bid in bids:
            if bid[0] == "valid":
                if not suppliers.issuperset(bid[1]):
                    return None
                valid.update(bid[1])
        if len(valid) != 1 or valid != suppliers:
            return None
        others = {t for b in bids if b[0] == "disqualified" for t in b[1]} - valid
        if others:
            self.flag("OCID", ocid, "R035", float(len(others)))
            for supplier in valid:
                self.flag("Tenderer", supplier, "R035", 0.0)
        return None

    def _comparable(self, bids: list[Bid], codes: tuple[str, ...]) -> list[Bid]:
        """Return the bids whose prices can be compared; zero prices and other currencies are counted for the codes."""
        currency = self.currency
        for bid in bids:
            if not bid[2] or bid[3] != currency:
                break
        else:
            return bids
        found: list[Bid] = []
        for bid in bids:
            if bid[2] is None:
                continue
            if bid[2] == 0:
                self._miss_each(codes, "zero_price")
                continue
            if bid[3] != self.currency:
                if self.currency:
                    self._miss_each(codes, "other_currency")
                    continue
                self.currency = bid[3]
            found.append(bid)
        return found

    def _r036(self, ocid: str, active: list[Mapping[str, Any]], bids: list[Bid]) -> None:
        if not active:
            return self.miss("R036", "no_active_award")
        lowest: Bid | None = None
        least = _INFINITE
        priced = False
        for bid in self._comparable(bids, ("R036",)):
            if bid[0] == "valid":
                priced = True
            amount = bid[2] or 0.0
            if amount < least:
                lowest, least = bid, amount
        if lowest is None or not priced:
            return self.miss("R036", "no_valid_price")
        self.computed["R036"] += 1
        if lowest[0] == "disqualified":
            self.flag("OCID", ocid, "R036", 1.0)
        return None

    def _spread(self, ocid: str, winner: str, bids: list[Bid]) -> None:
        """R024 and R058: the relative distance of the nearest other valid bid from the winner's."""
        codes = self._spreading
        if not winner:
            return self._miss_each(codes, "no_sole_winner")
        own = other = 0.0
        rival = ""
        for bid in self._comparable([b for b in bids if b[0] == "valid" and len(b[1]) == 1], codes):
            amount = bid[2] or 0.0
            if bid[1][0] == winner:
                own = amount if not own else min(own, amount)
            elif not other or amount < other:
                other, rival = amount, bid[1][0]
        return self._distance(ocid, winner, rival, own, other)

    def _distance(self, ocid: str, winner: str, rival: str, own: float, other: float) -> None:
        codes = self._spreading
        if not own or not other:
            return self._miss_each(codes, "no_two_prices")
        distance = (other - own) / own
        if distance < 0:
            return self._miss_each(codes, "winner_not_lowest")
        for code in codes:
            self.computed[code] += 1
        names = self.names
        self.spreads.append(distance)
        self.ocids.append(ocid)
        self.pairs.append(names.setdefault(winner, len(names)))
        self.pairs.append(names.setdefault(rival, len(names)))
        return None

    def _miss_each(self, codes: tuple[str, ...], reason: str) -> None:
        for code in codes:
            self.excluded[code][reason] += 1

    def _r048(self, active: list[Mapping[str, Any]], suppliers: set[str]) -> None:
        if len(suppliers) != 1:
            return self.miss("R048", "no_sole_supplier")
        digits = self.settings.digits
        found = set()
        for award in active:
            for item in records(award.get("items")):
                code = mapping(item.get("classification")).get("id")
                if isinstance(code, str | int) and len(str(code)) >= digits:
                    found.add(str(code)[:digits])
        if not found:
            return self.miss("R048", "no_item_classes")
        self.computed["R048"] += 1
        kinds, ratio = self.classes.setdefault(next(iter(suppliers)), (set(), [0, 0, 0]))
        kinds |= found
        ratio[PROCESSES] += 1
        return None

    def _map(self, ocid: str, release: Mapping[str, Any], tender: Mapping[str, Any], bids: list[Bid]) -> None:
        self.mapped[ocid] = {
            "Buyer": identity(release.get("buyer")),
            "ProcuringEntity": identity(tender.get("procuringEntity")),
            "Tenderer": sorted({t for b in bids for t in b[1]}),
        }
