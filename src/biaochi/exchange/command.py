"""What every command shares: options, the head of its JSON, four output formats, and exit codes.

A command reads through its :class:`Invocation`, so that inputs and their digests are known, and ends with
:meth:`Invocation.finish`::

    with invocation("biaochi.ruler.check/1", options) as call:
        table = call.table(path, COLUMNS)
        …
        call.finish({"ok": True, "counts": …})

Exit 0 done, 1 the input is at fault (every fault on stderr with file and row), 2 wrong usage.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import pandas as pd
import typer
from pydantic import BaseModel

from biaochi import __version__
from biaochi.core.errors import (
    BiaochiError,
    Fault,
    InputError,
    MissingExtraError,
    RefusedError,
    UsageError,
    Warn,
)
from biaochi.core.parameters import Snapshot
from biaochi.core.period import date_or_end
from biaochi.core.text import Lang, Text
from biaochi.exchange import atomic
from biaochi.exchange.faults import Faults
from biaochi.exchange.jsonfile import jsonable, to_json
from biaochi.exchange.register import Input
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_data, read_model
from biaochi.exchange.tables import Column, Table, read_table, to_csv
from biaochi.exchange.workbook import to_workbook

ModelT = TypeVar("ModelT", bound=BaseModel)


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


class Language(StrEnum):
    """Language of messages and tables."""

    ZH = "zh"
    EN = "en"


def _day(text: str) -> date:
    try:
        return date_or_end(text)
    except ValueError:
        raise typer.BadParameter("not a date: write YYYY-MM-DD / 日期请写成 2026-03-31") from None


OutOption = Annotated[Path | None, typer.Option("--out", help="文件或文件夹 / file or folder to write to")]
FormatOption = Annotated[Format, typer.Option("--format", help="输出格式 / output format")]
LangOption = Annotated[Language, typer.Option("--lang", help="语言 / language")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="随机种子 / random seed")]
AtOption = Annotated[
    date | None,
    typer.Option(
        "--at",
        parser=_day,
        metavar="DATE",
        help="按该日有效的规则，默认今天 / rules in force on that day, default today",
    ),
]
AsOfOption = Annotated[
    date | None,
    typer.Option(
        "--as-of",
        parser=_day,
        metavar="DATE",
        help="截至该日已知的数据，默认同 --at / data known by then, default --at",
    ),
]
ConfidenceOption = Annotated[
    float, typer.Option("--confidence", min=0.5, max=0.999, help="区间的置信水平 / level of the intervals")
]


@dataclass(frozen=True)
class Options:
    """The shared options of one call, as the command received them."""

    out: Path | None = None
    format: Format = Format.TABLE
    lang: Language = Language.ZH
    seed: int = 0
    at: date | None = None
    as_of: date | None = None

    @property
    def language(self) -> Lang:
        """Language code for :meth:`Text.within`."""
        return "zh" if self.lang is Language.ZH else "en"


@dataclass
class Invocation:
    """One run of one command: what it read, what it warns of, how it answers.

    Attributes
    ----------
    at, as_of : datetime.date
        The day whose rules apply; the day up to which data are known.
    parameters : Snapshot
        Set it to the values the result used.
    """

    schema: str
    options: Options
    at: date
    as_of: date
    parameters: Snapshot | Sequence[Mapping[str, object]] = field(default_factory=Snapshot.empty)
    warnings: list[Warn] = field(default_factory=list)
    finished: bool = False
    _inputs: list[tuple[Input, int]] = field(default_factory=list)

    @property
    def lang(self) -> Lang:
        """Language of messages."""
        return self.options.language

    def source(self, path: Path) -> Source:
        """Read a file as bytes and remember it among the inputs."""
        source = Source.read(path)
        self._inputs.append((source, 0))
        return source

    def remember(self, source: Input, rows: int) -> None:
        """Remember an input that was read elsewhere, with its number of data rows."""
        self._inputs = [(s, n) for s, n in self._inputs if s is not source] + [(source, rows)]

    def table(
        self,
        path: Path,
        columns: Sequence[Column],
        *,
        key: Sequence[str] = (),
        faults: Faults | None = None,
        extra: Any = "forbid",
        duplicate_code: str = "duplicate_key",
    ) -> Table:
        """Read a table (see :func:`biaochi.exchange.tables.read_table`)."""
        table = read_table(path, columns, key=key, faults=faults, extra=extra, duplicate_code=duplicate_code)
        self.remember(table.source, len(table))
        return table

    def model(
        self, path: Path, model: type[ModelT], *, schema: str = "", faults: Faults | None = None
    ) -> ModelT | None:
        """Read a YAML or JSON file as a pydantic model; ``None`` only when ``faults`` collected something."""
        found, source = read_model(path, model, schema=schema, faults=faults)
        self.remember(source, 0)
        return found

    def data(self, path: Path) -> Any:
        """Read a YAML or JSON file as plain data."""
        data, source = read_data(path)
        self.remember(source, 0)
        return data

    def warn(self, code: str, message: Text, *, file: str = "", row: int = 0) -> None:
        """Note something the reader must know."""
        self.warnings.append(Warn(code, message, file, row))

    def head(self) -> dict[str, object]:
        """Return the keys every JSON document starts with."""
        used = self.parameters
        return {
            "schema": self.schema,
            "at": self.at,
            "as_of": self.as_of,
            "seed": self.options.seed,
            "inputs": [{"name": s.name, "sha256": s.sha256, "rows": n} for s, n in self._inputs],
            "parameters": used.to_records() if isinstance(used, Snapshot) else [dict(p) for p in used],
            "code_version": __version__,
            "warnings": [w.to_dict(self.lang) for w in self.warnings],
        }

    def finish(
        self,
        body: Mapping[str, object],
        *,
        files: Mapping[str, str | bytes] | None = None,
        summary: Text | None = None,
        exit_code: int = 0,
        streamed: bool = False,
    ) -> None:
        """Write the answer in the format asked for, then leave with ``exit_code``.

        Parameters
        ----------
        body : mapping
            Key → value; a list of mappings or a DataFrame is a table, everything else a fact.
        files : mapping or None
            Name → content of files the verb lists; written to ``--out DIR`` (which is then required for them).
        summary : Text or None
            One sentence for a person, printed first in table format.
        exit_code : int
            Left with when it is not 0.
        streamed : bool
            Whether the verb has already written its large files into the folder ``--out``, so that the answer itself
            goes to stdout (json, table) or beside them (csv, xlsx).
        """
        self.finished = True
        plain = {key: jsonable(value) for key, value in body.items()}
        out = self.options.out
        for warning in self.warnings:
            place = ":".join(str(p) for p in (warning.file, warning.row or "") if p)
            word = "警告" if self.lang == "zh" else "warning"
            typer.echo(f"{word} {place} {warning.code}: {warning.message.within(self.lang)}", err=True)
        if self.options.format is Format.JSON:
            self._json(plain, files, streamed)
        elif self.options.format is Format.TABLE:
            if files and out is not None:
                atomic.write_folder(out, files)
            text = as_text(plain, self.lang, summary)
            if out is not None and not files and not streamed:
                atomic.write_text(out, text)
            else:
                typer.echo(text, nl=False)
        else:
            self._tabular(plain, files, streamed)
        if exit_code:
            raise typer.Exit(exit_code)

    def _json(self, plain: dict[str, object], files: Mapping[str, str | bytes] | None, streamed: bool) -> None:
        text = to_json({**self.head(), **plain})
        out = self.options.out
        if out is not None and (files or streamed):
            atomic.write_folder(out, files or {})
            typer.echo(text, nl=False)
        elif out is not None and not out.is_dir():
            atomic.write_text(out, text)
        elif out is not None:
            raise UsageError(Text(f"{out} 是文件夹；JSON 写入文件", f"{out} is a folder; JSON is written to a file"))
        else:
            typer.echo(text, nl=False)

    def _tabular(self, plain: dict[str, object], files: Mapping[str, str | bytes] | None, streamed: bool) -> None:
        tables = tables_of(plain)
        out = self.options.out
        if out is None:
            raise UsageError(Text("csv 与 xlsx 须用 --out 指定去处", "csv and xlsx need --out"))
        if self.options.format is Format.CSV:
            atomic.write_folder(out, {**{f"{k}.csv": to_csv(t) for k, t in tables.items()}, **(files or {})})
        elif files or streamed:
            atomic.write_folder(out, {"tables.xlsx": to_workbook(tables), **(files or {})})
        else:
            atomic.write_bytes(out, to_workbook(tables))


@contextmanager
def invocation(schema: str, options: Options) -> Iterator[Invocation]:
    """Run one command: errors become messages and exit codes, never a traceback."""
    today = date.today()  # noqa: DTZ011 - the office's own calendar day
    at = options.at or today
    call = Invocation(schema, options, at, options.as_of or at)
    try:
        yield call
    except InputError as error:
        tell_faults(error.faults, options.language)
        if options.format is Format.JSON and not call.finished:
            faults = [f.to_dict(options.language) for f in error.faults]
            call.finish({"ok": False, "faults": faults})
        raise typer.Exit(1) from None
    except RefusedError as error:
        typer.echo(f"{error.code}: {error.text.within(options.language)}", err=True)
        raise typer.Exit(1) from None
    except (UsageError, MissingExtraError) as error:
        typer.echo(error.text.within(options.language), err=True)
        raise typer.Exit(2) from None
    except BiaochiError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def tell_faults(faults: Sequence[Fault], lang: Lang) -> None:
    """Print every fault on stderr, one a line, then their number."""
    for fault in faults:
        typer.echo(fault.line(lang), err=True)
    n = len(faults)
    typer.echo(f"共 {n} 处错误" if lang == "zh" else f"{n} fault{'s' if n != 1 else ''}", err=True)


def tables_of(plain: Mapping[str, object]) -> dict[str, pd.DataFrame]:
    """Return the tables of a result: each list of records under its key, the single facts under ``facts``.

    Nested lists of records become tables of their own, named ``key.inner``, with the outer record's first scalar.
    """
    tables: dict[str, pd.DataFrame] = {}
    facts: list[dict[str, object]] = []
    for key, value in plain.items():
        if _is_records(value):
            _flatten(key, value, tables)
        elif isinstance(value, Mapping):
            simple = {k: v for k, v in value.items() if not _is_records(v)}
            facts += [{"key": f"{key}.{k}", "value": v} for k, v in simple.items()]
            for k, v in value.items():
                if _is_records(v):
                    _flatten(f"{key}.{k}", v, tables)
        else:
            facts.append({"key": key, "value": value})
    if facts:
        tables = {"facts": pd.DataFrame(facts, columns=["key", "value"]), **tables}
    return tables


def _is_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _flatten(key: str, records: Any, tables: dict[str, pd.DataFrame]) -> None:
    inner: dict[str, list[dict[str, object]]] = {}
    outer = []
    for record in records:
        row: dict[str, object] = {}
        label = next(((k, v) for k, v in record.items() if isinstance(v, str | int)), None)
        for name, value in record.items():
            if _is_records(value):
                prefix = {label[0]: label[1]} if label else {}
                inner.setdefault(name, []).extend({**prefix, **v} for v in value)
            elif isinstance(value, Mapping):
                row |= {f"{name}.{k}": v for k, v in value.items()}
            else:
                row[name] = value
        outer.append(row)
    tables[key] = pd.DataFrame(outer)
    for name, rows in inner.items():
        _flatten(f"{key}.{name}", rows, tables)


def as_text(plain: Mapping[str, object], lang: Lang, summary: Text | None = None, limit: int = 60) -> str:
    """Return a result as plain aligned tables for a terminal; long tables are cut and say so."""
    parts: list[str] = [summary.within(lang)] if summary else []
    for key, frame in tables_of(plain).items():
        lines = _aligned(frame.head(limit))
        if len(frame) > limit:
            more = len(frame) - limit
            lines.append(
                f"… 另有 {more} 行(用 --format json|csv|xlsx 取全)"
                if lang == "zh"
                else f"… {more} more rows (use --format json|csv|xlsx for all)"
            )
        parts.append("\n".join([f"[{key}]", *lines]))
    return "\n\n".join(parts) + "\n"


def _aligned(frame: pd.DataFrame) -> list[str]:
    cells = [[str(c) for c in frame.columns]]
    cells += [[_shown(v) for v in row] for row in frame.itertuples(index=False, name=None)]
    numeric = [pd.api.types.is_numeric_dtype(frame[c]) for c in frame.columns]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(cells[0]))]
    return ["  ".join(_padded(c, w, n) for c, w, n in zip(row, widths, numeric, strict=True)).rstrip() for row in cells]


def _shown(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return "–"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value).replace("\n", " ")
    return text if len(text) <= 80 else text[:79] + "…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space


def utf8_streams() -> None:
    """Write UTF-8 whatever the terminal's locale says, so that Chinese never stops a command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
