"""What the declared plans of one level say: how alike they are, why, and how far a national list explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from biaochi.mechanisms.layout.model.plans import Declarations, hindsight
from biaochi.methods.specialisation.crowding import (
    Crowding,
    CrowdingParts,
    decompose_crowding,
    jaccard,
    pair_shares,
)


@dataclass(frozen=True)
class CrowdingReading:
    """Everything the crowding page and verb say.

    Attributes
    ----------
    declared : Declarations
        The plans read.
    whole : Crowding
        All complete portfolios taken apart.
    confirmed : CrowdingParts
        The same on portfolios that rest on seen rows alone; ``confirmed_regions`` of them.
    shares : Series
        Each track's share of all coinciding choices.
    national : mapping of str to date
        Tracks named nationally up to the day, and since when.
    without_national : float
        Mean similarity when these tracks are left out.
    by_direction : float
        Mean similarity at the level of the six directions.
    hindsight : mapping
        Counts of choices named nationally now and at their time.
    """

    declared: Declarations
    whole: Crowding
    confirmed: CrowdingParts
    confirmed_regions: int
    shares: pd.Series
    national: Mapping[str, date]
    without_national: float
    by_direction: float
    hindsight: Mapping[str, int]

    @property
    def verified(self) -> bool:
        """Whether every complete portfolio rests on seen rows alone."""
        return self.confirmed_regions == len(self.declared.complete)


def read_crowding(
    declared: Declarations,
    *,
    national: Mapping[str, date],
    directions: Mapping[str, str],
    draws: int,
    rng: np.random.Generator,
) -> CrowdingReading:
    """Take the declared plans of one level apart.

    Parameters
    ----------
    declared : Declarations
        Plans as they stood on the day.
    national : mapping of track to date
        Since when each track is named nationally; later days than ``declared.at`` must not be in it.
    directions : mapping of track to direction
        For the similarity one level up.
    draws : int
        Tables under each null.
    rng : numpy.random.Generator
        Source of randomness.
    """
    table = declared.complete
    sure = declared.confirmed
    local = table[[t for t in table.columns if t not in national]]
    upper = table.T.groupby([directions[t] for t in table.columns]).any().T
    return CrowdingReading(
        declared,
        decompose_crowding(table, draws=draws, rng=rng),
        decompose_crowding(sure, draws=draws, rng=rng).parts,
        len(sure),
        pair_shares(table),
        dict(national),
        mean_similarity(local),
        mean_similarity(upper),
        hindsight(declared, dict(national)),
    )


def local_parts(reading: CrowdingReading, *, draws: int, rng: np.random.Generator) -> CrowdingParts:
    """Take the complete portfolios apart once more, without the nationally named tracks.

    What a national document names everybody may name without looking at one another; what is alike beyond it is the
    regions' own.
    """
    table = reading.declared.complete
    return decompose_crowding(
        table[[t for t in table.columns if t not in reading.national]], draws=draws, rng=rng
    ).parts


def mean_similarity(table: pd.DataFrame) -> float:
    """Return the mean Jaccard similarity over all pairs of rows; NaN when no pair holds anything."""
    values = jaccard(table.to_numpy(dtype=bool))[np.triu_indices(len(table), 1)]
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
