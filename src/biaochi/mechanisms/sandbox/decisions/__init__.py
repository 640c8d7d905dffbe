"""What is decided in a sandbox, each from facts and dated parameters alone."""

from biaochi.mechanisms.sandbox.decisions.families import e_value, judge_portfolio
from biaochi.mechanisms.sandbox.decisions.paths import Arrivals, follow
from biaochi.mechanisms.sandbox.decisions.silence import microseconds, moment
from biaochi.mechanisms.sandbox.decisions.supervision import supervise

__all__ = [
    "Arrivals",
    "e_value",
    "follow",
    "judge_portfolio",
    "microseconds",
    "moment",
    "supervise",
]
