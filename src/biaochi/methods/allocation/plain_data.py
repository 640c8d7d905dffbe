"""Checking plain data by hand: each value is read with its path, and every fault is kept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from biaochi.core.errors import Fault
from biaochi.core.text import Text
from biaochi.methods.allocation.routes import FloatArray

EPS_SUM = 1e-9
_CORRECT = Text("请改正所示位置的值", "correct the value at the place shown")


def said(zh: str, en: str) -> tuple[Text]:
    """Return a message ready to be passed on to :meth:`Reader.fault`."""
    return (Text(zh, en),)


class Reader:
    """Reads values at paths and collects faults; a faulty value is replaced so that reading can go on."""

    def __init__(self, file: str = "") -> None:
        self.file = file
        self.faults: list[Fault] = []

    def fault(self, code: str, path: str, seen: object, message: Text, fix: Text = _CORRECT) -> None:
        """Note one fault."""
        self.faults.append(
            Fault(code, message, fix, file=self.file, column=path, seen="" if seen is None else str(seen))
        )

    def missing(self, path: str) -> None:
        """Note that a key is absent."""
        self.fault("missing_field", path, None, Text("缺少这一项", "this key is missing"), Text("请补上", "add it"))

    def mapping(
        self, value: object, path: str, required: Sequence[str], optional: Sequence[str]
    ) -> Mapping[str, Any] | None:
        """Return a mapping whose keys are known, or ``None`` when it is none."""
        if not isinstance(value, Mapping):
            if value is None and path:
                self.missing(path)
            else:
                self.fault(
                    "bad_structure", path, value, Text("应为“键：值”", "this must be a mapping of keys to values")
                )
            return None
        for key in value:
            if key not in required and key not in optional:
                where = f"{path}.{key}" if path else str(key)
                self.fault(
                    "unknown_key",
                    where,
                    value[key],
                    Text("没有这样的键", "there is no such key"),
                    Text("请删去或改正拼写", "remove it or correct its spelling"),
                )
        for key in required:
            if key not in value:
                self.missing(f"{path}.{key}" if path else key)
        return value

    def records(
        self,
        value: object,
        path: str,
        required: Sequence[str],
        optional: Sequence[str],
        *,
        nonempty: bool = False,
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield each record of a list with its path."""
        if value is None and nonempty:
            self.missing(path)
            return
        if not isinstance(value, list) or (nonempty and not value):
            self.fault("bad_structure", path, value, Text("应为非空的列表", "this must be a list with entries"))
            return
        for i, item in enumerate(value):
            where = f"{path}[{i}]"
            found = self.mapping(item, where, required, optional)
            if found is not None:
                yield where, found

    def number(self, value: object, path: str, *, low: float | None = None, high: float | None = None) -> float:
        """Return a finite number within bounds."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            if value is not None:
                self.fault("not_a_number", path, value, Text("不是数", "this is not a finite number"))
            elif not self._already(path):
                self.fault("not_a_number", path, "null", Text("不是数", "this is not a finite number"))
            return 0.0 if low is None else low
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = f"{'−∞' if low is None else low:}..{'∞' if high is None else high}"
            self.fault("out_of_range", path, value, Text(f"应在 {bounds} 之内", f"this must lie within {bounds}"))
            return 0.0 if low is None else low
        return float(value)

    def _already(self, path: str) -> bool:
        return any(f.column == path for f in self.faults)

    def integer(self, value: object, path: str, *, low: int, high: int) -> int:
        """Return a whole number within bounds."""
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            if not self._already(path):
                self.fault("not_a_number", path, value, Text("应为整数", "this must be a whole number"))
            return low
        return int(self.number(value, path, low=low, high=high))

    def flag(self, value: object, path: str) -> bool:
        """Return true or false."""
        if not isinstance(value, bool):
            self.fault("bad_value", path, value, Text("应为 true 或 false", "this must be true or false"))
            return False
        return value

    def choice(self, value: object, path: str, choices: Sequence[str]) -> str:
        """Return one of the choices."""
        if value not in choices:
            if not self._already(path):
                options = ", ".join(choices)
                self.fault("unknown_value", path, value, Text(f"可选：{options}", f"choose from {options}"))
            return choices[0]
        return str(value)

    def code(self, value: object, path: str, taken: Sequence[str], fault: str = "duplicate_code") -> str:
        """Return an identifier that is not taken yet."""
        if not isinstance(value, str) or not value.strip():
            if not self._already(path):
                self.fault("bad_value", path, value, Text("应为非空的代码", "this must be a code, not empty"))
            return f"?{path}"
        if value in taken:
            self.fault(fault, path, value, Text("代码重复", "this code appears twice"))
        return value

    def name(self, value: object, path: str) -> Text | None:
        """Return a bilingual name, or ``None`` when there is none."""
        if value is None:
            return None
        found = self.mapping(value, path, (), ("zh", "en"))
        if found is None:
            return None
        if not any(found.values()) or not all(isinstance(v, str) for v in found.values()):
            self.fault("bad_value", path, value, Text("名称应为文字", "a name must be text"))
            return None
        return Text.from_mapping(found)

    def array(
        self,
        value: object,
        path: str,
        shape: Sequence[int | None],
        *,
        low: float | None = None,
        high: float | None = None,
    ) -> FloatArray:
        """Return nested lists of numbers as an array of the shape; ``None`` leaves a length free but even."""
        fallback = np.zeros([1 if n is None else n for n in shape])
        sizes = list(shape)
        if not self._rectangular(value, path, sizes, 0):
            return fallback
        before = len(self.faults)
        self._bounded(value, path, low, high)
        return fallback if len(self.faults) > before else np.asarray(value, dtype=np.float64)

    def _rectangular(self, value: object, path: str, sizes: list[int | None], depth: int) -> bool:
        if depth == len(sizes):
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                self.fault("not_a_number", path, value, Text("不是数", "this is not a finite number"))
                return False
            return True
        if not isinstance(value, list) or not value:
            self.fault("ragged_table", path, value, Text("应为数的列表", "this must be a list of numbers"))
            return False
        if sizes[depth] is None:
            sizes[depth] = len(value)
        if len(value) != sizes[depth]:
            self.fault(
                "ragged_table",
                path,
                len(value),
                Text(f"应有 {sizes[depth]} 项", f"there must be {sizes[depth]} entries"),
            )
            return False
        each = [self._rectangular(item, f"{path}[{i}]", sizes, depth + 1) for i, item in enumerate(value)]
        return all(each)

    def _bounded(self, value: Any, path: str, low: float | None, high: float | None) -> None:
        if isinstance(value, list):
            for i, item in enumerate(value):
                self._bounded(item, f"{path}[{i}]", low, high)
        else:
            self.number(value, path, low=low, high=high)

    def simplex(self, value: object, path: str, size: int | None = None) -> FloatArray:
        """Return probabilities that sum to 1."""
        before = len(self.faults)
        found = self.array(value, path, (size,), low=0.0, high=1.0)
        if len(self.faults) == before:
            self.sums_to_one(found, path)
        return found

    def sums_to_one(self, values: FloatArray, path: str) -> None:
        """Note a fault unless the values sum to 1 within 1e-9."""
        total = float(values.sum())
        if values.size and abs(total - 1) > EPS_SUM and not any(f.column.startswith(path) for f in self.faults):
            self.fault("sum_not_one", path, total, Text("概率之和应为 1", "probabilities must sum to 1"))
