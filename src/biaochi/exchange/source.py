"""The bytes of an input file, read once: size cap, encoding, digest.

A text file may be UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030 (the superset of GBK and GB2312).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from biaochi.core.canonical import sha256
from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.exchange.faults import unreadable

MAX_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class Source:
    """An input file: its name without folder, its bytes, and the number of data rows once it was parsed."""

    name: str
    data: bytes

    @classmethod
    def read(cls, path: str | Path, *, max_bytes: int = MAX_BYTES) -> Source:
        """Read a file whole, or raise :class:`InputError` saying why it cannot be read."""
        place = Path(path)
        try:
            if place.is_dir():
                raise unreadable(
                    place.name,
                    Text("这是文件夹，不是文件", "this is a folder, not a file"),
                    Text("请指定一个文件", "name a file"),
                    "is_a_directory",
                )
            size = place.stat().st_size
            if size > max_bytes:
                raise unreadable(
                    place.name,
                    Text(f"文件过大（{size} 字节）", f"the file is too large ({size} bytes)"),
                    Text(f"请拆分到 {max_bytes} 字节以内", f"split it below {max_bytes} bytes"),
                    "file_too_large",
                )
            return cls(place.name, place.read_bytes())
        except FileNotFoundError as error:
            raise unreadable(
                place.name or str(path),
                Text("找不到文件", "no such file"),
                Text("请核对路径", "check the path"),
                "file_missing",
                str(path),
            ) from error
        except OSError as error:
            raise unreadable(
                place.name,
                Text("文件打不开", "the file cannot be opened"),
                Text("请核对权限", "check its permissions"),
                seen=str(error.strerror or error),
            ) from error

    @property
    def sha256(self) -> str:
        """Digest of the bytes as they were read."""
        return sha256(self.data)

    def text(self) -> str:
        """Return the file as text, or raise :class:`InputError` when it is none."""
        return decode(self.data, self.name)


def decode(data: bytes, name: str) -> str:
    """Return bytes as text: UTF-8, UTF-16 with BOM, else GB18030.

    Examples
    --------
    >>> decode("单位,值".encode("gbk"), "a.csv")
    '单位,值'
    """
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _not_text(name)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _not_text(name)


def _not_text(name: str) -> InputError:
    return unreadable(
        name,
        Text("不是文本文件，或编码不明", "this is not a text file, or its encoding is unknown"),
        Text("请存为 UTF-8 编码的文本", "save it as UTF-8 text"),
        "not_utf8",
    )
