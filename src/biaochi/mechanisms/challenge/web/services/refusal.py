"""Refusals in both languages."""

from __future__ import annotations

from biaochi.core.errors import RefusedError
from biaochi.core.text import Text


def refuse(code: str, zh: str, en: str) -> RefusedError:
    """Return a refusal."""
    return RefusedError(code, Text(zh, en))
