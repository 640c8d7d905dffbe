"""Allocation under uncertainty: who is funded, paused or stopped, and what would change it.

Staged programmes with hidden classes and correlated teams, their exact posterior and exact optimum, simple rules and
rollout for larger ones, simulation in worlds that differ from the model, expected ranks with a lottery, and the
assignment of reviewers.
"""

from biaochi.methods.allocation.batch import BatchState, Policy
from biaochi.methods.allocation.commit import Commit
from biaochi.methods.allocation.evaluate import Evaluation, evaluate
from biaochi.methods.allocation.exact import Solution, count_states, solve
from biaochi.methods.allocation.expansion import TooLargeError
from biaochi.methods.allocation.expected_rank import Ranking, expected_rank
from biaochi.methods.allocation.lookahead import Lookahead
from biaochi.methods.allocation.lottery import commitment, draw_lots, lots, lottery_seed
from biaochi.methods.allocation.outlook import Candidate, TeamOutlook
from biaochi.methods.allocation.pandora import Boxes, pandora
from biaochi.methods.allocation.payoff import uncovered
from biaochi.methods.allocation.plain import PLAIN
from biaochi.methods.allocation.policies import DEFAULTS as DEFAULT_POLICIES
from biaochi.methods.allocation.policies import policy_named
from biaochi.methods.allocation.posterior import Posterior, posterior
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.recommend import Recommendation, recommend
from biaochi.methods.allocation.review_load import assign_reviewers
from biaochi.methods.allocation.rollout import Rollout
from biaochi.methods.allocation.routes import Observation, Payoff, Route, World
from biaochi.methods.allocation.simulate import Estimate, Runs, simulate
from biaochi.methods.allocation.whatif import Whatif, whatif
from biaochi.methods.allocation.worlds import worlds_of

__all__ = [
    "DEFAULT_POLICIES",
    "PLAIN",
    "BatchState",
    "Boxes",
    "Candidate",
    "Commit",
    "Estimate",
    "Evaluation",
    "Lookahead",
    "Observation",
    "Payoff",
    "Policy",
    "Posterior",
    "Programme",
    "Ranking",
    "Recommendation",
    "Rollout",
    "Route",
    "Runs",
    "Solution",
    "TeamOutlook",
    "TooLargeError",
    "Whatif",
    "World",
    "assign_reviewers",
    "commitment",
    "count_states",
    "draw_lots",
    "evaluate",
    "expected_rank",
    "lots",
    "lottery_seed",
    "pandora",
    "policy_named",
    "posterior",
    "recommend",
    "simulate",
    "solve",
    "uncovered",
    "whatif",
    "worlds_of",
]
