"""Who is told of every file read: a command remembers its inputs, a page does not need to."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from biaochi.exchange.source import Source


class Register(Protocol):
    """What the readers tell of each input; a command's invocation is one."""

    def remember(self, source: Source, rows: int) -> None:
        """Note an input with its number of data rows."""

    def source(self, path: Path) -> Source:
        """Read a file as bytes and note it."""


class Unrecorded:
    """A register that keeps nothing, for pages and the yearly programme, which know their inputs themselves."""

    def remember(self, source: Source, rows: int) -> None:
        """Keep nothing."""

    def source(self, path: Path) -> Source:
        """Read a file as bytes."""
        return Source.read(path)
