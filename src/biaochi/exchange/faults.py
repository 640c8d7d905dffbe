"""Collecting faults, and the faults every kind of file can have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from biaochi.core.errors import Fault, InputError
from biaochi.core.text import Text

_VALUE_CODES = frozenset({"unknown_value", "bad_value", "not_an_integer"})


class Faults:
    """A list of faults that raises once, when everything was looked at.

    Examples
    --------
    >>> faults = Faults("a.csv")
    >>> faults.add("not_a_number", Text("不是数", "not a number"), Text("改为数", "write a number"), row=2, seen="x")
    >>> len(faults)
    1
    """

    def __init__(self, file: str = "") -> None:
        self.file = file
        self._faults: list[Fault] = []

    def __len__(self) -> int:
        return len(self._faults)

    def add(
        self,
        code: str,
        message: Text,
        fix: Text,
        *,
        row: int = 0,
        column: str = "",
        seen: object = "",
        file: str | None = None,
    ) -> None:
        """Note one fault; ``seen`` is cut to 200 characters."""
        name = self.file if file is None else file
        self._faults.append(Fault(code, message, fix, name, row, column, str(seen)))

    def extend(self, faults: Faults | InputError | tuple[Fault, ...] | list[Fault]) -> None:
        """Take over the faults found elsewhere."""
        found = faults.faults if isinstance(faults, InputError) else faults
        self._faults.extend(found._faults if isinstance(found, Faults) else found)

    def recode(self, codes: Mapping[str, str], columns: Mapping[str, str] | None = None) -> None:
        """Give faults the names a mechanism's specification uses: by code, and first by the column they are in.

        Examples
        --------
        >>> faults = Faults("a.csv")
        >>> faults.add("negative_value", Text("负数", "negative"), Text("改正", "correct it"), row=2, column="cost")
        >>> faults.recode({"negative_value": "negative"})
        >>> faults.all()[0].code
        'negative'
        """
        by_column = columns or {}
        self._faults = [
            replace(
                f,
                code=by_column[f.column]
                if f.column in by_column and f.code in _VALUE_CODES
                else codes.get(f.code, f.code),
            )
            for f in self._faults
        ]

    def all(self) -> tuple[Fault, ...]:
        """Return every fault, ordered by file and row, in the order found within a row."""
        return tuple(sorted(self._faults, key=lambda f: (f.file, f.row)))

    def check(self) -> None:
        """Raise :class:`InputError` when there is at least one fault."""
        if self._faults:
            raise InputError(self.all())


def unreadable(file: str, reason: Text, fix: Text, code: str = "unreadable", seen: str = "") -> InputError:
    """Return the error for a file that cannot be read as what it should be."""
    return InputError([Fault(code, reason, fix, file=file, seen=seen)])
