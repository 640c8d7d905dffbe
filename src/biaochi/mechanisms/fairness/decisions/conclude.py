"""From findings and claims to a conclusion; nothing here reads a clock, a file or a database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Citation, Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.fairness.model import Approval, Claim, Ground
from biaochi.methods.textreview.engine import VERDICTS, ClauseReview, Finding, Review, State

_DECREE = "公平竞争审查条例（国务院令第783号）"
_ARTICLE_12 = Citation(_DECREE, "12", "2024-06-06")


class Conclusion(StrEnum):
    """The conclusion of a review."""

    COMPLIANT = "compliant"
    COMPLIANT_WITH_EXCEPTION = "compliant_with_exception"
    MUST_REVISE = "must_revise"


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """A claim with what is missing from it; complete when nothing is."""

    claim: Claim
    problems: tuple[Text, ...]
    lapsed: bool

    @property
    def complete(self) -> bool:
        """Whether every part that Art 12 asks for is there and the claim has not run out."""
        return not self.problems and not self.lapsed

    def to_dict(self) -> dict[str, object]:
        """Return the record documents carry."""
        return {
            "rule": self.claim.rule or None,
            "quote": self.claim.quote or None,
            "ground": self.claim.ground,
            "complete": self.complete,
            "lapsed": self.lapsed,
            "end_on": self.claim.end_on,
            "termination": self.claim.termination or None,
            "problems": [p.to_dict() for p in self.problems],
        }


def check_claim(claim: Claim, *, at: date) -> ClaimCheck:
    """Check an exception claim for the parts Art 12 asks for.

    A claim needs one of the four grounds, a statement, at least one alternative with the reason why it does not
    serve, and an end: a date or a condition.  Claims exist only for policy measures (rules C, I, F).

    Examples
    --------
    >>> check_claim(Claim("science", "试点", rule="F3"), at=date(2026, 1, 1)).complete
    False
    """
    problems: list[Text] = []
    if claim.ground not in {g.value for g in Ground}:
        problems.append(Text("没有这样的理由", "there is no such ground"))
    if not claim.statement.strip():
        problems.append(Text("缺少说明", "the statement is missing"))
    if not any(a.option.strip() and a.why_not.strip() for a in claim.alternatives):
        problems.append(Text("没有考虑影响更小的替代方案", "no less restrictive alternative was considered"))
    if claim.end_on is None and not claim.termination.strip():
        problems.append(Text("没有实施期限或终止条件", "there is neither an end date nor a termination condition"))
    if claim.rule and claim.rule[0] not in "CIF":
        problems.append(Text("例外只适用于政策措施", "an exception exists only for policy measures"))
    if bool(claim.rule) == bool(claim.quote):
        problems.append(Text("须写明适用的规则或原文之一", "name either a rule or a quotation"))
    lapsed = claim.end_on is not None and at > claim.end_on
    return ClaimCheck(claim, tuple(problems), lapsed)


def _covers(claim: Claim, finding: Finding) -> bool:
    if finding.rule.id[0] not in "CIF":
        return False
    if claim.rule:
        return claim.rule == finding.rule.id or claim.rule in finding.also
    return bool(claim.quote) and (claim.quote in finding.quote or finding.quote in claim.quote)


def apply_claims(review: Review, checks: Sequence[ClaimCheck]) -> Review:
    """Return the review with the findings of complete claims open as EXCEPTION_POSSIBLE.

    An incomplete or lapsed claim leaves its finding what it is and is told in the finding's ``exception``.
    """
    if not checks:
        return review
    return Review(tuple(_claimed_clause(c, checks) for c in review.clauses))


def _claimed_clause(clause: ClauseReview, checks: Sequence[ClaimCheck]) -> ClauseReview:
    findings = tuple(_claimed(f, checks) for f in clause.findings)
    if findings == clause.findings:
        return clause
    verdict = min((f.verdict for f in findings), key=VERDICTS.index)
    return replace(clause, findings=findings, verdict=verdict)


def _claimed(finding: Finding, checks: Sequence[ClaimCheck]) -> Finding:
    for check in checks:
        if finding.verdict != "violation" or not _covers(check.claim, finding):
            continue
        if check.complete:
            return replace(
                finding,
                verdict="needs_context",
                state=State.EXCEPTION_POSSIBLE,
                exception_checked=True,
                exception_result="claimed",
            )
        result = "claim_lapsed" if check.lapsed else "claim_incomplete"
        return replace(finding, exception_checked=True, exception_result=result)
    return finding


def conclude(review: Review, checks: Sequence[ClaimCheck] = ()) -> Conclusion | None:
    """Return the conclusion the findings allow by themselves; ``None`` while something is open.

    A violation or an incomplete claim means the text must be revised; what needs context keeps the conclusion open.
    """
    verdicts = {c.verdict for c in review.clauses}
    if "violation" in verdicts or any(not c.complete for c in checks):
        return Conclusion.MUST_REVISE
    if verdicts & {"needs_context", None}:
        return None
    return Conclusion.COMPLIANT


def decide_review(
    review: Review,
    claim: Claim | Sequence[Claim] | None,
    *,
    at: date,
    parameters: Snapshot,
    drafter: str = "",
    approvals: Iterable[Approval] = (),
    settled: Iterable[str] = (),
) -> Decision:
    """Conclude a review: compliant, compliant with exception, must revise, or open.

    Parameters
    ----------
    review : Review
        Findings of one document.
    claim : Claim, sequence of Claim or None
        Exceptions claimed.
    at : datetime.date
        Day of the conclusion; a claim that ended before it has lapsed.
    parameters : Snapshot
        ``fairness_people``: how many people must conclude on an exception.
    drafter : str
        Person who drafted; never one of those who conclude.
    approvals : iterable of Approval
        Signatures under the exception.
    settled : iterable of str
        Ids of clauses whose open points a person has settled as harmless, with the reason on file.

    Returns
    -------
    Decision
        ``outcome`` is a :class:`Conclusion` or ``open``.
    """
    claims = () if claim is None else (claim,) if isinstance(claim, Claim) else tuple(claim)
    checks = tuple(check_claim(c, at=at) for c in claims)
    claimed = apply_claims(review, checks)
    people = int(str(parameters["fairness_people"].value))
    signed = {a.person for a in approvals if a.person and a.person != drafter}
    done = set(settled)
    reasons = [_claim_reason(c, at) for c in checks]
    blocking = open_points = excepted = 0
    for clause in claimed.clauses:
        for finding in clause.findings:
            if finding.verdict == "violation":
                blocking += 1
                reasons.append(_finding_reason(finding, Verdict.UNMET))
            elif finding.state is State.EXCEPTION_POSSIBLE and finding.exception_result == "claimed":
                excepted += 1
            elif finding.verdict == "needs_context" and clause.clause.id not in done:
                open_points += 1
                reasons.append(_finding_reason(finding, Verdict.MANUAL_REVIEW))
    open_points += sum(c.verdict is None for c in claimed.clauses)
    if excepted:
        enough = len(signed) >= people
        reasons.append(
            Reason(
                "two_people",
                Verdict.MET if enough else Verdict.UNKNOWN,
                Text(
                    f"例外须 {people} 人认定，现有 {len(signed)} 人",
                    f"an exception needs {people} people, {len(signed)} signed",
                ),
                seen=len(signed),
                threshold=people,
                citation=Citation(_DECREE, "17", "2024-06-06"),
            )
        )
    if blocking or any(not c.complete for c in checks):
        outcome = Conclusion.MUST_REVISE.value
    elif open_points or (excepted and len(signed) < people):
        outcome = "open"
    else:
        outcome = (Conclusion.COMPLIANT_WITH_EXCEPTION if excepted else Conclusion.COMPLIANT).value
    return Decision(
        outcome,
        tuple(reasons),
        at,
        parameters=parameters.only("fairness_people"),
        facts={"violations": blocking, "open": open_points, "excepted": excepted},
    )


def decide_override(
    review: Review, *, at: date, parameters: Snapshot, drafter: str, approvals: Iterable[Approval]
) -> Decision:
    """Decide whether an open violation may be overridden: two people, not the drafter, each with a public reason."""
    people = int(str(parameters["fairness_people"].value))
    signed = {a.person for a in approvals if a.person and a.person != drafter and a.reason.strip()}
    met = len(signed) >= people
    text = Text(
        f"须 {people} 名非起草人写明理由，现有 {len(signed)} 人",
        f"needs {people} people other than the drafter with reasons, {len(signed)} signed",
    )
    reason = Reason("override", Verdict.MET if met else Verdict.UNMET, text, seen=len(signed), threshold=people)
    blocking = sum(f.verdict == "violation" for c in review.clauses for f in c.findings)
    return Decision(
        "overridden" if met else "blocked",
        (reason,),
        at,
        parameters=parameters.only("fairness_people"),
        facts={"violations": blocking},
    )


def _claim_reason(check: ClaimCheck, at: date) -> Reason:
    if check.lapsed:
        text = Text(f"例外已于 {check.claim.end_on} 到期", f"the exception ended on {check.claim.end_on}")
    elif check.problems:
        text = Text("；".join(p.zh for p in check.problems), "; ".join(p.en for p in check.problems))
    else:
        text = Text("例外的各项要件齐备", "the claim has every part it needs")
    verdict = Verdict.MET if check.complete else Verdict.UNMET
    return Reason("exception_claim", verdict, text, seen=check.claim.rule or check.claim.quote, citation=_ARTICLE_12)


def _finding_reason(finding: Finding, verdict: Verdict) -> Reason:
    cited = finding.rule.citation
    return Reason(
        finding.rule.id,
        verdict,
        finding.reason,
        seen=finding.quote,
        citation=Citation(cited.title, f"{cited.article}({cited.item})" if cited.item else cited.article),
    )
