"""A report as data: findings first, then sections of text, tables and figures; one language a document.

``report`` rooms build documents; :mod:`biaochi.exchange.documents` writes them as HTML, Word and workbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from biaochi.core.canonical import Json
from biaochi.core.figure import Figure
from biaochi.core.text import Lang


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table in a report.

    Parameters
    ----------
    key : str
        Stable name; the sheet's name in the workbook.
    title : str
        What the table shows.
    columns : mapping
        Key of each column → its label with unit, in order.
    rows : tuple of mapping
        Records by column key.
    note : str
        What the reader must know: source, limits.
    """

    key: str
    title: str
    columns: Mapping[str, str]
    rows: tuple[Mapping[str, Json], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its heading, which states the answer in words."""

    key: str
    heading: str
    blocks: tuple[Paragraph | Grid | Figure, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A report in one language.

    Parameters
    ----------
    title, subtitle : str
        Head of the report.
    lang : {"zh", "en"}
        Its language.
    findings : tuple of str
        One page of answers, each a sentence with its interval.
    sections : tuple of Section
        The evidence behind them.
    notices : tuple of str
        What is simulated, what is missing, what the report does not say.
    colophon : mapping
        Label → value: date, seed, version, ledger head, digests.
    """

    title: str
    subtitle: str
    lang: Lang
    findings: tuple[str, ...]
    sections: tuple[Section, ...]
    notices: tuple[str, ...] = ()
    colophon: tuple[tuple[str, str], ...] = ()
