"""Recent decisions with their reasons: of the objects an actor may see, and no others."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.registry.act_names import act_name
from biaochi.registry.models.governed import Governed, governed_models
from biaochi.registry.models.record import Decision
from biaochi.registry.sealing import SEALED
from biaochi.registry.transition import CREATE

_LOOKED_AT = 120


@dataclass(frozen=True, slots=True)
class Told:
    """A decision as a list shows it."""

    decision: Decision
    obj: Governed
    name: Text
    reason: Text


def recent(actor: Actor, limit: int = 8) -> list[Told]:
    """Return the latest decisions on objects the actor may see; outsiders see those that made something public."""
    rows = Decision.objects.exclude(transition=CREATE).select_related("entry").order_by("-entry_id")[:_LOOKED_AT]
    return of(rows, actor, limit)


def of(rows: QuerySet[Decision], actor: Actor, limit: int) -> list[Told]:
    """Return which of some decisions the actor may be told, in their order."""
    models = {m._meta.label_lower: m for m in governed_models()}
    decisions = [d for d in rows if d.label in models]
    outside = actor.role in (Role.PUBLIC, Role.ANALYST, Role.FIRM)
    objects: dict[str, Governed] = {}
    for label in dict.fromkeys(d.label for d in decisions):
        model = models[label]
        subjects = {d.subject for d in decisions if d.label == label}
        found = model.visible(actor, model._default_manager.filter(public_id__in=subjects))
        objects.update({o.public_id: o for o in found.select_related("organisation")})
    told: list[Told] = []
    for decision in decisions:
        obj = objects.get(decision.subject)
        if (
            obj is None
            or (outside and decision.transition in obj.inner_moves)
            or (outside and decision.target not in (obj.visibility.public_states if obj.visibility else ()))
        ):
            continue
        told.append(Told(decision, obj, _name(obj, decision, outside), _reason(decision)))
        if len(told) == limit:
            break
    return told


def _name(obj: Governed, decision: Decision, outside: bool) -> Text:
    if decision.source == decision.target:
        return act_name(decision.transition, decision.label)
    try:
        state = obj.workflow.state(decision.target)
    except KeyError:
        return act_name(decision.transition, decision.label)
    return state.public if outside else state.name


def _reason(decision: Decision) -> Text:
    if decision.written and not decision.written.startswith(SEALED):
        return Text.same(decision.written)
    if decision.reasons:
        first = decision.reasons[0]
        return Text(str(first["zh"]), str(first["en"]))
    return Text("已记入台账。", "Recorded in the ledger.")
