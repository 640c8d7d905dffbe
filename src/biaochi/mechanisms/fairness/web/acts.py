"""What people do to a review between its moves: new versions, claims, hearings, settled points, signatures.

Who may do what stands here once; the page asks :func:`allowed` and the view calls :func:`act`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction as database
from django.utils import timezone

from biaochi.core.canonical import sha256
from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.fairness.decisions import decide_override, decide_review
from biaochi.mechanisms.fairness.web import readings
from biaochi.mechanisms.fairness.web.models import (
    EXCEPTION,
    OVERRIDE,
    ExceptionClaim,
    FairnessReview,
    Hearing,
    Settlement,
    Signature,
    TextVersion,
)
from biaochi.registry.transition import record

_DRAFTING = (Role.OFFICER, Role.BUYER)
_REVIEWING = (Role.COMPETITION_REVIEWER, Role.REGULATOR)
_STATES: Mapping[str, tuple[str, ...]] = {
    "text": ("drafted", "amended"),
    "claim": ("drafted", "screened", "amended"),
    "drop": ("drafted", "screened", "amended"),
    "hearing": ("drafted", "screened", "first_review", "amended"),
    "settle": ("first_review",),
    "sign": ("first_review",),
    "regulator": ("first_review", "concluded"),
    "override": ("concluded",),
}
ACTS = tuple(_STATES)


def drafters(obj: FairnessReview) -> frozenset[str]:
    """Return everybody who wrote a version of the text."""
    named = {v.person for v in obj.versions.all()} | {obj.drafter}
    if obj.creator is not None:
        named.add(obj.creator.public_id)
    return frozenset(named - {""})


def allowed(obj: FairnessReview, code: str, actor: Actor) -> bool:
    """Return whether the actor may do this now: drafting is the own organisation's, reviewing never a drafter's."""
    if code not in _STATES or obj.state not in _STATES[code] or not actor.person or not actor.role.decides:
        return False
    if not FairnessReview.objects.filter(FairnessReview.scope_of(actor), pk=obj.pk).exists():
        return False
    own = obj.organisation is not None and obj.organisation.public_id == actor.organisation
    if code in ("text", "claim", "drop", "hearing"):
        return own and actor.role in _DRAFTING
    if actor.role not in _REVIEWING or actor.person in drafters(obj):
        return False
    return not (own and code == "regulator")


def act(obj: FairnessReview, code: str, actor: Actor, data: Mapping[str, Any]) -> None:
    """Do it, with its line in the ledger, all or nothing; raise :class:`RefusedError` when it may not be."""
    with database.atomic():
        row = FairnessReview.objects.select_for_update().get(pk=obj.pk)
        if not allowed(row, code, actor):
            raise RefusedError("not_now", Text("这一步现在不能由您办理", "this is not yours to do now"))
        _DO[code](row, actor, data, timezone.now())


def _text(row: FairnessReview, actor: Actor, data: Mapping[str, Any], now: datetime) -> None:
    text = str(data["text"])
    if text == row.text:
        raise RefusedError("same_text", Text("与现有版本相同", "this is the present version"))
    person = row.drafter or (row.creator.public_id if row.creator else "")
    TextVersion.objects.create(
        review=row, number=row.number, text=row.text, sha256=sha256(row.text), person=person, at=now
    )
    row.text, row.number, row.drafter = text, row.number + 1, actor.person
    row.save(update_fields=["text", "number", "drafter"])
    facts: dict[str, Any] = {"number": row.number, "text_sha256": sha256(text)}
    record(row, "version", actor, "", Decision("version_kept", (), now, facts=facts), now=now)


def _claim(row: FairnessReview, actor: Actor, data: Mapping[str, Any], now: datetime) -> None:
    names = ("rule", "ground", "statement", "alternative", "why_not", "end_on", "termination")
    ExceptionClaim.objects.create(review=row, person=actor.person, at=now, **{n: data[n] for n in names})
    facts = {"rule": data["rule"], "ground": data["ground"], "end_on": data["end_on"]}
    record(row, "claim", actor, str(data["statement"]), Decision("exception_claimed", (), now, facts=facts), now=now)


def _drop(row: FairnessReview, actor: Actor, data: Mapping[str, Any], now: datetime) -> None:
    found = row.claims.filter(pk=data["claim"]).first()
    if found is None:
        raise RefusedError("no_claim", Text("没有这项例外主张", "there is no such claim"))
    rule = found.rule
    found.delete()
    record(row, "claim_dropped", actor, "", Decision("claim_dropped", (), now, facts={"rule": rule}), now=now)


def _hearing(row: FairnessReview, actor: Actor, data: Mapping[str, Any], now: datetime) -> None:
    Hearing.objects.create(review=row, who=data["who"], on=data["on"], view=data["view"])
    record(row, "heard", actor, "", Decision("heard", (), now, facts={"on": data["on"]}), now=now)


def _settle(row: FairnessReview, actor: Actor, data: Mapping[str, Any], now: datetime) -> None:
    clause = str(data["clause"])
    found = readings.read(row, timezone.localdate(now)).claimed
    if not any(c.clause.id == clause and c.verdict == "needs_context" for c in found.clauses):
        raise RefusedError("nothing_open", Text("这一条没有待查之处", "this clause has no open point"))
    _, made = Settlement.objects.get_or_create(
        review=row, basis=row.basis, clause=clause, defaults={"person": actor.person, "reason": data["reason"]}
    )
    if not made:
        raise RefusedError("settled", Text("这一条已处理", "this clause is settled already"))
    facts = {"clause": clause, "basis": row.basis}
    record(row, "settled", actor, str(data["reason"]), Decision("settled", (), now, facts=facts), now=now)


def _signed(row: FairnessReview, actor: Actor, purpose: str, reason: str) -> Signature:
    signature, made = Signature.objects.get_or_create(
        review=row, purpose=purpose, basis=row.basis, person=actor.person,
        defaults={"role": actor.role.value, "reason": reason},
    )  # fmt: skip
    if not made:
        raise RefusedError("signed", Text("您已签过", "you signed already"))
    return signature


def _sign(row: FairnessReview, actor: Actor, data: Mapping[str, Any], now: datetime) -> None:
    checks = readings.read(row, timezone.localdate(now)).checks
    if not checks or not all(c.complete for c in checks):
        raise RefusedError(
            "claim_incomplete", Text("没有要件齐备的例外主张（第十二条）", "no claim is complete (Art 12)")
        )
    _signed(row, actor, EXCEPTION, str(data["reason"]))
    record(row, "exception_signed", actor, str(data["reason"]), concluded(row, now), now=now)


def _override(row: FairnessReview, actor: Actor, data: Mapping[str, Any], now: datetime) -> None:
    if row.conclusion != "must_revise":
        raise RefusedError("nothing_blocks", Text("没有需要放行的违反项", "no violation blocks this text"))
    signature = _signed(row, actor, OVERRIDE, str(data["reason"]))
    decision = overriding(row, now)
    signature.complete = decision.outcome == "overridden"
    signature.save(update_fields=["complete"])
    record(row, "override_signed", actor, str(data["reason"]), decision, now=now)


def _regulator(row: FairnessReview, actor: Actor, data: Mapping[str, Any], now: datetime) -> None:
    if not row.by_government:
        raise RefusedError("not_needed", Text("不是以政府名义出台的文件", "this is no text of the government itself"))
    row.regulator, row.regulator_basis = actor.person, row.basis
    row.save(update_fields=["regulator", "regulator_basis"])
    facts = {"basis": row.basis}
    record(row, "regulator_seen", actor, str(data["reason"]), Decision("regulator_seen", (), now, facts=facts), now=now)


def concluded(row: FairnessReview, now: datetime) -> Decision:
    """Return the conclusion of a review as it stands."""
    day = timezone.localdate(now)
    approvals = tuple(a for a in row.approvals(EXCEPTION) if a.person not in drafters(row))
    return decide_review(
        readings.read(row, day).plain,
        row.domain_claims(),
        at=day,
        parameters=readings.rules(day),
        drafter=row.drafter,
        approvals=approvals,
        settled=row.settled_clauses(),
    )


def overriding(row: FairnessReview, now: datetime) -> Decision:
    """Return whether enough people override what blocks."""
    day = timezone.localdate(now)
    return decide_override(
        readings.read(row, day).claimed,
        at=day,
        parameters=readings.rules(day),
        drafter=row.drafter,
        approvals=tuple(a for a in row.approvals(OVERRIDE) if a.person not in drafters(row)),
    )


_DO = {
    "text": _text,
    "claim": _claim,
    "drop": _drop,
    "hearing": _hearing,
    "settle": _settle,
    "sign": _sign,
    "override": _override,
    "regulator": _regulator,
}
