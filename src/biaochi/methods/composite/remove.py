"""Remove one: how far ranks move when a node is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from biaochi.methods.composite.dataset import Dataset
from biaochi.methods.composite.errors import CompositeError
from biaochi.methods.composite.pipeline import fit
from biaochi.methods.composite.steps import Steps
from biaochi.methods.composite.tree import Tree


def conformed(dataset: Dataset, tree: Tree) -> Dataset:
    """Return a dataset arranged for another tree: cells are matched by code, what is not there is missing."""
    old, bottoms = list(dataset.framework.leaves), [d.code for d in dataset.framework.denominators]
    shape = dataset.values.shape[:2]
    blank = {"values": np.full(shape, np.nan), "se": np.zeros(shape), "status": np.full(shape, 3, dtype=np.int8)}
    held = {
        key: [getattr(dataset, key)[..., old.index(c)] if c in old else empty for c in tree.leaves]
        for key, empty in blank.items()
    }
    missing = np.full(shape, np.nan)
    below = [
        dataset.denominators[..., bottoms.index(d.code)] if d.code in bottoms else missing for d in tree.denominators
    ]
    return replace(
        dataset,
        framework=tree,
        values=np.stack(held["values"], -1),
        se=np.stack(held["se"], -1),
        status=np.stack(held["status"], -1),
        denominators=np.stack(below, -1) if below else np.empty((*shape, 0)),
    )


def without(method: Steps, dataset: Dataset, code: str) -> tuple[Steps, Dataset] | None:
    """Return method and dataset with a node removed; ``None`` when nothing would be left."""
    tree = dataset.framework.without(code)
    if tree is None:
        return None
    codes = {n.code for n in tree.nodes}
    steps = []
    for step in method.steps:
        params = dict(step.params)
        if step.name == "aggregate":
            params = {
                k: v for k, v in params.items() if k in ("*", "min_available") or k.startswith("level:") or k in codes
            }
        for key in ("matrices", "experts"):
            if key in params:
                same = {p for p in params[key] if dataset.framework.children.get(p) == tree.children.get(p)}
                params[key] = {p: t for p, t in params[key].items() if p in same}
        steps.append({step.name: params})
    return type(method).from_steps(steps), conformed(dataset, tree)


def remove_one(method: Steps, dataset: Dataset, *, node: str = "", period: str = "") -> pd.DataFrame:
    """Return ``node, mean_abs_rank_shift`` for every node but the root, ranks of ``node`` (default root) in a period.

    A removal that leaves nothing to score is given as NaN.
    """
    target, last = node or dataset.framework.root, period or dataset.periods[-1]
    before = fit(method, dataset).transform(dataset).ranks(target, last)
    rows = []
    for code in dataset.framework.columns:
        if code == target or code == dataset.framework.root:
            continue
        shift = np.nan
        changed = without(method, dataset, code)
        if changed is not None and target in changed[1].framework.columns:
            try:
                after = fit(*changed).transform(changed[1]).ranks(target, last)
                gap = (after - before).abs()
                shift = float(gap.mean()) if gap.notna().any() else np.nan
            except CompositeError:
                shift = np.nan
        rows.append((code, shift))
    return pd.DataFrame(rows, columns=["node", "mean_abs_rank_shift"])
