"""The method: the ordered steps from raw observations to scores, as data.

A method is written as a list of steps, each a name or ``{name: parameters}``.  Paths such as ``treat.winmax`` or
``aggregate[Conn]`` name what a plan may vary.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from biaochi.core.canonical import digest
from biaochi.core.text import Text
from biaochi.methods.composite.errors import Problems

ORDER = {"denominate": 0, "impute": 1, "screen": 1, "treat": 2, "normalise": 3, "weights": 4, "aggregate": 5}
REQUIRED = ("normalise", "aggregate")
IMPUTE = (
    "mean", "median", "group_mean", "group_median", "row_mean", "em_normal",
    "latest", "constant", "linear", "linear_constant",
)  # fmt: skip
THEN = ("none", "log_ct", "log_ct_plus", "log_ct_orig", "boxcox", "sqrt", "iqr", "mad", "sd")
NORMALISE = (
    "minmax", "zscore", "scaled", "rank", "borda", "prank", "dist2max", "dist2ref", "dist2targ", "goalposts",
    "fracmax",
)  # fmt: skip
WEIGHTS = ("equal", "declared", "entropy", "critic", "ahp", "budget", "pca", "balance", "bod")
AGGREGATE = ("arithmetic", "geometric", "harmonic", "power", "owa", "min", "mpi", "ampi", "copeland")
_KEYS: dict[str, set[str]] = {
    "denominate": set(),
    "impute": {"method", "by", "max_back", "over"},
    "screen": {"min_available", "min_nonzero", "keep", "drop"},
    "treat": {"winmax", "skew", "kurtosis", "then", "combine", "lambda"},
    "normalise": {"method", "to", "mean", "sd", "lower", "upper", "factor", "ties", "ref", "cap", "base"},
    "weights": {"method", "matrices", "experts", "share"},
}
_METHODS = {"impute": IMPUTE, "normalise": NORMALISE, "weights": WEIGHTS}
_LEVEL = re.compile(r"level:(\d+)")
_PATH = re.compile(r"([a-z]+)(?:\.([a-z_]+)|\[([^\]]+)\])?")


@dataclass(frozen=True, slots=True)
class Step:
    """One step with its parameters, as they were written and completed."""

    name: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Steps:
    """An ordered, validated list of steps.

    Examples
    --------
    >>> m = Steps.from_steps([{"treat": {"winmax": 5}}, {"normalise": "minmax"}, {"aggregate": "arithmetic"}])
    >>> m.get("treat.winmax"), m.with_("treat.winmax", 2).get("treat.winmax"), m.get("aggregate[Conn]")
    (5, 2, 'arithmetic')
    """

    steps: tuple[Step, ...]

    @classmethod
    def from_steps(cls, steps: Sequence[Any]) -> Self:
        """Build from a list of steps; raise every fault found."""
        problems = Problems("method")
        found = cls.read(steps, problems)
        problems.check()
        assert found is not None
        return found

    @classmethod
    def read(cls, steps: Any, problems: Problems) -> Self | None:
        """Build from plain data, noting faults; ``None`` when no method can be made of it."""
        before = len(problems)
        if not isinstance(steps, Sequence) or isinstance(steps, str):
            problems.add("bad_structure", column="method", seen=type(steps).__name__)
            return None
        found: list[Step] = []
        for index, item in enumerate(steps):
            step = _step(item, f"method[{index}]", problems)
            if step is None:
                continue
            if found and (ORDER[step.name] < ORDER[found[-1].name] or step.name in {s.name for s in found}):
                problems.add("step_order", column=f"method[{index}]", seen=step.name)
            found.append(step)
        for name in REQUIRED:
            if name not in {s.name for s in found}:
                problems.add("step_absent", column="method", seen=name)
        return cls(tuple(found)) if len(problems) == before else None

    def check_nodes(self, codes: set[str], problems: Problems) -> None:
        """Note aggregators for nodes that do not exist."""
        for index, step in enumerate(self.steps):
            if step.name == "aggregate":
                for key in step.params:
                    if key not in ("*", "min_available") and not _LEVEL.fullmatch(key) and key not in codes:
                        problems.add("unknown_path", column=f"method[{index}].aggregate.{key}", seen=key)

    def has(self, name: str) -> bool:
        """Whether the method has a step of this name."""
        return any(s.name == name for s in self.steps)

    def params(self, name: str) -> Mapping[str, Any]:
        """Return a step's parameters; empty when the step is absent."""
        return next((s.params for s in self.steps if s.name == name), {})

    def get(self, path: str) -> Any:
        """Return what a path names; raise :class:`CompositeError` when it names nothing."""
        name, key, node = _split(path)
        self._present(path, name)
        params = self.params(name)
        if node:
            return params.get(node, params.get("*"))
        if key:
            return params.get(key)
        return dict(params)

    def with_(self, path: str, value: Any) -> Self:
        """Return the method with one path set to another value, in the form a method writes it."""
        name, key, node = _split(path)
        self._present(path, name)
        old = dict(self.params(name))
        if key or node:
            new = {**old, (key or node): value}
        else:
            new = _params(name, value)
            if name == "normalise" and "base" in old:
                new.setdefault("base", old["base"])
            if name == "aggregate" and "min_available" in old:
                new.setdefault("min_available", old["min_available"])
        raw = [{s.name: new if s.name == name else dict(s.params)} for s in self.steps]
        return type(self).from_steps(raw)

    def _present(self, path: str, name: str) -> None:
        problems = Problems("method")
        if name not in ORDER:
            problems.add("unknown_path", column=path, seen=path)
        elif not self.has(name):
            problems.add("step_absent", column=path, seen=name)
        problems.check()

    def aggregator(self, node: str, level: int) -> Any:
        """Return the aggregator of a node: its own, else its level's, else the general one."""
        params = self.params("aggregate")
        return params.get(node, params.get(f"level:{level}", params.get("*", "arithmetic")))

    def to_list(self) -> list[dict[str, Any]]:
        """Return the steps as a method is written, parameters in full."""
        return [{s.name: dict(s.params)} for s in self.steps]

    @property
    def digest(self) -> str:
        """SHA-256 of the steps."""
        return digest(self.to_list())


