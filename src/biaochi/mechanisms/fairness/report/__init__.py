"""Findings as records and tables, and the yearly part; numbers come from results, never from here."""

from biaochi.mechanisms.fairness.report.part import CONCLUSION, findings, results, sections
from biaochi.mechanisms.fairness.report.tables import (
    cited,
    clause_record,
    finding_record,
    findings_table,
    rule_record,
)

__all__ = [
    "CONCLUSION",
    "cited",
    "clause_record",
    "finding_record",
    "findings",
    "findings_table",
    "results",
    "rule_record",
    "sections",
]
