"""What is stored of challenges: postings, bids, declarations, scores, awards, milestones."""

from biaochi.mechanisms.challenge.web.models.award import DECIDED, Award, Milestone
from biaochi.mechanisms.challenge.web.models.bid import NONCES, Bid, InterestDeclaration, Score
from biaochi.mechanisms.challenge.web.models.posting import ENDED, HOLDERS, Challenge

__all__ = [
    "DECIDED",
    "ENDED",
    "HOLDERS",
    "NONCES",
    "Award",
    "Bid",
    "Challenge",
    "InterestDeclaration",
    "Milestone",
    "Score",
]
