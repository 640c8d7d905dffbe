"""Which choices are open (the plan), and which of them each replication takes (the design).

A plan's factors are paths of a method with a specification: a choice, weight sets, random weight changes, a range, or
noise in the observations.  A design row holds, for each factor, a 1-based position or (for a range) the value.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from scipy.stats import qmc

from biaochi.core.text import Text
from biaochi.methods.composite.errors import Problems
from biaochi.methods.composite.steps import Steps
from biaochi.methods.composite.tree import Tree

SCHEMA = "biaochi.ruler.plan/1"
Kind = Literal["choice", "sets", "scale", "uniform", "noise"]
_SPECS: dict[str, set[str]] = {
    "choice": {"choice"},
    "sets": {"sets"},
    "scale": {"scale", "levels", "draws"},
    "uniform": {"uniform"},
    "noise": {"noise", "draws"},
}
DRAWS = 1024


@dataclass(frozen=True)
class Factor:
    """One open choice.

    ``options`` are the values of a choice; ``sets`` the columns of weight sets by node code; ``amount`` the half-range
    of weight changes, or the relative noise (0 = use the stated standard errors); ``levels`` the node levels whose
    weights change; ``low`` and ``high`` the range; ``size`` the number of positions (0 for a range).
    """

    path: str
    kind: Kind
    options: tuple[Any, ...] = ()
    sets: Mapping[str, tuple[float, ...]] | None = None
    amount: float = 0.0
    levels: tuple[int, ...] = ()
    low: float = 0.0
    high: float = 0.0
    size: int = 0

    def value(self, u: float) -> float:
        """Return the design value of a number in [0, 1): position ⌊uK⌋ + 1, or the place in the range."""
        if self.kind == "uniform":
            return self.low + u * (self.high - self.low)
        return float(min(int(u * self.size), self.size - 1) + 1)


@dataclass(frozen=True)
class Plan:
    """The open choices of an index.

    Examples
    --------
    >>> plan = Plan.from_mapping({"factors": {"treat.winmax": {"choice": [1, 5]},
    ...                                       "weights": {"scale": 0.25, "levels": [2], "draws": 64}}})
    >>> design = plan.sample(4, rng=np.random.default_rng(0), blocks=True)
    >>> len(design.values), str(design.blocks[-1])
    (16, 'AB_2')
    """

    factors: tuple[Factor, ...]
    node: str = ""
    seed: int = 0

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], *, seed: int = 0, file: str = "plan.yaml") -> Self:
        """Build from the content of a ``plan.yaml``; weight sets arrive as a table ``code`` + columns."""
        problems = Problems(file)
        found = cls.read(mapping, problems, seed=seed)
        problems.check()
        return found

    @classmethod
    def read(cls, mapping: Mapping[str, Any], problems: Problems, *, seed: int = 0) -> Self:
        """Build from plain data, noting faults."""
        for key in mapping:
            if key not in ("schema", "node", "factors"):
                problems.add("unknown_key", column=str(key), seen=key)
        if mapping.get("schema", SCHEMA) != SCHEMA:
            problems.add("unknown_value", column="schema", seen=mapping["schema"], detail=Text.same(SCHEMA))
        factors = mapping.get("factors")
        if not isinstance(factors, Mapping) or not factors:
            problems.add("missing_field", column="factors")
            factors = {}
        read = [_factor(str(path), spec, problems) for path, spec in factors.items()]
        return cls(tuple(f for f in read if f is not None), str(mapping.get("node") or ""), seed)

    def check(self, method: Steps, tree: Tree, problems: Problems) -> None:
        """Note factors of absent steps, unknown paths, and choices that make no valid method."""
        codes = {n.code for n in tree.nodes}
        if self.node and self.node not in codes:
            problems.add("unknown_path", column="node", seen=self.node)
        for f in self.factors:
            place = f"factors.{f.path}"
            if f.kind == "noise":
                continue
            if f.kind in ("sets", "scale"):
                if not method.has("weights"):
                    problems.add("step_absent", column=place, seen="weights")
                for code in f.sets or ():
                    if code not in codes:
                        problems.add("unknown_indicator", column=place, seen=code)
                continue
            for option in f.options or (f.low, f.high):
                try:
                    method.with_(f.path, option).check_nodes(codes, problems)
                except Exception as error:
                    faults = getattr(error, "faults", None)
                    if faults is None:
                        raise
                    for fault in faults:
                        problems.add(fault.code, column=place, seen=fault.seen or option)
                    if faults[0].code in ("step_absent", "unknown_path") and faults[0].column == f.path:
                        break

    def sample(self, n: int, *, rng: np.random.Generator, blocks: bool = False) -> Design:
        """Return a scrambled Sobol' design: ``n`` rows, or with ``blocks`` n(d + 2) rows A, B, AB_1 … AB_d."""
        d = len(self.factors)
        sampler = qmc.Sobol(2 * d if blocks else d, scramble=True, rng=rng)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            u = sampler.random(n)
        if not blocks:
            return Design.of(self, self._values(u), None)
        a, b = u[:, :d], u[:, d:]
        parts, names = [a, b], ["A"] * n + ["B"] * n
        for k in range(d):
            mixed = a.copy()
            mixed[:, k] = b[:, k]
            parts.append(mixed)
            names += [f"AB_{k + 1}"] * n
        return Design.of(self, self._values(np.vstack(parts)), np.array(names))

    def _values(self, u: np.ndarray) -> np.ndarray:
        result = np.empty_like(u)
        for j, f in enumerate(self.factors):
            if f.kind == "uniform":
                result[:, j] = f.low + u[:, j] * (f.high - f.low)
            else:
                result[:, j] = np.minimum(np.floor(u[:, j] * f.size), f.size - 1) + 1
        return result


