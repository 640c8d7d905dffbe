"""What was known of each region and track at the end of a window, and nothing later.

Fourteen features, all from windows up to t: densities (conditional, association, correlation, relative), ln(1+RCA),
its change, its rank-6 reconstruction, ubiquity, diversity, ECI, PCI, their distance, growth of the track's share,
ln(1+x_i).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.complexity import complexity
from biaochi.methods.specialisation.conventions import Conventions
from biaochi.methods.specialisation.density import relative_density, weighted
from biaochi.methods.specialisation.location_quotient import quotients
from biaochi.methods.specialisation.proximity import co_occurrence, correlation

Array = NDArray[np.float64]
RANK = 6
FEATURES = (
    "density",
    "density_association",
    "density_correlation",
    "density_relative",
    "log_rca",
    "log_rca_change",
    "rank6",
    "ubiquity",
    "diversity",
    "eci",
    "pci",
    "eci_pci_distance",
    "hot",
    "log_size",
)


@dataclass(frozen=True)
class FeatureTable:
    """Features of every cell of one window, shape (regions, tracks, features); NaN is unknown."""

    values: Array

    def __getitem__(self, name: str) -> Array:
        return np.asarray(self.values[:, :, FEATURES.index(name)], dtype=float)


def features(x: Array, before: Array | None, conventions: Conventions | None = None) -> FeatureTable:
    """Return the features of one window.

    Parameters
    ----------
    x : array, shape (regions, tracks)
        The window's activity, no gaps.
    before : array of the same shape, or None
        The window before, for changes; rows with gaps give unknown changes.
    conventions : Conventions
        Threshold and anchor; proximities are computed with a zero diagonal.

    Returns
    -------
    FeatureTable
    """
    rules = conventions or Conventions()
    quotient = quotients(x)
    with np.errstate(invalid="ignore"):
        active = quotient >= rules.threshold
    profile = np.log1p(np.nan_to_num(quotient))
    near = weighted(active.astype(float), co_occurrence(active, "conditional"))
    axis = complexity(pd.DataFrame(active), rules)
    eci, pci = axis.eci.to_numpy(), axis.pci.to_numpy()
    change, hot = _changes(x, profile, before)
    shape = x.shape
    columns = {
        "density": near,
        "density_association": weighted(active.astype(float), co_occurrence(active, "association")),
        "density_correlation": weighted(profile, correlation(quotient)),
        "density_relative": relative_density(near, quotient, rules.threshold),
        "log_rca": profile,
        "log_rca_change": change,
        "rank6": low_rank(profile),
        "ubiquity": np.broadcast_to(active.sum(axis=0)[None, :], shape),
        "diversity": np.broadcast_to(active.sum(axis=1)[:, None], shape),
        "eci": np.broadcast_to(eci[:, None], shape),
        "pci": np.broadcast_to(pci[None, :], shape),
        "eci_pci_distance": np.abs(eci[:, None] - pci[None, :]),
        "hot": np.broadcast_to(hot[None, :], shape),
        "log_size": np.broadcast_to(np.log1p(x.sum(axis=1))[:, None], shape),
    }
    return FeatureTable(np.stack([np.asarray(columns[name], dtype=float) for name in FEATURES], axis=2))


def low_rank(profile: Array, rank: int = RANK) -> Array:
    """Return the best approximation of that rank to the profile, columns centred, the means added back."""
    mean = profile.mean(axis=0)
    left, values, right = np.linalg.svd(profile - mean, full_matrices=False)
    kept = min(rank, len(values))
    return np.asarray((left[:, :kept] * values[:kept]) @ right[:kept] + mean, dtype=float)


def national_growth(x: Array, before: Array) -> Array:
    """Return the log growth of each track's share of the whole; NaN where it was or is nothing."""
    now, then = x.sum(axis=0), before.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.log((now / now.sum()) / (then / then.sum()))
    return np.where(np.isfinite(growth), growth, np.nan)


def _changes(x: Array, profile: Array, before: Array | None) -> tuple[Array, Array]:
    unknown = np.full(x.shape, np.nan), np.full(x.shape[1], np.nan)
    if before is None:
        return unknown
    whole = ~np.isnan(before).any(axis=1)
    if not whole.any():
        return unknown
    change = np.full(x.shape, np.nan)
    change[whole] = profile[whole] - np.log1p(np.nan_to_num(quotients(before[whole])))
    return change, national_growth(x[whole], before[whole])
