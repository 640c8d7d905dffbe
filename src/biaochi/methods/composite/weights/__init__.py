"""Weights within a parent: declared, equal, learnt from the data, or set by a panel; never negative, summing to one."""

from biaochi.methods.composite.weights.balance import balance_weights
from biaochi.methods.composite.weights.data_driven import critic_weights, entropy_weights
from biaochi.methods.composite.weights.panel import Pairwise, ahp_weights, budget_weights
from biaochi.methods.composite.weights.pca import pca_weights

__all__ = [
    "Pairwise",
    "ahp_weights",
    "balance_weights",
    "budget_weights",
    "critic_weights",
    "entropy_weights",
    "pca_weights",
]
