"""What people do to a purchase between its moves: who may do it when, by which form, through which service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction as database
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.procurement.web import forms as f
from biaochi.mechanisms.procurement.web.models import CoPurchase
from biaochi.mechanisms.procurement.web.services import contracting, evaluating, opening, planning, procedure

Data = Mapping[str, Any]
_DRAFT = ("draft_plan",)
_DISCLOSING = tuple(dict.fromkeys(s for states in procedure.DUE_IN.values() for s in states))


@dataclass(frozen=True)
class Act:
    """An act: states it is open in, who may do it, its form, and the service that does it."""

    states: tuple[str, ...]
    who: str
    form: type[forms.Form] | None
    do: Callable[[CoPurchase, str, Data, Actor, datetime], object]


def _file(obj: CoPurchase, target: str, data: Data, actor: Actor, now: datetime) -> None:
    plan = planning.plan_of_file(data["document"])
    needs = plan.pop("needs", [])
    obj.plan = {**obj.plan, "needs": needs}
    planning.keep_plan(obj, plan, actor, now)


def _plan(obj: CoPurchase, target: str, data: Data, actor: Actor, now: datetime) -> None:
    planning.keep_plan(obj, planning.plan_from_form(data, obj.plan["buyer"]["name"]), actor, now)


def _threshold(obj: CoPurchase, target: str, data: Data, actor: Actor, now: datetime) -> None:
    planning.move_threshold(obj, target, data["threshold"], actor, now)


ACTS: Mapping[str, Act] = {
    "plan": Act(_DRAFT, "buyer", f.PlanForm, _plan),
    "file": Act(_DRAFT, "buyer", f.PlanFileForm, _file),
    "need": Act(_DRAFT, "buyer", f.NeedForm, lambda o, t, d, a, n: planning.put_need(o, d, a, n, old=t)),
    "drop_need": Act(_DRAFT, "buyer", None, lambda o, t, d, a, n: planning.drop_need(o, t, a, n)),
    "threshold": Act(_DRAFT, "buyer", f.ThresholdForm, _threshold),
    "fact": Act(_DRAFT, "buyer", f.ProductForm, lambda o, t, d, a, n: planning.put_fact(o, d, a, n)),
    "products": Act(_DRAFT, "buyer", f.ProductsForm, lambda o, t, d, a, n: planning.put_table(o, d["table"], a, n)),
    "drop_product": Act(_DRAFT, "buyer", None, lambda o, t, d, a, n: planning.drop_product(o, t, a, n)),
    "disclose": Act(
        _DISCLOSING, "buyer", f.DiscloseForm, lambda o, t, d, a, n: procedure.disclose(o, t, d["exempt"], a, n)
    ),
    "apply": Act(("noticed",), "firm", f.ApplyForm, lambda o, t, d, a, n: procedure.apply(o, d["statement"], a, n)),
    "judge": Act(
        ("noticed",),
        "buyer",
        f.JudgeForm,
        lambda o, t, d, a, n: procedure.judge(o, _number(t), d["qualified"] == "yes", d["reason"], a, n),
    ),
    "hear": Act(
        ("qualified",),
        "buyer",
        f.HearForm,
        lambda o, t, d, a, n: procedure.hear(o, _number(t), d["heard_on"], d["minutes"], a, n),
    ),
    "key": Act(("concept_exchange",), "buyer", None, lambda o, t, d, a, n: opening.make_key(o, a, n)),
    "take": Act(("concept_exchange",), "holder", None, lambda o, t, d, a, n: opening.take_share(o, a, n)),
    "share": Act(
        ("file_issued",), "holder", f.ShareForm, lambda o, t, d, a, n: opening.enter_share(o, d["share"], a, n)
    ),
    "declare": Act(
        ("negotiation_rounds",),
        "expert",
        f.InterestForm,
        lambda o, t, d, a, n: evaluating.declare(o, d["conflict"] != "no", a, n),
    ),
    "evaluate": Act(("negotiation_rounds",), "buyer", None, lambda o, t, d, a, n: evaluating.conclude(o, a, n)),
    "terms": Act(
        ("selected", "standstill"),
        "buyer",
        f.TermsForm,
        lambda o, t, d, a, n: contracting.write_terms(o, t, d, a, n),
    ),
    "first": Act(
        ("first_purchase_review",), "buyer", f.FirstForm, lambda o, t, d, a, n: contracting.choose_first(o, d, a, n)
    ),
}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 12 else 0


def allowed(obj: CoPurchase, code: str, actor: Actor) -> bool:
    """Return whether the actor may do this now."""
    act = ACTS[code]
    if obj.state not in act.states or not actor.person or not actor.role.decides:
        return False
    if act.who == "buyer":
        return actor.role is Role.BUYER and obj.house == actor.organisation and obj.within_scope(actor)
    if act.who == "holder":
        return opening.may_hold(obj, actor)
    return actor.role is (Role.FIRM if act.who == "firm" else Role.REVIEWER)


def do(obj: CoPurchase, code: str, target: str, data: Data, actor: Actor) -> object:
    """Do it, with its line in the ledger, all or nothing; raise :class:`RefusedError` when it may not be."""
    with database.atomic():
        row = CoPurchase.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=obj.pk)
        if not allowed(row, code, actor):
            raise RefusedError("not_now", Text("这一步现在不能由您办理", "this is not yours to do now"))
        return ACTS[code].do(row, target, data, actor, timezone.now())
