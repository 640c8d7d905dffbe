"""Results of challenges as records, figures and text."""

from biaochi.mechanisms.challenge.report.document import findings, results, sections
from biaochi.mechanisms.challenge.report.records import diligence_records, ranking_records

__all__ = ["diligence_records", "findings", "ranking_records", "results", "sections"]
