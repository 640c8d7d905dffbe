"""Reading EXCALIBUR's text files: ``.dtt`` holds experts' quantiles, ``.rls`` realisations.

Values in [−1000, −990] mean missing.  Question texts may hold any encoding; only numbers and keys matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from biaochi.methods.elicitation.answers import QuantileAnswers, Scale, Seeds

_HEADER = re.compile(r"NQ\s*=\s*(\d+)\s+QU\s*=\s*(.*)")
_ROW = re.compile(r"^\s*(\d+)\s+(\S.{0,7}?)\s+(\d+)\s(.{14})\s([A-Za-z]{3})\s(.*)$")
_REALISATION = re.compile(r"^\s*(\d+)\s(.{14})\s+(\S+)\s+([A-Za-z]{3})\b")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


class FormatError(ValueError):
    """A line that is not what the format says; ``line`` counts from 1."""

    def __init__(self, line: int, seen: str, what: str) -> None:
        self.line, self.seen, self.what = line, seen[:120], what
        super().__init__(f"line {line}: {what}: {self.seen!r}")


@dataclass(frozen=True)
class Realisations:
    """What an ``.rls`` file holds."""

    seeds: Seeds
    scales: dict[str, Scale]


def missing(value: float) -> bool:
    """Return whether EXCALIBUR marks the value as missing.

    Examples
    --------
    >>> missing(-999.5), missing(-989.0)
    (True, False)
    """
    return -1000 <= value <= -990


def parse_dtt(text: str) -> QuantileAnswers:
    """Read the text of a ``.dtt`` file.

    Raises
    ------
    FormatError
        With the line.
    """
    lines = text.splitlines()
    levels = _levels(lines)
    cells: dict[tuple[str, str], list[float]] = {}
    experts: dict[str, None] = {}
    items: dict[str, Scale] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip() or line.strip() == "\x1a":
            continue
        match = _ROW.match(line)
        if match is None:
            raise FormatError(number, line, "not an assessment")
        _, expert, position, label, scale, rest = match.groups()
        numbers = [float(n) for n in _NUMBER.findall(rest.replace("\t", " "))[: len(levels)]]
        if len(numbers) != len(levels):
            raise FormatError(number, line, f"{len(levels)} quantiles expected, {len(numbers)} found")
        item = label.strip() or f"#{int(position)}"
        experts.setdefault(expert.strip(), None)
        items.setdefault(item, "log" if scale.upper() == "LOG" else "uniform")
        cells[(expert.strip(), item)] = [np.nan if missing(v) else v for v in numbers]
    values = np.full((len(experts), len(items), len(levels)), np.nan)
    for i, expert in enumerate(experts):
        for j, item in enumerate(items):
            values[i, j] = cells.get((expert, item), [np.nan] * len(levels))
    return QuantileAnswers(tuple(experts), tuple(items), levels, values, tuple(items.values()))


def parse_rls(text: str) -> Realisations:
    """Read the text of an ``.rls`` file; items without a realisation are left out."""
    found: dict[str, float] = {}
    scales: dict[str, Scale] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.strip() == "\x1a":
            continue
        match = _REALISATION.match(line)
        if match is None:
            raise FormatError(number, line, "not a realisation")
        position, label, value, scale = match.groups()
        try:
            realised = float(value)
        except ValueError:
            raise FormatError(number, line, "the realisation is not a number") from None
        key = label.strip() or f"#{int(position)}"
        scales[key] = "log" if scale.upper() == "LOG" else "uniform"
        if not missing(realised):
            found[key] = realised
    return Realisations(Seeds(found), scales)


def _levels(lines: list[str]) -> tuple[float, ...]:
    match = _HEADER.search(lines[0]) if lines else None
    if match is None:
        raise FormatError(1, lines[0] if lines else "", "the header names no quantiles (NQ=, QU=)")
    percent = [float(v) for v in _NUMBER.findall(match.group(2))][: int(match.group(1))]
    if len(percent) != int(match.group(1)):
        raise FormatError(1, lines[0], "fewer quantile levels than NQ says")
    return tuple(v / 100 for v in percent)
