"""Word lists with names, written into patterns as ``{name}``; and the literal prefilter that decides who looks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from biaochi.core.errors import DefinitionError

_SLOT = re.compile(r"\{([a-z_]+)\}")
_LATIN = re.compile(r"[a-z]{3}")
parse = _parser.parse


def expand(pattern: str, lexicon: Mapping[str, str], *, where: str = "pattern") -> str:
    """Write the lists of a lexicon into a pattern, lists within lists included.

    Examples
    --------
    >>> expand("在{here}注册", {"here": "本(?:省|{town})", "town": "市"})
    '在(?:本(?:省|(?:市)))注册'
    """
    for _ in range(6):
        if not _SLOT.search(pattern):
            return pattern
        pattern = _SLOT.sub(lambda m: _slot(m.group(1), lexicon, where), pattern)
    raise DefinitionError(where, ["lists of the lexicon refer to each other in a circle"])


def _slot(name: str, lexicon: Mapping[str, str], where: str) -> str:
    if name not in lexicon:
        raise DefinitionError(where, [f"the lexicon has no list {name!r}"])
    return f"(?:{lexicon[name]})"


@dataclass(frozen=True, slots=True)
class _Language:
    """What is known of the texts a part of a pattern matches.

    ``exact`` is the finite set of them, when it is small; ``required`` are sets of which each match contains a member.
    """

    exact: frozenset[str] | None
    required: tuple[frozenset[str], ...] = ()


#: Pairs that stand in nearly every clause; a literal is looked up by another of its pairs when it has one.
_COMMON = frozenset(
    (
        "企业",
        "采购",
        "供应",
        "应商",
        "投标",
        "标人",
        "项目",
        "公司",
        "单位",
        "不得",
        "本市",
        "提供",
        "具有",
        "其他",
        "以上",
        "机构",
        "产品",
        "服务",
    )
)
_EMPTY = _Language(frozenset({""}))
_UNKNOWN = _Language(None)
_LIMIT = 3000


def required_literals(pattern: str) -> tuple[frozenset[str], ...]:
    """Return up to two sets of literals; every match of the pattern contains a member of each.

    The sets are read off the parsed pattern (after Cox 2012, "Regular expression matching with a trigram index"), so
    that the prefilter can never silence a pattern that would match.

    Examples
    --------
    >>> [sorted(s) for s in required_literals("在(?:本|我)市[^,]{0,8}?(?:注册|登记)")]
    [['在我市', '在本市'], ['注册', '登记']]
    """
    found = _sequence(parse(pattern))
    sets = [found.exact] if found.exact is not None else list(found.required)
    ranked = sorted({_reduced(s) for s in sets if s and "" not in s}, key=lambda s: (_weight(s), sorted(s)))
    return tuple(ranked[:2])


def required_of_all(patterns: Sequence[str]) -> tuple[frozenset[str], ...]:
    """Return up to two sets of literals that a text needs when each of several patterns must match somewhere.

    Examples
    --------
    >>> [sorted(s) for s in required_of_all(["本[市县]", "注册|登记"])]
    [['本县', '本市'], ['注册', '登记']]
    """
    sets = {s for pattern in patterns for s in required_literals(pattern)[:1]}
    ranked = sorted(sets, key=lambda s: (_weight(s), sorted(s)))
    return tuple(ranked[:2])


def _weight(literals: frozenset[str]) -> float:
    """How often a set is expected to hit: many or short literals weigh more."""
    return sum(10.0 if len(t) == 1 else 1.0 if len(t) == 2 else 0.3 if len(t) == 3 else 0.1 for t in literals)


def _reduced(literals: frozenset[str]) -> frozenset[str]:
    """Drop the literals that contain another one."""
    kept: list[str] = []
    for literal in sorted(literals, key=len):
        if not any(k in literal for k in kept):
            kept.append(literal)
    return frozenset(kept)


def _sequence(items: Iterable[Any]) -> _Language:
    required: list[frozenset[str]] = []
    run: frozenset[str] = frozenset({""})
    whole = True
    for op, argument in items:
        part = _element(op, argument)
        if part.exact is not None and len(run) * len(part.exact) <= _LIMIT:
            run = frozenset(a + b for a in run for b in part.exact)
            continue
        whole = False
        required.append(run)
        required.extend(part.required)
        run = part.exact if part.exact is not None else frozenset({""})
    if whole:
        return _Language(run)
    return _Language(None, tuple(s for s in (*required, run) if "" not in s))


def _element(op: Any, argument: Any) -> _Language:
    name = str(op)
    if name == "LITERAL":
        return _Language(frozenset({chr(argument)}))
    if name in ("ASSERT", "ASSERT_NOT", "AT"):
        return _EMPTY
    if name == "SUBPATTERN":
        return _sequence(argument[3])
    if name == "BRANCH":
        return _branch([_sequence(a) for a in argument[1]])
    if name == "IN":
        return _characters(argument)
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        low, high, inner = argument
        part = _sequence(inner)
        if low == 0:
            if int(high) == 1 and part.exact is not None:
                return _Language(part.exact | {""})
            return _UNKNOWN
        if low == 1 and int(high) == 1:
            return part
        sets = (part.exact,) if part.exact is not None and "" not in part.exact else part.required
        return _Language(None, sets)
    return _UNKNOWN


def _branch(parts: list[_Language]) -> _Language:
    exacts = [p.exact for p in parts]
    if all(e is not None for e in exacts):
        union = frozenset(t for e in exacts if e is not None for t in e)
        if len(union) <= _LIMIT:
            return _Language(union)
    best: list[frozenset[str]] = []
    for part in parts:
        sets = [part.exact] if part.exact is not None else list(part.required)
        usable = [s for s in sets if s and "" not in s]
        if not usable:
            return _UNKNOWN
        best.append(min((_reduced(s) for s in usable), key=_weight))
    return _Language(None, (frozenset(t for s in best for t in s),))


def _characters(items: Any) -> _Language:
    found: set[str] = set()
    for op, argument in items:
        if str(op) == "LITERAL":
            found.add(chr(argument))
        elif str(op) == "RANGE" and argument[1] - argument[0] < 12:
            found.update(chr(c) for c in range(argument[0], argument[1] + 1))
        else:
            return _UNKNOWN
    return _Language(frozenset(found)) if len(found) <= 24 else _UNKNOWN


class Prefilter:
    """Which patterns could match a text at all, by the literals each of them cannot do without.

    Literals are looked up by their first characters among the text's own, so that the cost is linear in the text and
    hardly depends on the number of patterns that stay silent.

    Parameters
    ----------
    patterns : sequence of str or of sequences of str
        The patterns; several in one place must all match.  :meth:`candidates` answers with their positions.
    """

    def __init__(self, patterns: Sequence[str | Sequence[str]]) -> None:
        slots: dict[frozenset[str], int] = {}
        self._first: dict[int, list[tuple[int, int]]] = {}
        self._always: tuple[int, ...] = ()
        tables: tuple[dict[str, dict[str, set[int]]], ...] = ({}, {}, {})
        for number, pattern in enumerate(patterns):
            sets = required_literals(pattern) if isinstance(pattern, str) else required_of_all(pattern)
            if not sets:
                self._always = (*self._always, number)
                continue
            ids = [slots.setdefault(s, len(slots)) for s in sets]
            self._first.setdefault(ids[0], []).append((number, ids[-1]))
        owners: dict[str, set[int]] = {}
        for literals, slot in slots.items():
            for literal in literals:
                owners.setdefault(literal, set()).add(slot)
        load: Counter[str] = Counter(g for literal in owners for g in set(self._grams(literal)[0]))
        for literal, held in owners.items():
            own, table = self._grams(literal)
            key = min(own, key=lambda g: (load[g] + 1000 * (g in _COMMON), g))
            tables[table].setdefault(key, {})[literal] = held
        self._tables = tuple(
            {k: tuple((None if t == k else t, tuple(i)) for t, i in v.items()) for k, v in t.items()} for t in tables
        )
        self._keys = tuple(frozenset(t) for t in self._tables)

    @staticmethod
    def _grams(literal: str) -> tuple[list[str], int]:
        """Return the pieces a literal may be looked up by, and the table they belong to."""
        if len(literal) == 1:
            return [literal], 0
        size, table = (4, 2) if len(literal) >= 4 and literal.isascii() else (2, 1)
        return [literal[i : i + size] for i in range(len(literal) - size + 1)], table

    def candidates(self, text: str) -> list[int]:
        """Return the positions of the patterns that could match a shadow, in order."""
        hit: set[int] = set()
        grams: list[Iterable[str]] = [text, map(str.__add__, text, text[1:])]
        if _LATIN.search(text):
            grams.append([text[i : i + 4] for i in range(len(text) - 3)])
        for keys, table, seen in zip(self._keys, self._tables, grams, strict=False):
            for key in keys.intersection(seen):
                for literal, slots in table[key]:
                    if literal is None or literal in text:
                        hit.update(slots)
        if not hit and not self._always:
            return []
        found = list(self._always)
        for slot in hit:
            for number, second in self._first.get(slot, ()):
                if second in hit:
                    found.append(number)
        found.sort()
        return found
