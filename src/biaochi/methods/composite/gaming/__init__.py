"""Gaming cards: where a number should be looked at by a person.  A queue, never an accusation."""

from biaochi.methods.composite.gaming.cards import CHECK, CLEAR, UNKNOWN, gaming_cards
from biaochi.methods.composite.gaming.digits import bunching, heaping
from biaochi.methods.composite.gaming.gains import gain_concentration, growth_split, reporting_advantage, worst_case
from biaochi.methods.composite.gaming.shadow import Cusum, cusum

__all__ = [
    "CHECK",
    "CLEAR",
    "UNKNOWN",
    "Cusum",
    "bunching",
    "cusum",
    "gain_concentration",
    "gaming_cards",
    "growth_split",
    "heaping",
    "reporting_advantage",
    "worst_case",
]
