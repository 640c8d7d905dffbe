"""Replay a method over a design: the scores of every replication, and what they say about certainty."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from biaochi.methods.composite.dataset import Dataset
from biaochi.methods.composite.design import Design, Plan
from biaochi.methods.composite.errors import Problems
from biaochi.methods.composite.frame import Frame
from biaochi.methods.composite.kernels import Run
from biaochi.methods.composite.pipeline import fit
from biaochi.methods.composite.sensitivity import sobol_indices
from biaochi.methods.composite.steps import Steps
from biaochi.methods.composite.tiers import Tiers, tiers_of

FEW = 64
PREFIX_BYTES = 48_000_000
_BLOCK = 4096


@dataclass(frozen=True)
class Uncertainty:
    """Scores of one node under a design.

    Attributes
    ----------
    units : tuple of str, length U
    nominal : ndarray, shape (U,)
        Score by the framework's own method.
    scores : ndarray, shape (n, U)
        One row a replication, in design order; NaN where a unit was screened out.
    """

    node: str
    period: str
    units: tuple[str, ...]
    nominal: np.ndarray
    scores: np.ndarray = field(repr=False)
    design: Design = field(repr=False)
    seconds: float = 0.0
    seed: int = 0

    @property
    def rate(self) -> float:
        """Replications a second."""
        return len(self.scores) / self.seconds if self.seconds > 0 else float("nan")

    @cached_property
    def rescaled(self) -> np.ndarray:
        """Scores brought to the nominal mean and spread, s = m₀ + sd₀(S − mean)/sd: normalisations do not mix."""
        rows = self.design.first_blocks()
        return rescale(self.scores[rows], self.nominal)

    @cached_property
    def ranks(self) -> np.ndarray:
        """Ranks of every replication, best first, ties sharing the lowest number; shape (n, U), NaN where missing."""
        return ranks_of(self.scores)

    @cached_property
    def nominal_ranks(self) -> np.ndarray:
        """Ranks by the framework's own method."""
        return np.asarray(ranks_of(self.nominal[None])[0])

    def intervals(self, level: float = 0.9) -> pd.DataFrame:
        """Return ``unit, nominal, median, median_lo, median_hi, rank_lo, rank_hi`` (equal-tailed, R type 7)."""
        tail = (1 - level) / 2
        rows = self.design.first_blocks()
        low, middle, high = _quantiles(self.rescaled, [tail, 0.5, 1 - tail])
        rank_low, rank_high = _quantiles(self.ranks[rows], [tail, 1 - tail])
        return pd.DataFrame(
            {
                "unit": self.units,
                "nominal": self.nominal,
                "median": middle,
                "median_lo": low,
                "median_hi": high,
                "rank_lo": rank_low,
                "rank_hi": rank_high,
            }
        )

    def p_better(self) -> pd.DataFrame:
        """Return P_ij = share of replications with i above j, ties counting half; units on both axes."""
        rows = self.design.first_blocks()
        return pd.DataFrame(pairwise_share(self.scores[rows]), index=list(self.units), columns=list(self.units))

    @cached_property
    def _tiers(self) -> dict[float, Tiers]:
        return {}

    def tiers(self, level: float = 0.95) -> Tiers:
        """Return tier intervals at a simultaneous level."""
        if level not in self._tiers:
            self._tiers[level] = tiers_of(self.rescaled, self.units, level)
        return self._tiers[level]

    def rank_shift(self) -> np.ndarray:
        """Return mean |rank − nominal rank| over units for every replication, shape (n,)."""
        gap = np.abs(self.ranks - self.nominal_ranks)
        counted = np.isfinite(gap)
        return np.asarray(np.where(counted, gap, 0).sum(1) / np.maximum(counted.sum(1), 1))

    def rank_stats(self) -> pd.DataFrame:
        """Return ``unit, nominal, mean, median, q05, q95`` of ranks (of blocks only A and B)."""
        ranks = self.ranks[self.design.first_blocks()]
        low, middle, high = _quantiles(ranks, [0.05, 0.5, 0.95])
        with np.errstate(invalid="ignore"):
            mean = np.nansum(ranks, 0) / np.maximum(np.isfinite(ranks).sum(0), 1)
        return pd.DataFrame(
            {
                "unit": self.units,
                "nominal": self.nominal_ranks,
                "mean": np.where(np.isfinite(ranks).any(0), mean, np.nan),
                "median": middle,
                "q05": low,
                "q95": high,
            }
        )

    def sensitivity(self, target: str = "mean_abs_rank_shift", *, resamples: int = 200) -> pd.DataFrame:
        """Return Sobol' indices of the factors for one target: ``mean_abs_rank_shift``, ``score:U`` or ``rank:U``."""
        table = self.sensitivities([target], resamples=resamples)
        return table.drop(columns="target").reset_index(drop=True)

    def sensitivities(self, targets: list[str] | None = None, *, resamples: int = 200) -> pd.DataFrame:
        """Return ``target, factor, first, first_lo, first_hi, total, total_lo, total_hi`` for many targets."""
        problems = Problems("design.csv")
        if self.design.blocks is None:
            problems.add("design_invalid", column="block", seen="")
        problems.check()
        names = targets or [
            "mean_abs_rank_shift",
            *(f"score:{u}" for u in self.units),
            *(f"rank:{u}" for u in self.units),
        ]
        full = rescale(self.scores, self.nominal)
        columns = []
        for name in names:
            kind, _, unit = name.partition(":")
            if kind == "mean_abs_rank_shift":
                columns.append(self.rank_shift())
            else:
                source = full if kind == "score" else self.ranks
                columns.append(source[:, self.units.index(unit)])
        y = np.column_stack(columns)
        a, b = y[self.design.block("A")], y[self.design.block("B")]
        mixed = np.stack([y[self.design.block(f"AB_{k + 1}")] for k in range(len(self.design.paths))])
        found = sobol_indices(a, b, mixed, rng=np.random.default_rng([self.seed, 2]), resamples=resamples)
        return found.to_frame(names, self.design.paths)


