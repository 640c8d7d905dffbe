"""Scores that any model of entry has to beat, and the two learners.

Baselines: ``hot`` (growth of the national share), ``ubiquity``, ``past_entry`` (rate of entry into the track in the
training transitions), the densities, ``rca`` (its logarithm), ``rank6``.  Learners: ``logit`` of density and log RCA,
and ``additive``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biaochi.methods.specialisation.entry.additive import fit_additive, logistic
from biaochi.methods.specialisation.entry.features import FEATURES

Array = NDArray[np.float64]
BASELINES = (
    "hot",
    "ubiquity",
    "past_entry",
    "density",
    "density_association",
    "density_correlation",
    "density_relative",
    "rca",
    "rank6",
)
LEARNERS = ("logit", "additive")
MODELS = (*BASELINES, *LEARNERS)
_FEATURE_OF = {"rca": "log_rca"}


def score(
    name: str,
    train: Array,
    outcome: NDArray[np.bool_],
    train_track: NDArray[np.intp],
    new: Array,
    new_track: NDArray[np.intp],
) -> Array:
    """Return the score of one model on new rows; higher means entry is thought likelier.

    Parameters
    ----------
    name : str
        One of :data:`MODELS`.
    train, new : array, shape (rows, features)
        Features of training candidates and of the cells asked about, in the order of ``FEATURES``.
    outcome : array of bool
        What happened to the training candidates.
    train_track, new_track : array of int
        Track of each row.

    Returns
    -------
    array
        Unknown features score like the mean of the known, or zero when none is known.
    """
    if name == "past_entry":
        return _past_entry(outcome, train_track, new_track)
    if name == "additive":
        model = fit_additive(train, outcome)
        return np.asarray(model.intercept + model.contributions(new).sum(axis=1), dtype=float)
    if name == "logit":
        chosen = [FEATURES.index("density"), FEATURES.index("log_rca")]
        return fit_logit(train[:, chosen], outcome)(new[:, chosen])
    if name not in BASELINES:
        raise ValueError(f"a model is one of {', '.join(MODELS)}, seen {name!r}")
    return _filled(new[:, FEATURES.index(_FEATURE_OF.get(name, name))])


class Logit:
    """A fitted logistic regression; called on rows it gives log odds."""

    def __init__(self, mean: Array, spread: Array, weights: Array) -> None:
        self.mean, self.spread, self.weights = mean, spread, weights

    def __call__(self, rows: Array) -> Array:
        scaled = np.nan_to_num((rows - self.mean) / self.spread)
        return np.asarray(self.weights[0] + scaled @ self.weights[1:], dtype=float)

    def probability(self, rows: Array) -> Array:
        """Return probabilities."""
        return logistic(self(rows))


def fit_logit(rows: Array, outcome: NDArray[np.bool_], ridge: float = 1e-3) -> Logit:
    """Fit a logistic regression by Newton steps, features scaled, with a trace of ridge; unknown features are means."""
    y = outcome.astype(float)
    n, width = rows.shape
    known = ~np.isnan(rows)
    count = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, rows, 0.0)
    mean = filled.sum(axis=0) / count
    spread = np.sqrt((np.where(known, rows - mean, 0.0) ** 2).sum(axis=0) / count)
    spread = np.where(spread > 1e-12, spread, 1.0)
    design = np.column_stack([np.ones(n), np.where(known, (filled - mean) / spread, 0.0)])
    rate = (y.sum() + 0.5) / (n + 1)
    weights = np.zeros(width + 1)
    weights[0] = np.log(rate / (1 - rate))
    penalty = np.full(width + 1, ridge)
    penalty[0] = ridge * 1e-3
    for _ in range(50):
        p = logistic(design @ weights)
        gradient = design.T @ (p - y) + penalty * weights
        curvature = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        move = np.linalg.solve(curvature, gradient)
        weights = weights - np.clip(move, -4.0, 4.0)
        if np.abs(move).max() < 1e-10:
            break
    return Logit(mean, spread, weights)


def top_features(contributions: Array, number: int = 3) -> list[Sequence[tuple[str, float]]]:
    """Return, for each row, the features that move its log odds most, greatest first."""
    order = np.argsort(-np.abs(contributions), axis=1, kind="stable")[:, :number]
    return [[(FEATURES[f], float(row[f])) for f in chosen] for row, chosen in zip(contributions, order, strict=True)]


def _past_entry(outcome: NDArray[np.bool_], train_track: NDArray[np.intp], new_track: NDArray[np.intp]) -> Array:
    size = int(max(train_track.max(initial=-1), new_track.max(initial=-1))) + 1
    entered = np.bincount(train_track, outcome.astype(float), size)
    chances = np.bincount(train_track, minlength=size)
    rate = outcome.mean() if outcome.size else 0.0
    by_track = np.divide(entered, chances, out=np.full(size, float(rate)), where=chances > 0)
    return np.asarray(by_track[new_track], dtype=float)


def _filled(column: Array) -> Array:
    known = column[~np.isnan(column)]
    return np.where(np.isnan(column), known.mean() if known.size else 0.0, column)
