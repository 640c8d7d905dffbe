"""Aggregate children into their parent.

Every aggregator is NaN-aware: weights are renormalised over the children present, and the parent is missing when the
share of children present is below ``min_available``.  Sources: Munda & Nardo (2009), doi 10.1080/00036840601019364
(Copeland); Yager (1988), doi 10.1109/21.87068 (owa); for mpi and ampi see :mod:`~biaochi.methods.composite.penalised`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from biaochi.methods.composite.penalised import PENALISED, Common, penalised_gradient, penalised_mean

LINEAR = frozenset({"arithmetic", "geometric", "harmonic", "power"})
NEEDS_POSITIVE = frozenset({"geometric", "harmonic"})


def name_of(spec: Any) -> str:
    """Return an aggregator's name, whether written plainly or as a mapping."""
    return str(spec["method"]) if isinstance(spec, Mapping) else str(spec)


def outer(z: np.ndarray, spec: Any) -> np.ndarray:
    """Return f(z) of a quasi-linear mean f⁻¹(Σ w f(z)): z, ln z, 1/z or z^p; NaN where it is not defined."""
    name = name_of(spec)
    if name == "arithmetic":
        return z
    with np.errstate(divide="ignore", invalid="ignore"):
        if name == "geometric":
            return np.log(np.where(z > 0, z, np.nan))
        if name == "harmonic":
            return 1 / np.where(z > 0, z, np.nan)
        p = float(spec["p"])
        return np.log(np.where(z > 0, z, np.nan)) if p == 0 else np.where(z >= 0, z, np.nan) ** p


def inner(y: np.ndarray, spec: Any) -> np.ndarray:
    """Return f⁻¹(y)."""
    name = name_of(spec)
    if name == "arithmetic":
        return y
    with np.errstate(divide="ignore", invalid="ignore"):
        if name == "geometric":
            return np.asarray(np.exp(y))
        if name == "harmonic":
            return 1 / y
        p = float(spec["p"])
        return np.exp(y) if p == 0 else y ** (1 / p)


def linear_means(z: np.ndarray, weights: np.ndarray, spec: Any, member: np.ndarray, min_available: float) -> np.ndarray:
    """Return quasi-linear means of several parents at once: one masked matrix product.

    Parameters
    ----------
    z : ndarray, shape (…, k, R)
        Children of all the parents.
    weights : ndarray, shape (…, P, k)
        Weight of each child in each parent, 0 for children of others; rows sum to one.
    member : ndarray of bool, shape (P, k)
        Which child belongs to which parent.

    Returns
    -------
    ndarray, shape (…, P, R)
    """
    y = outer(z, spec)
    present = np.isfinite(y)
    if present.all():
        return inner(weights @ y, spec)
    held = present.astype(float)
    total = weights @ np.where(present, y, 0.0)
    weight = weights @ held
    share = (member.astype(float) @ held) / member.sum(-1)[:, None]
    good = (weight > 0) & (share >= min_available - 1e-12)
    if name_of(spec) in NEEDS_POSITIVE:
        # A score that is there but not positive has no geometric or harmonic mean: the parent is undefined.
        undefined = (member.astype(float) @ (np.isfinite(z) & ~present).astype(float)) > 0
        good &= ~undefined
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / np.where(good, weight, np.nan)
    return inner(mean, spec)


