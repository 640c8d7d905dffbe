"""What is stored of the sandbox."""

from biaochi.mechanisms.sandbox.web.models.case import ZONE, Amendment, SandboxCase, rules_on
from biaochi.mechanisms.sandbox.web.models.ethics import EthicsReview
from biaochi.mechanisms.sandbox.web.models.grant import Export, Grant, Service
from biaochi.mechanisms.sandbox.web.models.monitoring import AlarmRow, FeedMark, GuardrailState, IncidentRow, Reading
from biaochi.mechanisms.sandbox.web.models.voucher import Affiliation, BookLine, Scheme, Voucher
from biaochi.mechanisms.sandbox.web.models.waiver import WaiverRow

__all__ = [
    "ZONE",
    "Affiliation",
    "AlarmRow",
    "Amendment",
    "BookLine",
    "EthicsReview",
    "Export",
    "FeedMark",
    "Grant",
    "GuardrailState",
    "IncidentRow",
    "Reading",
    "SandboxCase",
    "Scheme",
    "Service",
    "Voucher",
    "WaiverRow",
    "rules_on",
]
