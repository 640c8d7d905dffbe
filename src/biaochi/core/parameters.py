"""Policy numbers by effective date, each with its citation; code never holds one.

A value is ``confirmed`` when its source was seen, ``unverified`` when it was only recalled.  A result freezes the
snapshot it used; a later change of a rule never rewrites it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from biaochi.core.canonical import digest
from biaochi.core.errors import DefinitionError
from biaochi.core.text import Text


class ParameterStatus(StrEnum):
    """Whether the source of a value was seen."""

    CONFIRMED = "confirmed"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a rule stands: document, article, date.

    ``title`` may carry the document's number; ``article`` is empty when the whole document is meant.
    """

    title: str
    article: str = ""
    published_on: str = ""
    note: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the citation as a plain record."""
        return {
            "title": self.title,
            "article": self.article,
            "published_on": self.published_on,
            "note": self.note,
        }

    def __str__(self) -> str:
        parts = [self.title, self.article, f"({self.published_on})" if self.published_on else ""]
        return " ".join(p for p in parts if p)


@dataclass(frozen=True, slots=True)
class DatedValue:
    """One value of a parameter, in force from a day on (and, when ``until`` is given, through that day)."""

    value: object
    effective_on: date
    status: ParameterStatus
    citation: Citation
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named policy number with all its versions."""

    code: str
    name: Text
    unit: str
    values: tuple[DatedValue, ...]

    def __post_init__(self) -> None:
        ordered = sorted(self.values, key=lambda v: v.effective_on)
        if not ordered:
            raise DefinitionError(self.code, ["a parameter needs at least one dated value"])
        days = [v.effective_on for v in ordered]
        if len(set(days)) != len(days):
            raise DefinitionError(self.code, ["two values take effect on the same day"])
        object.__setattr__(self, "values", tuple(ordered))

    def at(self, day: date) -> DatedValue | None:
        """Return the value in force on a day, or ``None`` before the first and after the last."""
        current = [v for v in self.values if v.effective_on <= day]
        if not current or (current[-1].until is not None and day > current[-1].until):
            return None
        return current[-1]


@dataclass(frozen=True, slots=True)
class InForce:
    """A parameter's value on one day, with its status and citation."""

    code: str
    value: object
    unit: str
    status: ParameterStatus
    citation: Citation
    effective_on: date

    @property
    def confirmed(self) -> bool:
        """Whether a firm verdict may rest on this value."""
        return self.status is ParameterStatus.CONFIRMED

    def to_dict(self) -> dict[str, object]:
        """Return the record that ``parameters[…]`` of every result holds."""
        return {
            "code": self.code,
            "value": self.value,
            "unit": self.unit,
            "status": self.status.value,
            "effective_on": self.effective_on.isoformat(),
            "citation": str(self.citation),
        }


class Snapshot(Mapping[str, InForce]):
    """The values in force on one day; read-only, iterable, with a digest."""

    __slots__ = ("_day", "_values")

    def __init__(self, values: Mapping[str, InForce], day: date | None) -> None:
        self._values = dict(sorted(values.items()))
        self._day = day

    @classmethod
    def empty(cls) -> Self:
        """Return a snapshot of nothing, for decisions that use no parameter."""
        return cls({}, None)

    @property
    def day(self) -> date | None:
        """The day the values were in force."""
        return self._day

    def __getitem__(self, code: str) -> InForce:
        try:
            return self._values[code]
        except KeyError:
            raise KeyError(f"no parameter {code!r} in force on {self._day}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def only(self, *codes: str) -> Snapshot:
        """Return the snapshot of a few codes, so that a decision freezes what it used and no more."""
        return Snapshot({c: self[c] for c in codes}, self._day)

    def to_records(self) -> list[dict[str, object]]:
        """Return one record a value, ordered by code."""
        return [v.to_dict() for v in self._values.values()]

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of all records."""
        return digest(self.to_records())


class ParameterSet:
    """All parameters of a mechanism; ``at(day)`` gives the snapshot in force.

    Examples
    --------
    >>> source = Citation("Office setting")
    >>> dated = DatedValue(0.95, date(2024, 1, 1), ParameterStatus.CONFIRMED, source)
    >>> rules = ParameterSet([Parameter("tier_level", Text("层级水平", "tier level"), "share", (dated,))])
    >>> rules.at(date(2026, 1, 1))["tier_level"].value
    0.95
    """

    def __init__(self, parameters: Mapping[str, Parameter] | list[Parameter]) -> None:
        items = list(parameters.values()) if isinstance(parameters, Mapping) else parameters
        self._parameters = {p.code: p for p in items}
        if len(self._parameters) != len(items):
            raise DefinitionError("parameters", ["two parameters share a code"])

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._parameters.values())

    def __len__(self) -> int:
        return len(self._parameters)

    def __getitem__(self, code: str) -> Parameter:
        return self._parameters[code]

    def at(self, day: date) -> Snapshot:
        """Return the values in force on a day; parameters without one are absent."""
        found = {p.code: (p, p.at(day)) for p in self}
        return Snapshot(
            {
                code: InForce(code, dated.value, p.unit, dated.status, dated.citation, dated.effective_on)
                for code, (p, dated) in found.items()
                if dated is not None
            },
            day,
        )

    def with_values(self, overrides: Mapping[str, DatedValue]) -> ParameterSet:
        """Return a set where an office's own dated values are added to the shipped ones."""
        unknown = sorted(set(overrides) - set(self._parameters))
        if unknown:
            raise DefinitionError("parameters", [f"unknown parameter {code}" for code in unknown])
        merged = []
        for p in self:
            extra = overrides.get(p.code)
            if extra is None:
                merged.append(p)
                continue
            kept = tuple(v for v in p.values if v.effective_on != extra.effective_on)
            merged.append(Parameter(p.code, p.name, p.unit, (*kept, extra)))
        return ParameterSet(merged)
