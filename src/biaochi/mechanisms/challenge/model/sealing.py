"""Keys that no one person holds: Shamir's secret sharing over GF(256), and the receipt of a sealed bid.

Shamir 1979, doi:10.1145/359168.359176; the field is that of AES (polynomial x⁸+x⁴+x³+x+1).  The private key of a
challenge is split 2-of-3 at publication and never stored; sealing itself (X25519 boxes) needs the extra ``web`` and is
done there.  Randomness is passed in, so that nothing here draws it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_POLYNOMIAL = 0x11B


@dataclass(frozen=True, slots=True)
class Share:
    """One share: its place x (1..255) and one byte of each polynomial; worthless alone."""

    x: int
    data: bytes

    def to_text(self) -> str:
        """Return the share as an officer keeps it: place, hexadecimal data and four check digits."""
        body = f"{self.x}-{self.data.hex()}"
        return f"{body}-{hashlib.sha256(body.encode()).hexdigest()[:4]}"

    @classmethod
    def from_text(cls, text: str) -> Share:
        """Read a share; raise ``ValueError`` when it was mistyped."""
        body, _, check = text.strip().lower().rpartition("-")
        place, _, data = body.partition("-")
        if not place.isdigit() or hashlib.sha256(body.encode()).hexdigest()[:4] != check:
            raise ValueError("this share was mistyped: its check digits do not fit")
        return cls(int(place), bytes.fromhex(data))


def split_secret(secret: bytes, *, shares: int, threshold: int, random_bytes: Callable[[int], bytes]) -> list[Share]:
    """Split a secret so that any ``threshold`` shares give it back and fewer say nothing.

    Parameters
    ----------
    secret : bytes
    shares, threshold : int
        2 ≤ threshold ≤ shares ≤ 255.
    random_bytes : callable
        Number of bytes → that many unpredictable bytes.

    Examples
    --------
    >>> parts = split_secret(b"key", shares=3, threshold=2, random_bytes=lambda n: bytes(range(1, n + 1)))
    >>> combine_shares(parts[1:])
    b'key'
    """
    if not secret or not 2 <= threshold <= shares <= 255:
        raise ValueError("a secret is split into 2..255 shares with a threshold of at least 2")
    coefficients = [random_bytes(len(secret)) for _ in range(threshold - 1)]
    found = []
    for x in range(1, shares + 1):
        value = bytearray(secret)
        power = 1
        for row in coefficients:
            power = _multiply(power, x)
            for i, c in enumerate(row):
                value[i] ^= _multiply(c, power)
        found.append(Share(x, bytes(value)))
    return found


def combine_shares(shares: Sequence[Share]) -> bytes:
    """Return the secret by Lagrange interpolation at 0; too few shares give noise, never a hint."""
    places = [s.x for s in shares]
    if len(shares) < 2 or len(set(places)) != len(places) or not all(1 <= x <= 255 for x in places):
        raise ValueError("at least two different shares are needed")
    if len({len(s.data) for s in shares}) != 1:
        raise ValueError("shares of different secrets do not fit together")
    secret = bytearray(len(shares[0].data))
    for share in shares:
        weight = 1
        for other in places:
            if other != share.x:
                weight = _multiply(weight, _multiply(other, _inverse(other ^ share.x)))
        for i, byte in enumerate(share.data):
            secret[i] ^= _multiply(byte, weight)
    return bytes(secret)


def receipt_digest(sealed: bytes) -> str:
    """Return what a bidder is given: the SHA-256 of the sealed bid as received."""
    return hashlib.sha256(sealed).hexdigest()


def _multiply(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0x100:
            a ^= _POLYNOMIAL
        b >>= 1
    return product


def _inverse(a: int) -> int:
    """Return a^254, the inverse in GF(256)."""
    result, power, exponent = 1, a, 254
    while exponent:
        if exponent & 1:
            result = _multiply(result, power)
        power = _multiply(power, power)
        exponent >>= 1
    return result
