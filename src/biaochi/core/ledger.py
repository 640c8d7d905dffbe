"""The hash chain of the ledger: what each line's digest is, and how a chain is verified without a database.

``digest = SHA-256(prev + "\\n" + seq + "\\n" + body)``, with ``prev`` the digest before (64 zeros for line 1), ``seq``
in decimal and ``body`` the canonical JSON of the entry.  An exported ledger is JSON lines of
``{"seq", "prev", "digest", "body"}`` with the body as that very string.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from biaochi.core.canonical import Json, canonical_json
from biaochi.core.text import Text

GENESIS = "0" * 64
BODY_KEYS = frozenset({"actor", "at", "decision", "reason", "role", "subject", "transition"})


@dataclass(frozen=True, slots=True)
class ChainLine:
    """One line of the chain as stored or exported."""

    seq: int
    prev: str
    digest: str
    body: str

    def to_json(self) -> str:
        """Return the export line."""
        return json.dumps(
            {"seq": self.seq, "prev": self.prev, "digest": self.digest, "body": self.body}, ensure_ascii=False
        )


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of a chain found.

    ``broken_at`` is the number of the first line that does not hold (0 when all hold), ``found`` says what is wrong.
    """

    lines: int
    head: str
    broken_at: int
    found: Text

    @property
    def intact(self) -> bool:
        """Whether every line holds."""
        return self.broken_at == 0


DOES_NOT_PROVE: tuple[Text, ...] = (
    Text(
        "不能证明数据库的运营者没有整条重建：未在库外留存过链首的链，可以被拥有数据库的人重写。",
        "It does not prove that the operator of the database never rebuilt the whole chain: "
        "a chain whose head was never kept outside can be rewritten by whoever owns the database.",
    ),
    Text(
        "不能证明所记事实为真，只能证明记下之后未被改动。",
        "It does not prove that what was recorded is true, only that it was not changed afterwards.",
    ),
    Text(
        "不能证明没有事情被漏记：只能发现链中缺行，末尾被截去的行要与库外留存的链首比对。",
        "It does not prove that nothing was left out: a gap inside is found, but lines cut off at the end "
        "show only against a head kept outside.",
    ),
)


def chain_body(*, actor: str, at: str, decision: object, reason: str, role: str, subject: str, transition: str) -> str:
    """Return the canonical body of an entry; ``at`` is UTC text with six decimals and ``Z``."""
    return canonical_json(
        {
            "actor": actor,
            "at": at,
            "decision": decision,
            "reason": reason,
            "role": role,
            "subject": subject,
            "transition": transition,
        }
    )


def chain_digest(prev: str, seq: int, body: str) -> str:
    """Return the digest of a line.

    Examples
    --------
    >>> chain_digest(GENESIS, 1, "{}")[:16]
    '857ee6299d26533d'
    """
    return hashlib.sha256(f"{prev}\n{seq}\n{body}".encode()).hexdigest()


def next_line(prev: ChainLine | None, body: str) -> ChainLine:
    """Return the line that follows ``prev`` (or opens the chain)."""
    before, seq = (prev.digest, prev.seq + 1) if prev else (GENESIS, 1)
    return ChainLine(seq, before, chain_digest(before, seq, body), body)


def parse_line(text: str) -> ChainLine:
    """Read one exported line; raise ``ValueError`` when it is not one."""
    record: Json = json.loads(text)
    if not isinstance(record, Mapping) or set(record) != {"seq", "prev", "digest", "body"}:
        raise ValueError("a ledger line has exactly the keys seq, prev, digest, body")
    seq, prev, digest, body = record["seq"], record["prev"], record["digest"], record["body"]
    if isinstance(seq, bool) or not isinstance(seq, int):
        raise ValueError("seq must be an integer")
    if not (isinstance(prev, str) and isinstance(digest, str) and isinstance(body, str)):
        raise ValueError("prev, digest and body must be text")
    return ChainLine(seq, prev, digest, body)


def verify_chain(lines: Iterable[ChainLine], *, anchor: str = "") -> Verification:
    """Check every line in order; with ``anchor``, also that this head digest occurs in the chain.

    Examples
    --------
    >>> body = chain_body(actor="p", at="2026-01-01T00:00:00.000000Z", decision=None, reason="", role="officer",
    ...                   subject="s", transition="t")
    >>> verify_chain([next_line(None, body)]).intact
    True
    """
    prev, count, anchored = GENESIS, 0, not anchor
    for line in lines:
        count += 1
        problem = _problem(line, prev, count)
        if problem is not None:
            return Verification(count, prev, count, problem)
        prev = line.digest
        anchored = anchored or prev == anchor
    if not anchored:
        return Verification(
            count,
            prev,
            count or 1,
            Text("链中找不到库外留存的链首", "the anchored head does not occur in the chain"),
        )
    return Verification(count, prev, 0, Text("每一行都成立", "every line holds"))


def _problem(line: ChainLine, prev: str, expected_seq: int) -> Text | None:
    if line.seq != expected_seq:
        return Text(f"序号应为 {expected_seq}，所见为 {line.seq}", f"expected line {expected_seq}, seen {line.seq}")
    if line.prev != prev:
        return Text(f"第 {line.seq} 行未接上一行", f"line {line.seq} does not follow the line before")
    if chain_digest(line.prev, line.seq, line.body) != line.digest:
        return Text(f"第 {line.seq} 行内容与摘要不符", f"line {line.seq} does not match its digest")
    try:
        body: Json = json.loads(line.body)
        clean = isinstance(body, Mapping) and set(body) == BODY_KEYS and canonical_json(body) == line.body
    except ValueError:
        clean = False
    return None if clean else Text(f"第 {line.seq} 行不是规范的条目", f"line {line.seq} is not a canonical entry")
