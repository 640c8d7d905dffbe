"""Cosine of tf–idf vectors: a similarity in 0..1 beside BM25's open-ended score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from biaochi.methods.matching.tokens import Concepts, bags


def tfidf(texts: Sequence[str], concepts: Concepts | None = None) -> csr_array:
    """Return unit vectors of texts, shape (texts, terms): sublinear counts times smoothed idf.

    Examples
    --------
    >>> vectors = tfidf(["量子计算", "量子计算", "机器人"])
    >>> cosine(vectors, np.array([0, 0]), np.array([1, 2])).round(6).tolist()
    [1.0, 0.0]
    """
    found = bags(texts, concepts)
    n, terms = found.size, len(found.vocabulary)
    df = np.bincount(found.token, minlength=terms)
    weight = (1 + np.log(found.count)) * (np.log((1 + n) / (1 + df)) + 1)[found.token]
    norm = np.sqrt(np.bincount(found.text, weights=weight**2, minlength=n))
    return csr_array((weight / norm[found.text], (found.text, found.token)), shape=(n, terms))


def cosine(vectors: csr_array, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the cosine of pairs of rows of unit vectors, shape (k,), within 0..1."""
    found = np.empty(len(left))
    for start in range(0, len(left), 100_000):
        span = slice(start, start + 100_000)
        found[span] = vectors[left[span]].multiply(vectors[right[span]]).sum(axis=1)
    return np.clip(found, 0.0, 1.0)
