"""Backups: one file with the database, the documents, the key and a list of digests; taken while serving.

SQLite is copied by its own online backup (a consistent snapshot in the middle of writes), PostgreSQL by ``pg_dump``.
Documents are copied after the database: a document's file is written before its row, so none is missing.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from biaochi import __version__
from biaochi.core.canonical import instant
from biaochi.core.errors import Fault, InputError, UsageError
from biaochi.core.ledger import ChainLine, Verification, verify_chain
from biaochi.core.text import Text
from biaochi.exchange import atomic
from biaochi.web import environment

SCHEMA = "biaochi.backup/1"
MANIFEST = "manifest.json"
SQLITE_NAME = "database.sqlite3"
POSTGRES_NAME = "database.dump"
_CHUNK = 1 << 20


def take(folder: Path, target: Path, url: str) -> dict[str, Any]:
    """Write a backup of an installation to one file; return its manifest."""
    if target.is_dir():
        raise UsageError(Text(f"{target} 是文件夹；请指定文件", f"{target} is a folder; name a file"))
    with tempfile.TemporaryDirectory(prefix="biaochi-backup-") as place:
        work = Path(place)
        if url:
            _run("pg_dump", "--format=custom", "--no-owner", f"--file={work / POSTGRES_NAME}", url)
            database = work / POSTGRES_NAME
        else:
            database = work / SQLITE_NAME
            snapshot(folder / environment.DATABASE_FILE, database)
        members = [(database.name, database)]
        key = folder / environment.SECRET_FILE
        if key.is_file():
            members.append((environment.SECRET_FILE, key))
        documents = folder / "documents"
        if documents.is_dir():
            members += [(f"documents/{p.name}", p) for p in sorted(documents.iterdir()) if p.is_file()]
        found = None if url else verify_file(database)
        manifest = {
            "schema": SCHEMA,
            "at": instant(datetime.now(UTC)),
            "code_version": __version__,
            "database": "postgresql" if url else "sqlite",
            "ledger_lines": found.lines if found else None,
            "ledger_head": found.head if found else None,
            "files": {name: _digest(path) for name, path in members},
        }
        with atomic.replacing(target) as temporary:
            with tarfile.open(temporary, "w:gz", compresslevel=3) as archive:
                _add_bytes(archive, MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode())
                for name, path in members:
                    archive.add(path, name, recursive=False)
            temporary.chmod(0o600)
    return manifest


def snapshot(source: Path, target: Path) -> None:
    """Copy a SQLite database consistently while others write."""
    if not source.is_file():
        raise UsageError(Text(f"没有数据库 {source}", f"there is no database {source}"))
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy, pages=4096)
        copy.execute("PRAGMA journal_mode=DELETE")


def verify_file(database: Path) -> Verification:
    """Verify the chain inside a SQLite database, without Django."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as link:
        try:
            rows = link.execute("SELECT seq, prev, digest, body FROM registry_ledgerentry ORDER BY seq")
            return verify_chain(ChainLine(*row) for row in rows)
        except sqlite3.DatabaseError as error:
            raise _not_a_backup(database.name, str(error)) from error


@contextmanager
def unpacked(file: Path, beside: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give a folder with a backup's content, every digest checked; removed afterwards unless it was moved away."""
    beside.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=".biaochi-restore-", dir=beside))
    try:
        yield place, _unpack(file, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _unpack(file: Path, place: Path) -> dict[str, Any]:
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(place, filter="data")
        manifest: dict[str, Any] = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        files = dict(manifest["files"])
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError, EOFError) as error:
        raise _not_a_backup(file.name, type(error).__name__) from error
    if manifest.get("schema") != SCHEMA:
        raise _not_a_backup(file.name, str(manifest.get("schema")))
    wrong = [name for name, digest in files.items() if not (place / name).is_file() or _digest(place / name) != digest]
    if wrong:
        raise InputError(
            [
                Fault(
                    "damaged",
                    Text("备份中的文件已损坏", "a file of the backup is damaged"),
                    Text("请用另一份备份", "use another backup"),
                    file=file.name,
                    seen=", ".join(wrong)[:200],
                )
            ]
        )
    return manifest


def put_back(place: Path, folder: Path, now: datetime) -> Path | None:
    """Put an unpacked SQLite installation in place; the old one is kept beside it. Return where it went."""
    (place / SQLITE_NAME).rename(place / environment.DATABASE_FILE)
    (place / MANIFEST).unlink()
    for left in (place / environment.SECRET_FILE,):
        if left.exists():
            left.chmod(0o600)
    place.chmod(0o700)
    kept = None
    if folder.exists():
        kept = folder.with_name(f"{folder.name}.before-restore-{now:%Y%m%dT%H%M%S}")
        folder.rename(kept)
    place.rename(folder)
    return kept


def restore_postgresql(place: Path, url: str, name: str) -> None:
    """Restore a dump into a database that does not exist yet."""
    _run("createdb", "--maintenance-db", url, name)
    _run(
        "pg_restore", "--no-owner", "--exit-on-error", "--dbname", with_database(url, name), str(place / POSTGRES_NAME)
    )


def swap_postgresql(url: str, fresh: str, kept: str) -> None:
    """Rename the present database away and the fresh one into its place, in one session of another database."""
    current = unquote(urlsplit(url).path.lstrip("/"))
    script = (
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('{current}', '{fresh}');\n"
        f'ALTER DATABASE "{current}" RENAME TO "{kept}";\nALTER DATABASE "{fresh}" RENAME TO "{current}";\n'
    )
    _run("psql", "--set=ON_ERROR_STOP=1", "--quiet", "--dbname", with_database(url, "postgres"), "--command", script)


def drop_postgresql(url: str, name: str) -> None:
    """Remove a database made for a restore that was not completed."""
    _run("dropdb", "--if-exists", "--maintenance-db", url, name)


def with_database(url: str, name: str) -> str:
    """Return an address of PostgreSQL with another database.

    Examples
    --------
    >>> with_database("postgresql://u@/old?host=/run/pg", "new")
    'postgresql://u@/new?host=/run/pg'
    """
    return re.sub(r"(://[^/?]*/)[^?]*", lambda m: m[1] + name, url, count=1)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    except FileNotFoundError as error:
        raise UsageError(
            Text(
                f"找不到 {command[0]}：请安装 PostgreSQL 客户端工具",
                f"{command[0]} is missing: install the PostgreSQL client",
            )
        ) from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else str(done.returncode)
        raise UsageError(Text(f"{command[0]} 失败：{last}", f"{command[0]} failed: {last}"))


def _digest(path: Path) -> str:
    total = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            total.update(chunk)
    return total.hexdigest()


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mode = 0o600
    archive.addfile(info, io.BytesIO(data))


def _not_a_backup(name: str, seen: str) -> InputError:
    return InputError(
        [
            Fault(
                "not_a_backup",
                Text("这不是标尺的备份", "this is not a backup of Biaochi"),
                Text("请用 biaochi backup 写出的文件", "use a file that biaochi backup wrote"),
                file=name,
                seen=seen,
            )
        ]
    )
