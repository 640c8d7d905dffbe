"""Scores to probabilities, only where labels exist: logistic, isotonic from a thousand labels; cross-fitted by scene.

A pair's probability never comes from a fit that saw its own scene; without labels there is no probability, and a score
is a similarity.  Isotonic regression: pool-adjacent-violators, Barlow et al. 1972; cross-fitting by groups so that
scenes do not leak.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biaochi.methods.matching.evaluate import Measure, bootstrapped

Floats = NDArray[np.float64]
ISOTONIC_FROM = 1000


@dataclass(frozen=True)
class Calibration:
    """Probabilities of labelled pairs out of their own fold, and a map for new scores.

    Parameters
    ----------
    method : {"logistic", "isotonic"}
        What was fitted.
    probability : array, shape (n,)
        Cross-fitted probability of each labelled pair.
    predict : callable
        Scores → probabilities, fitted on all labels.
    brier, log_loss : Measure
        Of the cross-fitted probabilities, with intervals clustered by group.
    """

    method: str
    probability: Floats
    predict: Callable[[Floats], Floats]
    brier: Measure
    log_loss: Measure


def calibrate(
    scores: ArrayLike,
    labels: ArrayLike,
    *,
    groups: ArrayLike,
    rng: np.random.Generator,
    folds: int = 5,
    level: float = 0.9,
) -> Calibration:
    """Fit probabilities to labels.

    Parameters
    ----------
    scores : array, shape (n,)
        Scores of labelled pairs.
    labels : array of bool, shape (n,)
        Whether the pair was a good match.
    groups : array, shape (n,)
        Scene of each pair; a fold holds whole scenes.
    rng : numpy.random.Generator
        Deals scenes to folds and draws the bootstrap.
    folds : int
        Number of folds, at most the number of scenes.
    level : float
        Level of the intervals.

    Returns
    -------
    Calibration

    Raises
    ------
    ValueError
        With fewer than two scenes, or labels of one kind only.
    """
    x, y = np.asarray(scores, dtype=float), np.asarray(labels).astype(bool)
    place = np.unique(np.asarray(groups), return_inverse=True)[1]
    scenes = int(place.max(initial=-1)) + 1
    if scenes < 2 or y.all() or not y.any():
        raise ValueError("calibration needs labels of both kinds from at least two scenes")
    fit = isotonic if y.size >= ISOTONIC_FROM else logistic
    fold = rng.permutation(scenes)[place] % min(folds, scenes)
    probability = np.empty(y.size)
    for k in range(min(folds, scenes)):
        out = fold == k
        probability[out] = fit(x[~out], y[~out])(x[out])
    clipped = np.clip(probability, 1e-6, 1 - 1e-6)
    loss = -(y * np.log(clipped) + (1 - y) * np.log(1 - clipped))
    return Calibration(
        fit.__name__,
        probability,
        fit(x, y),
        bootstrapped((probability - y) ** 2, place, rng, level),
        bootstrapped(loss, place, rng, level),
    )


def logistic(x: Floats, y: NDArray[np.bool_], ridge: float = 1e-3) -> Callable[[Floats], Floats]:
    """Return P(label) as a logistic function of the score, fitted by Newton's method with a little ridge.

    Examples
    --------
    >>> predict = logistic(np.array([0.0, 1.0, 2.0, 3.0]), np.array([False, False, True, True]))
    >>> bool(predict(np.array([0.0]))[0] < 0.5 < predict(np.array([3.0]))[0])
    True
    """
    centre, spread = float(x.mean()), float(x.std()) or 1.0
    design = np.column_stack([np.ones(x.size), (x - centre) / spread])
    beta = np.zeros(2)
    penalty = np.diag([1e-9, ridge * x.size])
    for _ in range(50):
        p = _expit(design @ beta)
        gradient = design.T @ (y - p) - penalty @ beta
        step = np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design + penalty, gradient)
        beta = beta + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-10:
            break
    return lambda new: _expit(beta[0] + beta[1] * (np.asarray(new, dtype=float) - centre) / spread)


def _expit(z: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -500, 500))), dtype=np.float64)


def isotonic(x: Floats, y: NDArray[np.bool_]) -> Callable[[Floats], Floats]:
    """Return P(label) as a step function that never falls with the score, linear between its steps.

    Examples
    --------
    >>> predict = isotonic(np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, True, False, True]))
    >>> predict(np.array([1.0, 2.5, 4.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    points, place = np.unique(x, return_inverse=True)
    weight = np.bincount(place).astype(float)
    value = np.bincount(place, weights=y) / weight
    blocks: list[list[float]] = []
    for v, w in zip(value, weight, strict=True):
        blocks.append([v, w, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            b, a = blocks.pop(), blocks.pop()
            mass = a[1] + b[1]
            blocks.append([(a[0] * a[1] + b[0] * b[1]) / mass, mass, a[2] + b[2]])
    fitted = np.repeat([b[0] for b in blocks], [int(b[2]) for b in blocks])
    return lambda new: np.asarray(np.interp(np.asarray(new, dtype=float), points, fitted), dtype=np.float64)
