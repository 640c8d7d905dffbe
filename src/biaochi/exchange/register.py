"""Who is told of every file read: a command remembers its inputs; a page or a yearly programme knows its own."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from biaochi.exchange.source import Source


class Input(Protocol):
    """Something that was read: its name without folder and the digest of its bytes."""

    @property
    def name(self) -> str: ...

    @property
    def sha256(self) -> str: ...


class Register(Protocol):
    """What readers tell of each input; a command's invocation is one."""

    def remember(self, source: Input, rows: int) -> None:
        """Note an input with its number of data rows."""

    def source(self, path: Path) -> Source:
        """Read a file as bytes and note it."""
        ...


class Unrecorded:
    """A register that keeps nothing.

    Examples
    --------
    >>> Unrecorded().remember(Source("a.csv", b""), 0)
    """

    def remember(self, source: Input, rows: int) -> None:
        """Keep nothing."""

    def source(self, path: Path) -> Source:
        """Read a file as bytes."""
        return Source.read(path)
