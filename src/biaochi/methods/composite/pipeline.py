"""Fit a method on a dataset, apply it to the same or another, and keep every stage between raw value and score."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.text import Lang
from biaochi.methods.composite.dataset import Dataset
from biaochi.methods.composite.errors import Problems
from biaochi.methods.composite.frame import Frame
from biaochi.methods.composite.normalise import NEEDS_SPREAD, Scale, apply_scale
from biaochi.methods.composite.penalised import Common
from biaochi.methods.composite.status import OBSERVED, PROVISIONAL, STATUS
from biaochi.methods.composite.steps import THEN, Steps
from biaochi.methods.composite.treat import Treatment, apply_treatment
from biaochi.methods.composite.weights.within import LEARNT_WEIGHTS

STAGES = ("raw", "denominated", "imputed", "screened", "treated", "normalised", "aggregated", "status")


@dataclass(frozen=True)
class Fitted:
    """What a method learnt from a dataset: caps, scales and weights, never re-fitted when applied elsewhere.

    ``scales`` are the common scales of the parents that are aggregated by ``mpi`` or ``ampi``.
    """

    method: Steps
    treatment: Treatment | None
    scale: Scale
    weights: dict[str, np.ndarray] = field(repr=False)
    frame: Frame = field(repr=False)
    scales: dict[str, Common] = field(default_factory=dict, repr=False)

    def transform(self, dataset: Dataset) -> Composite:
        """Score a dataset of the same framework with what was learnt."""
        frame = Frame.of(dataset, self.method) if dataset is not self.frame.dataset else self.frame
        stages = _before_treatment(frame)
        x = stages["screened"]
        stages["treated"] = x if self.treatment is None else apply_treatment(x, self.treatment)
        stages["normalised"] = apply_scale(stages["treated"], self.scale, frame.directions)
        scores, used = _aggregated(frame, stages["normalised"], self.weights, self.scales)
        return Composite(frame, self, {**stages, "aggregated": scores}, used)


@dataclass(frozen=True)
class Composite:
    """Scores of every node, with every stage that led to them.

    ``stages`` hold arrays of shape (B=1, columns, rows); read them with :meth:`stage`.
    """

    frame: Frame = field(repr=False)
    fitted: Fitted = field(repr=False)
    stages: dict[str, np.ndarray] = field(repr=False)
    used_weights: dict[str, np.ndarray] = field(repr=False)

    @property
    def dataset(self) -> Dataset:
        """The dataset scored."""
        return self.frame.dataset

    @property
    def method(self) -> Steps:
        """The method."""
        return self.frame.method

    @cached_property
    def table(self) -> np.ndarray:
        """Scores, shape (N, P·U): every node in ``framework.columns`` order."""
        return np.asarray(self.stages["aggregated"][0])

    def common(self, parent: str) -> Common | None:
        """Return the common scale of a parent aggregated by ``mpi`` or ``ampi``; ``None`` for the others."""
        found = self.fitted.scales.get(parent)
        return None if found is None else found.first()

    @property
    def compares(self) -> bool:
        """Whether every unit is weighted by comparing it with all others, so that a score has no parts of its own."""
        return bool(self.method.params("weights").get("method") == "bod")

    @cached_property
    def status(self) -> np.ndarray:
        """Status of every cell after imputation and screening, shape (I, R)."""
        return self.frame.cell_status(
            self.stages["denominated"][0], self.stages["imputed"][0], self.stages["included"][0]
        )

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row a unit, period and node: ``unit, period, node, level, score, share, state``.

        ``share`` is the part of the node's applicable indicators that was observed; ``state`` the least certain
        status among what entered (or why there is no score).
        """
        framework = self.dataset.framework
        parts = []
        for code, row in self.frame.column.items():
            share, state = self.node_state(code)
            part = pd.DataFrame({"node": code, "level": framework.levels[code], "score": self.table[row]})
            parts.append(part.assign(share=share, state=state).set_index(self.dataset.index))
        found = pd.concat(parts).reset_index()
        return found[["unit", "period", "node", "level", "score", "share", "state"]]

    def node_state(self, code: str) -> tuple[np.ndarray, np.ndarray]:
        """Return, for every row, the observed share below a node and its state."""
        leaves = self.dataset.framework.leaves
        below = [leaves.index(leaf) for leaf in self.dataset.framework.under(code)]
        status = self.status[below]
        applicable = self.frame.applicable[below]
        observed = np.isin(status, (OBSERVED, PROVISIONAL)) & applicable
        total = applicable.sum(0)
        share = np.where(total > 0, observed.sum(0) / np.maximum(total, 1), np.nan)
        scored = np.isfinite(self.table[self.frame.column[code]])
        entered = np.where(status <= 2, status, -1).max(0)
        absent = status.max(0)
        same = (status == absent).all(0)
        index = np.where(scored, np.maximum(entered, 0), np.where(same | (absent == 6), absent, 3))
        return share, np.array(STATUS, dtype=object)[index]

    def stage(self, name: str) -> pd.DataFrame:
        """Return one stage as a wide table ``unit, period, <codes>``: one of :data:`STAGES`."""
        if name not in STAGES:
            raise KeyError(f"no stage {name!r}; stages are {', '.join(STAGES)}")
        framework = self.dataset.framework
        if name == "status":
            block, columns = np.array(STATUS, dtype=object)[self.status], framework.leaves
        else:
            block = self.stages[name][0]
            columns = framework.columns if name == "aggregated" else framework.leaves
        return pd.DataFrame(block.T, index=self.dataset.index, columns=list(columns)).reset_index()

    def screening(self) -> pd.DataFrame:
        """Return ``unit, period, available, included``."""
        frame = pd.DataFrame(
            {"available": self.stages["available"][0], "included": self.stages["included"][0].astype(bool)},
            index=self.dataset.index,
        )
        return frame.reset_index()

    def treatment(self) -> pd.DataFrame:
        """Return one row an indicator: moments, whether it passed, cells winsorised, what was done, and after."""
        found = self.fitted.treatment
        leaves = list(self.dataset.framework.leaves)
        columns = ["indicator", "skew", "kurtosis", "passed", "nwin", "method", "passed_after"]
        if found is None:
            return pd.DataFrame(columns=columns)
        then = self.method.params("treat")["then"]
        still = ~found.passed[0] & ~_passed_winsorised(self) & (then != "none")
        method = np.where(still, then, np.where(found.nwin[0] > 0, "winsorise", "none"))
        form = np.array([THEN[int(f)] for f in found.form[0]])
        method = np.where(form != "none", form, method)
        return pd.DataFrame(
            {
                "indicator": leaves,
                "skew": found.skew[0],
                "kurtosis": found.kurtosis[0],
                "passed": found.passed[0],
                "nwin": found.nwin[0],
                "method": method,
                "passed_after": found.passed_after[0],
            }
        )

    def points(self) -> pd.DataFrame:
        """Return, for every cell, how it was treated: ``""``, ``winhi``, ``winlo``, a transformation, or both."""
        found = self.fitted.treatment
        framework = self.dataset.framework
        shape = self.stages["screened"][0].shape
        marks = np.full(shape, "", dtype=object)
        if found is not None:
            x = self.stages["screened"][0]
            low, high = _winsor_caps(self)
            with np.errstate(invalid="ignore"):
                marks[x > high[:, None]] = "winhi"
                marks[x < low[:, None]] = "winlo"
            for i in np.flatnonzero(found.form[0] > 0):
                then = THEN[int(found.form[0][i])]
                marks[i] = [f"{m}+{then}" if m else then for m in marks[i]]
        return pd.DataFrame(marks.T, index=self.dataset.index, columns=list(framework.leaves)).reset_index()

    def weights(self) -> pd.DataFrame:
        """Return ``node, parent, within, effective``: within-parent weights used and their product up to the root."""
        framework = self.dataset.framework
        effective = {framework.root: 1.0}
        within: dict[str, float] = {framework.root: 1.0}
        for parent in reversed(framework.parents):
            for child, weight in zip(framework.children[parent], self.used_weights[parent][0], strict=True):
                within[child] = float(weight)
                effective[child] = effective[parent] * float(weight)
        return pd.DataFrame(
            [
                {"node": n, "parent": framework.by_code[n].parent, "within": within[n], "effective": effective[n]}
                for n in framework.columns
            ]
        )

    def trace(self, unit: str, period: str, indicator: str) -> pd.DataFrame:
        """Return one cell's way from raw value to score and up the tree: ``stage, value``."""
        row = self.dataset.index.get_loc((unit, period))
        framework = self.dataset.framework
        column = framework.leaves.index(indicator)
        steps = [(s, float(self.stages[s][0][column, row])) for s in STAGES[:-2]]
        node = framework.by_code[indicator].parent
        while node:
            steps.append((node, float(self.table[self.frame.column[node], row])))
            node = framework.by_code[node].parent
        return pd.DataFrame(steps, columns=["stage", "value"])

    def normalise_values(self, x: np.ndarray) -> np.ndarray:
        """Return denominated values (B, I, R) treated and normalised with what was learnt."""
        treatment = self.fitted.treatment
        treated = x if treatment is None else apply_treatment(x, treatment)
        return apply_scale(treated, self.fitted.scale, self.frame.directions)

    def ranks(self, node: str, period: str) -> pd.Series:
        """Return ranks within a period, best first, ties sharing the lowest number."""
        size = len(self.dataset.units)
        start = self.dataset.periods.index(period) * size
        values = self.table[self.frame.column[node], start : start + size]
        return pd.Series(values, index=list(self.dataset.units)).rank(ascending=False, method="min")

    def card(self) -> dict[str, Any]:
        """Return the method card: what was done, with digests, so that a score can be rebuilt and checked."""
        framework = self.dataset.framework
        return {
            "framework": {"code": framework.code, "version": framework.version, "digest": framework.digest},
            "method": {"digest": self.method.digest, "steps": self.method.to_list()},
            "base": [self.dataset.periods[p] for p in sorted(set(self.frame.base // len(self.dataset.units)))],
            "as_of": self.dataset.as_of,
            "counts": self.dataset.counts(),
            "imputed": int((self.status == 2).sum()),
            "treated": int((self.points().iloc[:, 2:] != "").to_numpy().sum()),
        }

    def to_frame(self) -> pd.DataFrame:
        """Return :attr:`scores`."""
        return self.scores

    def explain(self, lang: Lang = "zh") -> str:
        """Say in one sentence what was computed."""
        framework, counts = self.dataset.framework, self.dataset.counts()
        if lang == "zh":
            name, words = framework.name.zh, ("个单位", "个时期", "项指标")
        else:
            name, words = framework.name.en, ("units", "periods", "indicators")
        parts = [f"{counts[k]} {w}" for k, w in zip(("units", "periods", "indicators"), words, strict=True)]
        return f"{name}：{'、'.join(parts)}" if lang == "zh" else f"{name}: {', '.join(parts)}"


def _passed_winsorised(composite: Composite) -> np.ndarray:
    found = composite.fitted.treatment
    assert found is not None
    params = composite.method.params("treat")
    skew, kurtosis = found.skew_win[0], found.kurtosis_win[0]
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(skew) < params["skew"]) | (kurtosis < params["kurtosis"]))


def _winsor_caps(composite: Composite) -> tuple[np.ndarray, np.ndarray]:
    """Caps of the winsorising, also for columns whose transformation then began from the original values."""
    found = composite.fitted.treatment
    assert found is not None
    return found.cap_low[0], found.cap_high[0]


def fit(method: Steps, dataset: Dataset) -> Fitted:
    """Learn caps, scales and weights on the base rows; raise every fault that makes scoring impossible."""
    frame = Frame.of(dataset, method)
    x = _before_treatment(frame)["screened"]
    treatment = None
    if method.has("treat"):
        params = method.params("treat")
        treatment = frame.learn_treatment(x, params, params["winmax"])
        x = apply_treatment(x, treatment)
    _check_spread(frame, x)
    scale = frame.learn_scale(x, method.params("normalise"))
    z = apply_scale(x, scale, frame.directions)
    scales: dict[str, Common] = {}
    _, used = _aggregated(frame, z, None, scales)
    return Fitted(method, treatment, scale, used, frame, scales)


def _check_spread(frame: Frame, x: np.ndarray) -> None:
    problems = Problems("observations")
    method = frame.method.params("normalise")["method"]
    learnt = x[0][:, frame.base]
    directed = frame.directions.directed(learnt[None])[0]
    for i, n in enumerate(frame.leaves):
        seen = directed[i][np.isfinite(directed[i])]
        if method in NEEDS_SPREAD and seen.size and np.ptp(seen) <= 1e-14 * max(1.0, float(np.abs(seen).max())):
            value = learnt[i][np.isfinite(learnt[i])][0]
            problems.add("constant_indicator", column=n.code, seen=value)
        if method == "goalposts" and (n.worst is None or n.best is None or n.worst == n.best) and n.scored:
            problems.add("missing_field", file="framework", column=f"{n.code}.goalposts")
        if method == "dist2targ" and n.target is None and n.scored:
            problems.add("missing_field", file="framework", column=f"{n.code}.target")
    problems.check()


def _before_treatment(frame: Frame) -> dict[str, np.ndarray]:
    """Return the stages up to screening, in the method's own order of imputing and screening."""
    raw = frame.raw[None]
    x = frame.denominated(raw)
    stages = {"raw": raw, "denominated": x, "imputed": x, "screened": x}
    rows = raw.shape[-1]
    everyone = np.isfinite(x).any(-2)
    stages["available"] = np.isfinite(x).sum(-2) / np.maximum(frame.applicable.sum(-2), 1)
    stages["included"] = everyone
    assert rows == everyone.shape[-1]
    for step in frame.method.steps:
        if step.name == "impute":
            x = frame.imputed(x, step.params)
            stages["imputed"] = x
            stages["screened"] = x
        elif step.name == "screen":
            x, stages["available"], stages["included"] = frame.screened(x, step.params)
            stages["screened"] = x
            if not frame.method.has("impute"):
                stages["imputed"] = stages["denominated"]
    return stages


def _aggregated(
    frame: Frame, z: np.ndarray, weights: dict[str, np.ndarray] | None, scales: dict[str, Common]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the scores of all nodes; with ``weights`` and ``scales`` learnt earlier, those are used."""
    framework = frame.dataset.framework
    weighting = frame.method.params("weights")
    if weights is not None and weighting.get("method") in LEARNT_WEIGHTS:
        vector = frame.declared.copy()
        for parent, learnt in weights.items():
            vector[[frame.column[c] for c in framework.children[parent]]] = learnt[0]
        raw, weighting = vector[None], {"method": "declared"}
    else:
        raw = frame.fixed_weights(weighting)[None]
    table = z
    used: dict[str, np.ndarray] = {}
    place = {code: i for i, code in enumerate(framework.leaves)}
    problems = Problems("normalised")
    for level, parents in frame.level_parents.items():
        for parent in parents:
            rows = [place[c] for c in framework.children[parent]]
            frame.check_positive(table[0], parent, frame.method.aggregator(parent, level), rows, problems)
        problems.check()
        scores, new = frame.level_scores(level, table, place, raw, weighting, frame.method, scales)
        used |= new
        place |= {code: len(place) + i for i, code in enumerate(parents)}
        table = np.concatenate([table, scores], axis=1)
    return table, used
