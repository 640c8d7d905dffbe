"""A secret split among people so that any ``threshold`` of them give it back and fewer learn nothing.

Shamir 1979, doi:10.1145/359168.359176, byte by byte over GF(256) with the polynomial x⁸+x⁴+x³+x+1 and generator 3.
Randomness is passed in; nothing here draws it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce


def _tables() -> tuple[list[int], list[int]]:
    power, log, value = [0] * 510, [0] * 256, 1
    for exponent in range(255):
        power[exponent] = power[exponent + 255] = value
        log[value] = exponent
        value ^= value << 1
        value ^= 0x11B * (value >> 8)
    return power, log


_POWER, _LOG = _tables()


@dataclass(frozen=True, slots=True)
class Share:
    """One share: its place (1..255) and one byte for each byte of the secret; worthless alone."""

    place: int
    data: bytes

    def to_text(self) -> str:
        """Return the share as a person keeps it: place, hexadecimal data, four check digits."""
        body = f"{self.place}-{self.data.hex()}"
        return f"{body}-{_check(body)}"

    @classmethod
    def from_text(cls, text: str) -> Share:
        """Read a share; raise ``ValueError`` when it was mistyped."""
        body, _, check = text.strip().lower().rpartition("-")
        place, _, data = body.partition("-")
        if not place.isdecimal() or _check(body) != check:
            raise ValueError("this share was mistyped: its check digits do not fit")
        return cls(int(place), bytes.fromhex(data))


def split_secret(secret: bytes, *, shares: int, threshold: int, random_bytes: Callable[[int], bytes]) -> list[Share]:
    """Split a secret into shares.

    Parameters
    ----------
    secret : bytes
        Not empty.
    shares, threshold : int
        2 ≤ threshold ≤ shares ≤ 255.
    random_bytes : callable
        Number of bytes → that many unpredictable bytes.

    Raises
    ------
    ValueError
        For an empty secret or impossible numbers.

    Examples
    --------
    >>> parts = split_secret(b"key", shares=3, threshold=2, random_bytes=lambda n: bytes(range(7, 7 + n)))
    >>> combine_shares(parts[1:]), combine_shares([parts[2], parts[0]])
    (b'key', b'key')
    """
    if not secret or not 2 <= threshold <= shares <= 255:
        raise ValueError("a secret that is not empty is split into 2..255 shares with a threshold of at least 2")
    rows = [random_bytes(len(secret)) for _ in range(threshold - 1)]
    return [
        Share(x, bytes(_horner(column, x) for column in zip(*rows, secret, strict=True))) for x in range(1, shares + 1)
    ]


def combine_shares(shares: Sequence[Share]) -> bytes:
    """Return the secret by Lagrange interpolation at 0; too few shares give noise, never a hint.

    Raises
    ------
    ValueError
        For fewer than two shares, a place twice, or shares of different length.
    """
    places = [s.place for s in shares]
    if len(shares) < 2 or len(set(places)) != len(places) or not all(1 <= x <= 255 for x in places):
        raise ValueError("at least two different shares are needed")
    if len({len(s.data) for s in shares}) != 1:
        raise ValueError("shares of different secrets do not fit together")
    weights = [reduce(_times, (_over(y, x ^ y) for y in places if y != x)) for x in places]
    columns = zip(*(s.data for s in shares), strict=True)
    return bytes(
        reduce(int.__xor__, (_times(w, b) for w, b in zip(weights, column, strict=True))) for column in columns
    )


def _horner(coefficients: Sequence[int], x: int) -> int:
    return reduce(lambda value, c: _times(value, x) ^ c, coefficients, 0)


def _times(a: int, b: int) -> int:
    return _POWER[_LOG[a] + _LOG[b]] if a and b else 0


def _over(a: int, b: int) -> int:
    return _POWER[_LOG[a] - _LOG[b] + 255]


def _check(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:4]
