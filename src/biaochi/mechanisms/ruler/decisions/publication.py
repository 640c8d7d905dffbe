"""May a submission be published, and as what vintage?"""

from __future__ import annotations

from datetime import date

from biaochi.core.decision import Decision, Reason
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict, all_of
from biaochi.mechanisms.ruler.model import RevisionReason, SubmissionRecord


def decide_publication(
    record: SubmissionRecord, *, validator: str, validator_organisation: str, published_cells: int, at: date
) -> Decision:
    """Return ``publish`` or ``refuse`` with every reason.

    Parameters
    ----------
    record : SubmissionRecord
        What was handed in.
    validator, validator_organisation : str
        Who validated it; another person of another organisation than who handed it in.
    published_cells : int
        How many of its cells are already published; these need a new vintage and a revision reason.
    """
    known = record.revision_reason in set(RevisionReason)
    reasons = [
        Reason(
            "check_clean",
            Verdict.MET if record.faults == 0 else Verdict.UNMET,
            Text(f"最近一次核验有 {record.faults} 处错误", f"the last check found {record.faults} faults"),
            record.faults,
            0,
        ),
        Reason(
            "other_organisation",
            Verdict.MET
            if validator and validator != record.submitter and validator_organisation != record.organisation
            else Verdict.UNMET,
            Text("由另一单位的人核验", "validated by a person of another organisation"),
            validator_organisation,
        ),
    ]
    if published_cells:
        reasons.append(
            Reason(
                "revision_reason",
                Verdict.MET if known else Verdict.UNMET,
                Text(
                    f"{published_cells} 个单元格已发布，只能以新版本修订并写明原因",
                    f"{published_cells} cells are published and can only be revised by a new vintage with its reason",
                ),
                record.revision_reason,
            )
        )
        fine = record.vintage is not None and record.vintage <= at
        text = Text("新版本须写明不晚于当日的版本日期", "a new vintage states its date, not after today")
        reasons.append(Reason("vintage", Verdict.MET if fine else Verdict.UNMET, text, record.vintage, at))
    whole = all_of(r.verdict for r in reasons)
    return Decision("publish" if whole is Verdict.MET else "refuse", tuple(reasons), at)
