"""The snapshot of a played year: one line a row, compressed; read into a freshly migrated database of any kind.

The first line says what was played and the head of its ledger.  A snapshot that does not fit the models of today, or
whose ledger does not end as it says, is refused: ``make demo-data`` makes it anew.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection, models, transaction

from biaochi.core.errors import DefinitionError
from biaochi.registry import ledger

SCHEMA = "biaochi.demonstration.year/1"
NAME = "demonstration/year.jsonl.gz"
TABLES = "demonstration/schema.sql.gz"
_MADE_ELSEWHERE = frozenset(
    {"registry.track", "registry.job", "registry.onetimelink", "registry.idempotentanswer", "registry.sentmail"}
)


@dataclass(frozen=True, slots=True)
class Head:
    """What a snapshot holds: the year played, its acts, the end of its ledger, and the migrations of its tables."""

    start: str
    seed: int
    acts: int
    opened: tuple[str, ...]
    lines: int
    digest: str
    migrations: str
    schema: str = SCHEMA


def kinds() -> list[type[models.Model]]:
    """Return the models a snapshot holds, each after those it points to."""
    own = [c for c in apps.get_app_configs() if c.name.startswith("biaochi.")]
    ordered = serializers.sort_dependencies([(c, None) for c in own], allow_cycles=True)
    return [m for m in ordered if m._meta.label_lower not in _MADE_ELSEWHERE]


def write(head: Head) -> bytes:
    """Return the snapshot of the database; equal content gives equal bytes."""
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed:
        packed.write(json.dumps(asdict(head), ensure_ascii=False).encode() + b"\n")
        for kind in kinds():
            rows = kind._default_manager.order_by("pk")
            if kind._meta.label_lower == "registry.region":
                rows = rows.filter(simulated=True)
            packed.write(serializers.serialize("jsonl", rows.iterator(), ensure_ascii=False).encode())
    return stream.getvalue()


def migrations_digest() -> str:
    """Return the digest of every migration of every installed application, ours and others'."""
    found = hashlib.sha256(connection.vendor.encode())
    for config in sorted(apps.get_app_configs(), key=lambda c: c.label):
        for file in sorted(Path(config.path, "migrations").glob("*.py")):
            found.update(f"{config.label}/{file.name}\n".encode() + file.read_bytes())
    return found.hexdigest()


def tables() -> bytes:
    """Return a freshly migrated SQLite database as statements: tables, triggers, and what migrations wrote."""
    connection.ensure_connection()
    return gzip.compress("\n".join(connection.connection.iterdump()).encode(), mtime=0)


def make_tables(head: Head) -> bool:
    """Make the tables of an empty SQLite database from the shipped statements; return whether that was done.

    They are what ``migrate`` would make, in a fraction of its time, and hold only for exactly these migrations; with
    any other the caller migrates.
    """
    if connection.vendor != "sqlite" or head.migrations != migrations_digest():
        return False
    statements = gzip.decompress((files("biaochi.data") / TABLES).read_bytes()).decode()
    connection.ensure_connection()
    # A table may be filled before the one it points to is made.
    connection.connection.executescript(f"PRAGMA foreign_keys=OFF;\n{statements}\nPRAGMA foreign_keys=ON;")
    return True


def shipped() -> bytes:
    """Return the snapshot that comes with the product."""
    return (files("biaochi.data") / NAME).read_bytes()


def head_of(snapshot: bytes) -> Head:
    """Return what a snapshot says of itself."""
    with gzip.open(io.BytesIO(snapshot)) as lines:
        first: Mapping[str, Any] = json.loads(lines.readline())
    if first.get("schema") != SCHEMA:
        raise _unfit(f"schema {first.get('schema')}, not {SCHEMA}")
    return Head(**{**first, "opened": tuple(first["opened"])})


def load(snapshot: bytes) -> Head:
    """Read a snapshot into a migrated database without rows of its own; return its head.

    Raises
    ------
    DefinitionError
        The snapshot does not fit the models, or its ledger does not end as it says.
    """
    head = head_of(snapshot)
    with transaction.atomic():
        try:
            for kind, rows in groupby(_rows(snapshot), key=_kind):
                kind._default_manager.bulk_create(rows, batch_size=500)
        except serializers.base.DeserializationError as error:
            raise _unfit(str(error)) from error
        last = ledger.head()
        if (last.seq, last.digest) != (head.lines, head.digest) if last else head.lines:
            raise _unfit("its ledger does not end as it says")
    _continue_numbers()
    return head


def _rows(snapshot: bytes) -> Iterator[models.Model]:
    with gzip.open(io.BytesIO(snapshot), "rt", encoding="utf-8") as lines:
        next(lines)
        for found in serializers.deserialize("jsonl", lines):
            yield found.object


def _kind(row: models.Model) -> type[models.Model]:
    return type(row)


def _continue_numbers() -> None:
    """Let PostgreSQL go on counting after the rows that brought their own numbers."""
    wanted = connection.ops.sequence_reset_sql(no_style(), kinds())
    with connection.cursor() as cursor:
        for statement in wanted:
            cursor.execute(statement)


def _unfit(why: str) -> DefinitionError:
    return DefinitionError("demonstration snapshot", [f"{why}: make it anew with `make demo-data`"])
