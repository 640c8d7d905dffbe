"""A framework, a dataset and a method compiled to arrays, and the steps on them.

Arrays have shape (B, I, R): B states computed at once (1 for a single run), indicators, and rows period by period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from biaochi.methods.composite.aggregate import LINEAR, NEEDS_POSITIVE, combine, linear_means, name_of
from biaochi.methods.composite.bod import benefit_of_doubt
from biaochi.methods.composite.dataset import Dataset
from biaochi.methods.composite.denominate import divisors
from biaochi.methods.composite.errors import Problems
from biaochi.methods.composite.impute import impute
from biaochi.methods.composite.long_cycle import window_rows, window_values
from biaochi.methods.composite.normalise import Directions, Scale, apply_scale, learn_scale
from biaochi.methods.composite.penalised import PENALISED, Common
from biaochi.methods.composite.screen import screen
from biaochi.methods.composite.status import (
    IMPUTED,
    MISSING,
    NOT_APPLICABLE,
    OBSERVED,
    PROVISIONAL,
    SCREENED_OUT,
    TOO_EARLY,
)
from biaochi.methods.composite.steps import Steps
from biaochi.methods.composite.treat import Treatment, apply_treatment, learn_treatment
from biaochi.methods.composite.weights.within import LEARNERS, LEARNT_WEIGHTS, panel_weights, refuse_negative


@dataclass(frozen=True)
class Frame:
    """Everything the steps need, as arrays; compiled once for a dataset and a method."""

    dataset: Dataset
    method: Steps
    raw: np.ndarray = field(repr=False)
    se: np.ndarray = field(repr=False)
    status: np.ndarray = field(repr=False)
    factors: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, dataset: Dataset, method: Steps) -> Frame:
        """Compile; raise ``group_missing`` and ``unknown_path`` faults of the method against this dataset."""
        problems = Problems("method")
        method.check_nodes({n.code for n in dataset.framework.nodes}, problems)
        base = method.params("normalise").get("base")
        for period in base or ():
            if period not in dataset.periods:
                problems.add("bad_period", column="normalise.base", seen=period)
        problems.check()
        if method.params("impute").get("by"):
            dataset.group(method.params("impute")["by"])
        active = method.has("denominate")
        return cls(
            dataset,
            method,
            _rows(dataset.values),
            _rows(dataset.se),
            _rows(dataset.status),
            _rows(divisors(dataset.framework, dataset.denominators, active=active)),
        )

    @property
    def periods(self) -> int:
        """Number of periods."""
        return len(self.dataset.periods)

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Unit of each row."""
        return self.dataset.units * self.periods

    @cached_property
    def leaves(self) -> tuple[Any, ...]:
        """The leaf nodes in column order."""
        return tuple(self.dataset.framework.by_code[c] for c in self.dataset.framework.leaves)

    @cached_property
    def directions(self) -> Directions:
        """Polarity as arrays."""
        return Directions.of(self.leaves)

    @cached_property
    def base(self) -> np.ndarray:
        """Rows that everything is learnt from."""
        chosen = self.method.params("normalise").get("base")
        size = len(self.dataset.units)
        picked = [p for p, code in enumerate(self.dataset.periods) if not chosen or code in chosen]
        return np.concatenate([np.arange(p * size, (p + 1) * size) for p in picked])

    @cached_property
    def whole(self) -> bool:
        """Whether the base is every row."""
        return bool(len(self.base) == self.raw.shape[-1])

    @cached_property
    def siblings(self) -> np.ndarray:
        """Parent number of each leaf."""
        framework = self.dataset.framework
        return np.array([framework.parents.index(framework.by_code[c].parent) for c in framework.leaves])

    @cached_property
    def early(self) -> np.ndarray:
        """Cells that are too early to judge, shape (I, R)."""
        return _rows(self.dataset.too_early)

    @cached_property
    def applicable(self) -> np.ndarray:
        """Cells that count at all, shape (I, R)."""
        return np.asarray(~self.early & (self.status != NOT_APPLICABLE))

    # The steps, in their order.

    def denominated(self, raw: np.ndarray) -> np.ndarray:
        """Return scaled ratios, and for long cycles the statistic of the window."""
        x = raw * self.factors
        for i, n in enumerate(self.leaves):
            if n.window_years > 1:
                cube = np.moveaxis(x[:, i].reshape(len(x), self.periods, -1), 1, 0)
                early = np.broadcast_to(self.early[i].reshape(self.periods, 1, -1), cube.shape)
                windows = window_rows(self.dataset.periods, n.window_years)
                values = window_values(cube, early, windows, statistic=n.window_statistic)
                x[:, i] = np.moveaxis(values, 0, 1).reshape(len(x), -1)
        return np.asarray(x)

    def imputed(self, x: np.ndarray, params: Mapping[str, Any], noise: np.ndarray | None = None) -> np.ndarray:
        """Return the values with holes filled."""
        by = params.get("by")
        return impute(
            x,
            self.applicable,
            params,
            periods=self.periods,
            groups=self.dataset.group(by) if by else None,
            siblings=self.siblings,
            direction=self.directions.sign,
            noise=noise,
        )

    def screened(self, x: np.ndarray, params: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the values with excluded rows emptied, the observed shares, and who is included."""
        available, included = screen(
            x,
            self.applicable,
            min_available=params["min_available"],
            min_nonzero=params["min_nonzero"],
            units=self.units,
            keep=params["keep"],
            drop=params["drop"],
        )
        return np.where(included[..., None, :], x, np.nan), available, included

    def learn_treatment(self, x: np.ndarray, params: Mapping[str, Any], winmax: np.ndarray | int) -> Treatment:
        """Learn caps and transformations on the base rows."""
        return learn_treatment(
            x if self.whole else x[..., self.base],
            winmax=winmax,
            skew=params["skew"],
            kurtosis=params["kurtosis"],
            then=params["then"],
            combine=params["combine"],
            lam=params["lambda"],
        )

    def treated(self, x: np.ndarray, params: Mapping[str, Any], winmax: np.ndarray | int) -> np.ndarray:
        """Return treated values."""
        return apply_treatment(x, self.learn_treatment(x, params, winmax))

    def learn_scale(self, x: np.ndarray, params: Mapping[str, Any], directed: np.ndarray | None = None) -> Scale:
        """Learn the normalisation on the base rows."""
        reference = None
        if params["method"] == "dist2ref":
            reference = x[..., self._reference(params["ref"])]
        if not self.whole:
            x, directed = x[..., self.base], None if directed is None else directed[..., self.base]
        return learn_scale(x, params, self.directions, reference=reference, directed=directed)

    def _reference(self, unit: Any) -> int:
        problems = Problems("method")
        if unit not in self.dataset.units:
            problems.add("unknown_unit", column="normalise.ref", seen=unit)
        problems.check()
        return int(self.base[0]) + self.dataset.units.index(unit)

    def normalised(self, x: np.ndarray, params: Mapping[str, Any]) -> np.ndarray:
        """Return normalised values."""
        directed = self.directions.directed(x)
        return apply_scale(x, self.learn_scale(x, params, directed), self.directions, directed=directed)

    # The tree.

    @cached_property
    def column(self) -> dict[str, int]:
        """Position of every node in the column order of results."""
        return {code: i for i, code in enumerate(self.dataset.framework.columns)}

    @cached_property
    def declared(self) -> np.ndarray:
        """Declared weights of all nodes in column order."""
        by_code = self.dataset.framework.by_code
        return np.array([by_code[c].weight for c in self.dataset.framework.columns])

    @cached_property
    def level_parents(self) -> dict[int, tuple[str, ...]]:
        """Parents by level, lowest first."""
        framework = self.dataset.framework
        found: dict[int, list[str]] = {}
        for code in framework.parents:
            found.setdefault(framework.levels[code], []).append(code)
        return {level: tuple(codes) for level, codes in sorted(found.items())}

    def fixed_weights(self, params: Mapping[str, Any]) -> np.ndarray:
        """Return the raw weights of all nodes in column order for methods that need no scores."""
        method = params.get("method", "declared")
        weights = self.declared.copy()
        if method == "equal":
            return np.ones_like(weights)
        if method in ("ahp", "budget"):
            return panel_weights(weights, self.column, self.dataset.framework.children, params)
        return weights

    def parent_weights(self, parent: str, z: np.ndarray, weights: np.ndarray, params: Mapping[str, Any]) -> np.ndarray:
        """Return one parent's weights, shape (B, k): from ``weights`` (B, N) or learnt from the children ``z``."""
        children = [self.column[c] for c in self.dataset.framework.children[parent]]
        method = params.get("method", "declared")
        if method not in LEARNT_WEIGHTS:
            own = weights[:, children]
            return np.asarray(own / own.sum(-1, keepdims=True))
        if method == "entropy" and np.isfinite(z).any() and np.nanmin(z) < 0:
            refuse_negative(f"weights[{parent}]", float(np.nanmin(z)))
        learner = LEARNERS[method]
        return np.stack([learner(state.T if self.whole else state[:, self.base].T) for state in z])

    def level_scores(
        self,
        level: int,
        z: np.ndarray,
        place: Mapping[str, int],
        weights: np.ndarray,
        weighting: Mapping[str, Any],
        method: Steps,
        scales: dict[str, Common] | None = None,
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the scores of all parents of a level and the weights used.

        Parameters
        ----------
        z : ndarray, shape (B, K, R)
            Scores of lower nodes; ``place`` says where each stands.
        weights : ndarray, shape (B, N)
            Raw weights in column order.
        scales : dict or None
            Common scales of ``mpi`` and ``ampi`` parents: used where they are there, noted where they are not.
        """
        parents = self.level_parents[level]
        params = method.params("aggregate")
        minimum = params["min_available"]
        used: dict[str, np.ndarray] = {}
        scores = np.full((max(len(z), len(weights)), len(parents), z.shape[-1]), np.nan)
        means: dict[str, list[int]] = {}
        specs = [method.aggregator(p, level) for p in parents]
        plain = weighting.get("method", "declared") not in (*LEARNT_WEIGHTS, "bod")
        for index, (parent, spec) in enumerate(zip(parents, specs, strict=True)):
            if plain and name_of(spec) in LINEAR:
                means.setdefault(repr(spec), []).append(index)
                continue
            rows = [place[c] for c in self.dataset.framework.children[parent]]
            used[parent] = self.parent_weights(parent, z[:, rows], weights, weighting)
            if weighting.get("method") == "bod":
                scores[:, index] = self._bod(z[:, rows], weighting)
            else:
                common = None
                if name_of(spec) in PENALISED:
                    held = {} if scales is None else scales
                    common = held.setdefault(parent, Common.learn(name_of(spec), z[:, rows], self.base))
                scores[:, index] = combine(
                    z[:, rows], used[parent], spec, min_available=minimum, periods=self.periods, common=common
                )
        for members in means.values():
            codes = [parents[m] for m in members]
            scores[:, members] = self._means(codes, z, place, weights, specs[members[0]], minimum, used)
        return scores, used

    def _means(
        self,
        parents: list[str],
        z: np.ndarray,
        place: Mapping[str, int],
        weights: np.ndarray,
        spec: Any,
        minimum: float,
        used: dict[str, np.ndarray],
    ) -> np.ndarray:
        """Return the means of several parents as one masked matrix product, and note the weights used."""
        children = self.dataset.framework.children
        codes = [c for p in parents for c in children[p]]
        starts = np.concatenate([[0], np.cumsum([len(children[p]) for p in parents])])
        own = weights[:, [self.column[c] for c in codes]]
        sizes = np.diff(starts)
        own = own / np.repeat(np.add.reduceat(own, starts[:-1], axis=1), sizes, axis=1)
        member = np.repeat(np.arange(len(parents)), sizes) == np.arange(len(parents))[:, None]
        for parent, start, end in zip(parents, starts, starts[1:], strict=False):
            used[parent] = own[:, start:end]
        rows = [place[c] for c in codes]
        taken = z if rows == list(range(z.shape[1])) else z[:, rows]
        return linear_means(taken, own[:, None, :] * member, spec, member, minimum)

    def _bod(self, z: np.ndarray, params: Mapping[str, Any]) -> np.ndarray:
        """Benefit of the doubt within a parent, on the scale of its best child score."""
        result = np.full((len(z), z.shape[-1]), np.nan)
        size = z.shape[-1] // self.periods
        share = tuple(params["share"]) if params.get("share") else None
        for state, table in enumerate(z):
            for p in range(self.periods):
                rows = slice(p * size, (p + 1) * size)
                top = float(np.nanmax(table[:, rows], initial=0.0))
                low = float(np.nanmin(table[:, rows], initial=0.0))
                if low < 0:
                    refuse_negative("weights.bod", low)
                held = np.isfinite(table[:, rows]).any(1)
                if top > 0:
                    bounds = share if held.all() else None
                    result[state, rows] = benefit_of_doubt(table[held][:, rows].T / top, share=bounds).scores * top
        return result

    def check_positive(self, z: np.ndarray, parent: str, spec: Any, rows: list[int], problems: Problems) -> None:
        """Note children that are not positive where a geometric or harmonic mean needs them to be."""
        if name_of(spec) not in NEEDS_POSITIVE:
            return
        bad = z[rows] <= 0
        children = self.dataset.framework.children[parent]
        for k, row in np.argwhere(bad)[:20]:
            unit, period = self.dataset.index[row]
            problems.add("nonpositive", column=f"aggregate[{parent}]", seen=f"{unit}, {period}, {children[k]}")

    def provisional(self) -> np.ndarray:
        """Cells whose own period, or any period of whose window, is provisional; shape (I, R)."""
        found = self.status == PROVISIONAL
        for i, n in enumerate(self.leaves):
            if n.window_years > 1:
                own = found[i].reshape(self.periods, -1).copy()
                cube = found[i].reshape(self.periods, -1)
                for p, window in enumerate(window_rows(self.dataset.periods, n.window_years)):
                    cube[p] = own[window].any(axis=0) if window is not None else own[p]
        return np.asarray(found)

    def cell_status(self, x: np.ndarray, filled: np.ndarray, included: np.ndarray) -> np.ndarray:
        """Return the status of every cell after imputation and screening, shape (I, R)."""
        status = np.where(np.isfinite(x), np.where(self.provisional(), PROVISIONAL, OBSERVED), MISSING)
        status = np.where(np.isfinite(filled) & ~np.isfinite(x), IMPUTED, status)
        status = np.where(self.status == NOT_APPLICABLE, NOT_APPLICABLE, np.where(self.early, TOO_EARLY, status))
        return np.where(included[None, :], status, SCREENED_OUT).astype(np.int8)


def _rows(cube: np.ndarray) -> np.ndarray:
    """Return (P, U, I) as (I, P·U), rows period by period."""
    return np.ascontiguousarray(cube.reshape(-1, cube.shape[-1]).T)