def _split(path: str) -> tuple[str, str, str]:
    match = _PATH.fullmatch(path)
    name, key, node = match.groups() if match else (path, None, None)
    problems = Problems("method")
    bad_key = key is not None and key not in _KEYS.get(name, {"min_available"})
    if match is None or name not in ORDER or bad_key or (node is not None and name != "aggregate"):
        problems.add("unknown_path", column=path, seen=path)
    problems.check()
    return name, key or "", node or ""


def _params(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping) and not (name == "aggregate" and "method" in value):
        return dict(value)
    if value is None or value is True:
        return {}
    return {"*": value} if name == "aggregate" else {"method": value}


def _step(item: Any, place: str, problems: Problems) -> Step | None:
    if isinstance(item, str):
        name, value = item, None
    elif isinstance(item, Mapping) and len(item) == 1:
        name, value = next(iter(item.items()))
    else:
        problems.add("bad_structure", column=place, seen=item)
        return None
    if name not in ORDER:
        problems.add("unknown_path", column=place, seen=name, detail=Text.same(", ".join(ORDER)))
        return None
    params = _params(name, value)
    if name == "aggregate":
        return Step(name, _aggregate(params, f"{place}.{name}", problems))
    for key in params:
        if key not in _KEYS[name]:
            problems.add("unknown_path", column=f"{place}.{name}.{key}", seen=key)
    return Step(name, _READ[name](params, f"{place}.{name}", problems))


def _method(name: str, params: dict[str, Any], place: str, problems: Problems, default: str) -> str:
    method = str(params.get("method", default))
    if method not in _METHODS[name]:
        detail = Text.same(", ".join(_METHODS[name]))
        problems.add("unknown_path", column=f"{place}.method", seen=method, detail=detail)
    return method


