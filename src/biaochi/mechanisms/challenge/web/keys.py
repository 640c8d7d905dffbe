"""The key of a challenge: three officers hold it, any two open, and no process, file or backup ever could alone.

Each officer takes a key of its own: the server makes the pair, hands the private half out once and keeps the public
half.  With the third, the challenge's own key is made and split 2-of-3; each share is sealed to its officer's public
half, and the key and the shares are forgotten with the request that made them.  After the deadline the first officer's
share, opened with that officer's key, is stored again sealed to the other two; the second officer opens it, and with
their own share the challenge's key.  So nothing has to be remembered between requests, whichever process serves them,
and what is stored (or backed up beside the installation's secret) opens nothing without two officers' files.
"""

from __future__ import annotations

from collections.abc import Mapping

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from biaochi.core.errors import RefusedError
from biaochi.core.secret_sharing import Share, combine_shares, split_secret
from biaochi.core.text import Text
from biaochi.registry import played
from biaochi.registry.sealing import new_private_key, sealed_to

SHARES, NEEDED = 3, 2


def new_holder(place: int) -> tuple[str, str]:
    """Make an officer's key: the public half to keep, and the private half in writing, to hand out once."""
    key = new_private_key()
    return bytes(key.public_key).hex(), Share(place, bytes(key)).to_text()


def read_holder(text: str) -> Share:
    """Read an officer's key as it was handed out; refuse one that was mistyped."""
    try:
        return Share.from_text(text)
    except ValueError as error:
        told = Text("密钥有误：校验位不符", "mistyped: the check digits do not fit")
        raise RefusedError("key_mistyped", told) from error


def public_of(key: Share) -> str:
    """Return the public half of an officer's key; empty when it is none."""
    return bytes(PrivateKey(key.data).public_key).hex() if len(key.data) == PrivateKey.SIZE else ""


def split(publics: Mapping[int, str]) -> tuple[str, dict[str, str]]:
    """Make a challenge's key, split it, and seal each share to its officer: the public half, and place → share."""
    key = new_private_key()
    shares = split_secret(bytes(key), shares=SHARES, threshold=NEEDED, random_bytes=played.chance().randbytes)
    return bytes(key.public_key).hex(), {str(s.place): _to(publics[s.place], s.data) for s in shares}


def own_share(sealed: Mapping[str, str], key: Share) -> Share:
    """Open an officer's share with the officer's key."""
    return Share(key.place, _from(key, sealed[str(key.place)]))


def passed_on(share: Share, publics: Mapping[int, str]) -> dict[str, str]:
    """Seal a share to the officers who have not entered theirs: place → sealed share."""
    return {str(place): _to(public, share.data) for place, public in publics.items() if place != share.place}


def received(entered: Mapping[str, Mapping[str, str]], key: Share) -> list[Share]:
    """Open what earlier officers passed on to this one; ``entered`` is place → what that officer passed on."""
    return [
        Share(int(place), _from(key, boxes[str(key.place)]))
        for place, boxes in entered.items()
        if str(key.place) in boxes
    ]


def seal(public: str, content: bytes) -> bytes:
    """Seal a bid to the challenge's public key."""
    return sealed_to(bytes.fromhex(public), content)


def opener(public: str, shares: list[Share]) -> SealedBox[PrivateKey]:
    """Return what opens the bids; raise when the shares do not give the private half of this key."""
    try:
        key = PrivateKey(combine_shares(shares))
    except ValueError as error:
        raise RefusedError("shares_do_not_fit", _WRONG) from error
    if bytes(key.public_key).hex() != public:
        raise RefusedError("shares_do_not_fit", _WRONG)
    return SealedBox(key)


def opened(box: SealedBox[PrivateKey], sealed: bytes) -> bytes | None:
    """Return what a bid's box holds, or ``None`` when it was damaged."""
    try:
        return bytes(box.decrypt(sealed))
    except (CryptoError, ValueError):
        return None


def _to(public: str, data: bytes) -> str:
    return sealed_to(bytes.fromhex(public), data).hex()


def _from(key: Share, sealed: str) -> bytes:
    try:
        return bytes(SealedBox(PrivateKey(key.data)).decrypt(bytes.fromhex(sealed)))
    except (CryptoError, ValueError) as error:
        raise RefusedError("shares_do_not_fit", _WRONG) from error


_WRONG = Text("这些份额拼不出本榜单的私钥", "these shares do not give this challenge's key")
