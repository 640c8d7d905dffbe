"""Results of the sandbox as text, tables and figures, in both languages."""

from biaochi.mechanisms.sandbox.report.case import (
    LIMITS,
    alarm_table,
    feed_figure,
    guardrail_table,
    headline,
    public_summary,
    statistic_figure,
)
from biaochi.mechanisms.sandbox.report.part import findings, results, sections

__all__ = [
    "LIMITS",
    "alarm_table",
    "feed_figure",
    "findings",
    "guardrail_table",
    "headline",
    "public_summary",
    "results",
    "sections",
    "statistic_figure",
]
