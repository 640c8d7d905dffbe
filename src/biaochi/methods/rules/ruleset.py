"""A rule set: one version of one policy's criteria, as data that a lawyer can read.

::

    schema: biaochi.ruleset/1
    set: srdi
    version: "2026"
    name: {zh: 专精特新中小企业, en: SRDI SME}
    valid_from: 2026-04-01
    citation: 工信部企业〔2026〕2号 附件1
    items: {ip: "ip1 >= 1: 30 else ip2 >= 4: 24"}      # named score items
    criteria:
      - {code: segment, name: {zh: …, en: …}, test: segment_years >= 3}
      - {code: scale, name: …, test: {any: [revenue_1 >= 1500万, equity_2y >= 2000万]}}
      - {code: score, name: …, test: {entry: platform_score >= 50, recheck: {any: […]}}}

A test is a line (see :mod:`biaochi.methods.rules.expression`), ``{all: […]}``, ``{any: […]}``,
``{score: ">= 60", of: [items], unverified: true}``, ``{from: DATE, test: …}`` (not applicable before that day), or
``{entry: …, recheck: …}`` where ``not_applicable`` is an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Self, TypeAlias

import yaml

from biaochi.core.errors import DefinitionError
from biaochi.core.text import Text
from biaochi.methods.rules.columns import BY_NAME
from biaochi.methods.rules.expression import Leaf, parse_leaf
from biaochi.methods.rules.score import Item, Score, parse_item

Purpose = Literal["entry", "recheck"]
SCHEMA = "biaochi.ruleset/1"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of them."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of them."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class From:
    """Not applicable before a day."""

    day: date
    child: Node


@dataclass(frozen=True, slots=True)
class ByPurpose:
    """One test on entry, another on re-check; ``None`` does not apply."""

    entry: Node | None
    recheck: Node | None

    def of(self, purpose: Purpose) -> Node | None:
        """Return the test for a purpose."""
        return self.entry if purpose == "entry" else self.recheck


Node: TypeAlias = Leaf | Score | AllOf | AnyOf | From | ByPurpose


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its code, its name, its test and where it stands."""

    code: str
    name: Text
    test: Node
    citation: str

    @property
    def text(self) -> str:
        """The test in the form of the reference list."""
        return text_of(self.test)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns the test reads, each once."""
        return tuple(dict.fromkeys(c for leaf in leaves(self.test) for c in leaf.columns))

    @property
    def official(self) -> tuple[str, ...]:
        """Those of its columns that need grade A evidence."""
        return tuple(c for c in self.columns if BY_NAME[c].official)

    @property
    def unverified(self) -> bool:
        """Whether any part of it rests on a rule value that was only recalled."""
        return any(leaf.unverified for leaf in leaves(self.test))


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of one policy.

    Parameters
    ----------
    code, version : str
        Name of the set and of its version.
    name : Text
        What a person calls the title.
    valid_from : datetime.date
        First day in force.
    valid_to : datetime.date or None
        Last day in force; ``None`` while open.
    criteria : tuple of Criterion
        In letter order.
    citation : str
        The document.
    region : str
        Prefix of the region codes it covers; empty for all.
    recheck_from, recheck_to : datetime.date or None
        Days on which re-checks still use this version although another is in force.
    status : {"confirmed", "unverified"}
        Whether the dates of the version were seen in a source.
    local : bool
        Whether the set is a configurable local template and no national law.
    """

    code: str
    version: str
    name: Text
    valid_from: date
    valid_to: date | None
    criteria: tuple[Criterion, ...]
    citation: str
    region: str = ""
    recheck_from: date | None = None
    recheck_to: date | None = None
    status: Literal["confirmed", "unverified"] = "confirmed"
    local: bool = False

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read a rule set from YAML.

        Examples
        --------
        >>> rules = RuleSet.from_yaml('''
        ... schema: biaochi.ruleset/1
        ... set: demo
        ... version: "1"
        ... name: {zh: 示例, en: example}
        ... valid_from: 2026-01-01
        ... citation: example
        ... criteria: [{code: staff, name: {zh: 人员, en: staff}, test: staff_tech/employees >= 0.1}]
        ... ''')
        >>> rules.criteria[0].text
        'staff_tech/employees >= 0.1'
        """
        return cls.from_mapping(yaml.safe_load(text))

    @classmethod
    def from_mapping(cls, data: object) -> Self:
        """Build a rule set from plain data, as a YAML or JSON file holds it."""
        if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
            raise DefinitionError("rule set", [f"schema must be {SCHEMA}"])
        where = f"rule set {data.get('set', '?')}@{data.get('version', '?')}"
        missing = [k for k in ("set", "version", "name", "valid_from", "citation", "criteria") if not data.get(k)]
        if missing:
            raise DefinitionError(where, [f"{k} is missing" for k in missing])
        problems: list[str] = []
        items = _items(data.get("items") or {}, problems)
        criteria = [c for c in (_criterion(r, items, str(data["citation"]), problems) for r in data["criteria"]) if c]
        codes = [c.code for c in criteria]
        problems += [f"criterion {c} is declared twice" for c in sorted({c for c in codes if codes.count(c) > 1})]
        recheck = data.get("recheck") or {}
        days = [data["valid_from"], data.get("valid_to"), recheck.get("from"), recheck.get("to")]
        problems += [f"not a date: {d}" for d in days if d is not None and not isinstance(d, date)]
        if not problems and days[1] is not None and days[1] < days[0]:
            problems.append("valid_to lies before valid_from")
        if problems:
            raise DefinitionError(where, problems)
        return cls(
            str(data["set"]),
            str(data["version"]),
            Text.from_mapping(data["name"]),
            days[0],
            days[1],
            tuple(criteria),
            str(data["citation"]),
            str(data.get("region") or ""),
            days[2],
            days[3],
            "unverified" if data.get("status") == "unverified" else "confirmed",
            bool(data.get("local", False)),
        )

    def in_force(self, at: date) -> bool:
        """Whether the version is in force on a day; first and last day included."""
        return self.valid_from <= at and (self.valid_to is None or at <= self.valid_to)

    def rechecks(self, at: date) -> bool:
        """Whether re-checks on this day use this version by a transitional rule."""
        return self.recheck_from is not None and self.recheck_from <= at <= (self.recheck_to or date.max)


def _items(source: Mapping[str, Any], problems: list[str]) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for name, line in source.items():
        try:
            found[name] = parse_item(line)
        except DefinitionError as error:
            problems.append(str(error))
    return found


def _criterion(data: Any, items: Mapping[str, Item], citation: str, problems: list[str]) -> Criterion | None:
    if not isinstance(data, Mapping) or not data.get("code") or "test" not in data:
        problems.append(f"a criterion needs code and test, seen {data!r}")
        return None
    try:
        test = _node(data["test"], items)
    except (DefinitionError, KeyError, TypeError, ValueError) as error:
        problems.append(f"criterion {data['code']}: {error}")
        return None
    name = Text.from_mapping(data["name"]) if data.get("name") else Text.same(str(data["code"]))
    if test is None:
        problems.append(f"criterion {data['code']}: its test never applies")
        return None
    return Criterion(str(data["code"]), name, test, str(data.get("citation") or citation))


def _node(data: Any, items: Mapping[str, Item]) -> Node | None:
    if data == "not_applicable":
        return None
    if isinstance(data, str):
        return parse_leaf(data)
    if not isinstance(data, Mapping):
        raise DefinitionError("test", [f"neither a line nor a mapping: {data!r}"])
    if "all" in data or "any" in data:
        kind, children = (AllOf, data["all"]) if "all" in data else (AnyOf, data["any"])
        return kind(tuple(_required(_node(child, items)) for child in children))
    if "score" in data:
        op, threshold = str(data["score"]).split()
        unknown = [name for name in data["of"] if name not in items]
        if unknown or op not in (">=", ">"):
            raise DefinitionError("score", [f"unknown item {name}" for name in unknown] or [f"unknown operator {op}"])
        return Score(op, int(threshold), tuple(items[n] for n in data["of"]), bool(data.get("unverified", False)))
    if "from" in data:
        if not isinstance(data["from"], date):
            raise DefinitionError("test", [f"from must be a date, seen {data['from']!r}"])
        return From(data["from"], _required(_node(data["test"], items)))
    return ByPurpose(_node(data["entry"], items), _node(data["recheck"], items))


def _required(node: Node | None) -> Node:
    if node is None:
        raise DefinitionError("test", ["“not_applicable” may only stand under entry or recheck"])
    return node


def leaves(node: Node | None) -> Iterator[Leaf | Score]:
    """Give every leaf and score below a node, in reading order."""
    match node:
        case None:
            return
        case Leaf() | Score():
            yield node
        case From(child=child):
            yield from leaves(child)
        case ByPurpose(entry, recheck):
            yield from leaves(entry)
            yield from leaves(recheck)
        case AllOf(children) | AnyOf(children):
            for child in children:
                yield from leaves(child)


def text_of(node: Node | None) -> str:
    """Return a test as one line, in the form of the reference list."""
    match node:
        case None:
            return "not_applicable"
        case Leaf(text=text, unverified=unverified):
            return text + ("†" if unverified else "")
        case Score(unverified=unverified):
            return node.text + ("†" if unverified else "")
        case From(day, child):
            return f"from {day.isoformat()}: {text_of(child)}"
        case ByPurpose(entry, recheck):
            return f"entry: {text_of(entry)}; re-check: {text_of(recheck)}"
        case AllOf(children):
            return f"all({'; '.join(text_of(c) for c in children)})"
        case AnyOf(children):
            return f"any({'; '.join(text_of(c) for c in children)})"


def diff(old: RuleSet, new: RuleSet) -> list[dict[str, str]]:
    """Return what changed between two versions: one record for each criterion that differs, is gone or is new."""
    before, after = ({c.code: c.text for c in r.criteria} for r in (old, new))
    codes: Sequence[str] = [*before, *(c for c in after if c not in before)]
    return [
        {"code": c, "old": before.get(c, ""), "new": after.get(c, "")} for c in codes if before.get(c) != after.get(c)
    ]
