"""Large CSV files in slices: bounded memory, the columns of :mod:`biaochi.exchange.tables`, every fault still found.

A slice is read by a fast column parser first.  Whatever that parser cannot vouch for (a cell that is no number, a
value out of range, a row too long, a key that may repeat) sends the file through the careful reader of ``tables``,
which names every fault with its row.  Numbers of at most fifteen digits are read exactly.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults, unreadable
from biaochi.exchange.source import Source
from biaochi.exchange.tables import MAX_CELL, Column, header_index, typed_rows

BLOCK = 1 << 23
MAX_STREAM_BYTES = 8 << 30
_UNTRIMMED = re.compile(r"(?:^|\x1f)\s|\s(?:\x1f|$)")
_NUMERIC = frozenset({"number", "integer", "share", "flag"})
Check = Callable[[pd.DataFrame, Faults], None]


class _NeedsCareError(Exception):
    """The fast parser cannot vouch for a slice."""


@dataclass
class Streamed:
    """A CSV file read in slices.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    columns : sequence of Column
        What it holds; numbers, flags, shares, text, codes and choices.  Unknown columns are faults.
    key : str
        Column that may not repeat; empty for none.
    duplicate_code : str
        Fault code of a repeated key.
    check : callable or None
        ``(frame, faults)``: further checks of a slice, row by row; ``frame["row"]`` holds the spreadsheet rows.
    rows : int
        Records in a slice.

    Attributes
    ----------
    name, sha256 : str
        Name without folder and digest, as the head of a result carries them.
    read : int
        Data rows read so far.
    """

    path: Path
    columns: Sequence[Column]
    key: str = ""
    duplicate_code: str = "duplicate_key"
    check: Check | None = None
    rows: int = 40_000
    read: int = 0
    sha256: str = field(init=False)
    name: str = field(init=False)
    _encoding: str = field(init=False)
    _delimiter: str = field(init=False)
    _header: list[str] = field(init=False)

    def __post_init__(self) -> None:
        if not self.path.is_file() or self.path.stat().st_size > MAX_STREAM_BYTES:
            Source.read(self.path, max_bytes=MAX_STREAM_BYTES)
        self.name = self.path.name
        self.sha256, self._encoding = _scan(self.path)
        with self._open() as stream:
            first = stream.readline()
        if not first.strip():
            raise unreadable(
                self.name,
                Text("文件是空的", "the file is empty"),
                Text("请填入表头和数据", "add a header and data"),
                "empty_file",
            )
        self._delimiter = max(",;\t", key=first.count) if any(d in first for d in ",;\t") else ","
        self._header = [c.strip() for c in next(csv.reader([first], delimiter=self._delimiter))]

    def slices(self) -> Iterator[pd.DataFrame]:
        """Give the file slice by slice.

        Text columns are categorical, the key is text, numbers are float64 with NaN for empty.

        Raises
        ------
        InputError
            With every fault of the file; slices given before then are void.
        """
        faults = Faults(self.name)
        header_index(self._header, self.columns, "forbid", faults)
        if len(faults):
            faults.extend(self._all_faults())
            faults.check()
        given, hashes = 0, []
        try:
            for frame in self._fast():
                if self.key:
                    hashes.append(pd.util.hash_array(frame[self.key].to_numpy(), categorize=False))
                given += 1
                self.read += len(frame)
                yield frame
        except _NeedsCareError:
            self._all_faults().check()
            for position, frame in enumerate(self._careful(Faults(self.name))):
                if position >= given:
                    self.read += len(frame)
                    yield frame
            return
        if hashes and _repeats(np.concatenate(hashes)):
            self._all_faults().check()

    def _open(self) -> io.TextIOWrapper:
        return self.path.open(encoding=self._encoding, newline="")

    def _fast(self) -> Iterator[pd.DataFrame]:
        present = [c for c in self.columns if c.name in self._header]
        types: dict[str, Any] = {c.name: _fast_type(c, self.key) for c in present}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                # Named "utf-8" and given a path, the column parser reads bytes itself (and skips a byte-order mark).
                plain = self._encoding == "utf-8-sig"
                reader = pd.read_csv(
                    str(self.path),
                    encoding="utf-8" if plain else self._encoding,
                    sep=self._delimiter,
                    names=self._header,
                    header=0,
                    index_col=False,
                    dtype=types,
                    keep_default_na=False,
                    na_values=[""],
                    float_precision="high",
                    skip_blank_lines=False,
                    chunksize=self.rows,
                )
                first = 2
                with reader:
                    for frame in reader:
                        yield self._vouched(frame, first, present)
                        first += len(frame)
            except (ValueError, OverflowError, pd.errors.ParserWarning, pd.errors.DtypeWarning) as error:
                raise _NeedsCareError from error

    def _vouched(self, frame: pd.DataFrame, first: int, present: Sequence[Column]) -> pd.DataFrame:
        frame.insert(0, "row", np.arange(first, first + len(frame), dtype=np.int64))
        blank = [c for c in present if c.required and not c.blank]
        if any(frame[c.name].isna().any() for c in blank):
            frame = frame[~frame.drop(columns="row").isna().all(axis=1)].reset_index(drop=True)
        for column in present:
            if not _fits(frame[column.name], column):
                raise _NeedsCareError
        if self.check is not None:
            faults = Faults(self.name)
            self.check(frame, faults)
            if len(faults):
                raise _NeedsCareError
        return frame

    def _careful(self, faults: Faults) -> Iterator[pd.DataFrame]:
        index = header_index(self._header, self.columns, "forbid", Faults())
        previous = csv.field_size_limit(16 * 1024 * 1024)
        try:
            with self._open() as stream:
                records = enumerate(csv.reader(stream, delimiter=self._delimiter, strict=True), start=1)
                next(records)
                batch: list[tuple[int, list[str]]] = []
                for number, record in records:
                    batch.append((number, record))
                    if len(batch) == self.rows:
                        yield self._careful_slice(batch, index, faults)
                        batch = []
                if batch:
                    yield self._careful_slice(batch, index, faults)
        except csv.Error as error:
            faults.extend(_bad_csv(self.name, str(error)))
        finally:
            csv.field_size_limit(previous)

    def _careful_slice(self, batch: list[tuple[int, list[str]]], index: dict[str, int], faults: Faults) -> pd.DataFrame:
        kept = [(n, r) for n, r in batch if any(c.strip() for c in r)]
        frame = typed_rows(kept, self.columns, index, faults)
        frame.insert(0, "row", np.array([n for n, _ in kept], dtype=np.int64))
        if self.check is not None:
            self.check(frame, faults)
        return frame.drop(columns=[c.name for c in self.columns if c.name not in index])

    def _all_faults(self) -> Faults:
        faults = Faults(self.name)
        seen: dict[str, int] = {}
        for frame in self._careful(faults):
            if not self.key or self.key not in frame:
                continue
            for value, row in zip(frame[self.key], frame["row"], strict=True):
                other = seen.setdefault(value, int(row))
                if other != row:
                    faults.add(
                        self.duplicate_code,
                        Text(f"与第 {other} 行重复", f"this repeats row {other}"),
                        Text("请只留一行", "keep one of the rows"),
                        row=int(row),
                        column=self.key,
                        seen=value,
                    )
        return faults


def _scan(path: Path) -> tuple[str, str]:
    """Return the digest of a file and the encoding it is written in."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in head:
        encodings = []
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        found = _digest_as(path, encoding)
        if found:
            return found, encoding
    raise unreadable(
        path.name,
        Text("不是文本文件，或编码不明", "this is not a text file, or its encoding is unknown"),
        Text("请存为 UTF-8 编码的文本", "save it as UTF-8 text"),
        "not_utf8",
    )


