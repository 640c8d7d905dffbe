"""The life cycles of challenges, bids, awards and milestones, as data."""

from biaochi.core.workflow import Workflow
from biaochi.mechanisms.challenge.lifecycle.award import AWARD, MILESTONE
from biaochi.mechanisms.challenge.lifecycle.bid import BID
from biaochi.mechanisms.challenge.lifecycle.posting import CHALLENGE

WORKFLOWS: tuple[Workflow, ...] = (CHALLENGE, BID, AWARD, MILESTONE)

__all__ = ["AWARD", "BID", "CHALLENGE", "MILESTONE", "WORKFLOWS"]
