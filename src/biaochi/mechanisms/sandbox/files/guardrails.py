"""Reading guardrails: one object each, the keys of its method and no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from biaochi.core.errors import InputError
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.structured import line_numbers, read_data
from biaochi.methods.surveillance import Rule, RuleError, start

GUARDRAIL_KEYS = frozenset({"id", "metric", "action", "family"})
Note = Callable[[str, Sequence[object], object, Text, Text], None]


def rule_of(raw: Mapping[str, Any], place: Sequence[object], note: Note) -> Rule | None:
    """Return the rule of a guardrail, noting what is wrong with it; its limit is solved once here."""
    try:
        rule = Rule.from_mapping(raw)
    except RuleError as error:
        for fault in error.faults:
            note(fault.code, (*place, fault.column), fault.seen, fault.message, fault.fix)
        return None
    try:
        start(rule)
    except ValueError as error:
        key = "arl" if rule.arl is not None else "horizon"
        note(
            "out_of_range",
            (*place, key),
            raw.get(key),
            Text(f"解不出界限（{error}）", f"no limit can be solved ({error})"),
            Text("请放宽这一项", "relax this key"),
        )
        return None
    return rule


@dataclass(frozen=True)
class NamedRule:
    """A rule with the guardrail's name."""

    id: str
    rule: Rule


def read_guardrails(source: Source) -> tuple[NamedRule, ...]:
    """Read a list of guardrail objects (or a mapping with the key ``guardrails``); ids default to their position.

    Raises
    ------
    InputError
        With every fault, each at its line.
    """
    data, _ = read_data(source, written_dates=True)
    prefix: tuple[object, ...] = ()
    if isinstance(data, Mapping) and set(data) <= {"guardrails", "schema"} and "guardrails" in data:
        data, prefix = data["guardrails"], ("guardrails",)
    faults, line = Faults(source.name), line_numbers(source.text())

    def note(code: str, place: Sequence[object], seen: object, message: Text, fix: Text) -> None:
        column = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).lstrip(".")
        faults.add(code, message, fix, row=line(place), column=column, seen="" if seen is None else str(seen))

    if not isinstance(data, list) or not data:
        note(
            "bad_structure",
            prefix,
            type(data).__name__,
            Text("应为护栏的列表", "this must be a list of guardrails"),
            Text("每个护栏以“- ”开头", "begin each guardrail with “- ”"),
        )
        faults.check()
    found, names = [], set()
    for position, raw in enumerate(data):
        place = (*prefix, position)
        if not isinstance(raw, Mapping):
            note(
                "bad_structure",
                place,
                raw,
                Text("应为键值", "this must be keys and values"),
                Text("请改正", "correct it"),
            )
            continue
        name = str(raw.get("id", position + 1))
        if name in names:
            note(
                "duplicate_key", (*place, "id"), name, Text("编号重复", "this id repeats"), Text("请改名", "rename it")
            )
        names.add(name)
        rule = rule_of({k: v for k, v in raw.items() if k not in GUARDRAIL_KEYS}, place, note)
        if rule is not None:
            found.append(NamedRule(name, rule))
    faults.check()
    if not found:
        raise InputError(faults.all())
    return tuple(found)
