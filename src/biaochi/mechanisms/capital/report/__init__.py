"""Results of guidance funds as records, figures and text."""

from biaochi.mechanisms.capital.report.document import curve, findings, results, sections
from biaochi.mechanisms.capital.report.names import (
    CLASS_NAMES,
    FLOW_NAMES,
    IRR_NAMES,
    KIND_NAMES,
    PHASE_NAMES,
    RULE_NAMES,
    STATUS_NAMES,
    STEP_NAMES,
)
from biaochi.mechanisms.capital.report.records import cashflow_records, terms_records, waterfall_records

__all__ = [
    "CLASS_NAMES",
    "FLOW_NAMES",
    "IRR_NAMES",
    "KIND_NAMES",
    "PHASE_NAMES",
    "RULE_NAMES",
    "STATUS_NAMES",
    "STEP_NAMES",
    "cashflow_records",
    "curve",
    "findings",
    "results",
    "sections",
    "terms_records",
    "waterfall_records",
]
