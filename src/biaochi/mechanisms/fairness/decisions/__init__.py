"""Facts and dated rules in, conclusions out."""

from biaochi.mechanisms.fairness.decisions.conclude import (
    ClaimCheck,
    Conclusion,
    apply_claims,
    check_claim,
    conclude,
    decide_override,
    decide_review,
)
from biaochi.mechanisms.fairness.decisions.measure import (
    Labelled,
    Measured,
    Score,
    VerdictScore,
    measure_rules,
    read_labelled,
    score_verdicts,
)
from biaochi.mechanisms.fairness.decisions.part import (
    PartInputs,
    PartResult,
    PartText,
    RuleCount,
    TextResult,
    run_part,
)
from biaochi.mechanisms.fairness.decisions.read import Reading, read_document

__all__ = [
    "ClaimCheck",
    "Conclusion",
    "Labelled",
    "Measured",
    "PartInputs",
    "PartResult",
    "PartText",
    "Reading",
    "RuleCount",
    "Score",
    "TextResult",
    "VerdictScore",
    "apply_claims",
    "check_claim",
    "conclude",
    "decide_override",
    "decide_review",
    "measure_rules",
    "read_document",
    "read_labelled",
    "run_part",
    "score_verdicts",
]
