"""The case of one award as the file that ``biaochi challenge diligence`` reads."""

from __future__ import annotations

from biaochi.mechanisms.challenge.model import Case, Moment

Record = dict[str, object]


def case_document(case: Case) -> Record:
    """Return a case as plain data of the schema ``biaochi.challenge.case/1``; reading it gives the case again."""
    return {
        "schema": "biaochi.challenge.case/1",
        "award": {
            "id": case.award.id,
            "team_org": case.award.team_org,
            "owner_org": case.award.owner_org,
            "routes": list(case.award.routes),
        },
        "declarations": [
            {"person": d.person, "subject": d.subject, "at": str(d.at), "conflict": d.conflict}
            for d in case.declarations
        ],
        "evidence": [
            {"id": e.id, "grade": e.grade.value, "at": _at(e.at), "sha256": e.sha256 or None} for e in case.evidence
        ],
        "milestones": [
            {
                "id": m.id,
                "indicators": [
                    {"name": i.name, "unit": i.unit, "threshold": i.threshold, "test_method": i.test_method}
                    for i in m.indicators
                ],
                "registered_at": _at(m.registered_at),
                "started_at": _at(m.started_at),
                "due_on": None if m.due_on is None else m.due_on.isoformat(),
                "reviewed_at": _at(m.reviewed_at),
                "delay_reason": m.delay_reason or None,
                "verifier_org": m.verifier_org or None,
                "measured": dict(m.measured),
            }
            for m in case.milestones
        ],
        "decisions": [
            {
                "id": d.id,
                "at": str(d.at),
                "creator": d.creator,
                "approver": d.approver,
                "outcome": d.outcome,
                "reason": d.reason,
                "alternatives": list(d.alternatives),
                "forecast": d.forecast,
                "evidence": list(d.evidence),
                "cause": None if d.cause is None else d.cause.value,
            }
            for d in case.decisions
        ],
        "payments": [{"at": str(p.at), "amount": f"{p.amount:.2f}", "milestone": p.milestone} for p in case.payments],
        "gain_declared": case.gain_declared,
    }


def _at(value: Moment | None) -> str | None:
    return None if value is None else str(value)
