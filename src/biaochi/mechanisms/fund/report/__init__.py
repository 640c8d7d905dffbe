"""Results of the fund as records, figures and the review board's packet."""

from biaochi.mechanisms.fund.report.packet import Packet, packet_document
from biaochi.mechanisms.fund.report.records import (
    calibration_record,
    fault_records,
    posterior_records,
    recommendation_records,
    solution_records,
    spent_and_left,
    whatif_records,
)

__all__ = [
    "Packet",
    "calibration_record",
    "fault_records",
    "packet_document",
    "posterior_records",
    "recommendation_records",
    "solution_records",
    "spent_and_left",
    "whatif_records",
]
