"""Blocking: reading only the rarest terms of a query first, and measuring what that loses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biaochi.methods.matching.bm25 import Index

BUDGET = 100_000


def blocking_recall(
    index: Index,
    texts: Sequence[str],
    *,
    candidates: Sequence[NDArray[np.int64]] | None = None,
    top: int = 20,
    budget: int = BUDGET,
    sample: int = 200,
    rng: np.random.Generator,
) -> float:
    """Return the share of the true best documents that the blocked search also finds, on a sample of queries.

    Parameters
    ----------
    index : Index
        The documents.
    texts : sequence of str
        All queries.
    candidates : sequence of arrays or None
        Documents allowed for each query.
    top : int
        How many best documents count.
    budget : int
        Postings the blocked search reads.
    sample : int
        Number of queries drawn.
    rng : numpy.random.Generator
        Draws them.

    Returns
    -------
    float
        0..1; 1 when no query has a match.
    """
    drawn = np.sort(rng.permutation(len(texts))[:sample])
    asked = [texts[i] for i in drawn]
    allowed = [candidates[i] for i in drawn] if candidates is not None else None
    full = index.query(asked, candidates=allowed, top=top)
    fast = index.query(asked, candidates=allowed, top=top, budget=budget)
    width = index.weights.shape[0] + 1
    truth = full.query * width + full.document
    found = np.isin(truth, fast.query * width + fast.document)
    return float(found.mean()) if truth.size else 1.0
