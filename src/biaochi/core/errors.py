"""The exceptions of Biaochi, and the fault: one thing wrong with an input, at one place.

Tree::

    BiaochiError
    ├── InputError          the user's data are at fault; carries every Fault found, not only the first
    ├── UsageError          the call itself is wrong (unknown option value, missing argument)
    ├── DefinitionError     a workflow, parameter file or registry entry of the product contradicts itself
    ├── RefusedError        the rules forbid an act; carries the reasons
    │   └── StaleError      the object changed since it was read
    └── MissingExtraError   an optional dependency is needed; names the extra to install

Messages say what is wrong, where, what was seen and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from biaochi.core.text import Lang, Text


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input.

    Parameters
    ----------
    code : str
        Stable machine name, such as ``duplicate_cell``.
    message, fix : Text
        What is wrong, and what to do about it.
    file : str
        Name without folder; empty when there is no file.
    row : int
        The spreadsheet's row: the header is row 1; 0 means the whole file.
    column : str
        Column or key; empty when the whole row is meant.
    seen : str
        The offending value as it was read, cut to 200 characters.
    """

    code: str
    message: Text
    fix: Text
    file: str = ""
    row: int = 0
    column: str = ""
    seen: str = ""

    def __post_init__(self) -> None:
        if len(self.seen) > 200:
            object.__setattr__(self, "seen", self.seen[:199] + "…")

    def to_dict(self, lang: Lang = "zh") -> dict[str, str | int]:
        """Return the fault as the record every fault list uses."""
        return {
            "code": self.code,
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "seen": self.seen,
            "message": self.message.within(lang),
            "fix": self.fix.within(lang),
        }

    def line(self, lang: Lang = "zh") -> str:
        """Return the fault as one line for a terminal."""
        place = ":".join(str(part) for part in (self.file, self.row or "", self.column) if part != "")
        seen = f" [{self.seen}]" if self.seen else ""
        return f"{place} {self.code}: {self.message.within(lang)}{seen} — {self.fix.within(lang)}".strip()


@dataclass(frozen=True, slots=True)
class Warn:
    """Something the reader of a result must know; never a reason to stop."""

    code: str
    message: Text
    file: str = ""
    row: int = 0

    def to_dict(self, lang: Lang = "zh") -> dict[str, str | int]:
        """Return the record every ``warnings`` list uses."""
        return {"code": self.code, "message": self.message.within(lang), "file": self.file, "row": self.row}


class BiaochiError(Exception):
    """Base of every error this package raises on purpose."""


class InputError(BiaochiError):
    """The input is at fault; every fault found is carried in :attr:`faults`.

    Examples
    --------
    >>> fault = Fault("not_a_number", Text("不是数", "not a number"), Text("改为数", "write a number"),
    ...               file="observations.csv", row=3, column="value", seen="n/a")
    >>> str(InputError([fault]))
    'observations.csv:3:value not_a_number: not a number [n/a] — write a number'
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        if not self.faults:
            raise ValueError("an InputError needs at least one fault")
        super().__init__("\n".join(fault.line("en") for fault in self.faults))


class UsageError(BiaochiError):
    """The call itself is wrong."""

    def __init__(self, message: Text) -> None:
        self.text = message
        super().__init__(message.en)


class DefinitionError(BiaochiError):
    """A definition shipped with the product contradicts itself; every contradiction is listed."""

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{where}: " + "; ".join(problems))


class RefusedError(BiaochiError):
    """The rules forbid an act."""

    def __init__(self, code: str, message: Text) -> None:
        self.code = code
        self.text = message
        super().__init__(f"{code}: {message.en}")


class StaleError(RefusedError):
    """The object changed since it was read."""


class MissingExtraError(BiaochiError):
    """An optional dependency is needed for what was asked."""

    def __init__(self, extra: str, purpose: Text) -> None:
        self.extra = extra
        self.text = Text(
            f"{purpose.zh}需要附加组件：请运行 pip install 'biaochi[{extra}]'",
            f"{purpose.en} needs an extra: run pip install 'biaochi[{extra}]'",
        )
        super().__init__(self.text.en)
