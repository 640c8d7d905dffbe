"""What a guidance fund is made of: terms, parties, tiers, flows, deals."""

from biaochi.mechanisms.capital.model.flows import Deal, Flow, LossTier
from biaochi.mechanisms.capital.model.terms import (
    CatchUp,
    Concession,
    FirstLoss,
    Party,
    Preferred,
    ReturnOfCapital,
    Split,
    Terms,
    Tier,
)

__all__ = [
    "CatchUp",
    "Concession",
    "Deal",
    "FirstLoss",
    "Flow",
    "LossTier",
    "Party",
    "Preferred",
    "ReturnOfCapital",
    "Split",
    "Terms",
    "Tier",
]
