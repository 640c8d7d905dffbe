"""Results of challenges as records, figures and text."""

from biaochi.mechanisms.challenge.report.casefile import case_document
from biaochi.mechanisms.challenge.report.document import findings, results, sections
from biaochi.mechanisms.challenge.report.names import DUTY_NAMES, OUTCOME_NAMES, STAGE_NAMES, ZONE_NAMES
from biaochi.mechanisms.challenge.report.records import diligence_records, ranking_records

__all__ = [
    "DUTY_NAMES",
    "OUTCOME_NAMES",
    "STAGE_NAMES",
    "ZONE_NAMES",
    "case_document",
    "diligence_records",
    "findings",
    "ranking_records",
    "results",
    "sections",
]
