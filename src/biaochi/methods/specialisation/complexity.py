"""Economic complexity of regions (ECI) and tracks (PCI), with one sign for both, declared or undetermined.

B = D^−½ M U^−½; with v the second eigenvector of BBᵀ and λ its value, ECI = D^−½ v and PCI = U⁻¹ Mᵀ ECI / λ, so that a
region's ECI is the mean PCI of what it holds.  The axis has no sign of its own.  An anchor — tracks known to be
complex, an external PCI, GDP per head — gives it one; without an anchor the usual rule (diverse regions are complex)
is accepted only when the tracks agree (complex tracks are rare), else the direction is *undetermined*.

Use ECI and PCI together or not at all; signing them apart can turn one against the other.

Sources
-------
Hidalgo, Hausmann (2009), doi 10.1073/pnas.0900943106; spectral form: Mealy, Farmer, Teytelboym (2019),
doi 10.1126/sciadv.aau1705.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from biaochi.methods.specialisation.conventions import Anchor, Conventions

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ComplexityDirection:
    """Whether the axis has a sign, and why.

    Attributes
    ----------
    determined : bool
        False: the values are given up to their common sign and must not be read as more or less complex.
    anchor : str or None
        What fixed it.
    corr_eci_diversity, corr_pci_ubiquity : float
        The two customary hints, with the sign the values carry.
    components : int
        Connected components of the table.
    """

    determined: bool
    anchor: str | None
    corr_eci_diversity: float
    corr_pci_ubiquity: float
    components: int

    def to_dict(self) -> dict[str, object]:
        """Return the direction as results carry it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True)
class Complexity:
    """ECI and PCI, scaled, with NaN off the largest component; the raw ones; the eigenvalue; the direction.

    Without a determined direction values carry the sign that makes diverse regions complex.
    """

    eci: pd.Series
    pci: pd.Series
    raw_eci: pd.Series
    raw_pci: pd.Series
    eigenvalue: float
    direction: ComplexityDirection


def complexity(active: pd.DataFrame, conventions: Conventions | None = None) -> Complexity:
    """Return the complexity of regions and tracks.

    Parameters
    ----------
    active : DataFrame of bool, regions × tracks
        M, where a region is specialised.
    conventions : Conventions
        Scale of PCI and the anchor.

    Returns
    -------
    Complexity
        Regions and tracks off the largest component, and everything when no second eigenvector exists or it is not
        unique, are NaN.

    Examples
    --------
    >>> m = pd.DataFrame([[1, 1, 1], [1, 1, 0], [1, 0, 0]], index=list("abc"), columns=list("pqr"), dtype=bool)
    >>> found = complexity(m)
    >>> found.eci.idxmax(), found.pci.idxmax(), found.direction.determined
    ('a', 'r', True)
    """
    rules = conventions or Conventions()
    table = active.to_numpy(dtype=float)
    regions, tracks, components = _largest_component(table)
    raw_eci, raw_pci = np.full(table.shape[0], np.nan), np.full(table.shape[1], np.nan)
    eigenvalue = float("nan")
    if regions.sum() > 1 and tracks.sum() > 1:
        eci, pci, eigenvalue = _second_vector(table[np.ix_(regions, tracks)])
        raw_eci[regions], raw_pci[tracks] = eci, pci
    sign, direction = _direction(active, raw_eci, raw_pci, rules.anchor, components)
    raw_eci, raw_pci = sign * raw_eci, sign * raw_pci
    known = raw_eci[~np.isnan(raw_eci)]
    centre, spread = (known.mean(), known.std()) if known.size else (np.nan, np.nan)
    if rules.pci_scale == "eci" or not known.size:
        pci_centre, pci_spread = centre, spread
    else:
        pci_centre, pci_spread = np.nanmean(raw_pci), np.nanstd(raw_pci)
    return Complexity(
        pd.Series((raw_eci - centre) / spread, index=active.index),
        pd.Series((raw_pci - pci_centre) / pci_spread, index=active.columns),
        pd.Series(raw_eci, index=active.index),
        pd.Series(raw_pci, index=active.columns),
        eigenvalue,
        direction,
    )


