"""What of the declared plans may be used and published."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict, all_of
from biaochi.mechanisms.layout.model.documents import CodedDocument, cohen_kappa

KAPPA = "layout.document_kappa"


def decide_document(document: CodedDocument, tracks: Collection[str], *, at: date, parameters: Snapshot) -> Decision:
    """Decide what to do with a coded document: ``publish``, ``second_coding``, ``recode`` or ``manual_review``.

    Two different people must have coded it and agree (κ at or above the office's least); a document that was only
    recalled, or is disputed, goes to a person.
    """
    rule = parameters[KAPPA]
    least = float(str(rule.value))
    if document.second is None:
        text = Text("尚未由第二人编码", "not yet coded by a second person")
        return Decision("second_coding", (Reason("second_coder", Verdict.UNKNOWN, text),), at)
    if document.coder == document.second_coder:
        text = Text("第二次编码须由另一人完成", "the second coding must be done by another person")
        return Decision("second_coding", (Reason("second_coder", Verdict.UNMET, text, document.second_coder),), at)
    kappa = cohen_kappa(document.first, document.second, tracks)
    text = Text(f"两人一致性 κ = {kappa:.2f}", f"agreement of the two, κ = {kappa:.2f}")
    agreed = Verdict.MET if kappa >= least else Verdict.UNMET
    reasons = [Reason(KAPPA, agreed, text, kappa, least, "kappa", rule.citation)]
    if not document.seen:
        text = Text("原文未见，仅凭记忆或转述", "the text was not seen, only recalled or copied")
        reasons.append(Reason("evidence", Verdict.MANUAL_REVIEW, text))
    if document.disputed:
        reasons.append(Reason("dispute", Verdict.MANUAL_REVIEW, Text("有地区提出异议", "a region disputes it")))
    verdict = all_of(r.verdict for r in reasons)
    outcome = {Verdict.MET: "publish", Verdict.UNMET: "recode"}.get(verdict, "manual_review")
    return Decision(outcome, tuple(reasons), at, parameters=parameters.only(KAPPA))


def decide_publication(*, unverified: int, disputed: int, complete: int, at: date) -> Decision:
    """Decide how a crowding page may appear: ``publish``, ``publish_with_notice``, ``hold``.

    Parameters
    ----------
    unverified : int
        Regions whose portfolio rests on rows that were not seen.
    disputed : int
        Documents under dispute.
    complete : int
        Regions with a complete list; fewer than two cannot be compared.
    at : datetime.date
        Day of the decision.
    """
    if complete < 2:
        text = Text("完整清单不足两份，不能比较", "fewer than two complete lists: nothing to compare")
        return Decision("hold", (Reason("complete", Verdict.UNMET, text, complete, 2),), at)
    if disputed:
        text = Text(f"有 {disputed} 份文件存在异议", f"{disputed} documents are disputed")
        return Decision("hold", (Reason("dispute", Verdict.MANUAL_REVIEW, text, disputed, 0),), at)
    if unverified:
        text = Text(f"{unverified} 个地区含未核实条目，须注明", f"{unverified} regions hold unverified rows: say so")
        return Decision("publish_with_notice", (Reason("evidence", Verdict.MANUAL_REVIEW, text, unverified, 0),), at)
    text = Text("条目均已核实", "all rows were verified")
    return Decision("publish", (Reason("evidence", Verdict.MET, text, 0, 0),), at)
