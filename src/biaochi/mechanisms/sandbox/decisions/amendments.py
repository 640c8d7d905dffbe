"""Whether a registered plan may be changed: for a reason, by another person, never backwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from biaochi.core.decision import Decision, Reason
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox.model import Amendment, Plan


def amend_plan(plan: Plan, amendment: Amendment, *, requested_by: str, at: datetime) -> Decision:
    """Decide ``accept`` or ``refuse``; an accepted change restarts its guardrails and leaves their record as it is."""
    reasons = tuple(_reasons(plan, amendment, requested_by, at))
    refused = any(r.verdict is Verdict.UNMET for r in reasons)
    return Decision("refuse" if refused else "accept", reasons, at)


def _reasons(plan: Plan, amendment: Amendment, requested_by: str, at: datetime) -> Iterable[Reason]:
    forward = amendment.effective_at >= at and amendment.effective_at >= plan.registered_at
    yield _reason(
        "not_retroactive", forward, Text("自将来起生效", "it takes effect from now on"),
        Text("修订不得溯及既往", "an amendment may not reach back"),
    )  # fmt: skip
    yield _reason(
        "reason_given", bool(amendment.reason.strip()), Text("理由已写明", "a reason is given"),
        Text("须写明理由", "a reason must be given"),
    )  # fmt: skip
    other = bool(amendment.approved_by.strip()) and amendment.approved_by != requested_by
    yield _reason(
        "second_person", other, Text("由另一人批准", "approved by another person"),
        Text("须由提出人以外的人批准", "another person than who asked must approve it"),
    )  # fmt: skip
    known = {g.id for g in plan.guardrails}
    strange = sorted(set(amendment.changes) - known)
    yield _reason(
        "guardrails_known", not strange and bool(amendment.changes), Text("护栏都在方案内", "all guardrails known"),
        Text(f"没有改动或没有这些护栏：{strange}", f"no change, or no such guardrails: {strange}"),
    )  # fmt: skip


def _reason(rule: str, holds: bool, yes: Text, no: Text) -> Reason:
    return Reason(rule, Verdict.MET if holds else Verdict.UNMET, yes if holds else no)
