"""The key of a challenge: made, split and joined in the memory of this process; no share is ever stored.

A ceremony that is cut short by a restart is begun anew: before publication no bid exists that the lost key could open,
and entered shares are simply entered again.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping

from nacl.public import PrivateKey, PublicKey, SealedBox

from biaochi.core.errors import RefusedError
from biaochi.core.text import Text
from biaochi.mechanisms.challenge.model import Share, combine_shares, split_secret

SHARES, NEEDED = 3, 2
_lock = threading.Lock()
_waiting: dict[str, list[Share]] = {}
_entered: dict[str, dict[str, Share]] = {}


def make(challenge: str) -> str:
    """Make a key, keep its three shares in memory until they are taken, and return the public half (hexadecimal)."""
    key = PrivateKey.generate()
    shares = split_secret(bytes(key), shares=SHARES, threshold=NEEDED, random_bytes=secrets.token_bytes)
    with _lock:
        _waiting[challenge] = shares
    return bytes(key.public_key).hex()


def take(challenge: str) -> Share:
    """Hand out the next share, once."""
    with _lock:
        waiting = _waiting.get(challenge, [])
        if not waiting:
            raise RefusedError("no_share", Text("没有待领取的份额，请重新生成密钥", "no share waits: make a new key"))
        return waiting.pop(0)


def enter(challenge: str, person: str, share: Share) -> Mapping[str, Share]:
    """Remember a share that was entered, and return all entered so far by person."""
    with _lock:
        entered = _entered.setdefault(challenge, {})
        entered[person] = share
        return dict(entered)


def forget(challenge: str) -> None:
    """Forget what was entered."""
    with _lock:
        _entered.pop(challenge, None)


def seal(public: str, content: bytes) -> bytes:
    """Seal a bid to the challenge's public key."""
    return bytes(SealedBox(PublicKey(bytes.fromhex(public))).encrypt(content))


def opener(public: str, entered: Mapping[str, Share]) -> SealedBox[PrivateKey]:
    """Return what opens the bids; raise when the shares do not give the private half of this key."""
    try:
        key = PrivateKey(combine_shares(list(entered.values())))
    except ValueError as error:
        raise RefusedError("shares_do_not_fit", _WRONG) from error
    if bytes(key.public_key).hex() != public:
        raise RefusedError("shares_do_not_fit", _WRONG)
    return SealedBox(key)


_WRONG = Text("两份份额拼不出本榜单的私钥", "these shares do not give this challenge's key")
