"""Public identifiers: short, sortable by creation, never a running number.

Eight characters of Crockford base 32 hold milliseconds since 2026 (until 2060), five hold chance.  Within one
process two identifiers never repeat: in the same millisecond the chance part counts on.
"""

from __future__ import annotations

import threading

from biaochi.registry import played

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_EPOCH_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
_CHANCE_BITS = 25
_lock = threading.Lock()
_last = 0


def new_public_id(prefix: str) -> str:
    """Return a new identifier such as ``RU-00ZK3M9Q7C4TD``.

    Examples
    --------
    >>> first, second = new_public_id("RU"), new_public_id("RU")
    >>> first < second, len(first)
    (True, 16)
    """
    global _last
    with _lock:
        moment = max(0, int(played.now().timestamp() * 1000) - _EPOCH_MS)
        candidate = (moment << _CHANCE_BITS) | played.chance().getrandbits(_CHANCE_BITS - 1)
        _last = max(candidate, _last + 1)
        value = _last
    return f"{prefix}-{_base32(value, 13)}"


def _base32(value: int, length: int) -> str:
    text = ""
    for _ in range(length):
        value, digit = divmod(value, 32)
        text = ALPHABET[digit] + text
    return text
