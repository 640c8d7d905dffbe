"""How a value is shown to a reader; one rule for pages and for the text of exports."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.safestring import SafeString

from biaochi.core.text import Lang, Text


def shown(value: object, lang: Lang) -> str:
    """Return a value as text.

    Missing is a dash, never a zero; instants are in the office's time zone; money keeps two decimals.

    Examples
    --------
    >>> shown(Text("标尺", "ruler"), "en"), shown(None, "en"), shown(0.25, "en"), shown(True, "zh")
    ('ruler', '–', '0.25', '是')
    """
    if value is None or value == "":
        return "–"
    if isinstance(value, SafeString):
        return value
    if isinstance(value, Text):
        return value.within(lang)
    if isinstance(value, bool):
        return ("是" if value else "否") if lang == "zh" else ("yes" if value else "no")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    return str(value)


def exported(value: object, lang: Lang) -> object:
    """Return a value as a cell of an export: numbers stay numbers, everything else is text, missing is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return shown(value, lang)
