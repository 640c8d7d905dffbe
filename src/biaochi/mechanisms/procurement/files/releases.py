"""Reading OCDS releases one by one: JSON lines, release packages, record packages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.lines import Lines
from biaochi.exchange.register import Register
from biaochi.exchange.source import Source
from biaochi.mechanisms.procurement.decisions.compiled import compile_releases


class Releases:
    """An iterator over the compiled releases of a file; faults are collected, the file is never held whole if lines.

    Parameters
    ----------
    register : Register
        Told of the file and its number of releases once all were read.
    place : Path or Source
        JSON lines (one release each), a release package or a record package; ``.gz`` is unpacked on the way.
    merged : bool
        Whether several releases of one process in a package come out as its compiled release.
    """

    def __init__(self, register: Register, place: Path | Source, *, merged: bool = True) -> None:
        self.register = register
        self.merged = merged
        self.lines = Lines(place)
        self.faults = Faults(self.lines.name)
        self.count = 0

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """Yield each compiled release; raise every fault at the end."""
        parse = json.loads
        for number, (row, line) in enumerate(self.lines):
            try:
                data = parse(line)
            except (ValueError, RecursionError) as error:
                whole = self._whole() if number == 0 and not isinstance(error, UnicodeDecodeError) else None
                if whole is not None:
                    yield from self._unpacked(whole, 1)
                    break
                self._bad(row, line, error)
                continue
            if type(data) is dict and "releases" not in data and "records" not in data:
                self.count += 1
                yield data
            else:
                yield from self._unpacked(data, row)
        self.register.remember(self.lines, self.count)
        self.faults.check()

    def _whole(self) -> object | None:
        """Return the file as one JSON document that spans lines, or None when it is none."""
        lines = Lines(self.lines.held or self.lines.path)
        try:
            data: object = json.loads(b"".join(line for _, line in lines))
        except (ValueError, RecursionError):
            return None
        self.lines = lines
        return data

    def _unpacked(self, data: object, row: int) -> Iterator[Mapping[str, Any]]:
        for release in unpack(data, merged=self.merged):
            if not isinstance(release, dict):
                self._bad(row, b"", TypeError("not an object"))
                continue
            self.count += 1
            yield release

    def _bad(self, row: int, line: bytes, error: Exception) -> None:
        code = "not_utf8" if isinstance(error, UnicodeDecodeError) else "bad_json"
        zh = "不是 UTF-8 编码" if code == "not_utf8" else "不是规范的 JSON 或 OCDS 发布"
        en = "this is not UTF-8" if code == "not_utf8" else "this is not well-formed JSON, or no OCDS release"
        self.faults.add(
            code,
            Text(zh, en),
            Text("请一行写一条发布，或写成发布包、记录包", "write one release a line, or a release or record package"),
            row=row,
            seen=line[:80].decode("utf-8", "replace"),
        )


def unpack(data: object, *, merged: bool = True) -> Iterator[object]:
    """Yield the releases of a release, a list, a release package or a record package.

    With ``merged``, several releases of one process in a package come out as its compiled release.
    """
    if isinstance(data, list):
        for item in data:
            yield from unpack(item, merged=merged)
    elif isinstance(data, dict) and isinstance(data.get("records"), list):
        for record in data["records"]:
            compiled = record.get("compiledRelease") if isinstance(record, dict) else None
            if compiled is not None:
                yield compiled
            elif isinstance(record, dict) and isinstance(record.get("releases"), list):
                yield from _each_process(record["releases"], merged)
            else:
                yield record
    elif isinstance(data, dict) and isinstance(data.get("releases"), list):
        yield from _each_process(data["releases"], merged)
    else:
        yield data


def _each_process(releases: list[object], merged: bool) -> Iterator[object]:
    known = [r for r in releases if isinstance(r, dict)]
    ocids = {str(r.get("ocid")) for r in known}
    if not merged or len(ocids) == len(releases):
        yield from releases
        return
    yield from (r for r in releases if not isinstance(r, dict))
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for release in known:
        grouped.setdefault(str(release.get("ocid")), []).append(release)
    yield from (compile_releases(members) for members in grouped.values())


def read_all(register: Register, place: Path | Source) -> list[Mapping[str, Any]]:
    """Return every release of a file at once, for exchange."""
    found = list(Releases(register, place, merged=False))
    if not found:
        faults = Faults(place.name)
        faults.add("empty_file", Text("没有发布", "there is no release"), Text("请核对文件", "check the file"))
        raise InputError(faults.all())
    return found