def combine(
    z: np.ndarray,
    weights: np.ndarray,
    spec: Any,
    *,
    min_available: float = 0.0,
    periods: int = 1,
    base: np.ndarray | None = None,
    common: Common | None = None,
) -> np.ndarray:
    """Return one parent's scores from its children.

    Parameters
    ----------
    z : ndarray, shape (…, k, R)
        Children; rows period by period.
    weights : ndarray, shape (…, k)
        Sum to one.
    spec : str or mapping
        The aggregator.
    periods : int
        Number of periods in R; pairwise comparisons stay within a period.
    base : ndarray or None, shape (n,)
        Rows that ``mpi`` and ``ampi`` learn their common scale from; all by default.
    common : Common or None
        That scale, where it was learnt before and is held.

    Returns
    -------
    ndarray, shape (…, R)

    Examples
    --------
    >>> z, w = np.array([[60.0, 50.0], [30.0, 40.0], [80.0, 40.0]]), np.array([0.5, 0.3, 0.2])
    >>> combine(z, w, "geometric").round(8).tolist()
    [51.62142619, 44.72135955]
    """
    name = name_of(spec)
    member = np.ones((1, z.shape[-2]), dtype=bool)
    if name in LINEAR:
        return linear_means(z, weights[..., None, :], spec, member, min_available)[..., 0, :]
    present = np.isfinite(z)
    share = present.mean(-2)
    if name == "min":
        score = np.where(present, z, np.inf).min(-2)
    elif name == "owa":
        score = _owa(z, present, np.asarray(spec["weights"], dtype=float))
    elif name in PENALISED:
        score = penalised_mean(name, (common or Common.learn(name, z, base))(z))
    else:
        score = _copeland(z, weights, periods)
    return np.where((share > 0) & (share >= min_available - 1e-12), score, np.nan)


def _owa(z: np.ndarray, present: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Weights go to places from the best down; with missing children, the first places' weights are renormalised."""
    k = z.shape[-2]
    v = np.zeros(k)
    v[: min(k, len(order))] = order[:k]
    descending = -np.sort(np.where(present, -z, np.inf), axis=-2)
    held = np.isfinite(descending)
    weight = (v[:, None] * held).sum(-2)
    total = (v[:, None] * np.where(held, descending, 0.0)).sum(-2)
    return np.asarray(total / np.where(weight > 0, weight, np.nan))


def _copeland(z: np.ndarray, weights: np.ndarray, periods: int) -> np.ndarray:
    cube = np.moveaxis(z.reshape(*z.shape[:-1], periods, -1), -3, -1)
    w = weights[..., None, None, None, :]
    a, b = cube[..., :, None, :], cube[..., None, :, :]
    both = np.isfinite(a) & np.isfinite(b)
    with np.errstate(invalid="ignore", divide="ignore"):
        won = (w * (both & (a > b)) + 0.5 * w * (both & (a == b))).sum(-1)
        shared = (w * both).sum(-1)
        share = won / np.where(shared > 0, shared, np.nan)
        tolerance = 1e-12
        score = (share > 0.5 + tolerance).sum(-1).astype(float) - (share < 0.5 - tolerance).sum(-1)
    score = score.reshape(*score.shape[:-2], -1)
    return np.where(np.isfinite(z).any(-2), score, np.nan)


def gradient(z: np.ndarray, weights: np.ndarray, spec: Any, common: Common | None = None) -> np.ndarray:
    """Return the derivatives of one score by its children, shape (k,); NaN for missing children and for Copeland, which
    compares units and has none.

    Parameters
    ----------
    z : ndarray, shape (k,)
    weights : ndarray, shape (k,)
    common : Common or None
        The scale that ``mpi`` and ``ampi`` learnt; without it the children are taken to be on it already.
    """
    name = name_of(spec)
    present = np.isfinite(z)
    w = np.where(present, weights, 0.0)
    total = w.sum()
    result = np.full(z.shape, np.nan)
    if total <= 0 or name == "copeland":
        return result
    w, y = w[present] / total, z[present]
    if name == "arithmetic":
        part = w
    elif name == "geometric":
        part = w * np.exp((w * np.log(y)).sum()) / y
    elif name in PENALISED:
        scale = common or Common.identity(len(z))
        part = penalised_gradient(name, scale(z[:, None])[present, 0], scale.factor[present])
    elif name == "harmonic":
        part = w * (1 / (w / y).sum()) ** 2 / y**2
    elif name == "power":
        p = float(spec["p"])
        score = np.exp((w * np.log(y)).sum()) if p == 0 else (w * y**p).sum() ** (1 / p)
        part = w * score ** (1 - p) * y ** (p - 1)
    elif name == "min":
        part = (y == y.min()).astype(float)
        part /= part.sum()
    else:
        order = np.asarray(spec["weights"], dtype=float)
        v = np.zeros(len(y))
        v[: min(len(y), len(order))] = order[: len(y)]
        part = np.empty(len(y))
        part[np.argsort(-y, kind="stable")] = v / v.sum()
    result[present] = part
    return result
