"""Contributions: which indicators make the gap between two sets of scores, exactly.

Each node's difference is split among its children by a secant slope k_c, with Σ k_c·Δ_c equal to the difference; slopes
multiply down the tree.  Arithmetic: k = w.  Geometric: w·L(S, S′)/L(z, z′) with the logarithmic mean L (LMDI, Ang 2005,
doi 10.1016/j.enpol.2003.10.010).  Otherwise Aumann–Shapley: the mean gradient along the straight path, 16-point
Gauss–Legendre (mpi and ampi on the common scale they learnt).  Copeland and benefit-of-the-doubt weights compare units,
so a score by them has no such split.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from biaochi.methods.composite.aggregate import combine, gradient, name_of
from biaochi.methods.composite.penalised import PENALISED, Common
from biaochi.methods.composite.pipeline import Composite

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
NODES, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2
COVERAGE = "(coverage)"


@dataclass(frozen=True)
class Split:
    """A difference split into indicators: ``frame`` has ``indicator, contribution``; they sum to ``total``.

    ``applicable`` is False when an aggregator on the way has no split.
    """

    frame: pd.DataFrame
    total: float
    applicable: bool


def logarithmic_mean(a: float, b: float) -> float:
    """Return L = (a − b)/ln(a/b), a where both are equal.

    Examples
    --------
    >>> round(logarithmic_mean(2.0, 1.0), 6)
    1.442695
    """
    if a <= 0 or b <= 0:
        return 0.0
    ratio = a / b
    if abs(ratio - 1) < 1e-6:
        d = ratio - 1
        return b * (1 + d / 2 - d * d / 12)
    return (a - b) / math.log(ratio)


def secant_slopes(
    z: np.ndarray, reference: np.ndarray, weights: np.ndarray, spec: Any, common: Common | None = None
) -> np.ndarray:
    """Return k_c of one parent, shape (k,), so that Σ k_c (z_c − reference_c) is the difference of its scores.

    ``common`` is the scale that ``mpi`` and ``ampi`` learnt; without it the children are taken to be on it already.

    Examples
    --------
    >>> z, r = np.array([60.0, 30.0, 80.0]), np.array([50.0, 40.0, 40.0])
    >>> (secant_slopes(z, r, np.array([0.5, 0.3, 0.2]), "geometric") * (z - r)).round(8).tolist()
    [4.38382303, -4.15029572, 6.66653933]
    """
    name = name_of(spec)
    if name == "arithmetic":
        return weights
    if name == "geometric":
        s, s_ref = _score(z, weights, spec, None), _score(reference, weights, spec, None)
        top = logarithmic_mean(s, s_ref)
        return np.array(
            [
                w * top / logarithmic_mean(a, b) if a > 0 and b > 0 else 0.0
                for w, a, b in zip(weights, z, reference, strict=True)
            ]
        )
    if name == "copeland":
        return np.full(z.shape, np.nan)
    scale = common or (Common.identity(len(z)) if name in PENALISED else None)
    slopes = _mean_gradient(z, reference, weights, spec, scale)
    gap = _score(z, weights, spec, scale) - _score(reference, weights, spec, scale)
    parts = slopes * (z - reference)
    size = np.abs(parts).sum()
    if size > 0:
        # The quadrature's last digits are shared out in proportion, so that parts add up exactly.
        slopes = slopes + np.where(z != reference, (gap - parts.sum()) * np.abs(parts) / size, 0.0) / np.where(
            z != reference, z - reference, 1.0
        )
    return slopes


def _score(z: np.ndarray, weights: np.ndarray, spec: Any, common: Common | None) -> float:
    return float(combine(z[:, None], weights, spec, common=common)[0])


def _mean_gradient(
    z: np.ndarray, reference: np.ndarray, weights: np.ndarray, spec: Any, common: Common | None
) -> np.ndarray:
    """Mean gradient along the path, with extra breaks where the order of children changes (min, owa)."""
    breaks = {0.0, 1.0}
    if name_of(spec) in ("min", "owa"):
        for i in range(len(z)):
            for j in range(i):
                slope = (z[i] - reference[i]) - (z[j] - reference[j])
                if slope:
                    t = (reference[j] - reference[i]) / slope
                    if 0 < t < 1:
                        breaks.add(float(t))
    ends = sorted(breaks)
    total = np.zeros(len(z))
    for low, high in pairwise(ends):
        for t, weight in zip(NODES, WEIGHTS, strict=True):
            at = reference + (low + (high - low) * t) * (z - reference)
            total += weight * (high - low) * gradient(at, weights, spec, common)
    return total


def contributions(
    composite: Composite,
    z: np.ndarray,
    reference: np.ndarray,
    *,
    node: str = "",
    weights: dict[str, np.ndarray] | None = None,
) -> Split:
    """Split the difference of a node's scores between two sets of normalised leaf scores.

    Parameters
    ----------
    z, reference : ndarray, shape (I,)
        Normalised leaf scores; NaN = not there.  What only one side has is one line, ``(coverage)``.
    node : str
        The node; the root by default.

    Returns
    -------
    Split
        One line for each leaf below the node, adding up to the difference within 1e-10.
    """
    tree = composite.dataset.framework
    target = node or tree.root
    used = weights or {p: w[0] for p, w in composite.used_weights.items()}
    both = np.isfinite(z) & np.isfinite(reference)
    full = tree_scores(composite, z, used)[target] - tree_scores(composite, reference, used)[target]
    a = tree_scores(composite, np.where(both, z, np.nan), used)
    b = tree_scores(composite, np.where(both, reference, np.nan), used)
    parts = dict.fromkeys(tree.under(target), 0.0)
    _descend(composite, target, 1.0, a, b, used, parts)
    rows = list(parts.items())
    rest = full - sum(parts.values())
    applicable = all(math.isfinite(v) for v in parts.values()) and math.isfinite(full)
    if applicable and abs(rest) > 1e-9 * max(1.0, abs(full)):
        rows.append((COVERAGE, rest))
    return Split(pd.DataFrame(rows, columns=["indicator", "contribution"]), full, applicable)


def tree_scores(composite: Composite, z: np.ndarray, used: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the score of every node for one set of leaf scores, by the composite's aggregators and weights.

    Aggregators that compare units are not applicable to a single profile and give NaN.
    """
    tree, method = composite.dataset.framework, composite.method
    scores = {leaf: float(v) for leaf, v in zip(tree.leaves, z, strict=True)}
    minimum = method.params("aggregate")["min_available"]
    for parent in tree.parents:
        children = np.array([scores[c] for c in tree.children[parent]])
        spec = method.aggregator(parent, tree.levels[parent])
        if name_of(spec) == "copeland" or composite.compares:
            scores[parent] = math.nan
        else:
            common = composite.common(parent)
            found = combine(children[:, None], used[parent], spec, min_available=minimum, common=common)
            scores[parent] = float(found[0])
    return scores


