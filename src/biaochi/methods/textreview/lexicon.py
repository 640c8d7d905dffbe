"""Word lists with names, written into patterns as ``{name}``; and the literal prefilter that decides who looks at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from biaochi.core.errors import DefinitionError

_SLOT = re.compile(r"\{([a-z_]+)\}")
_WORD = re.compile(r"[a-z]{3,}")


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


class Prefilter:
    """Which rules could speak to a text at all, by the literals each rule hangs on.

    Chinese literals are found by their first two characters, Latin ones by the first four letters of a word; the cost
    is linear in the text and independent of the number of rules that stay silent.
    """

    def __init__(self, anchors: Mapping[int, Iterable[str]]) -> None:
        pairs: dict[str, dict[str, set[int]]] = {}
        words: dict[str, dict[str, set[int]]] = {}
        always: set[int] = set()
        for rule, literals in anchors.items():
            for literal in literals:
                text = literal.lower()
                if len(text) < 2:
                    always.add(rule)
                elif text[0].isascii() and text[0].isalpha():
                    words.setdefault(text[:4], {}).setdefault(text, set()).add(rule)
                else:
                    pairs.setdefault(text[:2], {}).setdefault(text, set()).add(rule)
        self._pairs = {k: tuple((t, frozenset(r)) for t, r in v.items()) for k, v in pairs.items()}
        self._words = {k: tuple((t, frozenset(r)) for t, r in v.items()) for k, v in words.items()}
        self._pair_keys = frozenset(self._pairs)
        self._word_keys = frozenset(self._words)
        self._always = frozenset(always)

    def candidates(self, text: str) -> set[int]:
        """Return the numbers of the rules whose literals occur in a shadow."""
        found = set(self._always)
        for key in self._pair_keys.intersection(map(str.__add__, text, text[1:])):
            for literal, rules in self._pairs[key]:
                if literal in text:
                    found |= rules
        words = _WORD.findall(text)
        if words:
            for key in self._word_keys.intersection(w[:4] for w in words):
                for literal, rules in self._words[key]:
                    if literal in text:
                        found |= rules
        return found
