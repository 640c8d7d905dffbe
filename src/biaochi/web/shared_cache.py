"""A cache that the processes of one machine share: a small SQLite file in the data folder, kept for speed only.

Rate limits count in it whatever process answers, and a page or chart that one process gathered serves the others.
``biaochi serve`` removes the file when it starts, so that nothing of an earlier run, whole or broken, is ever read.
"""

from __future__ import annotations

import pickle
import random
import sqlite3
import threading
import time
from collections.abc import Mapping
from os import getpid
from pathlib import Path
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

_TABLE = (
    "CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value BLOB NOT NULL, until REAL NOT NULL) WITHOUT ROWID"
)
_PUT = (
    "INSERT INTO kept VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value, until = excluded.until"
)
_ADD = f"{_PUT} WHERE kept.until <= ?"
_MORE = "UPDATE kept SET value = value + ? WHERE name = ? AND until > ? RETURNING value"
_FOREVER = float(2**53)
_TIDIED_ONE_IN = 256


class SharedCache(BaseCache):
    """Django's cache on that file.  Whole numbers are stored as such, so that they can be counted up in one step."""

    def __init__(self, location: str, params: Mapping[str, Any]) -> None:
        super().__init__(dict(params))
        self._place = Path(location)
        self._own = threading.local()

    def add(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Keep a value unless there is one that still holds; return whether it was kept."""
        row = (self.make_and_validate_key(key, version=version), _packed(value), self._until(timeout), time.time())
        return self._database.execute(_ADD, row).rowcount > 0

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return a value that still holds, or the default."""
        name = self.make_and_validate_key(key, version=version)
        query = "SELECT value FROM kept WHERE name = ? AND until > ?"
        row = self._database.execute(query, (name, time.time())).fetchone()
        return default if row is None else _unpacked(row[0])

    def set(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        """Keep a value."""
        name = self.make_and_validate_key(key, version=version)
        self._database.execute(_PUT, (name, _packed(value), self._until(timeout)))
        if random.random() < 1 / _TIDIED_ONE_IN:
            self._tidy()

    def touch(
        self,
        key: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Let a value hold longer; return whether there was one."""
        name = self.make_and_validate_key(key, version=version)
        change = "UPDATE kept SET until = ? WHERE name = ? AND until > ?"
        return self._database.execute(change, (self._until(timeout), name, time.time())).rowcount > 0

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget a value; return whether there was one."""
        name = self.make_and_validate_key(key, version=version)
        return self._database.execute("DELETE FROM kept WHERE name = ?", (name,)).rowcount > 0

    def clear(self) -> None:
        """Forget everything."""
        self._database.execute("DELETE FROM kept")

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count a whole number up in one step; raise :class:`ValueError` when there is none."""
        name = self.make_and_validate_key(key, version=version)
        row = self._database.execute(_MORE, (delta, name, time.time())).fetchone()
        if row is None:
            raise ValueError(f"nothing is kept under {key}")
        return int(row[0])

    def _until(self, timeout: float | None) -> float:
        until = self.get_backend_timeout(timeout)
        return _FOREVER if until is None else float(until)

    def _tidy(self) -> None:
        """Forget what no longer holds; beyond the most entries, what would end first."""
        self._database.execute("DELETE FROM kept WHERE until <= ?", (time.time(),))
        spare = "SELECT name FROM kept ORDER BY until DESC LIMIT -1 OFFSET ?"
        self._database.execute(f"DELETE FROM kept WHERE name IN ({spare})", (self._max_entries,))

    @property
    def _database(self) -> sqlite3.Connection:
        """The connection of this process and thread."""
        if getattr(self._own, "process", None) != getpid():
            self._own.process, self._own.link = getpid(), _opened(self._place)
        found: sqlite3.Connection = self._own.link
        return found


def _opened(place: Path) -> sqlite3.Connection:
    link = sqlite3.connect(place, timeout=10, isolation_level=None)
    # Losing the last instants of a cache in a power cut harms nobody.
    for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=OFF", _TABLE):
        link.execute(line)
    return link


def _packed(value: Any) -> int | bytes:
    return value if type(value) is int and abs(value) < 2**63 else pickle.dumps(value)


def _unpacked(value: int | bytes) -> Any:
    return value if isinstance(value, int) else pickle.loads(value)  # our own processes wrote it into our own folder


def remove(place: Path) -> None:
    """Remove the file and what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        place.with_name(place.name + suffix).unlink(missing_ok=True)
