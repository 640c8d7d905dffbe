"""A second opinion: logistic regression on character 2- to 4-grams that may swap violation and needs_context.

The grams are hashed into a fixed number of columns, so the model is a vector of weights; it is trained on the labelled
clauses that are shipped, in a second, and never calls a clause clean.  The step is Nesterov's accelerated gradient
(Nesterov 1983) on the ridge-penalised likelihood.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biaochi.methods.textreview.normalise import shadow

COLUMNS = 1 << 12
_STEPS = 400


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


def grams(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the texts as rows of unit length over hashed character 2- to 4-grams, shape (n, 4096)."""
    table = np.zeros((len(texts), COLUMNS))
    for row, text in enumerate(texts):
        form = shadow(text).text
        seen = {
            zlib.crc32(form[i : i + n].encode()) % COLUMNS for n in (2, 3, 4) for i in range(max(0, len(form) - n + 1))
        }
        if seen:
            table[row, sorted(seen)] = 1.0 / len(seen) ** 0.5
    return table


def train(texts: Sequence[str], violation: Sequence[bool], *, penalty: float = 1.0, margin: float = 2.0) -> Reranker:
    """Fit the logistic regression with a ridge penalty.

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
    x = np.hstack([grams(texts), np.ones((len(y), 1))])
    ridge = np.append(np.full(COLUMNS, penalty), 0.0)
    step = 1.0 / (0.25 * 2.0 * len(y) + penalty)
    theta = ahead = np.zeros(COLUMNS + 1)
    for k in range(_STEPS):
        residual = 1.0 / (1.0 + np.exp(-np.clip(x @ ahead, -40.0, 40.0))) - y
        moved = ahead - step * (x.T @ residual + ridge * ahead)
        ahead = moved + k / (k + 3.0) * (moved - theta)
        theta = moved
    return Reranker(theta[:-1], float(theta[-1]), margin)
