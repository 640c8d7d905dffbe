"""What a challenge is made of: cases, moments, sealed secrets."""

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
from biaochi.mechanisms.challenge.model.sealing import Share, combine_shares, receipt_digest, split_secret

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
    "Share",
    "StopCause",
    "combine_shares",
    "posting_text",
    "receipt_digest",
    "split_secret",
]
