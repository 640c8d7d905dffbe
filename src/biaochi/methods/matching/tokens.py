"""Texts to tokens: NFKC and lower case; Han runs become characters and overlapping pairs, everything else words.

Segmentation by dictionary cuts 中试验证 into 中/试验/证; pairs cannot.  A concept token stands for a track whatever the
language its name is written in, and is the only bridge between languages.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_RUN = re.compile(r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+)|([a-z0-9]+)")


def normalised(text: str) -> str:
    """Return a text in NFKC and lower case."""
    return text.lower() if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text).lower()


def tokens(text: str) -> list[str]:
    """Return the tokens of a text, repeats kept.

    Examples
    --------
    >>> tokens("中试 AI检测")
    ['中', '试', '中试', 'ai', '检', '测', '检测']
    """
    found: list[str] = []
    for han, word in _RUN.findall(normalised(text)):
        if word:
            found.append(word)
        else:
            found.extend(han)
            found.extend(han[i : i + 2] for i in range(len(han) - 1))
    return found


@dataclass(frozen=True)
class Concepts:
    """Names that mean a concept, whatever their language; kept by first character, longest first.

    Examples
    --------
    >>> Concepts.of({"quantum": ["量子科技", "quantum technology"]}).found("Quantum Technology park")
    ['quantum']
    """

    by_first: Mapping[str, tuple[tuple[str, str], ...]]

    @classmethod
    def of(cls, names: Mapping[str, Sequence[str]]) -> Concepts:
        """Build from concept code → names."""
        pairs = {normalised(n): code for code, given in names.items() for n in given if n.strip()}
        found: dict[str, list[tuple[str, str]]] = {}
        for name, code in sorted(pairs.items(), key=lambda p: (-len(p[0]), p[0])):
            found.setdefault(name[0], []).append((name, code))
        return cls({first: tuple(listed) for first, listed in found.items()})

    def found(self, text: str) -> list[str]:
        """Return the codes of the concepts a text names, each once, in order of appearance; the longest name wins."""
        plain = normalised(text)
        codes: dict[str, None] = {}
        position = 0
        while position < len(plain):
            for name, code in self.by_first.get(plain[position], ()):
                if plain.startswith(name, position) and _stands_alone(plain, position, name):
                    codes[code] = None
                    position += len(name) - 1
                    break
            position += 1
        return list(codes)


def _stands_alone(text: str, start: int, name: str) -> bool:
    """Whether a name in Latin letters is a word of its own; names in Han need no borders."""
    if not name.isascii():
        return True
    end = start + len(name)
    before = start > 0 and text[start - 1].isascii() and text[start - 1].isalnum()
    after = end < len(text) and text[end].isascii() and text[end].isalnum()
    return not (before or after)


@dataclass(frozen=True)
class Bags:
    """Texts as counted tokens in coordinate form: ``count[i]`` times token ``token[i]`` in text ``text[i]``.

    ``vocabulary`` holds the spelling of each token code; ``lengths`` the number of tokens of each text.
    """

    text: NDArray[np.int64]
    token: NDArray[np.int64]
    count: NDArray[np.float64]
    lengths: NDArray[np.float64]
    vocabulary: list[str]

    @property
    def size(self) -> int:
        """Number of texts."""
        return len(self.lengths)


def bags(texts: Sequence[str], concepts: Concepts | None = None) -> Bags:
    """Count the tokens of many texts; equal texts are read once.

    Parameters
    ----------
    texts : sequence of str
        The texts.
    concepts : Concepts or None
        Concepts found in a text are added as tokens ``#code``.
    """
    codes, distinct = pd.factorize(np.asarray(texts, dtype=object))
    vocabulary: dict[str, int] = {}
    rows: list[int] = []
    flat = array("q")
    for text in distinct:
        own = tokens(text)
        if concepts is not None:
            own += [f"#{c}" for c in concepts.found(text)]
        for t in own:
            if t not in vocabulary:
                vocabulary[t] = len(vocabulary)
        flat.extend([vocabulary[t] for t in own])
        rows.append(len(own))
    owner = np.repeat(np.arange(len(distinct)), rows)
    joined = owner * max(len(vocabulary), 1) + np.frombuffer(flat, dtype=np.int64)
    keys, counts = np.unique(joined, return_counts=True)
    unique = _csr(keys // max(len(vocabulary), 1), len(distinct))
    text, entry = _expanded(codes.astype(np.int64), unique)
    lengths = np.asarray(rows, dtype=np.float64)[codes] if len(distinct) else np.zeros(0)
    return Bags(text, (keys % max(len(vocabulary), 1))[entry], counts[entry].astype(float), lengths, list(vocabulary))


def _csr(sorted_rows: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    return np.searchsorted(sorted_rows, np.arange(n + 1)).astype(np.int64)


def _expanded(codes: NDArray[np.int64], starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, for texts that repeat distinct ones, the text of every entry and its place among the distinct entries."""
    sizes = (starts[1:] - starts[:-1])[codes]
    text = np.repeat(np.arange(codes.size), sizes)
    offset = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return text, np.repeat(starts[:-1][codes], sizes) + offset
