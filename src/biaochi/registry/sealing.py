"""Sealing: personal and confidential text enters the ledger as a salted hash; secrets at rest are encrypted.

The text of a sealed value lives beside the chain and can be erased by law without breaking it.
"""

from __future__ import annotations

import hashlib

from django.conf import settings
from nacl.public import Box, PrivateKey, PublicKey
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


def new_private_key() -> PrivateKey:
    """Return a new key for sealed boxes; of a played year's chance while one is played."""
    return PrivateKey(played.chance().randbytes(PrivateKey.SIZE))


def sealed_to(public: bytes, content: bytes) -> bytes:
    """Return a sealed box as libsodium makes it (``crypto_box_seal``), with the ephemeral key from our own chance.

    Examples
    --------
    >>> from nacl.public import SealedBox
    >>> key = new_private_key()
    >>> SealedBox(key).decrypt(sealed_to(bytes(key.public_key), b"bid"))
    b'bid'
    """
    key = new_private_key()
    own = bytes(key.public_key)
    nonce = hashlib.blake2b(own + public, digest_size=Box.NONCE_SIZE).digest()
    return own + bytes(Box(key, PublicKey(public)).encrypt(content, nonce).ciphertext)


def receipt(sealed: bytes) -> str:
    """Return what the sender of a sealed box is given: the SHA-256 of the box as received."""
    return hashlib.sha256(sealed).hexdigest()


def token_digest(token: str) -> str:
    """Return how a random token (key, link, recovery code) is stored: it is random, so one hash is enough."""
    return hashlib.sha256(f"biaochi.token\n{token}".encode()).hexdigest()
