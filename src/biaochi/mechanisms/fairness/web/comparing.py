"""Comparing for the reader: a text with its version before, the rules of two days, how long an exception still runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from django.utils.safestring import SafeString

from biaochi.core.text import Text
from biaochi.methods.textreview.rule_pack import Rule, RulePack
from biaochi.registry.marks import interval_mark


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a compared text: ``kept``, ``gone`` or ``new``."""

    kind: str
    text: str


def changed(before: str, after: str) -> list[Piece]:
    """Return the lines of two versions that differ, each with the line it replaces; lines kept are left out.

    Examples
    --------
    >>> [(p.kind, p.text) for p in changed("a\\nb", "a\\nc")]
    [('gone', 'b'), ('new', 'c')]
    """
    old, new = before.splitlines(), after.splitlines()
    found: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            found += [Piece("gone", line) for line in old[a:b] if line.strip()]
            found += [Piece("new", line) for line in new[c:d] if line.strip()]
    return found


@dataclass(frozen=True, slots=True)
class Clock:
    """How long an exception still runs: the mark, and the days left (negative once it has lapsed)."""

    mark: SafeString
    left: int
    ends_on: date


def clock(begun_on: date, ends_on: date, today: date) -> Clock:
    """Return the clock of an exception from the day it was claimed to its end."""
    left, whole = (ends_on - today).days, max((ends_on - begun_on).days, 1)
    label = f"{begun_on} → {ends_on}"
    passed = min(max((today - begun_on).days, 0), whole)
    return Clock(interval_mark(0, passed, label=label, least=0, most=whole, ticks=4), left, ends_on)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that came, went, or holds on both days."""

    rule: Rule
    kind: str


NAMES = {
    "came": Text("新增", "came"),
    "went": Text("失效", "went"),
    "held": Text("有效", "in force"),
}


def rules_between(pack: RulePack, before: date, after: date) -> Sequence[RuleChange]:
    """Return every rule in force on either day, by identifier, with what became of it."""
    found = []
    for rule in sorted(pack.rules, key=lambda r: r.id):
        then, now = rule.in_force(before), rule.in_force(after)
        if then or now:
            found.append(RuleChange(rule, "held" if then and now else "came" if now else "went"))
    return found
