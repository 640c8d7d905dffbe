"""What the rules say of challenges, bids, awards and milestones: one function a guard, and the exemption file."""

from biaochi.mechanisms.challenge.decisions.diligence import DUTIES, decide_diligence
from biaochi.mechanisms.challenge.decisions.guards import (
    awards_within_limits,
    bid_eligible,
    conflicts_declared,
    may_complete,
    may_open_bids,
    may_pay,
    may_publish,
    may_see_scores,
    may_stop,
    routes_plural,
    tests_registered,
    verifier_independent,
)
from biaochi.mechanisms.challenge.decisions.milestones import Assessment, assess_milestone
from biaochi.mechanisms.challenge.decisions.part import PartInputs, PartResult, run_part

__all__ = [
    "DUTIES",
    "Assessment",
    "PartInputs",
    "PartResult",
    "assess_milestone",
    "awards_within_limits",
    "bid_eligible",
    "conflicts_declared",
    "decide_diligence",
    "may_complete",
    "may_open_bids",
    "may_pay",
    "may_publish",
    "may_see_scores",
    "may_stop",
    "routes_plural",
    "run_part",
    "tests_registered",
    "verifier_independent",
]
