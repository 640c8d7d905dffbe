"""Allocation under uncertainty: who is funded, paused or stopped, and what would change it.

Staged programmes with hidden classes and correlated teams, their exact posterior and exact optimum, simple rules and
rollout for larger ones, simulation in worlds that differ from the model, expected ranks with a lottery, and the
assignment of reviewers.
"""

from biaochi.methods.allocation.batch import BatchState, Policy
from biaochi.methods.allocation.posterior import posterior
from biaochi.methods.allocation.programme import Programme
from biaochi.methods.allocation.routes import Observation, Payoff, Route, World

__all__ = ["BatchState", "Observation", "Payoff", "Policy", "Programme", "Route", "World", "posterior"]
