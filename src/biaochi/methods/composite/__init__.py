"""Composite indicators: from a tree of indicators and messy observations to scores that state their uncertainty."""

from biaochi.methods.composite.bod import benefit_of_doubt
from biaochi.methods.composite.chain import Link, chained, link, trajectory
from biaochi.methods.composite.change import Change, Side, decompose, decompose_units
from biaochi.methods.composite.claims import Claim, all_claims, claim
from biaochi.methods.composite.coherence import Coherence, cohere, gate
from biaochi.methods.composite.coinr import read_coinr
from biaochi.methods.composite.contributions import Split, contributions, obstacles
from biaochi.methods.composite.dataset import Dataset
from biaochi.methods.composite.describe import statistics, strengths
from biaochi.methods.composite.design import Design, Factor, Plan
from biaochi.methods.composite.framework import Framework
from biaochi.methods.composite.gaming import gaming_cards
from biaochi.methods.composite.importance import main_effect
from biaochi.methods.composite.levers import levers
from biaochi.methods.composite.method import Method
from biaochi.methods.composite.peers import peers
from biaochi.methods.composite.pipeline import Composite, Fitted
from biaochi.methods.composite.rank_sets import RankSets, rank_confidence_sets
from biaochi.methods.composite.remove import conformed, remove_one
from biaochi.methods.composite.replicate import Uncertainty, replay, replicate
from biaochi.methods.composite.sensitivity import sobol_indices
from biaochi.methods.composite.tiers import Tiers, tiers_of
from biaochi.methods.composite.tree import Denominator, Node, Polarity, Tree

__all__ = [
    "Change",
    "Claim",
    "Coherence",
    "Composite",
    "Dataset",
    "Denominator",
    "Design",
    "Factor",
    "Fitted",
    "Framework",
    "Link",
    "Method",
    "Node",
    "Plan",
    "Polarity",
    "RankSets",
    "Side",
    "Split",
    "Tiers",
    "Tree",
    "Uncertainty",
    "all_claims",
    "benefit_of_doubt",
    "chained",
    "claim",
    "cohere",
    "conformed",
    "contributions",
    "decompose",
    "decompose_units",
    "gaming_cards",
    "gate",
    "levers",
    "link",
    "main_effect",
    "obstacles",
    "peers",
    "rank_confidence_sets",
    "read_coinr",
    "remove_one",
    "replay",
    "replicate",
    "sobol_indices",
    "statistics",
    "strengths",
    "tiers_of",
    "trajectory",
]
