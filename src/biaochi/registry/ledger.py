"""The ledger in the database: append one line, read it out, verify it against itself.

Appending takes a lock on the chain's end until the transaction is over: an advisory lock on PostgreSQL; on SQLite
the immediate transaction already excludes every other writer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.db import connection, transaction

from biaochi.core.canonical import Json, instant
from biaochi.core.ledger import ChainLine, Verification, chain_body, next_line, verify_chain
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.registry.models.record import Decision, ExternalDigest, LedgerEntry, SealedValue
from biaochi.registry.sealing import SEALED, new_salt, salted_digest

_LOCK = 0x62_69_61_6F  # "biao"; one number, known to every process of the installation


def head() -> LedgerEntry | None:
    """Return the last line of the chain."""
    return LedgerEntry.objects.order_by("-seq").first()


def append(
    *,
    actor: Actor,
    at: datetime,
    subject: str,
    transition_code: str,
    reason: str,
    decision: Mapping[str, object] | None,
) -> LedgerEntry:
    """Add one line; must run inside a transaction, so that the line stands or falls with what it records."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a ledger line is written inside the transaction it records")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    last = head()
    body = chain_body(
        actor=actor.person,
        at=instant(at),
        decision=decision,
        reason=reason,
        role=actor.role.value,
        subject=subject,
        transition=transition_code,
    )
    line = next_line(last.line if last else None, body)
    entry = LedgerEntry(
        seq=line.seq,
        prev=line.prev,
        digest=line.digest,
        body=line.body,
        at=at,
        actor=actor.person,
        role=actor.role.value,
        subject=subject,
        transition=transition_code,
    )
    entry.save(force_insert=True)
    return entry


def seal(text: str, subject: str) -> str:
    """Keep a text beside the ledger and return the salted hash that enters it."""
    salt = new_salt()
    digest = salted_digest(salt, text)
    SealedValue.objects.create(digest=digest, salt=salt, text=text, subject=subject)
    return f"{SEALED}{digest}"


def unseal(value: str) -> str | None:
    """Return the text behind a sealed value; ``None`` when it was erased."""
    found = SealedValue.objects.filter(digest=value.removeprefix(SEALED), erased_at__isnull=True).first()
    return found.text if found else None


def erase(value: str, now: datetime) -> bool:
    """Erase the text and the salt behind a sealed value; the chain keeps the hash, which then says nothing."""
    return bool(
        SealedValue.objects.filter(digest=value.removeprefix(SEALED), erased_at__isnull=True).update(
            text="", salt="", erased_at=now
        )
    )


def lines(start: int = 1) -> Iterator[ChainLine]:
    """Yield the chain's lines in order, without holding them all."""
    rows = LedgerEntry.objects.filter(seq__gte=start).order_by("seq").values_list("seq", "prev", "digest", "body")
    for seq, prev, digest, body in rows.iterator(chunk_size=2000):
        yield ChainLine(seq, prev, digest, body)


def verify_database() -> Verification:
    """Verify the chain, every column that repeats the body, every decision, sealed texts and the heads given out."""
    chain = verify_chain(lines())
    if not chain.intact:
        return chain
    for seq, found in _differences():
        return Verification(chain.lines, chain.head, seq, found)
    return chain


def _differences() -> Iterator[tuple[int, Text]]:
    given = dict(ExternalDigest.objects.values_list("seq", "digest"))
    last = 0
    for entry in LedgerEntry.objects.select_related("decision_row").order_by("seq").iterator(chunk_size=2000):
        last = entry.seq
        body = json.loads(entry.body)
        repeated = {
            "at": instant(entry.at),
            "actor": entry.actor,
            "role": entry.role,
            "subject": entry.subject,
            "transition": entry.transition,
        }
        for name, value in repeated.items():
            if body[name] != value:
                yield last, Text(f"第 {last} 行的“{name}”列与内容不符", f"column {name} of line {last} differs")
        if last in given and given[last] != entry.digest:
            yield last, Text("链与曾给出的链首不符", "the chain differs from a head that was given out")
        yield from _decision_differences(last, body, getattr(entry, "decision_row", None))
    for seq in sorted(s for s in given if s > last):
        yield seq, Text("曾给出的链首已不在链中：末尾被截去", "a head that was given out is gone: the end was cut off")
    for sealed in SealedValue.objects.filter(erased_at__isnull=True).iterator():
        if salted_digest(sealed.salt, sealed.text) != sealed.digest:
            yield last, Text("密封的原文与台账中的摘要不符", "a sealed text does not match its hash in the ledger")


def _decision_differences(seq: int, body: Mapping[str, Json], decision: Decision | None) -> Iterable[tuple[int, Text]]:
    recorded = body["decision"]
    content: Mapping[str, Json] = recorded if isinstance(recorded, Mapping) else {}
    found = content.get("move")
    move: Mapping[str, Json] = found if isinstance(found, Mapping) else {}
    if decision is None:
        if move:
            yield seq, Text(f"第 {seq} 行的决定不见了", f"the decision of line {seq} is gone")
        return
    expected = {
        "public_id": move.get("decision"),
        "label": move.get("label"),
        "subject": body["subject"],
        "transition": body["transition"],
        "source": move.get("source"),
        "target": move.get("target"),
        "outcome": content.get("outcome"),
        "actor": body["actor"],
        "role": body["role"],
    }
    different = [name for name, value in expected.items() if getattr(decision, name) != value]
    if instant(decision.decided_at) != body["at"]:
        different.append("decided_at")
    if different:
        names = ", ".join(different)
        yield seq, Text(f"第 {seq} 行的决定与台账不符：{names}", f"the decision of line {seq} differs: {names}")
