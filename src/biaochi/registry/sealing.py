"""Sealing: personal and confidential text enters the ledger as a salted hash; secrets at rest are encrypted.

The text of a sealed value lives beside the chain and can be erased by law without breaking it.
"""

from __future__ import annotations

import hashlib

from django.conf import settings
from nacl.secret import SecretBox

from biaochi.registry import played

SEALED = "sealed:"


def salted_digest(salt: str, text: str) -> str:
    """Return the hash under which a sealed text is known: SHA-256 of salt, newline, text."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def new_salt() -> str:
    """Return 32 hexadecimal digits of chance."""
    return played.chance().randbytes(16).hex()


def _box() -> SecretBox:
    return SecretBox(hashlib.sha256(b"biaochi.sealing\n" + settings.SECRET_KEY.encode()).digest())


def encrypt(text: str) -> str:
    """Return a secret encrypted with a key derived from the installation's secret key."""
    return bytes(_box().encrypt(text.encode())).hex()


def decrypt(cipher: str) -> str:
    """Return the secret again; raise ``nacl.exceptions.CryptoError`` when the key is another one."""
    return bytes(_box().decrypt(bytes.fromhex(cipher))).decode()


def token_digest(token: str) -> str:
    """Return how a random token (key, link, recovery code) is stored: it is random, so one hash is enough."""
    return hashlib.sha256(f"biaochi.token\n{token}".encode()).hexdigest()
