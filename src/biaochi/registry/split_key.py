"""The key of something sealed: made, split and joined in the memory of this process; no share is ever stored.

The private half is split 2-of-3 when it is made.  A ceremony cut short by a restart is begun anew: nothing was sealed
to a key whose shares were not all taken, and entered shares are entered again.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from biaochi.core.errors import RefusedError
from biaochi.core.secret_sharing import Share, combine_shares, split_secret
from biaochi.core.text import Text

SHARES, NEEDED = 3, 2
_WRONG = Text("两份份额拼不出这把私钥", "these shares do not give this key")
_lock = threading.Lock()
_waiting: dict[str, list[Share]] = {}
_entered: dict[str, dict[str, Share]] = {}


def make(subject: str) -> str:
    """Make a key, keep its three shares in memory until they are taken, and return the public half (hexadecimal)."""
    key = PrivateKey.generate()
    shares = split_secret(bytes(key), shares=SHARES, threshold=NEEDED, random_bytes=secrets.token_bytes)
    with _lock:
        _waiting[subject] = shares
    return bytes(key.public_key).hex()


def take(subject: str) -> Share:
    """Hand out the next share, once."""
    with _lock:
        waiting = _waiting.get(subject, [])
        if not waiting:
            raise RefusedError("no_share", Text("没有待领取的份额，请重新生成密钥", "no share waits: make a new key"))
        return waiting.pop(0)


def read(text: str) -> Share:
    """Read a share as it was typed, or refuse it."""
    try:
        return Share.from_text(text)
    except ValueError as error:
        raise RefusedError(
            "share_mistyped", Text("份额有误：校验位不符", "mistyped: the check digits do not fit")
        ) from error


def enter(subject: str, person: str, share: Share) -> Mapping[str, Share]:
    """Remember a share that was entered, and return all entered so far, by person."""
    with _lock:
        entered = _entered.setdefault(subject, {})
        entered[person] = share
        return dict(entered)


def forget(subject: str) -> None:
    """Forget what was entered."""
    with _lock:
        _entered.pop(subject, None)


class Opener:
    """Opens what was sealed to one key; made of two shares."""

    def __init__(self, public: str, entered: Mapping[str, Share]) -> None:
        try:
            key = PrivateKey(combine_shares(list(entered.values())))
        except ValueError as error:
            raise RefusedError("shares_do_not_fit", _WRONG) from error
        if bytes(key.public_key).hex() != public:
            raise RefusedError("shares_do_not_fit", _WRONG)
        self._box = SealedBox(key)

    def open(self, sealed: bytes) -> bytes:
        """Return the content, or refuse a box that was damaged."""
        try:
            return bytes(self._box.decrypt(sealed))
        except CryptoError as error:
            raise RefusedError("box_damaged", Text("密封内容已损坏", "the sealed content is damaged")) from error
