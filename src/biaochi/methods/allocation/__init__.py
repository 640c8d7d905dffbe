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
from biaochi.methods.allocation.lookahead import Lookahead
from biaochi.methods.allocation.plain import PLAIN
from biaochi.methods.allocation.policies import policy_named
from biaochi.methods.allocation.posterior import posterior
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.recommend import Recommendation, recommend
from biaochi.methods.allocation.rollout import Rollout
from biaochi.methods.allocation.routes import Observation, Payoff, Route, World
from biaochi.methods.allocation.simulate import Estimate, Runs, simulate
from biaochi.methods.allocation.worlds import worlds_of

__all__ = [
    "PLAIN",
    "BatchState",
    "Commit",
    "Estimate",
    "Evaluation",
    "Lookahead",
    "Observation",
    "Payoff",
    "Policy",
    "Programme",
    "Recommendation",
    "Rollout",
    "Route",
    "Runs",
    "Solution",
    "TooLargeError",
    "World",
    "count_states",
    "evaluate",
    "policy_named",
    "posterior",
    "recommend",
    "simulate",
    "solve",
    "worlds_of",
]
