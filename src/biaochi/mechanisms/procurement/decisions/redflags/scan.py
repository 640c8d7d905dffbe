"""One pass over the releases: what each flag needs is kept, the releases are not.

Memory grows with the number of prices compared (a few numbers each), of organisations and of flags; a million
releases of a kilobyte stay far below their own size.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from biaochi.mechanisms.procurement.decisions.redflags.settings import PRICE_CODES, FlagSettings

_FINAL = frozenset({"active", "cancelled", "unsuccessful"})
_DAY = timedelta(days=1)
_NONE: Mapping[str, Any] = {}
Group = dict[str, dict[str, dict[str, float]]]


#: A submitted bid: status, tenderers, amount (None without), currency, date.
Bid = tuple[str, tuple[str, ...], float | None, str, object]
_NOT_SUBMITTED = frozenset({"invited", "withdrawn", None})


def instant(text: object) -> datetime | None:
    """Return an ISO 8601 date or instant as an aware instant (UTC when it names no zone), or None."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else _NONE


def _records(value: object) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        return []
    return value if all(type(v) is dict for v in value) else [v for v in value if isinstance(v, dict)]


def _ids(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and len(value) == 1 and type(value[0]) is dict:
        only = value[0].get("id")
        return () if only in (None, "") else (str(only),)
    return tuple(str(v["id"]) for v in _records(value) if v.get("id") not in (None, ""))


def _identity(value: object) -> str:
    found = _mapping(value).get("id")
    return "" if found is None else str(found)


#: A running ratio of one organisation: hits, chances, processes.
Ratio = list[int]


@dataclass
class Scan:
    """The running state of one pass; feed it with :meth:`add`, read it with ``finish``."""

    settings: FlagSettings
    maps: bool = False
    results: Group = field(default_factory=lambda: {g: {} for g in ("OCID", "Buyer", "ProcuringEntity", "Tenderer")})
    computed: Counter[str] = field(default_factory=Counter)
    excluded: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    releases: int = 0
    currency: str = ""
    spreads: array[float] = field(default_factory=lambda: array("d"))
    pairs: array[int] = field(default_factory=lambda: array("q"))
    ocids: list[str] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    wins: dict[str, Ratio] = field(default_factory=dict)
    rejected: dict[str, dict[str, Ratio]] = field(
        default_factory=lambda: {g: {} for g in ("Buyer", "ProcuringEntity", "Tenderer")}
    )
    classes: dict[str, tuple[set[str], Ratio]] = field(default_factory=dict)
    mapped: dict[str, dict[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.currency = self.settings.currency

    def flag(self, group: str, subject: str, code: str, value: float) -> None:
        """Note a flag; when one subject earns a code several times, the last value in a process stands."""
        if subject:
            self.results[group].setdefault(subject, {})[code] = value

    def miss(self, code: str, reason: str) -> None:
        """Count a process for which a flag could not be computed."""
        if code in self.settings.codes:
            self.excluded[code][reason] += 1

    def add(self, release: Mapping[str, Any]) -> None:
        """Take one compiled release into account."""
        self.releases += 1
        tender = _mapping(release.get("tender"))
        details = tender.get("procurementMethodDetails")
        if tender.get("status") == "cancelled" or details in self.settings.excluded_details:
            reason = "cancelled" if tender.get("status") == "cancelled" else "excluded_method"
            for code in self.settings.codes:
                self.excluded[code][reason] += 1
            return
        ocid = str(release.get("ocid") or "")
        awards = _records(release.get("awards"))
        active = [a for a in awards if a.get("status") == "active"]
        suppliers = {s for a in active for s in _ids(a.get("suppliers"))}
        bids = self._bids(release)
        codes = self.settings.codes
        if "R003" in codes:
            self._r003(ocid, tender, details)
        if "R018" in codes:
            self._r018(ocid, tender)
        if "R048" in codes:
            self._r048(active, suppliers)
        if not bids:
            for code in codes - {"R003", "R018", "R048"}:
                self.excluded[code]["no_bids"] += 1
            return
        self._bid_flags(ocid, release, tender, details, awards, active, suppliers, bids)

    def _bid_flags(
        self,
        ocid: str,
        release: Mapping[str, Any],
        tender: Mapping[str, Any],
        details: object,
        awards: list[Mapping[str, Any]],
        active: list[Mapping[str, Any]],
        suppliers: set[str],
        bids: list[Bid],
    ) -> None:
        codes = self.settings.codes
        if self.maps:
            self._map(ocid, release, tender, bids)
        if "R030" in codes:
            self._r030(ocid, tender, suppliers, bids)
        if "R038" in codes:
            self._r038(release, tender, bids)
        final = bool(awards) and all(a.get("status") in _FINAL for a in awards)
        if "R035" in codes:
            self._r035(ocid, final, suppliers if active else None, bids)
        winner = ""
        if final and len(active) == 1:
            winner = next(iter(suppliers)) if len(_ids(active[0].get("suppliers"))) == 1 else ""
        if "R025" in codes:
            self._r025(winner, bids)
        if not self.settings.compares_prices(details):
            for code in codes & PRICE_CODES:
                self.excluded[code]["no_price_comparison"] += 1
            return
        if "R028" in codes:
            self._r028(ocid, bids)
        if "R036" in codes:
            self._r036(ocid, active, bids)
        if "R024" in codes or "R058" in codes:
            self._spread(ocid, winner, bids)

    def _bids(self, release: Mapping[str, Any]) -> list[Bid]:
        found: list[Bid] = []
        for raw in _records(_mapping(release.get("bids")).get("details")):
            status = raw.get("status")
            if status in _NOT_SUBMITTED or not isinstance(status, str):
                continue
            value = raw.get("value")
            amount = currency = None
            if type(value) is dict:
                amount, currency = value.get("amount"), value.get("currency")
                if type(amount) is int:
                    amount = float(amount)
                elif type(amount) is not float:
                    amount = None
            parties = raw.get("tenderers")
            if type(parties) is list and len(parties) == 1 and type(parties[0]) is dict:
                name = parties[0].get("id")
                own = (name,) if type(name) is str and name else _ids(parties)
            else:
                own = _ids(parties)
            found.append((status, own, amount, currency or "", raw.get("date")))
        return found

    def _r003(self, ocid: str, tender: Mapping[str, Any], details: object) -> None:
        methods = self.settings.procurement_methods.get("R003")
        if methods is not None and tender.get("procurementMethod") not in methods:
            return self.miss("R003", "other_method")
        period = _mapping(tender.get("tenderPeriod"))
        if not period.get("startDate") or not period.get("endDate"):
            return self.miss("R003", "no_period")
        start, end = instant(period["startDate"]), instant(period["endDate"])
        if start is None or end is None:
            return self.miss("R003", "bad_date")
        self.computed["R003"] += 1
        days = self.settings.method_days.get(str(details), self.settings.days)
        if (end - start) // _DAY < days:
            self.flag("OCID", ocid, "R003", 1.0)
        return None

    def _r018(self, ocid: str, tender: Mapping[str, Any]) -> None:
        methods = self.settings.procurement_methods.get("R018")
        if methods is not None and tender.get("procurementMethod") not in methods:
            return self.miss("R018", "other_method")
        count = tender.get("numberOfTenderers")
        if not isinstance(count, int | float) or isinstance(count, bool):
            return self.miss("R018", "no_number_of_tenderers")
        self.computed["R018"] += 1
        if count == 1:
            self.flag("OCID", ocid, "R018", 1.0)
        return None

    def _r025(self, winner: str, bids: list[Bid]) -> None:
        if not winner:
            return self.miss("R025", "no_sole_winner")
        self.computed["R025"] += 1
        for tenderer in {t for b in bids if b[0] == "valid" for t in b[1]}:
            ratio = self.wins.get(tenderer)
            if ratio is None:
                self.wins[tenderer] = ratio = [0, 0, 0]
            ratio[1] += 1
            if tenderer == winner:
                ratio[0] += 1
        return None

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

    def _r030(self, ocid: str, tender: Mapping[str, Any], suppliers: set[str], bids: list[Bid]) -> None:
        end = instant(_mapping(tender.get("tenderPeriod")).get("endDate"))
        if end is None:
            return self.miss("R030", "no_end_date")
        if not suppliers:
            return self.miss("R030", "no_active_award")
        dated = [b for b in bids if b[0] == "valid" and b[4]]
        if not dated:
            return self.miss("R030", "no_bid_dates")
        self.computed["R030"] += 1
        for bid in dated:
            late = suppliers.intersection(bid[1])
            at = instant(bid[4]) if late else None
            if at is None or at <= end:
                continue
            self.flag("OCID", ocid, "R030", 1.0)
            for supplier in late:
                self.flag("Tenderer", supplier, "R030", 1.0)
        return None

    def _r035(self, ocid: str, final: bool, suppliers: set[str] | None, bids: list[Bid]) -> None:
        if not final or suppliers is None:
            return self.miss("R035", "no_final_award")
        self.computed["R035"] += 1
        valid = {t for b in bids if b[0] == "valid" for t in b[1]}
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
        priced = False
        for bid in self._comparable(bids, ("R036",)):
            priced = priced or bid[0] == "valid"
            if lowest is None or (bid[2] or 0.0) < (lowest[2] or 0.0):
                lowest = bid
        if lowest is None or not priced:
            return self.miss("R036", "no_valid_price")
        self.computed["R036"] += 1
        if lowest[0] == "disqualified":
            self.flag("OCID", ocid, "R036", 1.0)
        return None

    def _spread(self, ocid: str, winner: str, bids: list[Bid]) -> None:
        """R024 and R058: the relative distance of the nearest other valid bid from the winner's."""
        codes = ("R024", "R058")
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
        if not own or not other:
            return self._miss_each(codes, "no_two_prices")
        distance = (other - own) / own
        if distance < 0:
            return self._miss_each(codes, "winner_not_lowest")
        for code in codes:
            self.computed[code] += code in self.settings.codes
        self.spreads.append(distance)
        self.ocids.append(ocid)
        self.pairs.append(self._number(winner))
        self.pairs.append(self._number(rival))
        return None

    def _miss_each(self, codes: tuple[str, ...], reason: str) -> None:
        for code in codes:
            self.miss(code, reason)

    def _number(self, name: str) -> int:
        return self.names.setdefault(name, len(self.names))

    def _r038(self, release: Mapping[str, Any], tender: Mapping[str, Any], bids: list[Bid]) -> None:
        self.computed["R038"] += 1
        hits = sum(b[0] == "disqualified" for b in bids)
        buyer, entity = _identity(release.get("buyer")), _identity(tender.get("procuringEntity"))
        for group, name in (("Buyer", buyer), ("ProcuringEntity", entity)):
            if name:
                ratio = self.rejected[group].setdefault(name, [0, 0, 0])
                ratio[0] += hits
                ratio[1] += len(bids)
                ratio[2] += 1
        seen: set[str] = set()
        known = self.rejected["Tenderer"]
        for bid in bids:
            for tenderer in bid[1]:
                held = known.get(tenderer)
                if held is None:
                    known[tenderer] = held = [0, 0, 0]
                held[1] += 1
                if bid[0] == "disqualified":
                    held[0] += 1
                if tenderer not in seen:
                    held[2] += 1
                    seen.add(tenderer)

    def _r048(self, active: list[Mapping[str, Any]], suppliers: set[str]) -> None:
        if len(suppliers) != 1:
            return self.miss("R048", "no_sole_supplier")
        digits = self.settings.digits
        found = set()
        for award in active:
            for item in _records(award.get("items")):
                code = _mapping(item.get("classification")).get("id")
                if isinstance(code, str | int) and len(str(code)) >= digits:
                    found.add(str(code)[:digits])
        if not found:
            return self.miss("R048", "no_item_classes")
        self.computed["R048"] += 1
        kinds, ratio = self.classes.setdefault(next(iter(suppliers)), (set(), [0, 0, 0]))
        kinds |= found
        ratio[2] += 1
        return None

    def _map(self, ocid: str, release: Mapping[str, Any], tender: Mapping[str, Any], bids: list[Bid]) -> None:
        self.mapped[ocid] = {
            "Buyer": _identity(release.get("buyer")),
            "ProcuringEntity": _identity(tender.get("procuringEntity")),
            "Tenderer": sorted({t for b in bids for t in b[1]}),
        }
