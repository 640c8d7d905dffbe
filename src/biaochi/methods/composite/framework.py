"""The indicator framework: a tree with the method that scores it and the plan that questions it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from biaochi.core.canonical import digest
from biaochi.core.period import date_or_end
from biaochi.core.text import Text
from biaochi.methods.composite.errors import Problems
from biaochi.methods.composite.method import Method
from biaochi.methods.composite.tree import Denominator, Node, Polarity, Tree

SCHEMA = "biaochi.ruler.framework/1"


@dataclass(frozen=True)
class Framework(Tree):
    """A validated framework; build it with :meth:`from_mapping`.

    Examples
    --------
    >>> f = Framework.from_mapping({
    ...     "schema": SCHEMA, "code": "demo", "version": "1", "name": {"zh": "例", "en": "demo"},
    ...     "effective_on": "2024-01-01",
    ...     "nodes": [{"code": "T", "name": {"zh": "总", "en": "total"}},
    ...               {"code": "a", "name": {"zh": "甲", "en": "a"}, "parent": "T", "polarity": "positive",
    ...                "weight": 3},
    ...               {"code": "b", "name": {"zh": "乙", "en": "b"}, "parent": "T", "polarity": "negative"}],
    ...     "method": [{"normalise": "minmax"}, {"aggregate": "arithmetic"}]})
    >>> f.root, f.leaves, f.effective_weights["a"]
    ('T', ('a', 'b'), 0.75)
    """

    method: Method | None = None
    uncertainty: Mapping[str, Any] | None = None
    definition: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], *, file: str = "framework.yaml") -> Self:
        """Build from the content of a ``framework.yaml``; raise every fault found."""
        problems = Problems(file)
        if not _is_mapping(mapping):
            problems.add("bad_structure", seen=type(mapping).__name__)
            problems.check()
        found = _read(mapping, problems)
        problems.check()
        return cls(**found, definition=mapping)

    @property
    def digest(self) -> str:
        """SHA-256 of the framework's content; the same for the same rules, however they were written down."""
        return digest(
            {
                "code": self.code,
                "version": self.version,
                "name": self.name,
                "effective_on": self.effective_on,
                "nodes": self.nodes,
                "denominators": self.denominators,
                "method": self.method.to_list() if self.method else None,
                "units": self.units,
                "uncertainty": self.uncertainty,
            }
        )


_TOP = {
    "schema", "code", "version", "name", "effective_on", "units", "nodes", "denominators", "method", "uncertainty",
}  # fmt: skip
_NODE = {"code", "name", "parent", "weight"}
_LEAF = {
    "polarity", "unit", "band", "denominator", "scale", "goalposts", "target", "facet", "stage", "cycle",
    "window_years", "window_statistic", "lag_years", "pair_with", "gaming_guard", "shadows", "cost", "misreport",
    "owner", "source",
}  # fmt: skip
_CHOICES = {
    "facet": ("level", "intensity", "change"),
    "stage": ("effort", "process", "outcome"),
    "cycle": ("short", "medium", "long"),
    "window_statistic": ("median", "mean"),
}


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _read(mapping: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    for key in mapping:
        if key not in _TOP:
            problems.add("unknown_key", column=str(key), seen=key)
    if mapping.get("schema", SCHEMA) != SCHEMA:
        problems.add("unknown_value", column="schema", seen=mapping["schema"], detail=Text.same(SCHEMA))
    for key in ("code", "version", "name", "nodes", "method"):
        if mapping.get(key) in (None, "", []):
            problems.add("missing_field", column=key)
    denominators = tuple(
        _denominator(d, f"denominators[{index}]", problems)
        for index, d in enumerate(_mappings(mapping.get("denominators"), "denominators", problems))
    )
    nodes = _nodes(mapping, {d.code for d in denominators}, problems)
    codes = [n.code for n in nodes] + [d.code for d in denominators]
    for position, code in enumerate(codes):
        if code in codes[:position]:
            place = "nodes" if position < len(nodes) else "denominators"
            index = position if position < len(nodes) else position - len(nodes)
            problems.add("duplicate_code", column=f"{place}[{index}].code", seen=code)
    _tree(nodes, problems)
    method: Method | None = None
    if mapping.get("method"):
        method = Method.read(mapping["method"], problems)
        if method is not None:
            method.check_nodes({n.code for n in nodes}, problems)
    uncertainty = mapping.get("uncertainty")
    if uncertainty is not None and not isinstance(uncertainty, Mapping):
        problems.add("bad_structure", column="uncertainty", seen=type(uncertainty).__name__)
    return {
        "code": str(mapping.get("code", "")),
        "version": str(mapping.get("version", "")),
        "name": _name(mapping.get("name"), str(mapping.get("code", "?")), "name", problems),
        "effective_on": _day(mapping.get("effective_on"), problems),
        "nodes": nodes,
        "denominators": denominators,
        "method": method,
        "units": tuple(str(u) for u in mapping.get("units") or ()),
        "uncertainty": uncertainty,
    }


def _mappings(value: Any, place: str, problems: Problems) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, Sequence) or isinstance(value, str):
        problems.add("bad_structure", column=place, seen=type(value).__name__)
        return []
    kept = []
    for index, item in enumerate(value):
        if isinstance(item, Mapping):
            kept.append(item)
        else:
            problems.add("bad_structure", column=f"{place}[{index}]", seen=item)
    return kept


