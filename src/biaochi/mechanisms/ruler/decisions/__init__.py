"""What the ruler decides: adoption, publication, claims, tier moves, maturity; and observations from the ledger."""

from biaochi.mechanisms.ruler.decisions.adoption import decide_adoption
from biaochi.mechanisms.ruler.decisions.part import run_part
from biaochi.mechanisms.ruler.decisions.process_indicators import Event, observe
from biaochi.mechanisms.ruler.decisions.publication import decide_publication
from biaochi.mechanisms.ruler.decisions.standing import decide_claim, decide_maturity, decide_tier_move

__all__ = [
    "Event",
    "decide_adoption",
    "decide_claim",
    "decide_maturity",
    "decide_publication",
    "decide_tier_move",
    "observe",
    "run_part",
]
