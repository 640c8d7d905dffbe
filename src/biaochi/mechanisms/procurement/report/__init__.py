"""Results of the procurement room as records, tables and OCDS."""

from biaochi.mechanisms.procurement.report.part import findings, results, sections, state_name
from biaochi.mechanisms.procurement.report.tables import (
    check_records,
    evaluation_records,
    market_record,
)

__all__ = [
    "check_records",
    "evaluation_records",
    "findings",
    "market_record",
    "results",
    "sections",
    "state_name",
]