def _digest_as(path: Path, encoding: str) -> str:
    """Return the digest of a file if all of it can be read in an encoding, else nothing."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder(encoding)()
    pending = False
    try:
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
                if pending or not (encoding == "utf-8-sig" and block.isascii()):
                    decoder.decode(block)
                    pending = bool(decoder.getstate()[0])
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return ""
    return digest.hexdigest()


def _fast_type(column: Column, key: str) -> Any:
    if column.kind in _NUMERIC:
        return "float64"
    return object if column.name == key else "category"


def _fits(values: pd.Series[Any], column: Column) -> bool:
    """Whether the careful reader would find nothing wrong with a column."""
    if column.required and not column.blank and values.isna().any():
        return False
    if column.kind in _NUMERIC:
        return _numbers_fit(values.to_numpy(), column)
    texts = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else values.dropna()
    if column.kind == "choice":
        return set(texts) <= set(column.choices)
    # One look at all cells together: most files hold none that needs trimming.
    joined = "\x1f".join(texts)
    return not _UNTRIMMED.search(joined) and "" not in texts and all(len(t) <= MAX_CELL for t in texts)


def _numbers_fit(values: Any, column: Column) -> bool:
    known = values[~np.isnan(values)]
    if not known.size:
        return True
    low, high = float(known.min()), float(known.max())
    if not np.isfinite(low) or not np.isfinite(high):
        return False
    if column.kind == "flag":
        return bool(((known == 0) | (known == 1)).all())
    least, most = (0.0, 1.0) if column.kind == "share" else (column.low, column.high)
    if (least is not None and low < least) or (most is not None and high > most):
        return False
    return column.kind != "integer" or bool((known == np.rint(known)).all())


def _repeats(hashes: Any) -> bool:
    ordered = np.sort(hashes)
    return bool((ordered[1:] == ordered[:-1]).any())


def _bad_csv(name: str, seen: str) -> InputError:
    return unreadable(
        name,
        Text("不是规范的 CSV（引号或分隔符有误）", "this is not a well-formed CSV (quotes or separators)"),
        Text("请核对该行的引号", "check the quotes of that line"),
        "bad_csv",
        seen,
    )
