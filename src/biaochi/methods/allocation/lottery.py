"""A lottery that nobody can steer and everybody can check.

Two officers each choose a nonce and publish its SHA-256 before the line is known; the seed is the SHA-256 of both
nonces; a candidate's lot is the SHA-256 of seed and code, and the smallest lots win.
"""

from __future__ import annotations

from collections.abc import Iterable

from biaochi.core.canonical import sha256


def commitment(nonce: str) -> str:
    """Return the digest an officer publishes before the draw."""
    return sha256(nonce)


def lottery_seed(x: str, y: str) -> str:
    """Return the seed of two nonces: hex SHA-256 of ``X|Y``.

    Examples
    --------
    >>> lottery_seed("a", "b")[:12]
    '0eab8a0a3380'
    """
    return sha256(f"{x}|{y}")


def draw_lots(codes: Iterable[str], places: int, seed: str) -> tuple[str, ...]:
    """Return the winners in the order of their lots.

    Examples
    --------
    >>> len(draw_lots(["a", "b", "c"], 2, lottery_seed("x", "y")))
    2
    """
    ordered = sorted(set(codes), key=lambda code: (sha256(f"{seed}|{code}"), code))
    return tuple(ordered[: max(places, 0)])
