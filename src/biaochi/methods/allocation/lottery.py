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


def lots(codes: Iterable[str], seed: str) -> tuple[tuple[str, str], ...]:
    """Return every code with its lot, hex SHA-256 of ``seed|code``, the smallest first.

    Examples
    --------
    >>> tuple(code for code, _ in lots("ab", "seed")) == draw_lots("ab", 2, "seed")
    True
    """
    return tuple(sorted(((c, sha256(f"{seed}|{c}")) for c in set(codes)), key=lambda pair: (pair[1], pair[0])))


def draw_lots(codes: Iterable[str], places: int, seed: str) -> tuple[str, ...]:
    """Return the winners in the order of their lots.

    Examples
    --------
    >>> len(draw_lots(["a", "b", "c"], 2, lottery_seed("x", "y")))
    2
    """
    return tuple(code for code, _ in lots(codes, seed)[: max(places, 0)])
