"""Disclosure, applications, qualification and concept exchange."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from biaochi.core.roles import Actor
from biaochi.mechanisms.procurement.web import record
from biaochi.mechanisms.procurement.web.models import CoPurchase, Participant
from biaochi.mechanisms.procurement.web.services.refusing import noted, refuse
from biaochi.registry.models import Organisation

DUE_IN = {
    "intention": ("approved",),
    "result": ("selected",),
    "rd_contract": ("developing", "accepted", "first_purchase_review"),
    "first_purchase_agreement": ("first_purchase_contract", "iterated"),
}


def disclosable(obj: CoPurchase) -> list[str]:
    """Return the documents that the buyer publishes now by hand; notice and file are published by their moves."""
    done = {d["document"] for d in obj.disclosures}
    found = [d for d, states in DUE_IN.items() if obj.state in states and d not in done]
    if obj.state == "first_purchase_review" and obj.first and not obj.first.get("announced_on"):
        found.append("first_purchase")
    return found


def disclose(obj: CoPurchase, document: str, exempt: str, actor: Actor, now: datetime) -> None:
    """Publish a document, or keep the reason why it stays closed."""
    if document not in disclosable(obj):
        raise refuse("not_due", "现在没有这份文件要公开（第十三条）", "this document is not due now (Art 13)")
    today = timezone.localdate(now)
    if document == "first_purchase":
        obj.first = {**obj.first, "announced_on": today.isoformat()}
        obj.save(update_fields=["first"])
        noted(obj, "disclosed", actor, now, document=document)
        return
    if document == "intention":
        obj.dates = {**obj.dates, "intention": today.isoformat()}
        obj.intention_out = not exempt
    kept = record.disclosure(obj, document, today, exempt.strip())
    obj.disclosures = [*obj.disclosures, kept]
    obj.save(update_fields=["dates", "intention_out", "disclosures"])
    noted(obj, "disclosed", actor, now, exempt, document=document, sha256=kept.get("sha256", ""))


def apply(obj: CoPurchase, statement: str, actor: Actor, now: datetime) -> Participant:
    """Take an application; one each organisation, until the closing day."""
    closing = obj.dates.get("applications_close", "")
    if obj.state != "noticed" or not closing or timezone.localdate(now) > date.fromisoformat(closing):
        raise refuse("closed", "申请已截止或尚未开始（第十六条）", "applications are not open (Art 16)")
    house = Organisation.objects.filter(public_id=actor.organisation).first()
    if house is None:
        raise refuse("no_organisation", "须以单位身份申请", "an organisation applies")
    if obj.organisation is not None and house == obj.organisation:
        raise refuse("own_purchase", "采购人不能参加自己的采购", "the buyer does not take part in its own purchase")
    if obj.participants.filter(organisation=house).exists():
        raise refuse("applied", "已申请", "applied already")
    made: Participant = Participant.objects.create(purchase=obj, organisation=house, statement=statement, at=now)
    noted(obj, "applied", actor, now)
    return made


def judge(obj: CoPurchase, who: int, qualified: bool, reason: str, actor: Actor, now: datetime) -> None:
    """Judge one applicant, with the reason."""
    row = _participant(obj, who)
    if obj.state != "noticed":
        raise refuse("wrong_state", "公告期内办理（第十五条）", "done while applications are judged (Art 15)")
    row.qualified, row.reason = qualified, reason
    row.save(update_fields=["qualified", "reason"])
    noted(obj, "applicant_judged", actor, now, reason, supplier=row.organisation.public_id, qualified=qualified)


def hear(obj: CoPurchase, who: int, on: date, minutes: str, actor: Actor, now: datetime) -> None:
    """Keep the concept exchange with one qualified supplier."""
    row = _participant(obj, who)
    if obj.state != "qualified" or not row.qualified:
        raise refuse("wrong_state", "只与合格供应商交流（第十七条）", "only qualified suppliers are heard (Art 17)")
    row.heard_on, row.minutes = on, minutes
    row.save(update_fields=["heard_on", "minutes"])
    noted(obj, "concept_exchanged", actor, now, supplier=row.organisation.public_id, on=on)


def _participant(obj: CoPurchase, who: int) -> Participant:
    row = obj.participants.filter(pk=who).select_related("organisation").first()
    if row is None:
        raise refuse("no_applicant", "没有这家申请人", "there is no such applicant")
    return row
