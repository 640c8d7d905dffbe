"""Denominate: put indicators per head, per GDP, per area.  scale · x / d, its standard error alike."""

from __future__ import annotations

import numpy as np

from biaochi.methods.composite.tree import Tree


def divisors(framework: Tree, denominators: np.ndarray, *, active: bool = True) -> np.ndarray:
    """Return the factor each raw value is multiplied by, shape (P, U, I); NaN where the denominator is missing.

    Parameters
    ----------
    denominators : ndarray, shape (P, U, D)
        In ``framework.denominators`` order.
    active : bool
        Whether the method has the step; otherwise all factors are 1.
    """
    periods, units = denominators.shape[:2]
    factors = np.ones((periods, units, len(framework.leaves)))
    if not active:
        return factors
    position = {d.code: i for i, d in enumerate(framework.denominators)}
    for i, leaf in enumerate(framework.leaves):
        node = framework.by_code[leaf]
        bottom = denominators[..., position[node.denominator]] if node.denominator else 1.0
        factors[..., i] = node.scale / np.where(bottom == 0, np.nan, bottom)
    return factors
