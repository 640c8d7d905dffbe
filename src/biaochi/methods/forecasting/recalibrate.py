"""Beta recalibration of forecasts from their past PIT, cross-fitted so that no technology corrects itself.

If past PITs follow a beta law, the recalibrated distribution is that law's CDF of the raw one (Dawid 1984,
doi 10.2307/2981683; Gneiting and Ranjan 2013, doi 10.1214/13-EJS823).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from biaochi.methods.forecasting.series import Floats


@dataclass(frozen=True)
class BetaRecalibration:
    """A beta law of past PITs; ``(1, 1)`` leaves forecasts as they are.

    Examples
    --------
    >>> BetaRecalibration(1.0, 1.0).pit([0.2]).round(3).tolist()
    [0.2]
    """

    alpha: float
    beta: float

    def pit(self, raw: ArrayLike) -> Floats:
        """Return recalibrated PITs or CDF values."""
        return np.asarray(special.betainc(self.alpha, self.beta, np.clip(np.asarray(raw, dtype=np.float64), 0, 1)))

    def level(self, wanted: ArrayLike) -> Floats:
        """Return the raw level whose recalibrated level is wanted: read the raw quantile there."""
        return np.asarray(special.betaincinv(self.alpha, self.beta, np.asarray(wanted, dtype=np.float64)))


def fit_beta(pit: ArrayLike) -> BetaRecalibration:
    """Return the maximum-likelihood beta law of PITs (at least ten), lightly held towards the uniform."""
    u = np.clip(np.asarray(pit, dtype=np.float64), 1e-6, 1 - 1e-6)
    if len(u) < 10:
        raise ValueError(f"at least ten past forecasts are needed, seen {len(u)}")
    mean_log, mean_log1m = np.log(u).mean(), np.log1p(-u).mean()

    def loss(parameters: Floats) -> float:
        a, b = np.exp(parameters)
        likelihood = (a - 1) * mean_log + (b - 1) * mean_log1m - special.betaln(a, b)
        return float(-likelihood + 0.5 * np.sum(parameters**2) / len(u))

    found = optimize.minimize(loss, np.zeros(2), method="BFGS")
    return BetaRecalibration(*(float(v) for v in np.exp(found.x)))


def cross_fitted(pit: ArrayLike, groups: Sequence[str], folds: int = 5) -> Floats:
    """Return recalibrated PITs where each group (technology) is corrected by laws fitted on other groups only."""
    u = np.asarray(pit, dtype=np.float64)
    names = sorted(set(groups))
    fold = {name: i % folds for i, name in enumerate(names)}
    assigned = np.array([fold[g] for g in groups])
    result = np.empty_like(u)
    for k in range(folds):
        mine = assigned == k
        if mine.any():
            result[mine] = fit_beta(u[~mine]).pit(u[mine])
    return result
