"""Writing without halves: a file is complete under its name or it is not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from biaochi.core.errors import UsageError
from biaochi.core.text import Text


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file whole: to a temporary neighbour, synchronised, then renamed over the name."""
    place = Path(path)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    except OSError as error:
        raise UsageError(
            Text(f"无法写入 {place}：{error.strerror}", f"cannot write {place}: {error.strerror}")
        ) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_text(path: str | Path, text: str) -> None:
    """Write text as UTF-8, whole."""
    write_bytes(path, text.encode())


def write_folder(folder: str | Path, files: Mapping[str, bytes | str]) -> None:
    """Write several files into a folder, each whole; all are prepared before the first is put in place."""
    place = Path(folder)
    if place.exists() and not place.is_dir():
        raise UsageError(Text(f"{place} 不是文件夹", f"{place} is not a folder"))
    for name, data in files.items():
        write_bytes(place / name, data.encode() if isinstance(data, str) else data)


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path to write to; rename it over ``path`` when the block ends well, else remove it."""
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        yield temporary
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)