def _number(params: Mapping[str, Any], key: str, default: Any, place: str, problems: Problems) -> Any:
    value = params.get(key, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        problems.add("not_a_number", column=f"{place}.{key}", seen=value)
        return default
    return value


def _denominate(params: dict[str, Any], place: str, problems: Problems) -> dict[str, Any]:
    return {}


def _impute(params: dict[str, Any], place: str, problems: Problems) -> dict[str, Any]:
    method = _method("impute", params, place, problems, "mean")
    found: dict[str, Any] = {"method": method}
    if method in ("group_mean", "group_median"):
        if not params.get("by"):
            problems.add("group_missing", column=f"{place}.by")
        found["by"] = str(params.get("by", ""))
    if method == "latest":
        found["max_back"] = _number(params, "max_back", None, place, problems)
    if method == "row_mean":
        over = str(params.get("over", "siblings"))
        if over not in ("siblings", "all"):
            problems.add("unknown_path", column=f"{place}.over", seen=over)
        found["over"] = over
    return found


def _screen(params: dict[str, Any], place: str, problems: Problems) -> dict[str, Any]:
    return {
        "min_available": _number(params, "min_available", 2 / 3, place, problems),
        "min_nonzero": _number(params, "min_nonzero", None, place, problems),
        "keep": [str(u) for u in params.get("keep") or ()],
        "drop": [str(u) for u in params.get("drop") or ()],
    }


def _treat(params: dict[str, Any], place: str, problems: Problems) -> dict[str, Any]:
    then = str(params.get("then", "log_ct"))
    if then not in THEN:
        problems.add("unknown_path", column=f"{place}.then", seen=then, detail=Text.same(", ".join(THEN)))
    winmax = _number(params, "winmax", 5, place, problems)
    if winmax is not None and (winmax < 0 or winmax != int(winmax)):
        problems.add("not_a_number", column=f"{place}.winmax", seen=winmax)
    return {
        "winmax": int(winmax or 0),
        "skew": _number(params, "skew", 2.0, place, problems),
        "kurtosis": _number(params, "kurtosis", 3.5, place, problems),
        "then": then,
        "combine": bool(params.get("combine", False)),
        "lambda": _number(params, "lambda", None, place, problems),
    }


def _normalise(params: dict[str, Any], place: str, problems: Problems) -> dict[str, Any]:
    method = _method("normalise", params, place, problems, "minmax")
    found: dict[str, Any] = {"method": method}
    defaults: dict[str, dict[str, Any]] = {
        "zscore": {"mean": 0.0, "sd": 1.0},
        "scaled": {"lower": 0.0, "upper": 1.0, "factor": 100.0},
        "dist2ref": {"ref": None},
    }
    for key, default in defaults.get(method, {}).items():
        if key == "ref":
            found[key] = params.get(key)
        else:
            found[key] = _number(params, key, default, place, problems)
    if method in ("minmax", "goalposts"):
        found["to"] = _pair(params.get("to", [0, 100]), f"{place}.to", problems)
    if method in ("rank", "borda", "prank"):
        found["ties"] = str(params.get("ties", "min"))
        if found["ties"] not in ("min", "average"):
            problems.add("unknown_path", column=f"{place}.ties", seen=found["ties"])
    if method == "dist2targ":
        found["cap"] = bool(params.get("cap", True))
    if params.get("base") is not None:
        base = params["base"]
        found["base"] = [str(p) for p in (base if isinstance(base, Sequence) and not isinstance(base, str) else [base])]
    return found


def _pair(value: Any, place: str, problems: Problems) -> list[float]:
    if (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and len(value) == 2
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
        and value[0] < value[1]
    ):
        return [float(value[0]), float(value[1])]
    problems.add("not_a_number", column=place, seen=value)
    return [0.0, 100.0]


def _weights(params: dict[str, Any], place: str, problems: Problems) -> dict[str, Any]:
    method = _method("weights", params, place, problems, "declared")
    found: dict[str, Any] = {"method": method}
    for key, needed in (("matrices", "ahp"), ("experts", "budget")):
        if method == needed:
            if not isinstance(params.get(key), Mapping):
                problems.add("missing_field", column=f"{place}.{key}")
            found[key] = params.get(key) or {}
    if method == "bod" and params.get("share") is not None:
        found["share"] = list(params["share"])
    return found


def _aggregate(params: dict[str, Any], place: str, problems: Problems) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in params.items():
        if key == "min_available":
            share = _number(params, key, 0.0, place, problems)
            found[key] = 0.0 if share is None else float(share)
        else:
            found[str(key)] = _aggregator(value, f"{place}.{key}", problems)
    found.setdefault("*", "arithmetic")
    found.setdefault("min_available", 0.0)
    return found


def _aggregator(value: Any, place: str, problems: Problems) -> Any:
    name = value.get("method") if isinstance(value, Mapping) else value
    if name not in AGGREGATE:
        problems.add("unknown_path", column=place, seen=value, detail=Text.same(", ".join(AGGREGATE)))
        return "arithmetic"
    if name == "power":
        p = value.get("p") if isinstance(value, Mapping) else None
        if isinstance(p, bool) or not isinstance(p, int | float) or not math.isfinite(p):
            problems.add("not_a_number", column=f"{place}.p", seen=p)
            return "arithmetic"
        return {"method": "power", "p": float(p)}
    if name == "owa":
        order = value.get("weights") if isinstance(value, Mapping) else None
        if not isinstance(order, Sequence) or isinstance(order, str) or not order or any(w < 0 for w in order):
            problems.add("weight_invalid", column=f"{place}.weights", seen=order)
            return "arithmetic"
        return {"method": "owa", "weights": [float(w) for w in order]}
    return str(name)


_READ = {
    "denominate": _denominate,
    "impute": _impute,
    "screen": _screen,
    "treat": _treat,
    "normalise": _normalise,
    "weights": _weights,
}
