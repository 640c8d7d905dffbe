"""Weights within a parent by the name a method gives them: learnt from scores, or judged by a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from biaochi.core.text import Text
from biaochi.methods.composite.errors import Problems
from biaochi.methods.composite.weights.balance import balance_weights
from biaochi.methods.composite.weights.data_driven import critic_weights, entropy_weights
from biaochi.methods.composite.weights.panel import ahp_weights, budget_weights
from biaochi.methods.composite.weights.pca import pca_weights

LEARNT_WEIGHTS = frozenset({"entropy", "critic", "pca", "balance"})


def panel_weights(
    weights: np.ndarray, column: Mapping[str, int], children_of: Mapping[str, Sequence[str]], params: Mapping[str, Any]
) -> np.ndarray:
    """Return the raw weights of all nodes where a panel's judgements (ahp, budget) replace those of some parents."""
    problems = Problems("method")
    given = params["matrices"] if params["method"] == "ahp" else params["experts"]
    for parent, table in given.items():
        children = children_of.get(str(parent))
        place = f"weights.{parent}"
        if children is None:
            problems.add("unknown_path", column=place, seen=parent)
            continue
        try:
            matrix = np.asarray(table, dtype=float)
            if params["method"] == "ahp":
                found = ahp_weights(matrix).weights
            else:
                found = budget_weights(matrix, rng=np.random.default_rng(0), resamples=1)[0]
            weights[[column[c] for c in children]] = found
        except ValueError as error:
            problems.add("weight_invalid", column=place, seen=table, detail=Text.same(str(error)))
    problems.check()
    return weights


def refuse_negative(column: str, seen: float) -> None:
    """Raise that a score is negative where weights cannot do with it."""
    problems = Problems("normalised")
    detail = Text("这种权重要求得分不为负", "these weights need scores that are not negative")
    problems.add("nonpositive", column=column, seen=f"{seen:g}", detail=detail)
    problems.check()


def _entropy(z: np.ndarray) -> np.ndarray:
    return entropy_weights(z)


def _pca(z: np.ndarray) -> np.ndarray:
    return pca_weights(z).weights


def _balance(z: np.ndarray) -> np.ndarray:
    return balance_weights(z).weights


LEARNERS = {"entropy": _entropy, "critic": critic_weights, "pca": _pca, "balance": _balance}
