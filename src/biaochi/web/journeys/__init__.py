"""Where one mechanism's result becomes another's evidence.

Mechanisms do not know each other.  Each declares what it gives and what it takes (``Site.gives``, ``Site.takes``); a
journey is one small file that joins one to the other.  A journey whose two ends are not both installed rests.
"""

from biaochi.web.journeys import (
    acceptance_to_cultivation,
    award_to_team,
    exit_to_purchase,
    exit_to_scene,
    fairness_to_posting,
    ledgers_to_ruler,
    outlook_to_layout,
    outlook_to_prior,
    plans_to_layout,
    posting_to_fairness,
    trial_to_purchase,
)
from biaochi.web.journeys.journey import Journey

JOURNEYS: tuple[Journey, ...] = (
    outlook_to_prior.JOURNEY,
    outlook_to_layout.JOURNEY,
    plans_to_layout.JOURNEY,
    award_to_team.JOURNEY,
    exit_to_scene.JOURNEY,
    exit_to_purchase.JOURNEY,
    trial_to_purchase.JOURNEY,
    acceptance_to_cultivation.JOURNEY,
    ledgers_to_ruler.JOURNEY,
    posting_to_fairness.JOURNEY,
    fairness_to_posting.JOURNEY,
)

__all__ = ["JOURNEYS", "Journey"]
