"""One spelling for each value, so that a digest means the same on every machine.

Canonical JSON: sorted keys, separators ``,`` and ``:``, no ASCII escapes, instants in UTC with six decimals and
``Z``, dates as ISO 8601, every number that is not an integer as a string.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


def instant(at: datetime) -> str:
    """Return an aware instant as UTC text with six decimals.

    Examples
    --------
    >>> instant(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05.000000Z'
    """
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a time zone, seen {at.isoformat()}")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def number(value: float | Decimal | Fraction) -> str:
    """Return a number in plain decimal, without exponent or trailing zeros.

    Examples
    --------
    >>> number(0.02), number(Decimal("24.00")), number(1e-7)
    ('0.02', '24', '0.0000001')
    """
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if not exact.is_finite():
        raise ValueError(f"a canonical number must be finite, seen {value}")
    text = format(exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def plain(value: object) -> Json:
    """Return the value as JSON types only, numbers that are not integers as strings."""
    if value is None or (isinstance(value, bool | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, int):
        return value
    if isinstance(value, float | Decimal | Fraction):
        return number(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k.value if isinstance(k, Enum) else k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(v) for v in value), key=str)
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"no canonical form for {type(value).__name__}")


def canonical_json(value: object) -> str:
    """Return the canonical JSON text of a value.

    Examples
    --------
    >>> canonical_json({"b": 0.5, "a": [1, "中"]})
    '{"a":[1,"中"],"b":"0.5"}'
    """
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(data: bytes | str) -> str:
    """Return the SHA-256 of bytes, or of text in UTF-8, as lower-case hexadecimal."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def digest(value: object) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    return sha256(canonical_json(value))
