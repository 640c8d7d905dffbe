"""Time-based one-time passwords, RFC 6238 (SHA-1, 6 digits, 30 seconds, as every authenticator app has them).

Source: RFC 6238, doi:10.17487/RFC6238; RFC 4226, doi:10.17487/RFC4226.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from urllib.parse import quote

STEP = 30
DIGITS = 6


def new_secret() -> str:
    """Return 160 bits of chance in base 32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int, digits: int = DIGITS) -> str:
    """Return the code of one time step.

    Examples
    --------
    >>> code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59 // 30, digits=8)  # RFC 6238, appendix B
    '94287082'
    """
    key = base64.b32decode(secret)
    digest = hmac.new(key, step.to_bytes(8, "big"), "sha1").digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: str, code: str, at: float, used: int) -> int | None:
    """Return the time step a code belongs to, one step either way, later than the last one used; else ``None``."""
    now = int(at) // STEP
    for step in (now, now - 1, now + 1):
        if step > used and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def address(secret: str, account: str, issuer: str = "Biaochi") -> str:
    """Return the ``otpauth`` address an authenticator app takes."""
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?secret={secret}&issuer={quote(issuer)}"


def new_recovery_codes(count: int = 10) -> list[str]:
    """Return fresh recovery codes of 50 bits each, in two groups."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return ["-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(2)) for _ in range(count)]
