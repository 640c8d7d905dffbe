"""What the flags take from a release: instants, identifiers, submitted bids; what is malformed is as good as absent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

#: A submitted bid: status, tenderers, amount (None without), currency, date.
Bid = tuple[str, tuple[str, ...], float | None, str, object]

#: A running ratio of one buyer or procuring entity: rejected bids, bids, processes.
Ratio = list[int]
#: A tenderer: rejected bids, bids, processes, processes won, processes with a valid bid, and the numbers of the last
#: process counted of the two kinds.
Tally = list[int]
REJECTED, BIDS, PROCESSES, WON, VALID, LAST, LAST_VALID = range(7)

NONE: Mapping[str, Any] = {}
_NOT_SUBMITTED = frozenset({"invited", "withdrawn"})
#: Amounts beyond it (and what is no number) are no price.
_MOST = 1e300


def instant(text: object) -> datetime | None:
    """Return an ISO 8601 date or instant as an aware instant (UTC when it names no zone), or None."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def word(value: object) -> str:
    """Return a code, or an empty one; lists and objects in its place are as good as absent."""
    return value if isinstance(value, str) else ""


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else NONE


def records(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list."""
    if not isinstance(value, list):
        return []
    for entry in value:
        if type(entry) is not dict:
            return [v for v in value if isinstance(v, dict)]
    return value


def ids(value: object) -> tuple[str, ...]:
    """Return the identifiers of a list of organisations."""
    return tuple(str(v["id"]) for v in records(value) if v.get("id") not in (None, ""))


def identity(value: object) -> str:
    """Return the identifier of an organisation, empty without."""
    found = mapping(value).get("id")
    return "" if found is None else str(found)


def submitted(release: Mapping[str, Any]) -> list[Bid]:
    """Return the bids that were submitted: neither invited nor withdrawn."""
    found: list[Bid] = []
    for raw in records(mapping(release.get("bids")).get("details")):
        status = raw.get("status")
        if type(status) is not str or status in _NOT_SUBMITTED:
            continue
        amount: float | None = None
        currency = ""
        value = raw.get("value")
        if type(value) is dict:
            given = value.get("amount")
            if (type(given) is int or type(given) is float) and -_MOST < given < _MOST:
                amount = float(given)
            unit = value.get("currency")
            currency = unit if type(unit) is str else ""
        parties = raw.get("tenderers")
        if type(parties) is list and len(parties) == 1 and type(parties[0]) is dict:
            name = parties[0].get("id")
            own = (name,) if type(name) is str and name else ids(parties)
        else:
            own = ids(parties)
        found.append((status, own, amount, currency, raw.get("date")))
    return found
