"""Watching a stream as it comes: e-processes, e-detectors, charts, and intervals that hold however often one looks.

A :class:`Rule` says what is watched; ``start(rule)`` gives a :class:`State`; ``update(state, value, exposure)`` takes
one reading in constant time; :func:`replay` runs whole records at once and gives the same numbers.
"""

from biaochi.methods.surveillance.beta_mixture import beta_interval, beta_log_e
from biaochi.methods.surveillance.cusum import cusum_arl, cusum_arl_two_sided, cusum_limit, lag_one
from biaochi.methods.surveillance.dispatch import estimate, interval, interval_kind, start, statistic, update
from biaochi.methods.surveillance.e_bh import BoolArray, e_bh
from biaochi.methods.surveillance.e_lond import OnlineTests, e_lond
from biaochi.methods.surveillance.gamma_mixture import gamma_interval, gamma_log_e
from biaochi.methods.surveillance.maxsprt import maxsprt_critical
from biaochi.methods.surveillance.reading import READING_FAULTS, ReadingError, impossible, reading_fault
from biaochi.methods.surveillance.replay import Replay, replay, settle
from biaochi.methods.surveillance.rule import Method, Rule, RuleError
from biaochi.methods.surveillance.state import State

__all__ = [
    "READING_FAULTS",
    "BoolArray",
    "Method",
    "OnlineTests",
    "ReadingError",
    "Replay",
    "Rule",
    "RuleError",
    "State",
    "beta_interval",
    "beta_log_e",
    "cusum_arl",
    "cusum_arl_two_sided",
    "cusum_limit",
    "e_bh",
    "e_lond",
    "estimate",
    "gamma_interval",
    "gamma_log_e",
    "impossible",
    "interval",
    "interval_kind",
    "lag_one",
    "maxsprt_critical",
    "reading_fault",
    "replay",
    "settle",
    "start",
    "statistic",
    "update",
]
