"""Whether those who left had answered differently from those who stayed: agreement by exit is not agreement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from biaochi.methods.elicitation.answers import Floats


@dataclass(frozen=True, slots=True)
class Attrition:
    """First answers of leavers against stayers on one item."""

    item: str
    stayers: int
    leavers: int
    difference: float
    p: float


def attrition(answers: pd.DataFrame, rng: np.random.Generator, permutations: int = 2000) -> list[Attrition]:
    """Test each item that was asked in more than one round.

    Parameters
    ----------
    answers : DataFrame
        Columns ``round, expert, item, value``.
    rng : numpy.random.Generator
        For the permutations.
    permutations : int
        Number of random relabellings.

    Returns
    -------
    list of Attrition
        ``difference`` is the leavers' mean first answer less the stayers'; ``p`` two-sided, NaN without leavers.
        A leaver answered the item's first round and not its last.
    """
    found = []
    for item, group in answers.groupby("item", sort=True):
        rounds = sorted(group["round"].unique())
        if len(rounds) < 2:
            continue
        given = group.dropna(subset=["value"])
        first = given[given["round"] == rounds[0]].set_index("expert")["value"]
        last = set(given.loc[given["round"] == rounds[-1], "expert"])
        left = ~first.index.isin(last)
        values = first.to_numpy(dtype=np.float64)
        found.append(_test(str(item), values, left, rng, permutations))
    return found


def _test(item: str, values: Floats, left: np.ndarray, rng: np.random.Generator, permutations: int) -> Attrition:
    leavers, stayers = int(left.sum()), int((~left).sum())
    if leavers == 0 or stayers == 0:
        return Attrition(item, stayers, leavers, float("nan"), float("nan"))
    seen = float(values[left].mean() - values[~left].mean())
    mixed = rng.permuted(np.tile(values, (permutations, 1)), axis=1)
    drawn = mixed[:, :leavers].mean(axis=1) - mixed[:, leavers:].mean(axis=1)
    extreme = int(np.sum(np.abs(drawn) >= abs(seen) - 1e-12))
    return Attrition(item, stayers, leavers, seen, (extreme + 1) / (permutations + 1))
