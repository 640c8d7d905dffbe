"""Expected ranks of bids from reviewers' scores, and which bids the line cannot tell apart.

y = μ + θ_bid + ν_reviewer + ε, all normal; exact given the three standard deviations, which have uniform priors on
(0, 0.4·range of the scale) and are summed over a grid.  Expected rank and the lottery zone: Heyard, Ott, Salanti &
Egger 2022, doi:10.1080/2330443X.2022.2086190.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

FloatArray = NDArray[np.float64]
GRID = 12
PRIOR_SHARE = 0.4
DRAWS = 20_000
NEGLIGIBLE = 1e-7
ZONE_LEVEL = 0.5


@dataclass(frozen=True)
class BidRank:
    """One bid: scores received, their mean, its effect, expected rank, central 50 % of its rank, and its zone."""

    bid: str
    n: int
    mean: float
    effect: float
    expected_rank: float
    rank_interval: tuple[int, int]
    zone: Literal["above", "lottery", "below"]


@dataclass(frozen=True)
class ReviewerSeverity:
    """One reviewer: scores given, and how much lower than others they score (positive = severe)."""

    reviewer: str
    n: int
    severity: float


@dataclass(frozen=True)
class Ranking:
    """All bids by expected rank, the line, the standard deviations (bid, reviewer, noise), and the reviewers."""

    line: float
    sd: tuple[float, float, float]
    bids: tuple[BidRank, ...]
    reviewers: tuple[ReviewerSeverity, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a bid."""
        return pd.DataFrame(
            [
                {
                    "bid": b.bid,
                    "n": b.n,
                    "mean": b.mean,
                    "effect": b.effect,
                    "expected_rank": b.expected_rank,
                    "rank_low": b.rank_interval[0],
                    "rank_high": b.rank_interval[1],
                    "zone": b.zone,
                }
                for b in self.bids
            ]
        )


@dataclass(frozen=True, eq=False)
class _Fit:
    """Posterior given the standard deviations: means and covariance of θ, mean of ν, log evidence."""

    theta: FloatArray
    cov: FloatArray
    nu: FloatArray
    log_evidence: float


def expected_rank(
    scores: pd.DataFrame,
    slots: int,
    *,
    scale: tuple[float, float],
    sd: Sequence[float] | None = None,
    seed: int = 0,
) -> Ranking:
    """Rank bids.

    Parameters
    ----------
    scores : DataFrame
        Columns ``bid``, ``reviewer``, ``score``; one row a review.
    slots : int
        How many can be funded; the line is the slots-th smallest expected rank.
    scale : (float, float)
        Lowest and highest score that can be given.
    sd : sequence of three floats, optional
        Standard deviations of bids, reviewers and noise; by default summed over a grid.
    seed : int
        For the draws the rank intervals are read from.

    Returns
    -------
    Ranking

    Raises
    ------
    ValueError
        When there are no scores, slots are not positive, or a deviation is not positive.

    Examples
    --------
    >>> table = pd.DataFrame([("A", "x", 8), ("A", "y", 7), ("B", "x", 6), ("B", "y", 6), ("C", "x", 5), ("C", "y", 3)],
    ...                      columns=["bid", "reviewer", "score"])
    >>> [round(b.expected_rank, 5) for b in expected_rank(table, 1, scale=(1, 9), sd=(1, .5, 1)).bids]
    [1.11247, 1.9409, 2.94663]
    """
    if scores.empty or slots < 1:
        raise ValueError("ranking needs at least one score and one slot")
    scores = scores.sort_values(["bid", "reviewer"], kind="stable")
    bids, bid = np.unique(scores["bid"].astype(str), return_inverse=True)
    reviewers, reviewer = np.unique(scores["reviewer"].astype(str), return_inverse=True)
    y = scores["score"].to_numpy(dtype=np.float64)
    sds, weights = _deviations(y, bid, reviewer, scale, sd)
    fits = [_fit(y, bid, reviewer, *s) for s in sds]
    p = _normalised(np.array([f.log_evidence for f in fits]) + np.log(weights))
    kept = np.flatnonzero(p > NEGLIGIBLE * p.max())
    p = p[kept] / p[kept].sum()
    fits, sds = [fits[k] for k in kept], sds[kept]
    better = sum(w * _better(f) for w, f in zip(p, fits, strict=True))
    ranks = 1 + np.asarray(better).sum(axis=1)
    low, high = _rank_intervals(p, fits, seed)
    line = float(np.sort(ranks)[min(slots, ranks.size) - 1])
    theta = np.asarray(sum(w * f.theta for w, f in zip(p, fits, strict=True)))
    nu = np.asarray(sum(w * f.nu for w, f in zip(p, fits, strict=True)))
    n, total = np.bincount(bid), np.bincount(bid, weights=y)
    found = [
        BidRank(
            str(bids[i]),
            int(n[i]),
            float(total[i] / n[i]),
            float(theta[i]),
            float(ranks[i]),
            (int(low[i]), int(high[i])),
            "above" if high[i] < line else "below" if low[i] > line else "lottery",
        )
        for i in range(bids.size)
    ]
    found.sort(key=lambda b: (b.expected_rank, b.bid))
    given = np.bincount(reviewer)
    severities = tuple(ReviewerSeverity(str(r), int(given[j]), float(-nu[j])) for j, r in enumerate(reviewers))
    means = p @ sds
    return Ranking(line, (float(means[0]), float(means[1]), float(means[2])), tuple(found), severities)


