"""What a challenge is made of: cases and moments."""

from biaochi.mechanisms.challenge.model.case import (
    Award,
    Case,
    CaseDecision,
    CaseEvidence,
    Declaration,
    Indicator,
    Milestone,
    Moment,
    Payment,
    StopCause,
)
from biaochi.mechanisms.challenge.model.posting import posting_text

__all__ = [
    "Award",
    "Case",
    "CaseDecision",
    "CaseEvidence",
    "Declaration",
    "Indicator",
    "Milestone",
    "Moment",
    "Payment",
    "StopCause",
    "posting_text",
]
