"""All indicators of one period together, from one set of conventions and one proximity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.methods.specialisation.complexity import Complexity, ComplexityDirection, complexity
from biaochi.methods.specialisation.concentration import concentration, track_concentration
from biaochi.methods.specialisation.conventions import Conventions
from biaochi.methods.specialisation.density import over_near, relative_density
from biaochi.methods.specialisation.fitness import Fitness, fitness
from biaochi.methods.specialisation.location_quotient import location_quotient
from biaochi.methods.specialisation.outlook import outlook
from biaochi.methods.specialisation.panel import Panel
from biaochi.methods.specialisation.proximity import activity, co_occurrence, correlation, set_diagonal

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Indicators:
    """Indicators of one period.

    Attributes
    ----------
    period : str
    quotient, density, relative_density, cog : DataFrame, regions × tracks
        Location quotient, relatedness density, its relative form, complexity gain.
    active : DataFrame of bool
        Quotient at or above the threshold.
    regions : DataFrame
        diversity, eci, fitness, coi, krugman, hhi, hhi_normalised, hachman, entropy, state, reason; ``state`` is
        ``known``, ``undetermined`` (signs of complexity must not be read) or ``unknown`` with its reason.
    tracks : DataFrame
        ubiquity, pci, complexity, hhi.
    direction : ComplexityDirection
    proximity : DataFrame, tracks × tracks
    excluded : tuple of str
        Regions left out because a cell is missing.
    conventions : Conventions
    """

    period: str
    quotient: pd.DataFrame
    active: pd.DataFrame
    density: pd.DataFrame
    relative_density: pd.DataFrame
    cog: pd.DataFrame
    regions: pd.DataFrame
    tracks: pd.DataFrame
    direction: ComplexityDirection
    proximity: pd.DataFrame
    excluded: tuple[str, ...]
    conventions: Conventions

    def to_frame(self) -> pd.DataFrame:
        """Return the cells in long form: region, track, rca, active, density, relative_density, cog."""
        parts = {
            "rca": self.quotient,
            "active": self.active,
            "density": self.density,
            "relative_density": self.relative_density,
            "cog": self.cog,
        }
        r, t = self.quotient.shape
        frame = {
            "region": np.repeat(self.quotient.index.to_numpy(), t),
            "track": np.tile(self.quotient.columns.to_numpy(), r),
        }
        return pd.DataFrame(frame | {name: table.to_numpy().ravel() for name, table in parts.items()})


def indicators(panel: Panel, conventions: Conventions | None = None, *, period: str | None = None) -> Indicators:
    """Return all indicators of one period.

    Parameters
    ----------
    panel : Panel
        Activity; regions with a gap in the period are left out and named.
    conventions : Conventions
        Threshold, proximity, diagonal, scale and anchor.
    period : str or None
        The newest by default.

    Examples
    --------
    >>> table = pd.DataFrame([[9, 4, 1], [5, 5, 1], [1, 2, 9]], index=list("abc"), columns=list("pqr"))
    >>> indicators(Panel.single(table)).regions["diversity"].tolist()
    [1, 2, 1]
    """
    rules = conventions or Conventions()
    when = panel.periods[-1] if period is None else period
    x, excluded = panel.complete(when)
    quotient = location_quotient(x)
    held = activity(quotient, rules.threshold)
    rca, m = quotient.to_numpy(), held.to_numpy()
    if rules.proximity == "correlation":
        phi, profile = correlation(rca), np.log1p(np.nan_to_num(rca))
    else:
        phi, profile = co_occurrence(m, rules.proximity), m.astype(float)
    set_diagonal(phi, rules.diagonal)
    product = profile @ phi
    near = over_near(product, phi)
    axis = complexity(held, rules)
    view = outlook(
        m, phi, axis.raw_pci.to_numpy(), axis.raw_eci.to_numpy(), None if rules.proximity == "correlation" else product
    )
    fit = fitness(held)
    return Indicators(
        when,
        quotient,
        held,
        pd.DataFrame(near, x.index, x.columns),
        pd.DataFrame(relative_density(near, rca, rules.threshold), x.index, x.columns),
        pd.DataFrame(view.cog, x.index, x.columns),
        _regions(x, held, axis, fit, view.coi),
        _tracks(x, held, axis, fit),
        axis.direction,
        pd.DataFrame(phi, index=x.columns, columns=x.columns),
        excluded,
        rules,
    )


def _regions(x: pd.DataFrame, held: pd.DataFrame, axis: Complexity, fit: Fitness, coi: Array) -> pd.DataFrame:
    frame = pd.DataFrame({"diversity": held.sum(axis=1), "eci": axis.eci, "fitness": fit.fitness, "coi": coi})
    frame = frame.join(concentration(x))
    empty = x.sum(axis=1) == 0
    off = frame["eci"].isna() & ~empty
    states = np.select([empty, off], ["unknown", "unknown"], "known" if axis.direction.determined else "undetermined")
    passive = frame["diversity"] == 0
    reasons = np.select(
        [empty, off & passive, off],
        ["no_activity", "no_specialisation", "off_largest_component"],
        "" if axis.direction.determined else "sign_undetermined",
    )
    return frame.assign(state=states, reason=reasons)


def _tracks(x: pd.DataFrame, held: pd.DataFrame, axis: Complexity, fit: Fitness) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ubiquity": held.sum(axis=0),
            "pci": axis.pci,
            "complexity": fit.complexity,
            "hhi": track_concentration(x),
        }
    )