def rescale(scores: np.ndarray, nominal: np.ndarray) -> np.ndarray:
    """Return replications (n, U) brought to the mean and spread of the nominal scores (U,)."""
    held = np.isfinite(nominal)
    if not held.any():
        return np.full(scores.shape, np.nan)
    m0, sd0 = nominal[held].mean(), nominal[held].std(ddof=1) if held.sum() > 1 else 0.0
    whole = scores[:, held]
    if np.isfinite(whole).all():
        mean, sd = whole.mean(1), whole.std(1, ddof=1) if held.sum() > 1 else np.zeros(len(scores))
    else:
        n = np.maximum(np.isfinite(whole).sum(1), 1)
        mean = np.nansum(whole, 1) / n
        sd = np.sqrt(np.nansum((whole - mean[:, None]) ** 2, 1) / np.maximum(n - 1, 1))
    spread = np.where(sd > 0, sd, np.nan)
    if sd0 == 0:
        return np.asarray(scores - mean[:, None] + m0)
    return np.asarray(m0 + sd0 * (scores - mean[:, None]) / spread[:, None])


def ranks_of(scores: np.ndarray) -> np.ndarray:
    """Return ranks along the last axis, best first, ties sharing the lowest number; NaN stays NaN."""
    if len(scores) > _BLOCK:
        parts = [ranks_of(scores[i : i + _BLOCK]) for i in range(0, len(scores), _BLOCK)]
        return np.concatenate(parts)
    n, u = scores.shape
    order = np.argsort(-scores, axis=1, kind="stable")
    ordered = np.take_along_axis(scores, order, axis=1)
    fresh = np.ones((n, u), dtype=bool)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    number = np.maximum.accumulate(np.where(fresh, np.arange(1, u + 1, dtype=np.int32), 0), axis=1)
    ranks = np.empty((n, u), dtype=np.float32 if u < 2**23 else np.float64)
    np.put_along_axis(ranks, order, number.astype(ranks.dtype), axis=1)
    ranks[~np.isfinite(scores)] = np.nan
    return ranks


def pairwise_share(scores: np.ndarray, chunk: int = 512) -> np.ndarray:
    """Return mean(1[S_i > S_j] + ½·1[=]) over replications where both are scored, shape (U, U)."""
    u = scores.shape[1]
    won, counted = np.zeros((u, u)), np.zeros((u, u))
    for start in range(0, len(scores), chunk):
        block = scores[start : start + chunk]
        a, b = block[:, :, None], block[:, None, :]
        with np.errstate(invalid="ignore"):
            won += (a > b).sum(0) + 0.5 * (a == b).sum(0)
        held = np.isfinite(block).astype(float)
        counted += held.T @ held
    return won / np.where(counted > 0, counted, np.nan)


def _quantiles(samples: np.ndarray, levels: list[float]) -> np.ndarray:
    result = np.full((len(levels), samples.shape[1]), np.nan)
    for column in range(samples.shape[1]):
        held = samples[:, column]
        held = held[np.isfinite(held)]
        if held.size:
            result[:, column] = np.quantile(held.astype(float), levels)
    return result


