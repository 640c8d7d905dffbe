"""Coherence: do the children of a node belong together, and does each carry its parent?

Sources: Cronbach (1951), doi 10.1007/BF02310555; Kaiser (1974), doi 10.1007/BF02291575.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from biaochi.core.verdict import Verdict, all_of
from biaochi.methods.composite.weights import balance_weights, pca_weights

LOW, HIGH = 0.3, 0.92


@dataclass(frozen=True, slots=True)
class Coherence:
    """What one parent's children show; NaN where it cannot be computed."""

    node: str
    alpha: float
    kmo: float
    pc1_share: float
    corner: bool
    child_correlations: dict[str, float]
    verdict: Verdict
    reasons: tuple[str, ...]


def correlations(z: np.ndarray, method: str = "pearson") -> np.ndarray:
    """Return pairwise complete correlations of the columns of z, shape (k, k); NaN where a column does not vary."""
    frame = pd.DataFrame(z)
    return frame.corr(method="spearman" if method == "spearman" else "pearson", min_periods=3).to_numpy()


def correlation_p_values(z: np.ndarray) -> np.ndarray:
    """Return two-sided p-values of the pairwise complete Pearson correlations (t test), 0 on the diagonal."""
    r = correlations(z)
    held = np.isfinite(z).astype(float)
    n = held.T @ held
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(r) * np.sqrt((n - 2) / (1 - r**2))
    p = 2 * stats.t.sf(t, np.maximum(n - 2, 1))
    np.fill_diagonal(p, 0.0)
    return np.asarray(p)


def cronbach_alpha(z: np.ndarray) -> float:
    """Return Cronbach's alpha on complete rows: k/(k−1)·(1 − Σ var / var of the sum).

    Examples
    --------
    >>> round(cronbach_alpha(np.array([[1., 1.], [2., 2.], [3., 4.]])), 4)
    0.9474
    """
    whole = z[np.isfinite(z).all(1)]
    k = z.shape[1]
    if k < 2 or len(whole) < 2:
        return math.nan
    total = whole.sum(1).var(ddof=1)
    return float(k / (k - 1) * (1 - whole.var(0, ddof=1).sum() / total)) if total > 0 else math.nan


def kmo(z: np.ndarray) -> float:
    """Return the Kaiser–Meyer–Olkin measure Σr² / (Σr² + Σ partial²) on complete rows."""
    whole = z[np.isfinite(z).all(1)]
    if z.shape[1] < 2 or len(whole) <= z.shape[1]:
        return math.nan
    r = correlations(whole)
    if not np.isfinite(r).all() or np.linalg.cond(r) > 1e12:
        return math.nan
    inverse = np.linalg.inv(r)
    scale = np.sqrt(np.outer(np.diag(inverse), np.diag(inverse)))
    off = ~np.eye(len(r), dtype=bool)
    shared, partial = (r[off] ** 2).sum(), ((inverse / scale)[off] ** 2).sum()
    return float(shared / (shared + partial))


def principal_variances(z: np.ndarray) -> np.ndarray:
    """Return the variances of the principal components of the correlations, largest first, on complete rows; empty
    where they cannot be had."""
    whole = z[np.isfinite(z).all(1)]
    if z.shape[1] < 2 or len(whole) < 3:
        return np.empty(0)
    r = correlations(whole)
    return np.asarray(np.linalg.eigvalsh(r)[::-1]) if np.isfinite(r).all() else np.empty(0)


def pc1_share(z: np.ndarray) -> float:
    """Return the share of variance of the first principal component."""
    found = principal_variances(z)
    return float(found[0] / len(found)) if found.size else math.nan


def cohere(
    node: str,
    children: Sequence[str],
    z: np.ndarray,
    parent: np.ndarray,
    *,
    low: float = LOW,
    high: float = HIGH,
    balanced: bool = False,
) -> Coherence:
    """Judge one parent.

    Parameters
    ----------
    children : sequence of str, length k
    z : ndarray, shape (n, k)
        Children's scores.
    parent : ndarray, shape (n,)
        The parent's scores.
    low, high : float
        A child–parent correlation below or above is a doubt.
    balanced : bool
        Whether balanced weights are in use, whose corner counts too.

    Notes
    -----
    ``unmet`` if alpha < 0 or the principal (or balanced) weights end on a corner; else ``unknown`` if a child–parent
    correlation is out of range; else ``met``.  Children without any score are left out; one child has nothing to cohere
    with.
    """
    held = np.isfinite(z).any(0)
    children, z = [c for c, keep in zip(children, held, strict=True) if keep], z[:, held]
    if len(children) < 2:
        return Coherence(node, math.nan, math.nan, math.nan, False, {}, Verdict.NOT_APPLICABLE, ())
    alpha = cronbach_alpha(z)
    r = {c: _pair(z[:, j], parent) for j, c in enumerate(children)}
    corner = pca_weights(z).corner or (balanced and balance_weights(z).corner)
    reasons = []
    if alpha < 0:
        reasons.append(f"{node}: alpha {alpha:.2f} < 0")
    if corner:
        reasons.append(f"{node}: corner")
    verdict = Verdict.UNMET if reasons else Verdict.MET
    for c, value in r.items():
        if not low <= value <= high:
            reasons.append(f"{node}–{c}: r {value:.2f}")
            verdict = Verdict.UNKNOWN if verdict is Verdict.MET else verdict
    return Coherence(node, alpha, kmo(z), pc1_share(z), corner, r, verdict, tuple(reasons))


def _pair(x: np.ndarray, y: np.ndarray) -> float:
    both = np.isfinite(x) & np.isfinite(y)
    if both.sum() < 3 or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        return math.nan
    return float(np.corrcoef(x[both], y[both])[0, 1])


def gate(found: Sequence[Coherence]) -> tuple[Verdict, list[str]]:
    """Return the worst verdict over all parents, and every reason for doubt."""
    return all_of(c.verdict for c in found), [reason for c in found for reason in c.reasons]
