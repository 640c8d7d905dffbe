"""JSON out: plain numbers, ``null`` for missing, money with two decimals, keys in the order given."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.money import written


def jsonable(value: object) -> Any:
    """Return a value as JSON types.

    NaN, infinity, NaT and None become ``null``; ``Decimal`` is money, text with two decimals; dates are ISO 8601,
    aware instants UTC with ``Z``; DataFrames are lists of records.

    Examples
    --------
    >>> jsonable({"a": float("nan"), "b": Decimal("3"), "c": (1, 2)})
    {'a': None, 'b': '3.00', 'c': [1, 2]}
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, Enum):
        return jsonable(value.value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return written(value)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, pd.DataFrame):
        return [{str(k): jsonable(v) for k, v in record.items()} for record in value.to_dict("records")]
    if isinstance(value, np.ndarray):
        return [jsonable(v) for v in value.tolist()]
    if isinstance(value, Mapping):
        return {str(k.value if isinstance(k, Enum) else k): jsonable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted((jsonable(v) for v in value), key=str)
    if hasattr(value, "to_dict"):
        return jsonable(value.to_dict())
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: jsonable(getattr(value, f.name)) for f in fields(value)}
    raise TypeError(f"no JSON form for {type(value).__name__}")


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    text = value.astimezone(UTC).isoformat()
    return text.replace("+00:00", "Z")


def to_json(value: object) -> str:
    """Return indented JSON text with a final newline."""
    return json.dumps(jsonable(value), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
