"""Cooke's classical model: experts scored on seed questions, combined by what the scores deserve, and checked out of
sample.

Cooke (1991, Experts in Uncertainty); Colson and Cooke (2017, doi 10.1016/j.ress.2017.02.003) for out-of-sample use.
Optimised weights overclaim: on questions not used to set them they cover less than equal weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import special

from biaochi.core.distribution import Distribution
from biaochi.methods.elicitation.answers import Floats, QuantileAnswers, Seeds

OVERSHOOT = 0.1
Weighting = Literal["equal", "performance", "unthresholded", "half", "best"]
WEIGHTINGS: tuple[Weighting, ...] = ("equal", "performance", "unthresholded", "half", "best")


def calibration_from_counts(counts: Floats, levels: Sequence[float], n: Floats | float | None = None) -> Floats:
    """Return Cooke's calibration of counts of realisations per bin.

    Parameters
    ----------
    counts : array, shape (…, k+1)
        Realisations in the bins (q_{r−1}, q_r].
    levels : sequence of float, length k
        Quantile levels.
    n : array or float, or None
        Seeds in the statistic; each expert's own number by default.

    Returns
    -------
    array
        Probability that a calibrated expert would do no better: survival of χ² with k degrees of freedom at
        2N·Σ s ln(s/p).

    Examples
    --------
    >>> round(float(calibration_from_counts(np.array([1.0, 4, 4, 1]), [0.05, 0.5, 0.95])), 6)
    0.828308
    """
    counts = np.asarray(counts, dtype=np.float64)
    p = np.diff(np.concatenate([[0.0], np.asarray(levels, dtype=np.float64), [1.0]]))
    own = counts.sum(axis=-1)
    share = counts / np.where(own > 0, own, 1.0)[..., None]
    statistic = 2 * np.asarray(own if n is None else n) * np.sum(special.xlogy(share, share / p), axis=-1)
    score = special.gammaincc(len(levels) / 2, np.maximum(statistic, 0.0) / 2)
    return np.asarray(np.where(own > 0, score, np.nan))


def information_on(values: Floats, levels: Sequence[float], low: Floats, high: Floats) -> Floats:
    """Return the relative information of quantiles against a flat background on [low, high].

    Parameters
    ----------
    values : array, shape (…, k)
        Quantiles (logarithms of them on a log scale).
    low, high : array, shape (…)
        Ends of the intrinsic range.

    Examples
    --------
    >>> round(float(information_on(np.array([2.0, 5, 9]), [0.05, 0.5, 0.95], np.array(1.0), np.array(13.0))), 6)
    0.279154
    """
    p = np.diff(np.concatenate([[0.0], np.asarray(levels, dtype=np.float64), [1.0]]))
    edges = np.concatenate([low[..., None], values, high[..., None]], axis=-1)
    width = np.diff(edges, axis=-1)
    with np.errstate(divide="ignore"):
        background = width / (high - low)[..., None]
        return np.asarray(np.sum(p * (np.log(p) - np.log(background)), axis=-1))


@dataclass(frozen=True, eq=False)
class ExpertScores:
    """Scores of each expert on the seeds, in the answers' order.

    Attributes
    ----------
    experts : tuple of str
    n_seeds : array of int
        Seeds each answered.
    calibration, information : array
        Cooke's two scores; NaN for an expert who answered no seed.
    """

    experts: tuple[str, ...]
    n_seeds: np.ndarray
    calibration: Floats
    information: Floats

    @property
    def product(self) -> Floats:
        """Calibration times information, 0 for those without a score."""
        return np.nan_to_num(self.calibration * self.information)

    def weights(self, alpha: float) -> Floats:
        """Return 1{C≥α}·C·information."""
        return np.where(np.nan_to_num(self.calibration) >= alpha, self.product, 0.0)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an expert."""
        return pd.DataFrame(
            {
                "expert": self.experts,
                "n_seeds": self.n_seeds,
                "calibration": self.calibration,
                "information": self.information,
            }
        )


@dataclass(frozen=True, eq=False)
class _Frame:
    """Answers on the scale of each item, with the intrinsic ranges: what all scores are computed on."""

    values: Floats
    low: Floats
    high: Floats
    realisations: Floats