def _deviations(
    y: FloatArray,
    bid: NDArray[np.intp],
    reviewer: NDArray[np.intp],
    scale: tuple[float, float],
    sd: Sequence[float] | None,
) -> tuple[FloatArray, FloatArray]:
    """Return the standard deviations tried (G, 3) and their prior weights (G,)."""
    if sd is not None:
        given = np.array([sd], dtype=np.float64)
        if given.shape != (1, 3) or np.any(given <= 0) or not np.isfinite(given).all():
            raise ValueError("three positive standard deviations are needed: bid, reviewer, noise")
        return given, np.ones(1)
    top = PRIOR_SHARE * (scale[1] - scale[0])
    if not top > 0:
        raise ValueError("the scale needs a lowest and a greater highest score")
    middle = (np.arange(GRID) + 0.5) / GRID * top
    grid = np.stack(np.meshgrid(middle, middle, middle, indexing="ij"), axis=-1).reshape(-1, 3)
    return grid, np.ones(grid.shape[0])


def _fit(
    y: FloatArray, bid: NDArray[np.intp], reviewer: NDArray[np.intp], s_bid: float, s_reviewer: float, s_noise: float
) -> _Fit:
    """Return the exact posterior by eliminating the bids: what is left has one unknown a reviewer, and μ."""
    n, m = int(bid.max()) + 1, int(reviewer.max()) + 1
    tau = 1 / s_noise**2
    d = 1 / s_bid**2 + tau * np.bincount(bid, minlength=n)
    table = np.zeros((n, m + 1))
    np.add.at(table, (bid, reviewer), tau)
    table[:, m] = tau * np.bincount(bid, minlength=n)
    own = np.zeros((m + 1, m + 1))
    counts = np.bincount(reviewer, minlength=m)
    own[np.arange(m), np.arange(m)] = 1 / s_reviewer**2 + tau * counts
    own[:m, m] = own[m, :m] = tau * counts
    own[m, m] = tau * y.size
    right_bid = tau * np.bincount(bid, weights=y, minlength=n)
    right = np.append(tau * np.bincount(reviewer, weights=y, minlength=m), tau * y.sum())
    share = table / d[:, None]
    schur = own - table.T @ share
    factor = np.linalg.cholesky(schur)
    solved = np.linalg.solve(schur, right - share.T @ right_bid)
    theta = right_bid / d - share @ solved
    half = np.linalg.solve(factor, share.T)
    cov = np.diag(1 / d) + half.T @ half
    residual = y - theta[bid] - solved[:m][reviewer] - solved[m]
    fit = tau * residual @ residual + theta @ theta / s_bid**2 + solved[:m] @ solved[:m] / s_reviewer**2
    log_det = np.log(d).sum() + 2 * np.log(np.diag(factor)).sum()
    prior = n * np.log(s_bid) + m * np.log(s_reviewer) + y.size * np.log(s_noise)
    return _Fit(theta, cov, solved[:m], float(-0.5 * (fit + log_det) - prior))


def _normalised(log_weights: FloatArray) -> FloatArray:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _better(fit: _Fit) -> FloatArray:
    """Return P(θ_k > θ_i) for each i (rows) and k, 0 on the diagonal."""
    gap = fit.theta[None, :] - fit.theta[:, None]
    variance = np.diag(fit.cov)[:, None] + np.diag(fit.cov)[None, :] - 2 * fit.cov
    spread = np.sqrt(np.maximum(variance, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(spread > 0, gap / spread, np.sign(gap) * np.inf)
    chance = np.asarray(ndtr(np.where(np.isnan(z), 0.0, z)))
    np.fill_diagonal(chance, 0.0)
    return chance


def _rank_intervals(p: FloatArray, fits: Sequence[_Fit], seed: int) -> tuple[FloatArray, FloatArray]:
    """Return the central half of each bid's rank, from draws of the posterior."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(DRAWS, p)
    ranks = []
    for fit, count in zip(fits, counts, strict=True):
        if not count:
            continue
        root = np.linalg.cholesky(fit.cov)
        theta = fit.theta + rng.standard_normal((count, fit.theta.size)) @ root.T
        place = np.argsort(np.argsort(-theta, axis=1), axis=1) + 1
        ranks.append(place.astype(np.int32))
    stacked = np.concatenate(ranks)
    tail = (1 - ZONE_LEVEL) / 2
    low, high = np.quantile(stacked, [tail, 1 - tail], axis=0, method="inverted_cdf")
    return low, high