def _descend(
    composite: Composite,
    node: str,
    slope: float,
    a: dict[str, float],
    b: dict[str, float],
    used: dict[str, np.ndarray],
    parts: dict[str, float],
) -> None:
    tree = composite.dataset.framework
    if node not in tree.children:
        parts[node] = slope * (a[node] - b[node])
        return
    children = [c for c in tree.children[node] if math.isfinite(a[c]) and math.isfinite(b[c])]
    if not children:
        return
    weight = used[node][[tree.children[node].index(c) for c in children]]
    spec = composite.method.aggregator(node, tree.levels[node])
    z, reference = np.array([a[c] for c in children]), np.array([b[c] for c in children])
    common = composite.common(node)
    if common is not None:
        places = [tree.children[node].index(c) for c in children]
        common = Common(common.centre[places], common.factor[places], common.offset)
    slopes = secant_slopes(z, reference, weight / weight.sum(), spec, common)
    for c, k in zip(children, slopes, strict=True):
        _descend(composite, c, slope * float(k), a, b, used, parts)


def obstacles(composite: Composite, z: np.ndarray, *, node: str = "") -> pd.DataFrame:
    """Return the obstacle degree (障碍度) of each leaf: w(1 − z)/Σ, z on 0..1, w the effective weight; NaN if missing.

    ``indicator, share``; shares of the leaves present sum to one.
    """
    tree = composite.dataset.framework
    effective = composite.weights().set_index("node")["effective"]
    leaves = list(tree.under(node or tree.root))
    position = [tree.leaves.index(leaf) for leaf in leaves]
    table = composite.stages["normalised"][0]
    held = np.isfinite(table[position])
    low = np.where(held, table[position], np.inf).min(axis=1)
    high = np.where(held, table[position], -np.inf).max(axis=1)
    params = composite.method.params("normalise")
    if params["method"] in ("minmax", "goalposts"):
        low, high = np.full(len(leaves), params["to"][0]), np.full(len(leaves), params["to"][1])
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = np.clip((z[position] - low) / (high - low), 0, 1)
        burden = effective.loc[leaves].to_numpy() * (1 - unit)
    total = np.nansum(burden)
    share = burden / total if total > 0 else np.where(np.isfinite(burden), 0.0, np.nan)
    return pd.DataFrame({"indicator": leaves, "share": share})