@dataclass(frozen=True)
class Design:
    """What each replication takes: ``values`` of shape (n, d) in the plan's factor order, ``blocks`` or ``None``."""

    paths: tuple[str, ...]
    replications: np.ndarray
    values: np.ndarray
    blocks: np.ndarray | None = None

    @classmethod
    def of(cls, plan: Plan, values: np.ndarray, blocks: np.ndarray | None) -> Self:
        """Number the rows from 1."""
        return cls(tuple(f.path for f in plan.factors), np.arange(1, len(values) + 1), values, blocks)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, plan: Plan, *, file: str = "design.csv") -> Self:
        """Read a design table; raise every fault found."""
        problems = Problems(file)
        found = _read_design(frame, plan, problems)
        problems.check()
        return cls(*found)

    def to_frame(self) -> pd.DataFrame:
        """Return the design as a table: whole numbers for positions, values for ranges."""
        frame = pd.DataFrame({"replication": self.replications})
        if self.blocks is not None:
            frame["block"] = self.blocks
        for j, path in enumerate(self.paths):
            column = self.values[:, j]
            frame[path] = column.astype(np.int64) if (column == np.floor(column)).all() else column
        return frame

    def first_blocks(self) -> np.ndarray:
        """Return which rows stand for the uncertainty itself: all, or of blocks only A and B."""
        if self.blocks is None:
            return np.ones(len(self.values), dtype=bool)
        return np.isin(self.blocks, ("A", "B"))

    def block(self, name: str) -> np.ndarray:
        """Return the row numbers of a block, in order."""
        assert self.blocks is not None
        return np.flatnonzero(self.blocks == name)


def _factor(path: str, spec: Any, problems: Problems) -> Factor | None:
    place = f"factors.{path}"
    if not isinstance(spec, Mapping):
        problems.add("bad_structure", column=place, seen=spec)
        return None
    kinds = [k for k in _SPECS if k in spec]
    if len(kinds) != 1 or set(spec) - _SPECS[kinds[0]]:
        problems.add("bad_structure", column=place, seen=", ".join(map(str, spec)))
        return None
    kind = kinds[0]
    if (kind == "noise") != (path == "observations") or (kind in ("sets", "scale") and path != "weights"):
        problems.add("unknown_path", column=place, seen=f"{path}: {kind}")
        return None
    draws = spec.get("draws", DRAWS)
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        problems.add("design_invalid", column=f"{place}.draws", seen=draws)
        return None
    return _READ[kind](path, spec, draws, place, problems)


def _choice(path: str, spec: Mapping[str, Any], draws: int, place: str, problems: Problems) -> Factor | None:
    options = spec["choice"]
    if not isinstance(options, Sequence) or isinstance(options, str) or not options:
        problems.add("design_invalid", column=place, seen=options)
        return None
    return Factor(path, "choice", options=tuple(options), size=len(options))


def _sets(path: str, spec: Mapping[str, Any], draws: int, place: str, problems: Problems) -> Factor | None:
    table = spec["sets"]
    if not isinstance(table, pd.DataFrame | Mapping):
        problems.add("design_invalid", column=f"{place}.sets", seen=table)
        return None
    frame = pd.DataFrame(table) if not isinstance(table, pd.DataFrame) else table
    if "code" not in frame or len(frame.columns) < 2:
        problems.add("missing_column", column=f"{place}.sets", seen="code")
        return None
    columns = [c for c in frame.columns if c not in ("code", "row")]
    numbers = frame[columns].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    for r, c in np.argwhere(~(np.isfinite(numbers) & (numbers >= 0))):
        row = int(frame["row"].iloc[r]) if "row" in frame else int(r) + 2
        problems.add("weight_invalid", file="weights.csv", row=row, column=str(columns[c]), seen=numbers[r, c])
    held = {str(code): tuple(map(float, line)) for code, line in zip(frame["code"], numbers, strict=True)}
    return Factor(path, "sets", sets=held, size=len(columns))