def _frame(answers: QuantileAnswers, realisations: Mapping[str, float]) -> _Frame:
    is_log = np.array([s == "log" for s in answers.scales])
    values = answers.values.copy()
    values[:, is_log] = np.log(values[:, is_log])
    raw = np.array([realisations.get(i, np.nan) for i in answers.items], dtype=np.float64)
    if np.any(is_log & (raw <= 0)):
        bad = answers.items[int(np.flatnonzero(is_log & (raw <= 0))[0])]
        raise ValueError(f"the realisation of the log item {bad} is not positive")
    truth = np.where(is_log, np.log(np.where(is_log, raw, 1.0)), raw)
    flat = np.concatenate([values.transpose(1, 0, 2).reshape(len(answers.items), -1), truth[:, None]], axis=1)
    low = np.nanmin(np.where(np.isnan(flat), np.inf, flat), axis=1)
    high = np.nanmax(np.where(np.isnan(flat), -np.inf, flat), axis=1)
    same = np.isfinite(low) & (high <= low)
    room = np.where(same, np.maximum(np.abs(low) * 1e-6, 1e-9), (high - low) * OVERSHOOT)
    return _Frame(values, low - room, high + room, truth)


def _counts(values: Floats, realisations: Floats) -> Floats:
    """Count realisations per bin (q_{r−1}, q_r], shape (experts, k+1)."""
    answered = ~np.isnan(values[:, :, 0])
    above = np.sum(np.where(answered[:, :, None], realisations[None, :, None] > values, False), axis=2)
    k = values.shape[2]
    return np.stack([np.sum(answered & (above == r), axis=1) for r in range(k + 1)], axis=1).astype(np.float64)


def cooke_scores(answers: QuantileAnswers, seeds: Seeds, *, excalibur: bool = False) -> ExpertScores:
    """Score experts on the seeds they answered.

    Parameters
    ----------
    answers : QuantileAnswers
        At least one item must be a seed.
    seeds : Seeds
        Realisations.
    excalibur : bool
        Use the smallest number of answered seeds of all experts in the statistic, as EXCALIBUR does.

    Raises
    ------
    ValueError
        When no item has a realisation.
    """
    known = seeds.known(answers)
    if not known:
        raise ValueError("no item of the answers has a realisation")
    own = answers.only(known)
    return _scores(own, _frame(own, seeds.realisations), excalibur)


def _scores(answers: QuantileAnswers, frame: _Frame, excalibur: bool) -> ExpertScores:
    counts = _counts(frame.values, frame.realisations)
    n = counts.sum(axis=1)
    fewest = float(n[n > 0].min()) if np.any(n > 0) else 0.0
    calibration = calibration_from_counts(counts, answers.levels, fewest if excalibur else None)
    each = information_on(
        frame.values, answers.levels, np.tile(frame.low, (len(n), 1)), np.tile(frame.high, (len(n), 1))
    )
    total = np.nansum(each, axis=1)
    information = np.where(n > 0, total / np.where(n > 0, n, 1.0), np.nan)
    return ExpertScores(answers.experts, n.astype(np.int64), calibration, information)


@dataclass(frozen=True, eq=False)
class Combination:
    """A weighted combination of experts with its own scores on the seeds.

    Attributes
    ----------
    name : str
        Code of the weighting.
    weights : array, shape (experts,)
        Not negative; they need not sum to one.
    alpha : float or None
        Calibration below which an expert is left out.
    calibration, information : float
        The combination's own scores.
    """

    name: Weighting
    weights: Floats
    alpha: float | None
    calibration: float
    information: float

    @property
    def n_used(self) -> int:
        """Experts with any weight."""
        return int(np.sum(self.weights > 0))


def combine_experts(
    answers: QuantileAnswers, weights: Floats, levels: Sequence[float] | None = None
) -> QuantileAnswers:
    """Combine experts by a linear pool of their piecewise-linear distributions.

    Parameters
    ----------
    answers : QuantileAnswers
        All items.
    weights : array, shape (experts,) or (pools, experts)
        Weights, re-scaled on each item to the experts who answered it; equal where none of them has any weight.
    levels : sequence of float or None
        Levels of the result; the experts' own by default.

    Returns
    -------
    QuantileAnswers
        One "expert" a pool.
    """
    table = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    frame = _frame(answers, {})
    wanted = tuple(levels) if levels is not None else answers.levels
    pooled = _pool(frame, answers.levels, table, np.asarray(wanted))
    is_log = np.array([s == "log" for s in answers.scales])
    pooled[:, is_log] = np.exp(pooled[:, is_log])
    names = tuple(f"pool{i}" for i in range(len(table)))
    return QuantileAnswers(names, answers.items, wanted, pooled, answers.scales)