def _name(value: Any, code: str, place: str, problems: Problems) -> Text:
    """Return a name given as text or as ``{zh, en}``; without one, the code stands for it."""
    if isinstance(value, Mapping):
        _only(value, {"zh", "en"}, place, problems)
        known = {k: str(v) for k, v in value.items() if k in ("zh", "en") and v not in (None, "")}
        if known:
            return Text.from_mapping(known)
    elif value is not None and not isinstance(value, str):
        problems.add("bad_structure", column=place, seen=value)
    return Text.same(str(value) if isinstance(value, str) and value else code or "?")


def _only(value: Mapping[str, Any], known: set[str], place: str, problems: Problems) -> None:
    """Note the keys of a mapping that mean nothing."""
    for key in value:
        if key not in known:
            problems.add("unknown_key", column=f"{place}.{key}", seen=key)


def _denominator(item: Mapping[str, Any], place: str, problems: Problems) -> Denominator:
    _only(item, {"code", "name", "unit"}, place, problems)
    code = str(item.get("code") or "")
    if not code:
        problems.add("missing_field", column=f"{place}.code")
    name = _name(item.get("name"), code or "?", f"{place}.name", problems)
    return Denominator(code, name, str(item.get("unit") or ""))


def _day(value: Any, problems: Problems) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date_or_end(str(value))
    except ValueError:
        problems.add("bad_date", column="effective_on", seen=value)
        return None


def _nodes(mapping: Mapping[str, Any], denominators: set[str], problems: Problems) -> tuple[Node, ...]:
    raw = _mappings(mapping.get("nodes"), "nodes", problems)
    inner = {str(n.get("parent")) for n in raw if n.get("parent") not in (None, "")}
    found = []
    for index, item in enumerate(raw):
        reader = _NodeReader(item, f"nodes[{index}]", problems)
        leaf = str(item.get("code", "")) not in inner
        found.append(reader.leaf(denominators) if leaf else reader.node())
    codes = {n.code for n in found} | denominators
    for index, n in enumerate(found):
        for key, code in [("pair_with", n.pair_with)] + [("shadows", s) for s in n.shadows]:
            if code and code not in codes:
                problems.add("unknown_indicator", column=f"nodes[{index}].{key}", seen=code)
    return tuple(found)


