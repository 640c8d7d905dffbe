"""The layers of a run: what is shared by replications is computed once, and a layer only for its distinct inputs.

A layer takes states (B, …, R) and, for each wanted state, the number of its parent and of the options its own factors
take.  Arithmetic within a state never depends on which other states stand beside it, so neither chunk nor executor
changes a digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from biaochi.methods.composite.aggregate import LINEAR, NEEDS_POSITIVE, name_of
from biaochi.methods.composite.design import Factor, Plan
from biaochi.methods.composite.errors import Problems
from biaochi.methods.composite.frame import Frame
from biaochi.methods.composite.steps import Steps
from biaochi.methods.composite.weights.within import LEARNT_WEIGHTS


@dataclass(frozen=True)
class Layer:
    """One step of the run, or one level of the tree, with the positions of the plan's factors that touch it."""

    name: str
    touched: tuple[int, ...]
    level: int = 0


@dataclass
class Run:
    """A compiled plan: evaluates any set of design codes.

    Parameters
    ----------
    frame : Frame
    plan : Plan
    targets : tuple of str
        Nodes whose scores are wanted.
    rows : slice
        Rows (of one period) that are wanted.
    values : list of ndarray
        For each factor, the distinct design values; codes index into them.
    """

    frame: Frame
    plan: Plan
    targets: tuple[str, ...]
    rows: slice
    values: list[np.ndarray]
    layers: tuple[Layer, ...] = field(init=False)
    _methods: dict[tuple[tuple[int, float], ...], Steps] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.layers = tuple(self._layers())
        self.narrow = self._may_narrow()
        self._multipliers = {
            j: self._scale_draws(j, f) for j, f in enumerate(self.plan.factors) if f.kind in ("scale", "sets")
        }

    def _layers(self) -> list[Layer]:
        factors = self.plan.factors
        steps = ["observations", *(s.name for s in self.frame.method.steps if s.name in _STEP)]
        found = []
        for name in steps:
            touched = [j for j, f in enumerate(factors) if f.path.split(".")[0] == name]
            if name == "impute":
                noisy = self.frame.method.params("impute")["method"] == "em_normal"
                touched += [j for j, f in enumerate(factors) if f.kind == "noise" and noisy]
            found.append(Layer(name, tuple(touched)))
        top = max(self.frame.dataset.framework.levels[t] for t in self.targets)
        for level in self.frame.level_parents:
            if level <= top:
                touched = [j for j, f in enumerate(factors) if self._touches(f, level)]
                found.append(Layer("level", tuple(touched), level))
        return found

    def _touches(self, factor: Factor, level: int) -> bool:
        tree = self.frame.dataset.framework
        parents = self.frame.level_parents[level]
        if factor.path.startswith("aggregate"):
            node = factor.path[10:-1] if factor.path.startswith("aggregate[") else ""
            return not node or node in parents
        if factor.path.split(".")[0] != "weights":
            return False
        if factor.kind == "scale" and factor.levels:
            children = [c for p in parents for c in tree.children[p]]
            return any(tree.levels[c] in factor.levels for c in children)
        return True

    def _may_narrow(self) -> bool:
        """Whether the tree may be climbed on the wanted rows alone: no aggregator or weight learns from the others."""
        for j, f in enumerate(self.plan.factors):
            options = [self._method({j: v}) for v in self.values[j]] if f.path.startswith("aggregate") else []
            if any(not _local(m) for m in options):
                return False
            if f.path == "weights" and f.kind == "choice":
                names = [o.get("method") if isinstance(o, Mapping) else o for o in f.options]
                if any(n in LEARNT_WEIGHTS or n == "bod" for n in names):
                    return False
        weighting = self.frame.method.params("weights").get("method", "declared")
        return _local(self.frame.method) and weighting not in LEARNT_WEIGHTS and weighting != "bod"

    def _method(self, picks: Mapping[int, float]) -> Steps:
        """Return the method with the options that some factors take (weights draws and noise aside)."""
        key = tuple(sorted(picks.items()))
        if key not in self._methods:
            method = self.frame.method
            for j, value in key:
                f = self.plan.factors[j]
                if f.kind == "choice":
                    method = method.with_(f.path, f.options[int(value) - 1])
                elif f.kind == "uniform":
                    method = method.with_(f.path, float(value))
            self._methods[key] = method
        return self._methods[key]

    def _scale_draws(self, j: int, factor: Factor) -> np.ndarray:
        """Return raw weights (draws, N), or multipliers for random changes, one row a position."""
        tree = self.frame.dataset.framework
        if factor.kind == "sets":
            table = np.tile(self.frame.fixed_weights(self.frame.method.params("weights")), (factor.size, 1))
            for code, line in (factor.sets or {}).items():
                table[:, self.frame.column[code]] = line
            return table
        rng = np.random.default_rng([self.plan.seed, 1, j])
        change = 1 + rng.uniform(-factor.amount, factor.amount, size=(factor.size, len(self.frame.column)))
        if factor.levels:
            held = np.array([tree.levels[c] not in factor.levels for c in self.frame.column])
            change[:, held] = 1.0
        return change

    # Evaluation.

    def evaluate(self, codes: np.ndarray, start: tuple[int, np.ndarray, np.ndarray] | None = None) -> np.ndarray:
        """Return the scores of the targets, shape (n, T, rows).

        Parameters
        ----------
        codes : ndarray of int, shape (n, d)
            Positions into ``values`` for each factor.
        start : tuple or None
            ``(layer, states, ids)``: states already computed before a layer, and which each row starts from.
        """
        first, states, ids = start or (0, self.frame.raw[None], np.zeros(len(codes), dtype=np.int64))
        place: dict[str, int] = {c: i for i, c in enumerate(self.frame.dataset.framework.leaves)}
        for layer in self.layers[first:]:
            states, ids, place = self._advance(layer, states, ids, codes, place)
        return np.asarray(states[ids][:, [place[t] for t in self.targets]][..., self.wanted])

    @property
    def wanted(self) -> slice:
        """The wanted rows of the last states."""
        return slice(None) if self.narrow else self.rows

    def prefix(self, codes: np.ndarray, last: int) -> tuple[int, np.ndarray, np.ndarray]:
        """Return the states before layer ``last``, for :meth:`evaluate` to start from."""
        states, ids = self.frame.raw[None], np.zeros(len(codes), dtype=np.int64)
        for layer in self.layers[:last]:
            states, ids, _ = self._advance(layer, states, ids, codes, {})
        return last, states, ids

    def _advance(
        self, layer: Layer, states: np.ndarray, ids: np.ndarray, codes: np.ndarray, place: dict[str, int]
    ) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
        if layer.touched:
            combined = ids.astype(np.int64)
            for j in layer.touched:
                combined = combined * len(self.values[j]) + codes[:, j]
            unique, inverse = np.unique(combined, return_inverse=True)
        else:
            unique, inverse = np.arange(len(states)), ids
        picks: dict[int, np.ndarray] = {}
        for j in reversed(layer.touched):
            picks[j] = unique % len(self.values[j])
            unique = unique // len(self.values[j])
        if layer.name == "level":
            states, place = self._level(layer, states, unique, picks, place)
        else:
            states = _STEP[layer.name](self, layer, states, unique, picks)
            if layer.name == "normalise" and self.narrow:
                states = states[..., self.rows]
        return states, inverse.reshape(-1), place

    def _groups(self, picks: Mapping[int, np.ndarray], n: int, free: tuple[str, ...] = ()) -> Any:
        """Yield (method, which states) for every distinct combination of option factors; ``free`` paths vary freely."""
        names = [j for j in picks if self.plan.factors[j].kind in ("choice", "uniform")]
        names = [j for j in names if self.plan.factors[j].path not in free]
        if not names:
            yield self.frame.method, np.arange(n)
            return
        combined = np.zeros(n, dtype=np.int64)
        for j in names:
            combined = combined * len(self.values[j]) + picks[j]
        unique, first, inverse = np.unique(combined, return_index=True, return_inverse=True)
        for g, row in enumerate(first):
            chosen = {j: float(self.values[j][picks[j][row]]) for j in names}
            members = np.arange(n) if len(unique) == 1 else np.flatnonzero(inverse.reshape(-1) == g)
            yield self._method(chosen), members

    def noise(self, picks: Mapping[int, np.ndarray], n: int) -> tuple[np.ndarray, float] | None:
        """Return standard normal draws (n, I, R) keyed by draw number, and the relative amount (0: stated errors)."""
        for j, codes in picks.items():
            f = self.plan.factors[j]
            if f.kind == "noise":
                drawn = np.empty((n, *self.frame.raw.shape))
                bits = np.random.Philox(key=np.array([self.plan.seed, 0], dtype=np.uint64))
                generator, state = np.random.Generator(bits), bits.state
                for place, code in enumerate(codes):
                    # The same stream as a new generator of this key, at a tenth of its price.
                    state["state"]["key"][1] = int(self.values[j][code])
                    bits.state = state
                    generator.standard_normal(out=drawn[place])
                return drawn, f.amount
        return None

    def _level(
        self,
        layer: Layer,
        states: np.ndarray,
        parents: np.ndarray,
        picks: Mapping[int, np.ndarray],
        place: dict[str, int],
    ) -> tuple[np.ndarray, dict[str, int]]:
        codes = self.frame.level_parents[layer.level]
        kept = self._needed(layer.level, place)
        result = np.empty((len(parents), len(kept) + len(codes), states.shape[-1]))
        keep = [place[c] for c in kept]
        for method, members in self._groups(picks, len(parents)):
            weighting = method.params("weights")
            weights = self.frame.fixed_weights(weighting)[None]
            for j, positions in picks.items():
                f = self.plan.factors[j]
                if f.kind == "sets":
                    weights = self._multipliers[j][self.values[j][positions[members]].astype(int) - 1]
                    weighting = {"method": "declared"}
                elif f.kind == "scale":
                    weights = weights * self._multipliers[j][self.values[j][positions[members]].astype(int) - 1]
            z = states if len(states) == 1 else _parents(states, parents[members])
            scores, _ = self.frame.level_scores(layer.level, z, place, weights, weighting, method)
            self._check_positive(layer.level, z, place, method)
            result[members, len(kept) :] = scores
            if keep:
                result[members, : len(kept)] = z[:, keep]
        return result, {c: i for i, c in enumerate((*kept, *codes))}

    def _needed(self, level: int, place: Mapping[str, int]) -> list[str]:
        """Nodes already scored that a higher level or the caller still needs."""
        tree = self.frame.dataset.framework
        above = {c for lv, ps in self.frame.level_parents.items() if lv > level for p in ps for c in tree.children[p]}
        return [c for c in place if c in above or c in self.targets]

    def _check_positive(self, level: int, z: np.ndarray, place: Mapping[str, int], method: Steps) -> None:
        problems = Problems("plan")
        for parent in self.frame.level_parents[level]:
            spec = method.aggregator(parent, level)
            if name_of(spec) in NEEDS_POSITIVE:
                rows = [place[c] for c in self.frame.dataset.framework.children[parent]]
                low = np.nanmin(z[:, rows], initial=np.inf)
                if low <= 0:
                    problems.add("nonpositive", column=f"aggregate[{parent}]", seen=f"{name_of(spec)}: {low:g}")
        problems.check()


