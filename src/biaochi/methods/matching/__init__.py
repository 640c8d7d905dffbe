"""Matching: texts in two languages, hard filters with a funnel, scores explained, calibrated, blocked; assignment by
flow or stability; calendars without double booking."""

from biaochi.methods.matching.block import blocking_recall
from biaochi.methods.matching.bm25 import Index, Pairs
from biaochi.methods.matching.calendar import Conflict, conflicts
from biaochi.methods.matching.calibrate import Calibration, calibrate
from biaochi.methods.matching.features import FEATURES, level_fit, overlap_share, weighted
from biaochi.methods.matching.filters import FunnelStep, funnel
from biaochi.methods.matching.flow import Assignment, assign_flow
from biaochi.methods.matching.stable import Proposals, assign_stable, blocking_pairs, deferred_acceptance, strict
from biaochi.methods.matching.tfidf import cosine, tfidf
from biaochi.methods.matching.tokens import Concepts, tokens

__all__ = [
    "FEATURES",
    "Assignment",
    "Calibration",
    "Concepts",
    "Conflict",
    "FunnelStep",
    "Index",
    "Pairs",
    "Proposals",
    "assign_flow",
    "assign_stable",
    "blocking_pairs",
    "blocking_recall",
    "calibrate",
    "conflicts",
    "cosine",
    "deferred_acceptance",
    "funnel",
    "level_fit",
    "overlap_share",
    "strict",
    "tfidf",
    "tokens",
    "weighted",
]
