"""BM25 over tokens, with shared terms for explanation and a blocked search for large collections.

idf is ln(1 + (N − df + ½)/(df + ½)), never negative, so a common term cannot count against a match.  Source: Robertson
and Zaragoza 2009, doi:10.1561/1500000019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from biaochi.methods.matching.tokens import Concepts, bags

K1, B = 1.2, 0.75
RESCORED = 50
"""Candidates of a blocked search that are scored in full, as a multiple of the pairs asked for."""


@dataclass(frozen=True)
class Pairs:
    """Scored pairs, best first within each query.

    Parameters
    ----------
    query, document : array of int, shape (k,)
        Positions in the texts asked and in the texts indexed.
    rank : array of int, shape (k,)
        From 1 within each query.
    score : array, shape (k,)
        Not negative.
    """

    query: NDArray[np.int64]
    document: NDArray[np.int64]
    rank: NDArray[np.int64]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.query)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a pair."""
        return pd.DataFrame({"query": self.query, "document": self.document, "rank": self.rank, "score": self.score})


@dataclass(frozen=True)
class Index:
    """Documents ready to be asked.

    Parameters
    ----------
    weights : sparse array, shape (documents, terms)
        BM25 weight of each term in each document, idf included.
    postings : sparse array, shape (documents, terms)
        The same by term.
    counts : sparse array, shape (documents, terms)
        How often each term stands in each document.
    vocabulary : dict
        Term → column.
    words : tuple of str
        Column → term.
    idf : array, shape (terms,)
        Inverse document frequency.
    concepts : Concepts or None
        Track names in any language, added as tokens.
    """

    weights: csr_array
    postings: csc_array
    counts: csr_array
    vocabulary: dict[str, int]
    words: tuple[str, ...]
    idf: NDArray[np.float64]
    concepts: Concepts | None

    @classmethod
    def build(cls, texts: Sequence[str], concepts: Concepts | None = None, *, k1: float = K1, b: float = B) -> Index:
        """Index texts.

        Parameters
        ----------
        texts : sequence of str
            The documents; may be empty texts, which match nothing.
        concepts : Concepts or None
            Names of concepts in any language.
        k1, b : float
            Saturation and length normalisation.

        Examples
        --------
        >>> index = Index.build(["机器人巡检", "巡检无人机", "量子计算"])
        >>> index.scores(["无人巡检"]).toarray().round(4).tolist()
        [[2.7702, 3.7199, 0.0]]
        """
        found = bags(texts, concepts)
        n, terms = found.size, len(found.vocabulary)
        df = np.bincount(found.token, minlength=terms).astype(float)
        idf = np.log1p((n - df + 0.5) / (df + 0.5))
        mean = found.lengths.mean() if n and found.lengths.any() else 1.0
        norm = k1 * (1 - b + b * found.lengths / mean)
        weight = idf[found.token] * found.count * (k1 + 1) / (found.count + norm[found.text])
        matrix = csr_array((weight.astype(np.float64), (found.text, found.token)), shape=(n, terms))
        counts = csr_array((found.count.astype(np.float32), (found.text, found.token)), shape=(n, terms))
        places = {t: i for i, t in enumerate(found.vocabulary)}
        return cls(matrix, matrix.tocsc(), counts, places, tuple(found.vocabulary), idf, concepts)

    def _queries(self, texts: Sequence[str]) -> csr_array:
        found = bags(texts, self.concepts)
        known = np.array([self.vocabulary.get(t, -1) for t in found.vocabulary], dtype=np.int64)
        columns = known[found.token] if len(found.vocabulary) else np.zeros(0, dtype=np.int64)
        keep = columns >= 0
        shape = (found.size, len(self.vocabulary))
        return csr_array((np.ones(int(keep.sum())), (found.text[keep], columns[keep])), shape=shape)

    def scores(self, texts: Sequence[str]) -> csr_array:
        """Return every score above zero, shape (queries, documents); a query's term counts once."""
        return csr_array(self._queries(texts) @ self.postings.T.tocsr())

    def query(
        self,
        texts: Sequence[str],
        *,
        candidates: Sequence[NDArray[np.int64]] | None = None,
        top: int = 20,
        budget: int | None = None,
    ) -> Pairs:
        """Return the best documents of each text.

        Parameters
        ----------
        texts : sequence of str
            What is asked.
        candidates : sequence of arrays or None
            For each query the documents allowed; all by default.
        top : int
            Most pairs a query; ties go to the earlier document.
        budget : int or None
            Postings read a query in the blocked search: rarest terms first, then the rest only for the candidates so
            found.  ``None`` reads all.

        Returns
        -------
        Pairs
            Only documents that share a term.
        """
        queries = self._queries(texts)
        empty = (np.zeros(0, np.int64), np.zeros(0))
        found: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = [empty] * queries.shape[0]
        for allowed, asked in _by_candidates(candidates, queries.shape[0]):
            # Queries with the same conditions share their candidates: only these documents' postings are read.
            weights, postings = self.weights, self.postings
            if allowed is not None:
                weights = self.weights[allowed]
                postings = weights.tocsc()
            for q in asked:
                place, score = _one(weights, postings, queries, q, top, budget)
                found[q] = (place if allowed is None else allowed[place], score)
        sizes = [len(d) for d, _ in found]
        return Pairs(
            np.repeat(np.arange(len(found)), sizes),
            np.concatenate([d for d, _ in found]) if found else np.zeros(0, np.int64),
            np.concatenate([np.arange(1, s + 1) for s in sizes]) if found else np.zeros(0, np.int64),
            np.concatenate([s for _, s in found]) if found else np.zeros(0),
        )

    def shared(self, text: str, document: int, most: int = 5) -> list[tuple[str, float]]:
        """Return the terms that a text and a document share, by their part of the score; pairs before characters."""
        return self.shared_terms([text], np.array([0]), np.array([document]), most)[0]

    def shared_terms(
        self, texts: Sequence[str], query: NDArray[np.int64], document: NDArray[np.int64], most: int = 5
    ) -> list[list[tuple[str, float]]]:
        """Return the shared terms of many pairs of texts and documents; see :meth:`shared`."""
        queries = self._queries(texts)
        found: list[list[tuple[str, float]]] = []
        for start in range(0, query.size, 50_000):
            span = slice(start, start + 50_000)
            parts = csr_array(queries[query[span]].multiply(self.weights[document[span]]))
            for i in range(parts.shape[0]):
                row = slice(parts.indptr[i], parts.indptr[i + 1])
                found.append(self._told(parts.indices[row], parts.data[row], most))
        return found

    def _told(self, columns: NDArray[np.int32], values: NDArray[np.float64], most: int) -> list[tuple[str, float]]:
        order = np.lexsort((columns, -values))
        told = [(self.words[columns[i]], float(values[i])) for i in order]
        held = {c for t, _ in told if len(t) > 1 for c in t}
        # A character that a shared pair already holds tells a reader nothing more; pairs come first.
        clear = [(t, v) for t, v in told if len(t) > 1 or t not in held]
        return sorted(clear, key=lambda p: len(p[0]) == 1)[:most]

    def cosine(
        self, texts: Sequence[str], query: NDArray[np.int64], document: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the cosine of tf–idf vectors of pairs, 0..1; terms unknown to the documents lengthen the text."""
        found = bags(texts, self.concepts)
        known = np.array([self.vocabulary.get(t, -1) for t in found.vocabulary], dtype=np.int64)
        n = self.weights.shape[0]
        unseen = float(np.log(1 + n) + 1)
        df = np.diff(self.postings.indptr)
        idf = np.log((1 + n) / (1 + df)) + 1
        columns = known[found.token] if len(found.vocabulary) else np.zeros(0, dtype=np.int64)
        weight = (1 + np.log(found.count)) * np.where(columns >= 0, idf[np.maximum(columns, 0)], unseen)
        length = np.sqrt(np.bincount(found.text, weights=weight**2, minlength=found.size))
        keep = columns >= 0
        asked = csr_array(
            (weight[keep] / length[found.text[keep]], (found.text[keep], columns[keep])), shape=(found.size, idf.size)
        )
        result = np.empty(query.size)
        for start in range(0, query.size, 100_000):
            span = slice(start, start + 100_000)
            rows = self.counts[document[span]].astype(np.float64)
            rows.data = (1 + np.log(rows.data)) * idf[rows.indices]
            norm = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
            dot = np.asarray(asked[query[span]].multiply(rows).sum(axis=1)).ravel()
            result[span] = np.where(norm > 0, dot / np.where(norm > 0, norm, 1), 0.0)
        return np.asarray(np.clip(result, 0.0, 1.0), dtype=np.float64)


def _by_candidates(
    candidates: Sequence[NDArray[np.int64]] | None, n: int
) -> list[tuple[NDArray[np.int64] | None, list[int]]]:
    if candidates is None:
        return [(None, list(range(n)))]
    groups: dict[int, tuple[NDArray[np.int64] | None, list[int]]] = {}
    for q, allowed in enumerate(candidates):
        groups.setdefault(id(allowed), (allowed, []))[1].append(q)
    return list(groups.values())


def _one(
    weights: csr_array, postings: csc_array, queries: csr_array, q: int, top: int, budget: int | None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the best documents of one query among the rows of ``weights``."""
    span = slice(queries.indptr[q], queries.indptr[q + 1])
    terms, asked = queries.indices[span].astype(np.int64), queries.data[span]
    starts, ends = postings.indptr[terms], postings.indptr[terms + 1]
    order = np.argsort(ends - starts, kind="stable")
    first = order
    if budget is not None:
        read = np.cumsum((ends - starts)[order])
        first = order[: max(int(np.searchsorted(read, budget, side="right")), 1)]
    total = np.zeros(weights.shape[0])
    for t in first:
        place = slice(starts[t], ends[t])
        total[postings.indices[place]] += postings.data[place] * asked[t]
    pool = np.flatnonzero(total).astype(np.int64)
    if len(first) == len(order):
        return _ranked(pool, total[pool], top)
    pool = _best(pool, total[pool], RESCORED * top)
    ask = np.zeros(weights.shape[1])
    ask[terms] = asked
    return _ranked(pool, np.asarray(weights[pool] @ ask), top)


def _best(pool: NDArray[np.int64], scores: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    if pool.size <= most:
        return pool
    return np.sort(pool[np.argpartition(-scores, most - 1)[:most]])


def _ranked(
    pool: NDArray[np.int64], scores: NDArray[np.float64], top: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if pool.size > 4 * top:
        # Everything that ties with the last place must stay for the tie rule to hold.
        edge = np.partition(scores, scores.size - top)[scores.size - top]
        keep = scores >= edge
        pool, scores = pool[keep], scores[keep]
    order = np.lexsort((pool, -scores))[:top]
    return pool[order].astype(np.int64), scores[order]
