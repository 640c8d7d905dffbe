"""Specialisation of regions in tracks: relatedness, complexity, similarity, crowding, entry, coordination."""

from biaochi.methods.specialisation.complexity import Complexity, complexity
from biaochi.methods.specialisation.concentration import concentration, track_concentration
from biaochi.methods.specialisation.conventions import Anchor, Conventions
from biaochi.methods.specialisation.coordination import (
    Problem,
    assign,
    complement,
    cover,
    frontier,
    play,
    stability,
)
from biaochi.methods.specialisation.crowding import Crowding, decompose_crowding, pair_shares
from biaochi.methods.specialisation.density import density, relative_density
from biaochi.methods.specialisation.entry import EntryEvent, backtest, fit_additive, forecast
from biaochi.methods.specialisation.fitness import fitness, steady_fitness
from biaochi.methods.specialisation.indicators import Indicators, indicators
from biaochi.methods.specialisation.location_quotient import location_quotient, shrunk_quotient
from biaochi.methods.specialisation.null_models import curveball, uniform_tables
from biaochi.methods.specialisation.panel import Panel
from biaochi.methods.specialisation.proximity import proximity
from biaochi.methods.specialisation.similarity import similarity

__all__ = [
    "Anchor",
    "Complexity",
    "Conventions",
    "Crowding",
    "EntryEvent",
    "Indicators",
    "Panel",
    "Problem",
    "assign",
    "backtest",
    "complement",
    "complexity",
    "concentration",
    "cover",
    "curveball",
    "decompose_crowding",
    "density",
    "fit_additive",
    "fitness",
    "forecast",
    "frontier",
    "indicators",
    "location_quotient",
    "pair_shares",
    "play",
    "proximity",
    "relative_density",
    "shrunk_quotient",
    "similarity",
    "stability",
    "steady_fitness",
    "track_concentration",
    "uniform_tables",
]
