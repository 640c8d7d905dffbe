"""Results of the procurement room as records, tables and OCDS."""

from biaochi.mechanisms.procurement.report.tables import (
    check_records,
    evaluation_records,
    market_record,
)

__all__ = ["check_records", "evaluation_records", "market_record"]
