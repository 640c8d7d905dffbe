"""Results of the fund as records, figures and the review board's packet."""

from biaochi.mechanisms.fund.report.packet import findings, packet_document, sections
from biaochi.mechanisms.fund.report.records import (
    calibration_record,
    fault_records,
    packet_records,
    posterior_records,
    recommendation_records,
    results,
    solution_records,
    spent_and_left,
    whatif_records,
)

__all__ = [
    "calibration_record",
    "fault_records",
    "findings",
    "packet_document",
    "packet_records",
    "posterior_records",
    "recommendation_records",
    "results",
    "sections",
    "solution_records",
    "spent_and_left",
    "whatif_records",
]
