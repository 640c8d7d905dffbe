"""Results of the ruler as tables, sentences, charts and a report."""

from biaochi.mechanisms.ruler.report.document import document, findings, results, sections, stages
from biaochi.mechanisms.ruler.report.figures import (
    interval_dots,
    lever_bars,
    profile_dots,
    tier_strip,
    waterfall,
)
from biaochi.mechanisms.ruler.report.sentences import said_audit, said_build, said_comparison, said_profile
from biaochi.mechanisms.ruler.report.sheets import (
    audit_tables,
    comparison_tables,
    profile_tables,
    replay_tables,
)
from biaochi.mechanisms.ruler.report.trajectory import trajectory_figure

__all__ = [
    "audit_tables",
    "comparison_tables",
    "document",
    "findings",
    "interval_dots",
    "lever_bars",
    "profile_dots",
    "profile_tables",
    "replay_tables",
    "results",
    "said_audit",
    "said_build",
    "said_comparison",
    "said_profile",
    "sections",
    "stages",
    "tier_strip",
    "trajectory_figure",
    "waterfall",
]