class _NodeReader:
    def __init__(self, item: Mapping[str, Any], place: str, problems: Problems) -> None:
        self.item, self.place, self.problems = item, place, problems
        self.code = str(item.get("code", "") if item.get("code") is not None else "")
        if not self.code:
            problems.add("missing_field", column=f"{place}.code")

    def _number(self, key: str, value: Any, code: str = "not_a_number") -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.problems.add(code, column=f"{self.place}.{key}", seen=value)
            return None
        return float(value)

    def _common(self, known: set[str]) -> dict[str, Any]:
        _only(self.item, known, self.place, self.problems)
        weight = self._number("weight", self.item.get("weight", 1.0), "weight_invalid")
        if weight is not None and weight < 0:
            self.problems.add("weight_invalid", column=f"{self.place}.weight", seen=weight)
        parent = self.item.get("parent")
        return {
            "code": self.code,
            "name": _name(self.item.get("name"), self.code, f"{self.place}.name", self.problems),
            "parent": "" if parent is None else str(parent),
            "weight": 1.0 if weight is None else weight,
        }

    def node(self) -> Node:
        return Node(**self._common(_NODE | {"owner", "source"}))

    def leaf(self, denominators: set[str]) -> Node:
        common = self._common(_NODE | _LEAF)
        item = self.item
        polarity = self._polarity()
        denominator = str(item.get("denominator") or "")
        if denominator and denominator not in denominators:
            self.problems.add("unknown_indicator", column=f"{self.place}.denominator", seen=denominator)
        posts = item.get("goalposts") or {}
        if not isinstance(posts, Mapping):
            self.problems.add("bad_structure", column=f"{self.place}.goalposts", seen=posts)
            posts = {}
        _only(posts, {"worst", "best"}, f"{self.place}.goalposts", self.problems)
        cost = item.get("cost")
        if isinstance(cost, Mapping):
            _only(cost, {"doing", "reporting"}, f"{self.place}.cost", self.problems)
        doing, reporting = (cost.get("doing"), cost.get("reporting")) if isinstance(cost, Mapping) else (cost, None)
        window = self._number("window_years", item.get("window_years", 1))
        return Node(
            **common,
            polarity=polarity,
            unit=str(item.get("unit") or ""),
            band=self._band(polarity),
            denominator=denominator,
            scale=self._number("scale", item.get("scale", 1.0)) or 1.0,
            worst=self._number("goalposts.worst", posts.get("worst")),
            best=self._number("goalposts.best", posts.get("best")),
            target=self._number("target", item.get("target")),
            window_years=max(int(window or 1), 1),
            lag_years=self._number("lag_years", item.get("lag_years", 0)) or 0.0,
            pair_with=str(item.get("pair_with") or ""),
            gaming_guard=str(item.get("gaming_guard") or ""),
            shadows=tuple(str(s) for s in item.get("shadows") or ()),
            cost=self._number("cost", doing),
            cost_reporting=self._number("cost.reporting", reporting),
            misreport=self._number("misreport", item.get("misreport")),
            owner=str(item.get("owner") or ""),
            source=str(item.get("source") or ""),
            facet=self._choice("facet"),
            stage=self._choice("stage"),
            cycle=self._choice("cycle"),
            window_statistic=self._choice("window_statistic"),
        )

    def _choice(self, key: str) -> str:
        value = str(self.item.get(key) or ("median" if key == "window_statistic" else ""))
        if value and value not in _CHOICES[key]:
            detail = Text.same(", ".join(_CHOICES[key]))
            self.problems.add("unknown_value", column=f"{self.place}.{key}", seen=value, detail=detail)
        return value

    def _polarity(self) -> Polarity | None:
        value = self.item.get("polarity")
        if value is None or str(value) not in list(Polarity):
            self.problems.add("polarity_missing", column=f"{self.place}.polarity", seen="" if value is None else value)
            return None
        return Polarity(str(value))

    def _band(self, polarity: Polarity | None) -> tuple[float, float] | None:
        band = self.item.get("band")
        if band is None:
            return None
        fine = (
            polarity is Polarity.BAND
            and isinstance(band, Sequence)
            and not isinstance(band, str)
            and len(band) == 2
            and all(isinstance(b, int | float) and not isinstance(b, bool) and math.isfinite(b) for b in band)
            and band[0] < band[1]
        )
        if not fine:
            self.problems.add("band_invalid", column=f"{self.place}.band", seen=band)
            return None
        return float(band[0]), float(band[1])


def _tree(nodes: Sequence[Node], problems: Problems) -> None:
    parents = {n.code: n.parent for n in nodes}
    roots = [i for i, n in enumerate(nodes) if not n.parent]
    for index, n in enumerate(nodes):
        if n.parent and n.parent not in parents:
            problems.add("orphan_node", column=f"nodes[{index}].parent", seen=n.parent)
        elif _circular(n.code, parents):
            problems.add("cycle", column=f"nodes[{index}].parent", seen=f"{n.code} < {n.parent}")
    inner = set(parents.values())
    whole = [i for i in roots if nodes[i].code in inner]
    first = whole[0] if whole else (roots[0] if roots else None)
    for index in roots:
        if index != first:
            problems.add("orphan_node", column=f"nodes[{index}].parent", seen=nodes[index].code)
    for parent in sorted(inner - {""}):
        below = [n for n in nodes if n.parent == parent]
        if below and sum(n.weight for n in below) <= 0:
            index = next(i for i, n in enumerate(nodes) if n.parent == parent)
            problems.add("weight_invalid", column=f"nodes[{index}].weight", seen=f"{parent}: 0")


def _circular(code: str, parents: Mapping[str, str]) -> bool:
    here, steps = parents.get(code, ""), 0
    while here and steps <= len(parents):
        if here == code:
            return True
        here, steps = parents.get(here, ""), steps + 1
    return False