def _pool(frame: _Frame, levels: Sequence[float], weights: Floats, wanted: Floats) -> Floats:
    """Return quantiles of the pools, shape (pools, items, wanted), on the items' own scale."""
    n_items = frame.values.shape[1]
    result = np.full((len(weights), n_items, len(wanted)), np.nan)
    heights = np.concatenate([[0.0], np.asarray(levels, dtype=np.float64), [1.0]])
    for item in range(n_items):
        answered = ~np.isnan(frame.values[:, item, 0])
        if not answered.any():
            continue
        values = frame.values[answered, item]
        ends = np.full((len(values), 1), frame.low[item]), np.full((len(values), 1), frame.high[item])
        knots = np.concatenate([ends[0], values, ends[1]], axis=1)
        grid = np.unique(knots)
        # Tied quantiles are jumps: each grid point holds the distribution just before it and at it.
        curves = _cdfs(grid, knots, heights)
        twice = np.repeat(grid, 2)
        share = weights[:, answered]
        total = share.sum(axis=1, keepdims=True)
        share = np.where(total > 0, share / np.where(total > 0, total, 1.0), 1.0 / len(values))
        pooled = np.maximum.accumulate(share @ curves, axis=1)
        result[:, item] = _inverse(wanted, pooled, twice)
    return result


def _cdfs(at: Floats, knots: Floats, heights: Floats) -> Floats:
    """Return piecewise-linear CDFs, shape (experts, 2·points): at each point the left limit, then the value."""
    before = (knots[:, None, :] < at[:, None]).sum(axis=2)
    upto = (knots[:, None, :] <= at[:, None]).sum(axis=2)
    upper = np.stack([before, upto], axis=2).reshape(len(knots), -1)
    upper = np.minimum(np.maximum(upper, 1), knots.shape[1] - 1)
    left, right = np.take_along_axis(knots, upper - 1, 1), np.take_along_axis(knots, upper, 1)
    width = right - left
    share = np.where(width > 0, (np.repeat(at, 2) - left) / np.where(width > 0, width, 1.0), 1.0)
    share = np.minimum(np.maximum(share, 0.0), 1.0)
    return np.asarray(heights[upper - 1] + share * (heights[upper] - heights[upper - 1]))


def _inverse(levels: Floats, heights: Floats, grid: Floats) -> Floats:
    """Return the quantiles of distributions given at grid points, shape (pools, levels)."""
    right = np.stack([(heights < level).sum(axis=1) for level in levels], axis=1)
    right = np.clip(right, 1, len(grid) - 1)
    left = right - 1
    low, high = np.take_along_axis(heights, left, 1), np.take_along_axis(heights, right, 1)
    rise = high - low
    share = np.where(rise > 0, (levels - low) / np.where(rise > 0, rise, 1.0), 1.0)
    found = grid[left] + np.clip(share, 0.0, 1.0) * (grid[right] - grid[left])
    return np.asarray(np.maximum.accumulate(found, axis=1))  # rounding must not make them cross


def combinations(answers: QuantileAnswers, seeds: Seeds, *, excalibur: bool = False) -> dict[Weighting, Combination]:
    """Return all combinations with their scores on the seeds.

    ``equal``; ``performance`` (α maximising C·information of the combination); ``unthresholded`` (α = 0);
    ``half`` (mean of equal and performance weights); ``best`` (the expert with the highest product).
    """
    own = answers.only(seeds.known(answers))
    frame = _frame(own, seeds.realisations)
    return _combinations(own, frame, _scores(own, frame, excalibur), excalibur)


def _combinations(
    answers: QuantileAnswers, frame: _Frame, scores: ExpertScores, excalibur: bool
) -> dict[Weighting, Combination]:
    n = len(answers.experts)
    candidates = np.unique(np.concatenate([[0.0], scores.calibration[scores.product > 0]]))
    thresholded = np.stack([scores.weights(a) for a in candidates])
    equal = np.full(n, 1.0 / n)
    best = np.zeros(n)
    best[int(np.argmax(scores.product))] = 1.0
    table = np.concatenate([thresholded, equal[None], best[None]])
    calibration, information = _pool_scores(answers, frame, table, excalibur)
    product = calibration * information
    # Of equal products the lowest threshold is taken: it keeps most experts.
    top = int(np.argmax(np.round(product[: len(candidates)], 12)))
    normal = thresholded[top] / thresholded[top].sum() if thresholded[top].sum() > 0 else equal
    half = (equal + normal) / 2
    c_half, i_half = _pool_scores(answers, frame, half[None], excalibur)

    def made(name: Weighting, row: int, alpha: float | None = None) -> Combination:
        return Combination(name, table[row], alpha, float(calibration[row]), float(information[row]))

    return {
        "equal": made("equal", len(candidates)),
        "performance": made("performance", top, float(candidates[top])),
        "unthresholded": made("unthresholded", 0, 0.0),
        "half": Combination("half", half, None, float(c_half[0]), float(i_half[0])),
        "best": made("best", len(candidates) + 1),
    }