def replay(
    method: Steps,
    dataset: Dataset,
    plan: Plan,
    design: Design,
    *,
    node: str = "",
    period: str = "",
    executor: Executor | None = None,
    chunk_bytes: int = 1_000_000,
    memoise: bool = True,
) -> Uncertainty:
    """Score every replication of a design.

    Parameters
    ----------
    method, dataset, plan, design
        What is scored, on what, what is open, and what each replication takes.
    node : str
        Node whose scores are wanted; the plan's, else the root.
    period : str
        Period whose units are wanted; the last by default.  Learning still uses the base periods.
    executor : concurrent.futures.Executor or None
        Runs chunks side by side; no digit depends on it.
    chunk_bytes : int
        Size of the states held at once.
    memoise : bool
        False computes every replication from the raw values on (to measure what sharing saves).
    """
    wanted = node or plan.node or dataset.framework.root
    scores, seconds = replicate(
        method, dataset, plan, design, nodes=(wanted,), period=period, executor=executor, chunk_bytes=chunk_bytes,
        memoise=memoise,
    )  # fmt: skip
    nominal = fit(method, dataset).transform(dataset)
    last = period or dataset.periods[-1]
    size = len(dataset.units)
    start = dataset.periods.index(last) * size
    own = nominal.table[nominal.frame.column[wanted], start : start + size]
    return Uncertainty(wanted, last, dataset.units, own, scores[:, 0], design, seconds, plan.seed)


def replicate(
    method: Steps,
    dataset: Dataset,
    plan: Plan,
    design: Design,
    *,
    nodes: tuple[str, ...],
    period: str = "",
    executor: Executor | None = None,
    chunk_bytes: int = 1_000_000,
    memoise: bool = True,
) -> tuple[np.ndarray, float]:
    """Return scores of several nodes, shape (n, T, U), and the seconds it took."""
    started = time.perf_counter()
    _check(method, dataset, plan, nodes, period)
    size = len(dataset.units)
    first = dataset.periods.index(period or dataset.periods[-1]) * size
    values, codes = _coded(design)
    slim = replace(dataset, records=dataset.records.iloc[:0])  # what workers do not need is not sent to them
    run = Run(Frame.of(slim, method), plan, nodes, slice(first, first + size), values)
    order = np.lexsort([codes[:, j] for layer in reversed(run.layers) for j in layer.touched] or [codes[:, 0]])
    codes = codes[order]
    start = _shared(run, codes) if memoise else None
    chunk = max(chunk_bytes // _bytes(run, codes, start), 1 if not memoise else 8)
    tasks = []
    for begin in range(0, len(codes), chunk):
        part = slice(begin, begin + chunk)
        own = None
        if start is not None:
            used, ids = np.unique(start[2][part], return_inverse=True)
            own = (start[0], start[1][used], ids.reshape(-1))
        tasks.append((run, codes[part], own, memoise))
    result = np.empty((len(codes), len(nodes), size))
    done = executor.map(_evaluate, tasks) if executor is not None else map(_evaluate, tasks)
    position = 0
    for block in done:
        result[order[position : position + len(block)]] = block
        position += len(block)
    return result, time.perf_counter() - started


def _evaluate(task: Any) -> np.ndarray:
    run, codes, start, memoise = task
    if memoise:
        return np.asarray(run.evaluate(codes, start))
    return np.concatenate([run.evaluate(codes[i : i + 1]) for i in range(len(codes))])


def _check(method: Steps, dataset: Dataset, plan: Plan, nodes: tuple[str, ...], period: str) -> None:
    problems = Problems("plan.yaml")
    plan.check(method, dataset.framework, problems)
    for node in nodes:
        if node not in dataset.framework.columns:
            problems.add("unknown_path", column="node", seen=node)
    if period and period not in dataset.periods:
        problems.add("bad_period", column="period", seen=period)
    problems.check()


def _coded(design: Design) -> tuple[list[np.ndarray], np.ndarray]:
    values, codes = [], np.empty(design.values.shape, dtype=np.int64)
    for j in range(design.values.shape[1]):
        unique, inverse = np.unique(design.values[:, j], return_inverse=True)
        values.append(unique)
        codes[:, j] = inverse.reshape(-1)
    return values, codes


def _shared(run: Run, codes: np.ndarray) -> tuple[int, np.ndarray, np.ndarray] | None:
    """Compute once what few distinct choices share: the layers before the first that takes many values."""
    last, combined = 0, np.zeros(len(codes), dtype=np.int64)
    for index, layer in enumerate(run.layers):
        if layer.name == "level" or any(len(run.values[j]) > FEW for j in layer.touched):
            break
        for j in layer.touched:
            combined = combined * len(run.values[j]) + codes[:, j]
        if len(np.unique(combined)) * run.frame.raw.nbytes > PREFIX_BYTES:
            break
        last = index + 1
    return run.prefix(codes, last) if last else None


def _bytes(run: Run, codes: np.ndarray, start: tuple[int, np.ndarray, np.ndarray] | None) -> int:
    """Estimate what one replication holds at once in the layers that remain."""
    rows = run.rows.stop - run.rows.start if run.narrow else run.frame.raw.shape[-1]
    tree = run.frame.dataset.framework
    if start is None or start[0] < sum(1 for layer in run.layers if layer.name != "level"):
        return int(run.frame.raw.nbytes)
    varied = [layer.level for layer in run.layers if layer.name == "level" and layer.touched]
    level = min(varied, default=2)
    below = {c for p in run.frame.level_parents[level] for c in tree.children[p]}
    return int(8 * rows * (len(below) + 1))
