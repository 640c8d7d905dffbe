"""Reading OCDS releases one by one: JSON lines, release packages, record packages; and the settings of the flags."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.exchange.command import Invocation
from biaochi.exchange.faults import Faults
from biaochi.exchange.lines import Lines
from biaochi.mechanisms.procurement.decisions.redflags import FlagSettings
from biaochi.mechanisms.procurement.report.ocds import compile_releases


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Flag(_Strict):
    threshold: float | None = None


class _R003(_Flag):
    procurement_methods: list[str] | None = None
    procurement_method_details: dict[str, float] | None = None


class _R018(_Flag):
    procurement_methods: list[str] | None = None


class _R025(_Flag):
    percentile: float | None = Field(default=None, ge=0, le=100)


class _R038(_Flag):
    minimum_submitted_bids: int | None = Field(default=None, ge=1)
    minimum_contracting_processes: int | None = Field(default=None, ge=1)


class _R048(_Flag):
    digits: int | None = Field(default=None, ge=1)
    minimum_contracting_processes: int | None = Field(default=None, ge=1)


class _Exclusions(_Strict):
    procurement_method_details: list[str] = []


class SettingsFile(_Strict):
    """The settings file of the red flags; codes it names are computed, or all when it names none."""

    R003: _R003 | None = None
    R018: _R018 | None = None
    R024: _Flag | None = None
    R025: _R025 | None = None
    R028: _Flag | None = None
    R030: _Flag | None = None
    R035: _Flag | None = None
    R036: _Flag | None = None
    R038: _R038 | None = None
    R048: _R048 | None = None
    R058: _Flag | None = None
    currency: str | None = None
    exclusions: _Exclusions | None = None
    price_comparison_procurement_methods: list[str] | None = None
    no_price_comparison_procurement_methods: list[str] | None = None


def read_settings(call: Invocation, path: Path | None, days: float | None) -> FlagSettings:
    """Return the settings of a file (schema key optional), with the profile's days for R003."""
    if path is None:
        return FlagSettings.from_mapping({}, days=days)
    found = call.model(path, _WithSchema)
    assert found is not None
    return FlagSettings.from_mapping(found.model_dump(exclude_unset=True, exclude={"schema_"}), days=days)


class _WithSchema(SettingsFile):
    schema_: str | None = Field(default=None, alias="schema")


class Releases:
    """An iterator over the compiled releases of a file; faults are collected, the file is never held whole if lines."""

    def __init__(self, call: Invocation, path: Path, *, merged: bool = True) -> None:
        self.call = call
        self.merged = merged
        self.lines = Lines(path)
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
            yield from self._unpacked(data, row)
        self.call.remember(self.lines, self.count)
        self.faults.check()

    def _whole(self) -> object | None:
        """Return the file as one JSON document that spans lines, or None when it is none."""
        lines = Lines(self.lines.path)
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


def read_all(call: Invocation, path: Path) -> list[Mapping[str, Any]]:
    """Return every release of a file at once, for exchange."""
    found = list(Releases(call, path, merged=False))
    if not found:
        faults = Faults(path.name)
        faults.add("empty_file", Text("没有发布", "there is no release"), Text("请核对文件", "check the file"))
        raise InputError(faults.all())
    return found