def _pool_scores(answers: QuantileAnswers, frame: _Frame, weights: Floats, excalibur: bool) -> tuple[Floats, Floats]:
    levels = np.asarray(answers.levels)
    pooled = _pool(frame, answers.levels, weights, levels)
    counts = _counts(pooled, frame.realisations)
    answered = (~np.isnan(frame.values[:, :, 0])).sum(axis=1)
    fewest = float(answered[answered > 0].min()) if np.any(answered > 0) else 0.0
    calibration = calibration_from_counts(counts, answers.levels, fewest if excalibur else None)
    shape = (len(weights), 1)
    each = information_on(pooled, answers.levels, np.tile(frame.low, shape), np.tile(frame.high, shape))
    return calibration, np.asarray(np.nanmean(each, axis=1))


def out_of_sample(
    answers: QuantileAnswers, seeds: Seeds, rng: np.random.Generator, splits: int = 30, *, excalibur: bool = False
) -> pd.DataFrame:
    """Set weights on a random half of the seeds, score the combinations on the other half.

    Intrinsic ranges of the test half come from the answers alone: the realisation is not known there.

    Parameters
    ----------
    answers, seeds
        As in :func:`cooke_scores`; at least four seeds.
    rng : numpy.random.Generator
        For the splits.
    splits : int
        Number of random halves.

    Returns
    -------
    DataFrame
        ``name, coverage90, pinball, width, n``: share of realisations inside the outer quantiles, mean pinball loss
        and mean width of the outer interval, both relative to the intrinsic range.
    """
    known = np.array(seeds.known(answers), dtype=object)
    if len(known) < 4:
        raise ValueError(f"at least four seeds are needed to split, seen {len(known)}")
    records = []
    for _ in range(splits):
        mixed = rng.permutation(known)
        half = (len(known) + 1) // 2
        train, test = answers.only(mixed[:half].tolist()), answers.only(mixed[half:].tolist())
        frame = _frame(train, seeds.realisations)
        made = _combinations(train, frame, _scores(train, frame, excalibur), excalibur)
        records.extend(_tested(test, seeds, made))
    table = pd.DataFrame(records, columns=["name", "coverage90", "pinball", "width"])
    found = table.groupby("name", sort=False).mean().reset_index()
    found["n"] = table.groupby("name", sort=False).size().to_numpy()
    return found


def _tested(
    test: QuantileAnswers, seeds: Seeds, made: Mapping[Weighting, Combination]
) -> list[tuple[str, float, float, float]]:
    blind = _frame(test, {})
    truth = _frame(test, seeds.realisations).realisations
    levels = np.asarray(test.levels)
    table = np.stack([c.weights for c in made.values()])
    pooled = _pool(blind, test.levels, table, levels)
    span = blind.high - blind.low
    found: list[tuple[str, float, float, float]] = []
    for k, name in enumerate(made):
        low, high = pooled[k, :, 0], pooled[k, :, -1]
        usable = np.isfinite(low)
        error = truth[:, None] - pooled[k]
        loss = np.maximum(levels * error, (levels - 1) * error).mean(axis=1) / span
        inside = (truth >= low) & (truth <= high)
        for i in np.flatnonzero(usable):
            found.append((name, float(inside[i]), float(loss[i]), float((high[i] - low[i]) / span[i])))
    return found


def item_distributions(answers: QuantileAnswers, weights: Floats) -> dict[str, Distribution]:
    """Return the combined distribution of every item, seeds and targets."""
    levels = np.unique(np.concatenate([answers.levels, [0.05, 0.25, 0.5, 0.75, 0.95]]))
    pooled = combine_experts(answers, weights, levels.tolist())
    return {
        item: Distribution(tuple(levels.tolist()), tuple(np.maximum.accumulate(pooled.values[0, i]).tolist()))
        for i, item in enumerate(answers.items)
        if np.isfinite(pooled.values[0, i]).all()
    }
