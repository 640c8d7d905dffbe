"""The shipped year: played again it gives the same ledger; it loads into a fresh database; it holds no personal name."""

from __future__ import annotations

import gzip
import io
import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import date
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connection
from typer.testing import CliRunner

from biaochi.cli import app
from biaochi.core.errors import DefinitionError
from biaochi.programme.year import Act, demonstration_year
from biaochi.registry import ledger
from biaochi.registry.models import LedgerEntry, Person
from biaochi.web import demonstration, operations
from biaochi.web.simulation import snapshot

COMMAND = [sys.executable, "-c", "from biaochi.cli import main; main()"]


@pytest.mark.slow
def test_the_year_played_again_has_the_same_head(tmp_path: Path) -> None:
    """A head that differs means that rules, reasons or forms changed since: run ``make demo-data``."""
    shipped = snapshot.head_of(snapshot.shipped())
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BIAOCHI_", "DATABASE_URL", "DJANGO_"))}
    again = tmp_path / "year.jsonl.gz"
    arguments = ["play", "--start", shipped.start, "--seed", str(shipped.seed), "--snapshot", str(again)]
    done = subprocess.run([*COMMAND, *arguments], env=kept, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert snapshot.head_of(again.read_bytes()) == shipped, _first_difference(again.read_bytes())


def _bodies(data: bytes) -> list[str]:
    with gzip.open(io.BytesIO(data), "rt", encoding="utf-8") as lines:
        next(lines)
        rows = (json.loads(line) for line in lines)
        return [r["fields"]["body"] for r in rows if r["model"] == "registry.ledgerentry"]


def _first_difference(again: bytes) -> str:
    pairs = zip(_bodies(snapshot.shipped()), _bodies(again), strict=False)
    return next((f"make demo-data: line {n}\n{a}\n{b}" for n, (a, b) in enumerate(pairs, 1) if a != b), "lengths")


@pytest.mark.django_db
def test_it_loads_and_its_ledger_verifies() -> None:
    operations.load_facts()
    head = snapshot.load(snapshot.shipped())
    last = LedgerEntry.objects.order_by("-seq").first()
    assert last is not None
    assert (last.seq, last.digest) == (head.lines, head.digest)
    assert ledger.verify_database().intact
    before = Person.objects.count()
    demonstration.cast()
    assert Person.objects.count() == before, "the cast of the present is the cast of the year"


@pytest.mark.django_db
def test_a_snapshot_that_does_not_fit_is_refused() -> None:
    content = snapshot.shipped()
    head = snapshot.head_of(content)
    with gzip.open(io.BytesIO(content)) as lines:
        rows = lines.read().split(b"\n", 1)[1]

    def packed(first: snapshot.Head, body: bytes) -> bytes:
        fields = {name: getattr(first, name) for name in first.__slots__}
        return gzip.compress(json.dumps(fields).encode() + b"\n" + body)

    with pytest.raises(DefinitionError, match="make demo-data"):
        snapshot.load(packed(replace(head, digest="0" * 64), rows))
    assert not LedgerEntry.objects.exists(), "all or nothing"
    with pytest.raises(DefinitionError, match="make demo-data"):
        snapshot.load(packed(replace(head, schema="other/1"), rows))
    with pytest.raises(DefinitionError, match="make demo-data"):
        snapshot.load(packed(head, b'{"model": "registry.nothing", "pk": 1, "fields": {}}\n'))


@pytest.mark.django_db
def test_the_shipped_tables_are_those_the_migrations_make() -> None:
    assert snapshot.head_of(snapshot.shipped()).migrations == snapshot.migrations_digest(), "run make demo-data"
    statements = gzip.decompress((files("biaochi.data") / snapshot.TABLES).read_bytes()).decode()
    fresh = sqlite3.connect(":memory:")
    fresh.executescript(statements)
    # ``site_notice`` is a table that the registry's own tests make.
    shape = (
        "SELECT type, name, sql FROM sqlite_master "
        "WHERE name NOT LIKE 'sqlite_%' AND tbl_name <> 'site_notice' ORDER BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(shape)
        assert fresh.execute(shape).fetchall() == cursor.fetchall()
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2")
        assert fresh.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2").fetchall() == cursor.fetchall()


def test_a_year_is_played_into_a_fresh_folder_only(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine", encoding="utf-8")
    for arguments in (["play"], ["play", "--data", str(tmp_path)]):
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 2, done.output
    assert [f.name for f in tmp_path.iterdir()] == ["kept.txt"]


def test_everybody_is_a_role_and_a_number() -> None:
    with gzip.open(io.BytesIO(snapshot.shipped()), "rt", encoding="utf-8") as lines:
        next(lines)
        people = [r["fields"] for r in map(json.loads, lines) if r["model"] == "registry.person"]
    assert people
    assert all(p["simulated"] and p["name"].startswith("示例 · ") for p in people)


def test_the_acts_are_in_order_of_time_and_depend_on_start_and_seed_only() -> None:
    acts = demonstration_year(date(2026, 1, 5), seed=3)
    assert all(a.at < b.at for a, b in pairwise(acts))
    assert acts == demonstration_year(date(2026, 1, 5), seed=3)
    other = demonstration_year(date(2026, 1, 5), seed=4)
    assert acts != other
    addresses = [[a.address for a in year if isinstance(a, Act)] for year in (acts, other)]
    assert addresses[0] == addresses[1], "the seed changes what is said, not what is done"
    late = demonstration_year(date(2027, 1, 4), seed=3)
    assert [(a.at - late[0].at) for a in late] == [(a.at - acts[0].at) for a in acts]
