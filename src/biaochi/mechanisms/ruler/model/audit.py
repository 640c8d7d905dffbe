"""The audit: how far an index depends on choices somebody made, and whether its parts belong together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.verdict import Verdict
from biaochi.methods.composite import (
    Composite,
    Dataset,
    Design,
    Plan,
    Tiers,
    Uncertainty,
    all_claims,
    cohere,
    gaming_cards,
    gate,
    main_effect,
    remove_one,
    replay,
)
from biaochi.methods.composite.coherence import HIGH, LOW, correlations
from biaochi.methods.composite.importance import flag
from biaochi.methods.composite.steps import Steps


@dataclass(frozen=True)
class Audit:
    """All parts of an audit; tables have the columns that files and pages use."""

    uncertainty: Uncertainty = field(repr=False)
    tiers: Tiers = field(repr=False)
    level: float
    coherence: pd.DataFrame
    correlations: pd.DataFrame
    importance: pd.DataFrame
    intervals: pd.DataFrame
    sensitivity: pd.DataFrame
    remove: pd.DataFrame
    claims: pd.DataFrame
    gaming: pd.DataFrame
    gate: Verdict
    gate_reasons: tuple[str, ...]

    @property
    def design(self) -> Design:
        """The design that was run; replaying it gives this audit again."""
        return self.uncertainty.design

    def to_frame(self) -> pd.DataFrame:
        """Return the intervals."""
        return self.intervals


def default_plan(method: Steps, tree_levels: int, *, seed: int = 0) -> Plan:
    """Return the plan used when none is given: weights ±25 % on every level, the normalisation against its rank-free
    twin, and the mean against the geometric one where scores are positive."""
    factors: dict[str, Any] = {}
    if method.has("weights") and method.params("weights")["method"] in ("declared", "equal"):
        factors["weights"] = {"scale": 0.25, "levels": list(range(1, max(tree_levels, 2))), "draws": 1024}
    own = {k: v for k, v in method.params("normalise").items() if k != "base"}
    if own["method"] == "minmax":
        low, high = own["to"]
        middle, spread = (low + high) / 2, (high - low) / 4
        factors["normalise"] = {"choice": [own, {"method": "zscore", "mean": middle, "sd": spread}]}
    if method.has("treat") and method.params("treat")["winmax"] > 0:
        factors["treat.winmax"] = {"choice": sorted({0, method.params("treat")["winmax"]})}
    if not factors:
        aggregator = method.params("aggregate")["*"]
        factors["aggregate"] = {"choice": [aggregator, "min"]}
    return Plan.from_mapping({"factors": factors}, seed=seed)


def audit(
    composite: Composite,
    plan: Plan,
    *,
    n: int = 512,
    seed: int = 0,
    node: str = "",
    period: str = "",
    confidence: float = 0.9,
    tier_level: float = 0.95,
    low: float = LOW,
    high: float = HIGH,
) -> Audit:
    """Audit a composite.

    Parameters
    ----------
    n : int
        Rows of each block: n(d + 2) runs; intervals come from the 2n of blocks A and B.
    confidence, tier_level : float
        Level of intervals (each on its own), and of tiers and claims (all at once).
    low, high : float
        Bounds of child–parent correlations.
    """
    method, dataset = composite.method, composite.dataset
    design = plan.sample(n, rng=np.random.default_rng(seed), blocks=True)
    found = replay(method, dataset, plan, design, node=node, period=period)
    return judge(composite, found, confidence=confidence, tier_level=tier_level, low=low, high=high)


def judge(
    composite: Composite,
    found: Uncertainty,
    *,
    confidence: float = 0.9,
    tier_level: float = 0.95,
    low: float = LOW,
    high: float = HIGH,
) -> Audit:
    """Return the audit of a composite whose replications were already run."""
    tiers = found.tiers(tier_level)
    rows = _rows(composite.dataset, found.period)
    balanced = composite.method.params("weights").get("method") == "balance"
    parts = []
    for parent in composite.dataset.framework.parents:
        children = composite.dataset.framework.children[parent]
        z = composite.table[[composite.frame.column[c] for c in children]][:, rows].T
        own = composite.table[composite.frame.column[parent], rows]
        parts.append(cohere(parent, children, z, own, low=low, high=high, balanced=balanced))
    verdict, reasons = gate(parts)
    p_better = found.p_better().to_numpy()
    return Audit(
        uncertainty=found,
        tiers=tiers,
        level=confidence,
        coherence=pd.DataFrame(
            [(c.node, c.alpha, c.kmo, c.pc1_share, c.verdict.value) for c in parts],
            columns=["node", "alpha", "kmo", "pc1_share", "verdict"],
        ),
        correlations=correlation_table(composite, rows, low, high),
        importance=importance_table(composite, rows),
        intervals=found.intervals(confidence),
        sensitivity=found.sensitivities(),
        remove=remove_one(composite.method, composite.dataset, node=found.node, period=found.period),
        claims=all_claims(tiers, p_better, found.nominal),
        gaming=gaming_cards(composite, found.period),
        gate=verdict,
        gate_reasons=tuple(reasons),
    )


def _rows(dataset: Dataset, period: str) -> slice:
    start = dataset.periods.index(period) * len(dataset.units)
    return slice(start, start + len(dataset.units))


def correlation_table(composite: Composite, rows: slice, low: float, high: float) -> pd.DataFrame:
    """Return ``a, b, r, flag``: siblings with each other, and each child with its parent."""
    tree, found = composite.dataset.framework, []
    for parent in tree.parents:
        if len(tree.children[parent]) < 2:
            continue
        codes = [*tree.children[parent], parent]
        r = correlations(composite.table[[composite.frame.column[c] for c in codes]][:, rows].T)
        for j, b in enumerate(codes):
            for i in range(j):
                value = float(r[i, j])
                if b == parent:
                    mark = "low" if value < low else "high" if value > high else ""
                else:
                    mark = "negative" if value < 0 else "high" if value > high else ""
                found.append((codes[i], b, value, mark))
    return pd.DataFrame(found, columns=["a", "b", "r", "flag"])


def importance_table(composite: Composite, rows: slice) -> pd.DataFrame:
    """Return ``node, weight, main_effect, flag``: within each parent, what a child was meant to and does explain."""
    tree, found = composite.dataset.framework, []
    for parent in tree.parents:
        y = composite.table[composite.frame.column[parent], rows]
        effects = [main_effect(composite.table[composite.frame.column[c], rows], y) for c in tree.children[parent]]
        total = float(np.nansum(effects))
        for child, weight, effect in zip(
            tree.children[parent], composite.used_weights[parent][0], effects, strict=True
        ):
            share = effect / total if total > 0 else float("nan")
            found.append((child, float(weight), effect, flag(float(weight), share)))
    return pd.DataFrame(found, columns=["node", "weight", "main_effect", "flag"])
