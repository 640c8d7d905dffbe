"""Claims: may it be said that one unit stands above another?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from biaochi.core.verdict import Verdict
from biaochi.methods.composite.tiers import Tiers


@dataclass(frozen=True, slots=True)
class Claim:
    """``a`` stands above ``b``: probability, highest simultaneous level, verdict."""

    a: str
    b: str
    p: float
    simultaneous: float
    verdict: Verdict


def claim(tiers: Tiers, p_better: np.ndarray, a: str, b: str) -> Claim:
    """Return the verdict on "a over b": met if m > cσ, unmet if −m > cσ, else unknown."""
    i, j = tiers.units.index(a), tiers.units.index(b)
    if tiers.above[i, j]:
        verdict = Verdict.MET
    elif tiers.above[j, i]:
        verdict = Verdict.UNMET
    else:
        verdict = Verdict.UNKNOWN
    return Claim(a, b, float(p_better[i, j]), tiers.certainty(i, j), verdict)


def all_claims(tiers: Tiers, p_better: np.ndarray, nominal: np.ndarray) -> pd.DataFrame:
    """Return ``a, b, p, simultaneous, verdict`` for every pair, ``a`` being the one with the higher nominal score."""
    order = [i for i in np.argsort(-nominal, kind="stable") if tiers.top[i] > 0]
    found = [
        claim(tiers, p_better, tiers.units[a], tiers.units[b]) for k, a in enumerate(order) for b in order[k + 1 :]
    ]
    return pd.DataFrame(
        [(c.a, c.b, c.p, c.simultaneous, c.verdict.value) for c in found],
        columns=["a", "b", "p", "simultaneous", "verdict"],
    )
