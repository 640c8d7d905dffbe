"""Coordination of picks: P0 with prices, P1 with joint limits, P2 coverage, stability, frontier, congestion games."""

from biaochi.methods.specialisation.coordination.assignment import assign, automatic_cap
from biaochi.methods.specialisation.coordination.complements import complement
from biaochi.methods.specialisation.coordination.congestion import (
    GAMES,
    Congestion,
    Game,
    Outcome,
    advisory,
    deviations,
    play,
)
from biaochi.methods.specialisation.coordination.coverage import cover
from biaochi.methods.specialisation.coordination.frontier import (
    EarlierOrigin,
    automatic_price,
    frontier,
    price_grid,
)
from biaochi.methods.specialisation.coordination.problem import Assignment, Certificate, Problem, Shortfall
from biaochi.methods.specialisation.coordination.replay import LayoutRecord, describe, top_k
from biaochi.methods.specialisation.coordination.stability import stability, tier

__all__ = [
    "GAMES",
    "Assignment",
    "Certificate",
    "Congestion",
    "EarlierOrigin",
    "Game",
    "LayoutRecord",
    "Outcome",
    "Problem",
    "Shortfall",
    "advisory",
    "assign",
    "automatic_cap",
    "automatic_price",
    "complement",
    "cover",
    "describe",
    "deviations",
    "frontier",
    "play",
    "price_grid",
    "stability",
    "tier",
    "top_k",
]
