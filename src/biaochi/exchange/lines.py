"""Large files line by line: never held whole, digested on the way; ``.gz`` is unpacked as it is read."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from biaochi.core.text import Text
from biaochi.exchange.faults import unreadable
from biaochi.exchange.source import Source

MAX_LINE = 64 * 1024 * 1024


class Lines:
    """The lines of a file (or of bytes already held) with their numbers; :attr:`sha256` is known once all were read.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = pathlib.Path(folder, "a.jsonl")
    ...     _ = place.write_text('{"a": 1}\\n\\n{"a": 2}\\n')
    ...     [(n, line) for n, line in Lines(place)]
    [(1, b'{"a": 1}\\n'), (3, b'{"a": 2}\\n')]
    """

    def __init__(self, path: str | Path | Source) -> None:
        self.held = path if isinstance(path, Source) else None
        self.path = Path(path.name if isinstance(path, Source) else path)
        self._digest = hashlib.sha256()
        if self.held is None and not self.path.is_file():
            Source.read(self.path)

    @property
    def name(self) -> str:
        """Name without folder."""
        return self.path.name

    @property
    def sha256(self) -> str:
        """Digest of the bytes read so far (unpacked, for ``.gz``)."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield the number and the bytes of every line that is not blank."""
        opener = gzip.open if self.name.endswith(".gz") else open
        try:
            with opener(self.path, "rb") if self.held is None else io.BytesIO(self.held.data) as stream:
                number = 0
                while True:
                    line = stream.readline(MAX_LINE + 1)
                    if not line:
                        return
                    number += 1
                    self._digest.update(line)
                    if len(line) > MAX_LINE:
                        raise unreadable(
                            self.name,
                            Text("单行过长", "a line is too long"),
                            Text("请一行一条记录", "write one record a line"),
                            "line_too_long",
                        )
                    if line.strip():
                        yield number, line
        except OSError as error:
            raise unreadable(
                self.name,
                Text("文件打不开", "the file cannot be opened"),
                Text("请核对文件", "check the file"),
                seen=str(error),
            ) from error