def _largest_component(table: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_], int]:
    """Return which regions and tracks belong to the component with the most regions, and how many there are."""
    r, t = table.shape
    at_row, at_column = np.nonzero(table)
    graph = coo_array((np.ones(len(at_row)), (at_row, at_column + r)), shape=(r + t, r + t))
    _, label = connected_components(graph, directed=False)
    used = np.concatenate([table.any(axis=1), table.any(axis=0)])
    labels = label[:r][used[:r]]
    if not labels.size:
        return np.zeros(r, bool), np.zeros(t, bool), 0
    largest = np.bincount(labels).argmax()
    return (label[:r] == largest) & used[:r], (label[r:] == largest) & used[r:], len(np.unique(labels))


def _second_vector(table: Array) -> tuple[Array, Array, float]:
    """Return raw ECI, raw PCI and the eigenvalue; NaN when the second vector does not exist or is not unique."""
    d, u = table.sum(axis=1), table.sum(axis=0)
    b = table / np.sqrt(d)[:, None] / np.sqrt(u)[None, :]
    wide = b.shape[0] <= b.shape[1]
    square = b @ b.T if wide else b.T @ b
    n = len(square)
    values, vectors = eigh(square, subset_by_index=[max(n - 3, 0), n - 1])
    eigenvalue = float(values[-2])
    third = float(values[-3]) if n > 2 else 0.0
    if eigenvalue < 1e-12 or eigenvalue - third < 1e-10 * max(eigenvalue, 1e-300) or eigenvalue > 1 - 1e-12:
        return np.full(len(d), np.nan), np.full(len(u), np.nan), float("nan")
    second = vectors[:, -2] if wide else b @ vectors[:, -2] / np.sqrt(eigenvalue)
    eci = second / np.sqrt(d)
    pci = (table.T @ eci) / u / eigenvalue
    return eci, pci, eigenvalue


def _direction(
    active: pd.DataFrame, eci: Array, pci: Array, anchor: Anchor | None, components: int
) -> tuple[float, ComplexityDirection]:
    diversity, ubiquity = active.sum(axis=1).to_numpy(float), active.sum(axis=0).to_numpy(float)
    by_diversity = pearson(eci, diversity)
    if anchor is not None:
        towards = _towards(anchor, active, eci, pci)
        determined, name = bool(towards != 0), anchor.name or anchor.kind
        sign = float(np.sign(towards)) if determined else _sign(by_diversity)
    else:
        sign, name = _sign(by_diversity), None
        determined = bool(sign * by_diversity > 0 and sign * pearson(pci, ubiquity) < 0)
    return sign, ComplexityDirection(determined, name, sign * by_diversity, sign * pearson(pci, ubiquity), components)


def _towards(anchor: Anchor, active: pd.DataFrame, eci: Array, pci: Array) -> float:
    """Return a number with the sign that turns the axis towards the anchor; 0 when the anchor says nothing."""
    if anchor.kind == "tracks":
        named = active.columns.isin(list(anchor.values)) & ~np.isnan(pci)
        known = ~np.isnan(pci)
        return float(pci[named].mean() - pci[known].mean()) if named.any() else 0.0
    labels, own = (active.columns, pci) if anchor.kind == "pci" else (active.index, eci)
    outside = np.array([anchor.values.get(str(label), np.nan) for label in labels])
    return float(np.nan_to_num(pearson(own, outside)))


def pearson(a: Array, b: Array) -> float:
    """Return the correlation where both are known; NaN when one does not vary."""
    known = ~np.isnan(a) & ~np.isnan(b)
    if known.sum() < 2:
        return float("nan")
    x, y = a[known] - a[known].mean(), b[known] - b[known].mean()
    length = np.sqrt((x**2).sum() * (y**2).sum())
    return float((x @ y) / length) if length > 1e-300 else float("nan")


def _sign(value: float) -> float:
    return -1.0 if value < 0 else 1.0
