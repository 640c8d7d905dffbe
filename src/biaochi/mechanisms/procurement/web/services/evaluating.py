"""Declarations, blind scores, and the selection they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Citation
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.procurement.decisions import Evaluation
from biaochi.mechanisms.procurement.decisions.case import RULES
from biaochi.mechanisms.procurement.web import readings, record
from biaochi.mechanisms.procurement.web.models import CoPurchase, Interest, OfferScore, SealedOffer
from biaochi.mechanisms.procurement.web.services.refusing import noted, refuse


def declare(obj: CoPurchase, conflict: bool, actor: Actor, now: datetime) -> None:
    """Declare interests, once, before anything is read; an organisation that offered stands aside by itself."""
    if actor.role is not Role.REVIEWER or obj.state != "negotiation_rounds":
        raise refuse(
            "wrong_state", "评审期间由评审专家申报（第十五条）", "declared by experts in the evaluation (Art 15)"
        )
    if obj.interests.filter(person=actor.person).exists():
        raise refuse("declared", "已申报", "declared already")
    own = obj.offers.filter(organisation__public_id=actor.organisation).exclude(state="withdrawn").exists()
    if own and not conflict:
        raise refuse("own_organisation", "本单位提交了响应，须回避", "your organisation offered: you stand aside")
    Interest.objects.create(purchase=obj, person=actor.person, conflict=conflict, at=now)
    noted(obj, "interests_declared", actor, now)


def score(offer: SealedOffer, points: Mapping[str, float], actor: Actor, now: datetime) -> None:
    """Keep an expert's scores of an offer under every expert criterion; they are never changed."""
    free = offer.purchase.interests.filter(person=actor.person, conflict=False).exists()
    if actor.role is not Role.REVIEWER or not free:
        raise refuse(
            "declare_first", "申报无利益关系之后才可评分（第十五条）", "declare first, free of conflict (Art 15)"
        )
    if offer.state != "opened" or offer.purchase.state != "negotiation_rounds" or offer.purchase.selection:
        raise refuse("wrong_state", "评审期间评分", "offers are scored in the evaluation")
    if offer.scores.filter(person=actor.person).exists():
        raise refuse("scored", "已评分，不能更改", "scored already; a score is never changed")
    weights = {c.code: c.weight for c in record.plan_of(offer.purchase).criteria if c.kind == "expert"}
    if set(points) != set(weights) or any(not 0 <= points[c] <= w for c, w in weights.items()):
        raise refuse("bad_score", "每项评分须在 0 与该项权重之间", "each score lies between 0 and the weight")
    OfferScore.objects.bulk_create(
        OfferScore(offer=offer, person=actor.person, criterion=c, score=points[c], at=now) for c in weights
    )


def conclude(obj: CoPurchase, actor: Actor, now: datetime) -> None:
    """Evaluate the offers and keep who is selected; only once every free expert has scored."""
    if obj.state != "negotiation_rounds":
        raise refuse("wrong_state", "评审期间计算", "computed in the evaluation")
    found = readings.evaluation_of(obj, obj.purchase, timezone.localdate(now))
    if found is None:
        raise refuse(
            "scores_in",
            "至少两名无利益关系的专家须评完每份响应（第十八条）",
            "at least two free experts must have scored every offer (Art 18)",
        )
    obj.selection = kept(found)
    obj.save(update_fields=["selection"])
    noted(obj, "evaluated", actor, now, action=found.action, selected=len(obj.selection["selected"]))


def kept(found: Evaluation) -> dict[str, Any]:
    """Return what is stored of an evaluation."""
    rows = [
        {
            "offer": o.offer,
            "supplier": o.supplier,
            "valid": o.valid,
            "reasons": [r.to_dict() for r in o.reasons],
            "total": o.total,
            "low": o.low,
            "high": o.high,
            "p_first": o.p_first,
            "rank": o.rank,
            "selected": o.selected,
        }
        for o in found.offers
    ]
    chosen = [o.offer for o in sorted(found.offers, key=lambda o: o.rank or 0) if o.selected]
    return {"action": found.action, "offers": rows, "selected": chosen}


def decided(obj: CoPurchase, now: datetime) -> Decision | None:
    """Return the decision that goes with the selection: each selected offer's total, and the number of suppliers."""
    chosen = [o for o in obj.selection.get("offers", ()) if o["selected"]]
    if not chosen:
        return None
    day = timezone.localdate(now)
    most = int(str(readings.rules_on(day)["suppliers_max"].value))
    text = Text(f"选定 {len(chosen)} 家", f"{len(chosen)} suppliers selected")
    article = Citation(RULES, "23", "2024-04-24")
    verdict = Verdict.MET if len(chosen) <= most else Verdict.UNMET
    number = Reason("suppliers", verdict, text, len(chosen), most, citation=article)
    totals = tuple(
        Reason(
            "total",
            Verdict.MET,
            Text(f"{o['supplier']} 得分 {o['total']:.2f}", f"{o['supplier']} scored {o['total']:.2f}"),
            round(o["total"], 4),
            citation=Citation(RULES, "18", "2024-04-24"),
        )
        for o in chosen
    )
    return Decision("selected", (number, *totals), day)