def _local(method: Steps) -> bool:
    specs = [v for k, v in method.params("aggregate").items() if k != "min_available"]
    return all(name_of(s) in LINEAR or name_of(s) in ("owa", "min") for s in specs)


def _parents(states: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """Return the state each wanted one starts from, without copying when they are the same."""
    if len(parents) == len(states) and (parents == np.arange(len(states))).all():
        return states
    return np.asarray(states[parents])


def _by_group(run: Run, states: np.ndarray, picks: Any, work: Any, free: tuple[str, ...] = ()) -> np.ndarray:
    """Return ``work(part of the states, method, members)`` for every group of options, put together again."""
    result = None
    for method, members in run._groups(picks, len(states), free=free):
        if len(members) == len(states):
            return np.asarray(work(states, method, members))
        result = np.empty(states.shape) if result is None else result
        result[members] = work(states[members], method, members)
    assert result is not None
    return result


def _observe(run: Run, layer: Layer, states: np.ndarray, parents: np.ndarray, picks: Any) -> np.ndarray:
    drawn = run.noise(picks, len(parents))
    if drawn is None:
        return run.frame.denominated(states)
    z, relative = drawn
    z *= relative * np.abs(run.frame.raw) if relative else run.frame.se
    z += run.frame.raw
    return run.frame.denominated(z)


def _impute(run: Run, layer: Layer, states: np.ndarray, parents: np.ndarray, picks: Any) -> np.ndarray:
    drawn = run.noise(picks, len(parents))

    def work(x: np.ndarray, method: Steps, members: np.ndarray) -> np.ndarray:
        noise = drawn[0][members] if drawn is not None else None
        return run.frame.imputed(x, method.params("impute"), noise)

    return _by_group(run, _parents(states, parents), picks, work)


def _screen(run: Run, layer: Layer, states: np.ndarray, parents: np.ndarray, picks: Any) -> np.ndarray:
    def work(x: np.ndarray, method: Steps, members: np.ndarray) -> np.ndarray:
        return run.frame.screened(x, method.params("screen"))[0]

    return _by_group(run, _parents(states, parents), picks, work)


def _treat(run: Run, layer: Layer, states: np.ndarray, parents: np.ndarray, picks: Any) -> np.ndarray:
    def work(x: np.ndarray, method: Steps, members: np.ndarray) -> np.ndarray:
        params = method.params("treat")
        winmax = np.full(len(members), params["winmax"])
        for j, codes in picks.items():
            if run.plan.factors[j].path == "treat.winmax":
                f = run.plan.factors[j]
                drawn = run.values[j][codes[members]]
                winmax = np.array([int(f.options[int(v) - 1]) if f.kind == "choice" else int(v) for v in drawn])
        return run.frame.treated(x, params, winmax)

    return _by_group(run, _parents(states, parents), picks, work, free=("treat.winmax",))


def _normalise(run: Run, layer: Layer, states: np.ndarray, parents: np.ndarray, picks: Any) -> np.ndarray:
    def work(x: np.ndarray, method: Steps, members: np.ndarray) -> np.ndarray:
        return run.frame.normalised(x, method.params("normalise"))

    return _by_group(run, _parents(states, parents), picks, work)


_STEP = {"observations": _observe, "impute": _impute, "screen": _screen, "treat": _treat, "normalise": _normalise}
