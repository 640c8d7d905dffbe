"""A second opinion: logistic regression on character 2- to 4-grams that may swap violation and needs_context.

The grams are hashed into a fixed number of columns, so the model is a vector of weights; it is trained on the labelled
clauses that are shipped, in a second, and never calls a clause clean.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from biaochi.methods.textreview.normalise import shadow

COLUMNS = 1 << 15


@dataclass(frozen=True)
class Reranker:
    """Weights of the hashed grams, and the margin below which nothing is swapped (log-odds)."""

    weights: NDArray[np.float64]
    intercept: float
    margin: float

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the log-odds that each text is a violation, shape (n,)."""
        return np.asarray(grams(texts) @ self.weights + self.intercept)

    def verdict(self, text: str, verdict: str) -> str:
        """Return the verdict, swapped when the odds speak clearly against it."""
        odds = float(self.score([text])[0])
        if verdict == "violation" and odds < -self.margin:
            return "needs_context"
        if verdict == "needs_context" and odds > self.margin:
            return "violation"
        return verdict


def grams(texts: Sequence[str]) -> csr_matrix:
    """Return the texts as rows of unit length over hashed character 2- to 4-grams, shape (n, 32768)."""
    indices: list[int] = []
    pointers = [0]
    values: list[float] = []
    for text in texts:
        form = shadow(text).text
        seen = {
            zlib.crc32(form[i : i + n].encode()) % COLUMNS for n in (2, 3, 4) for i in range(max(0, len(form) - n + 1))
        }
        indices.extend(sorted(seen))
        values.extend([1.0 / max(1.0, len(seen) ** 0.5)] * len(seen))
        pointers.append(len(indices))
    return csr_matrix((values, indices, pointers), shape=(len(texts), COLUMNS))


def train(texts: Sequence[str], violation: Sequence[bool], *, penalty: float = 1.0, margin: float = 2.0) -> Reranker:
    """Fit the logistic regression by L-BFGS with a ridge penalty.

    Parameters
    ----------
    texts : sequence of str
        Clauses labelled violation or needs_context.
    violation : sequence of bool
        Which of them are violations.
    penalty : float
        Weight of half the squared norm of the weights.
    margin : float
        Log-odds that must speak against a verdict before it is swapped.

    Raises
    ------
    ValueError
        When one of the two classes is absent.
    """
    y = np.asarray(violation, dtype=float)
    if y.size == 0 or y.min() == y.max():
        raise ValueError("both classes must be among the labelled texts")
    x = grams(texts)

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = x @ theta[:-1] + theta[-1]
        value = float(np.sum(np.logaddexp(0.0, z) - y * z) + 0.5 * penalty * theta[:-1] @ theta[:-1])
        residual = 1.0 / (1.0 + np.exp(-np.clip(z, -40, 40))) - y
        return value, np.append(x.T @ residual + penalty * theta[:-1], residual.sum())

    found = minimize(loss, np.zeros(COLUMNS + 1), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    return Reranker(found.x[:-1], float(found.x[-1]), margin)
