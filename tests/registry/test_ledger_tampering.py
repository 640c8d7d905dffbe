"""Whoever changes a byte of the ledger, of a decision, or cuts the end off, is found."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from biaochi.core.roles import CLOCK
from biaochi.registry import append_only, ledger
from biaochi.registry.models import Decision, ExternalDigest, LedgerEntry, Notification, SealedValue
from biaochi.registry.transition import create, transition

pytestmark = pytest.mark.django_db
TEXT_COLUMNS = {
    "registry_ledgerentry": ("prev", "digest", "body", "actor", "role", "subject", "transition"),
    "registry_decision": (
        "public_id",
        "label",
        "subject",
        "transition",
        "source",
        "target",
        "outcome",
        "actor",
        "role",
    ),
}


@pytest.fixture
def opened(cast: Any, notice_model: Any) -> Iterator[Any]:
    """Return a notice with a few lines in the ledger, the triggers taken away as an owner of the database could."""
    notice = create(notice_model(title_zh="量子公告", title_en="Quantum", text="正文在此"), cast.officer)
    transition(notice, "check", cast.officer)
    transition(notice, "review", cast.reviewer, "须补正")
    transition(notice, "check", cast.officer)
    transition(notice, "issue", cast.colleague, "可以")
    assert ledger.verify_database().intact
    Notification.objects.all().delete()
    append_only.remove(connection)
    assert append_only.missing(connection)
    yield notice
    append_only.install(connection)


def flipped(text: str, chance: random.Random) -> str:
    position = chance.randrange(len(text))
    other = chance.choice([c for c in "0123456789abcdefxyz" if c != text[position]])
    return text[:position] + other + text[position + 1 :]


@pytest.mark.parametrize(("table", "column"), [(t, c) for t, columns in TEXT_COLUMNS.items() for c in columns])
def test_any_changed_byte_is_found(opened: Any, table: str, column: str) -> None:
    chance = random.Random(f"{table}.{column}")
    key = "seq" if table == "registry_ledgerentry" else "id"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, {column} FROM {table} ORDER BY {key}")
        rows = [(k, v) for k, v in cursor.fetchall() if v]
        for k, value in [chance.choice(rows) for _ in range(4)]:
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [flipped(value, chance), k])
            found = ledger.verify_database()
            assert not found.intact, (column, value)
            assert found.broken_at >= 1
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [value, k])
    assert ledger.verify_database().intact


def test_a_changed_instant_is_found(opened: Any) -> None:
    entry = LedgerEntry.objects.get(seq=2)
    LedgerEntry.objects.filter(seq=2).update(at=timezone.now())
    assert ledger.verify_database().broken_at == 2
    LedgerEntry.objects.filter(seq=2).update(at=entry.at)
    Decision.objects.filter(entry_id=3).update(decided_at=timezone.now())
    assert ledger.verify_database().broken_at == 3


def test_a_line_taken_out_or_put_in_is_found(opened: Any) -> None:
    Decision.objects.filter(entry_id=3).delete()
    LedgerEntry.objects.filter(seq=3).delete()
    assert not ledger.verify_database().intact


def test_a_decision_taken_out_is_found(opened: Any) -> None:
    Decision.objects.filter(entry_id=3).delete()
    assert ledger.verify_database().broken_at == 3


def test_an_end_cut_off_is_found_only_against_a_head_given_out(opened: Any) -> None:
    head = ledger.head()
    assert head is not None
    ExternalDigest.objects.create(seq=head.seq, digest=head.digest, given_to="auditor")
    assert ledger.verify_database().intact
    Decision.objects.filter(entry_id=head.seq).delete()
    LedgerEntry.objects.filter(seq=head.seq).delete()
    assert not ledger.verify_database().intact
    ExternalDigest.objects.all().delete()
    assert ledger.verify_database().intact, "which is why heads are kept outside"


def test_a_changed_sealed_text_is_found(opened: Any) -> None:
    SealedValue.objects.update(text="另一个理由")
    assert not ledger.verify_database().intact


def test_the_clock_writes_like_everybody(opened: Any) -> None:
    append_only.install(connection)
    transition(opened, "lapse", CLOCK)
    assert ledger.verify_database().intact
