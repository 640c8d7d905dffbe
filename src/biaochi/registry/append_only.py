"""Triggers that keep the ledger and its decisions append-only, on SQLite and on PostgreSQL.

An insert must continue the chain; an update, a delete or a truncation is refused by the database itself, whoever asks.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("registry_ledgerentry", "registry_decision")


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers."""
    with connection.cursor() as cursor:
        for statement in _POSTGRESQL if connection.vendor == "postgresql" else _sqlite():
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers; only a migration that rebuilds these tables, and tests, need this."""
    with connection.cursor() as cursor:
        for name, table in _names():
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of triggers that should be there and are not."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        there = {row[0] for row in cursor.fetchall()}
    expected = {name for name, _ in _names() if connection.vendor == "postgresql" or not name.endswith("_truncate")}
    return sorted(expected - there)


def _names() -> list[tuple[str, str]]:
    names = [(f"{table}_{act}", table) for table in TABLES for act in ("update", "delete", "truncate")]
    return [*names, ("registry_ledgerentry_insert", "registry_ledgerentry")]


def _sqlite() -> list[str]:
    statements = [
        f"CREATE TRIGGER IF NOT EXISTS {table}_{act} BEFORE {act.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in TABLES
        for act in ("update", "delete")
    ]
    statements.append(
        "CREATE TRIGGER IF NOT EXISTS registry_ledgerentry_insert BEFORE INSERT ON registry_ledgerentry "
        "WHEN NEW.seq IS NOT COALESCE((SELECT MAX(seq) FROM registry_ledgerentry), 0) + 1 "
        "OR NEW.prev IS NOT COALESCE((SELECT digest FROM registry_ledgerentry ORDER BY seq DESC LIMIT 1), "
        f"'{'0' * 64}') "
        "BEGIN SELECT RAISE(ABORT, 'the entry does not continue the chain'); END"
    )
    return statements


_POSTGRESQL = [
    """CREATE OR REPLACE FUNCTION biaochi_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""",
    """CREATE OR REPLACE FUNCTION biaochi_continues_chain() RETURNS trigger LANGUAGE plpgsql AS $$
       DECLARE head record;
       BEGIN
         SELECT seq, digest INTO head FROM registry_ledgerentry ORDER BY seq DESC LIMIT 1;
         IF NEW.seq <> COALESCE(head.seq, 0) + 1 OR NEW.prev <> COALESCE(head.digest, repeat('0', 64)) THEN
           RAISE EXCEPTION 'the entry does not continue the chain';
         END IF;
         RETURN NEW;
       END $$""",
    *(
        f"CREATE OR REPLACE TRIGGER {table}_{act} BEFORE {act.upper()} ON {table} "
        f"FOR EACH {'STATEMENT' if act == 'truncate' else 'ROW'} EXECUTE FUNCTION biaochi_append_only()"
        for table in TABLES
        for act in ("update", "delete", "truncate")
    ),
    "CREATE OR REPLACE TRIGGER registry_ledgerentry_insert BEFORE INSERT ON registry_ledgerentry "
    "FOR EACH ROW EXECUTE FUNCTION biaochi_continues_chain()",
]
