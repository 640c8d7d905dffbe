"""Results of the sandbox as text, tables and figures, in both languages."""

from biaochi.mechanisms.sandbox.report.case import (
    HEALTH,
    LIMITS,
    STATUS,
    alarm_table,
    feed_figure,
    guardrail_table,
    headline,
    public_summary,
    statistic_figure,
)
from biaochi.mechanisms.sandbox.report.names import ALARM_KINDS, METHODS, account_name
from biaochi.mechanisms.sandbox.report.part import findings, results, sections
from biaochi.mechanisms.sandbox.report.replay import MOST_RUNS, replay_figure
from biaochi.mechanisms.sandbox.report.watch import simulation_rows, watch_figure

__all__ = [
    "ALARM_KINDS",
    "HEALTH",
    "LIMITS",
    "METHODS",
    "MOST_RUNS",
    "STATUS",
    "account_name",
    "alarm_table",
    "feed_figure",
    "findings",
    "guardrail_table",
    "headline",
    "public_summary",
    "replay_figure",
    "results",
    "sections",
    "simulation_rows",
    "statistic_figure",
    "watch_figure",
]
