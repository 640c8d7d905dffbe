"""What the ruler computes: an audit, a profile, a comparison, and the things its life cycles move."""

from biaochi.mechanisms.ruler.model.audit import Audit, audit, default_plan
from biaochi.mechanisms.ruler.model.comparison import Comparison, Place, compare
from biaochi.mechanisms.ruler.model.part import PartInputs, PartResult
from biaochi.mechanisms.ruler.model.profile import AGAINST, Profile, profile
from biaochi.mechanisms.ruler.model.records import (
    FrameworkRecord,
    RevisionReason,
    SubmissionRecord,
)
from biaochi.mechanisms.ruler.model.unusual import unusual_changes

__all__ = [
    "AGAINST",
    "Audit",
    "Comparison",
    "FrameworkRecord",
    "PartInputs",
    "PartResult",
    "Place",
    "Profile",
    "RevisionReason",
    "SubmissionRecord",
    "audit",
    "compare",
    "default_plan",
    "profile",
    "unusual_changes",
]