def _scale(path: str, spec: Mapping[str, Any], draws: int, place: str, problems: Problems) -> Factor | None:
    amount, levels = spec["scale"], spec.get("levels") or ()
    fine = isinstance(amount, int | float) and not isinstance(amount, bool) and 0 <= amount < 1
    if not fine or any(isinstance(v, bool) or not isinstance(v, int) or v < 1 for v in levels):
        problems.add("design_invalid", column=place, seen=spec)
        return None
    return Factor(path, "scale", amount=float(amount), levels=tuple(levels), size=draws)


def _uniform(path: str, spec: Mapping[str, Any], draws: int, place: str, problems: Problems) -> Factor | None:
    ends = spec["uniform"]
    fine = (
        isinstance(ends, Sequence)
        and len(ends) == 2
        and all(isinstance(e, int | float) and not isinstance(e, bool) and math.isfinite(e) for e in ends)
    )
    if not fine or ends[0] >= ends[1]:
        problems.add("design_invalid", column=place, seen=ends)
        return None
    return Factor(path, "uniform", low=float(ends[0]), high=float(ends[1]))


def _noise(path: str, spec: Mapping[str, Any], draws: int, place: str, problems: Problems) -> Factor | None:
    noise = spec["noise"]
    if noise == "se":
        return Factor(path, "noise", size=draws)
    if isinstance(noise, bool) or not isinstance(noise, int | float) or not 0 < noise < 1:
        problems.add("design_invalid", column=place, seen=noise)
        return None
    return Factor(path, "noise", amount=float(noise), size=draws)


_READ = {"choice": _choice, "sets": _sets, "scale": _scale, "uniform": _uniform, "noise": _noise}


def _read_design(
    frame: pd.DataFrame, plan: Plan, problems: Problems
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray, np.ndarray | None]:
    rows = frame["row"].to_numpy() if "row" in frame else np.arange(2, len(frame) + 2)
    paths = tuple(f.path for f in plan.factors)
    for column in frame.columns:
        if str(column).startswith("u_") or column in ("replication", "block", "row", *paths):
            continue
        problems.add("design_invalid", row=1, column=str(column), seen=column)
    for column in ("replication", *paths):
        if column not in frame:
            problems.add("design_invalid", row=1, column=column, seen="")
    problems.check()
    if not len(frame):
        problems.add("design_invalid", seen="")
        problems.check()
    numbers = _column(frame, "replication")
    whole = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (numbers >= 1)
    repeated = pd.Series(numbers).duplicated().to_numpy()
    for r in np.flatnonzero(~whole | repeated):
        problems.add("design_invalid", row=int(rows[r]), column="replication", seen=frame["replication"].iloc[r])
    values = np.column_stack([_column(frame, p) for p in paths])
    for j, f in enumerate(plan.factors):
        drawn = values[:, j]
        with np.errstate(invalid="ignore"):
            if f.kind == "uniform":
                fine = np.isfinite(drawn) & (drawn >= f.low) & (drawn <= f.high)
            else:
                fine = np.isfinite(drawn) & (drawn == np.floor(drawn)) & (drawn >= 1) & (drawn <= f.size)
        for r in np.flatnonzero(~fine):
            problems.add("design_invalid", row=int(rows[r]), column=f.path, seen=frame[f.path].iloc[r])
    blocks = None
    if "block" in frame:
        blocks = frame["block"].astype(str).to_numpy()
        _check_blocks(blocks, values, rows, problems)
    return paths, np.where(whole, numbers, 0).astype(np.int64), values, blocks


def _column(frame: pd.DataFrame, name: str) -> np.ndarray:
    return np.asarray(pd.to_numeric(frame[name], errors="coerce"), dtype=float)


def _check_blocks(blocks: np.ndarray, values: np.ndarray, rows: np.ndarray, problems: Problems) -> None:
    d = values.shape[1]
    names = ["A", "B", *(f"AB_{k + 1}" for k in range(d))]
    for r in np.flatnonzero(~np.isin(blocks, names)):
        problems.add("design_invalid", row=int(rows[r]), column="block", seen=blocks[r])
    places = [np.flatnonzero(blocks == name) for name in names]
    if len({len(p) for p in places}) != 1:
        seen = ", ".join(f"{n}: {len(p)}" for n, p in zip(names, places, strict=True))
        problems.add("design_invalid", column="block", seen=seen)
        return
    a, b = values[places[0]], values[places[1]]
    for k in range(d):
        expected = a.copy()
        expected[:, k] = b[:, k]
        wrong = (values[places[k + 2]] != expected).any(1)
        for r in places[k + 2][wrong]:
            problems.add("design_invalid", row=int(rows[r]), column="block", seen=blocks[r])
