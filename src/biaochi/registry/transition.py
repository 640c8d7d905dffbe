"""The one way a state changes.

Forms, the API, imports, the command line and the clock all call :func:`transition`.  It locks the row, checks
version, sight, scope, role and guards, asks the pure workflow, saves, and writes decision, ledger line and
notifications: in one transaction, all or nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import transaction as database
from django.utils import timezone

from biaochi.core.decision import Decision as CoreDecision
from biaochi.core.errors import DefinitionError, RefusedError, StaleError
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Event, Transition
from biaochi.registry import hooks, ledger, played, telling
from biaochi.registry.models.governed import Governed, Standing
from biaochi.registry.models.people import Organisation, Person
from biaochi.registry.models.places import Region
from biaochi.registry.models.record import Decision, LedgerEntry
from biaochi.registry.searching import index

GovernedT = TypeVar("GovernedT", bound=Governed)
CREATE = "create"


@dataclass(frozen=True)
class Moved:
    """What a move left behind."""

    event: Event
    entry: LedgerEntry
    decision: Decision


def create(obj: GovernedT, actor: Actor, reason: str = "", *, now: datetime | None = None) -> GovernedT:
    """Store a new object in its first state, with its first line in the ledger.

    The creator, the organisation and (when the object has none and the scope is a region) the region are the actor's.

    Raises
    ------
    RefusedError
        ``wrong_role`` when the role may not create such objects, ``out_of_scope`` when the region is another's.
    """
    at = now or timezone.now()
    if actor.role not in obj.creators or not actor.role.decides:
        names = [r.text for r in obj.creators if r.decides]
        raise RefusedError(
            "wrong_role",
            Text(
                f"只有{'、'.join(n.zh for n in names) or '系统'}可以新建",
                f"only {', '.join(n.en for n in names) or 'the system'} may create this",
            ),
        )
    with database.atomic():
        obj.creator = Person.objects.filter(public_id=actor.person).first()
        obj.organisation = Organisation.objects.filter(public_id=actor.organisation).first()
        if obj.region is None and len(actor.scope) == 6 and actor.scope.isdigit():
            obj.region = Region.objects.filter(code=actor.scope).first()
        obj.state, obj.version = obj.workflow.initial, 1
        obj.simulated = obj.simulated or played.labelled()
        obj.entered_at = obj.created_at = at
        obj.save(force_insert=True)
        if actor.role is not Role.FIRM and not _in_scope(obj, actor, of_creation=True):
            raise _out_of_scope()
        event = Event(obj.workflow.code, CREATE, "", obj.state, actor, at, reason.strip())
        _write(obj, event, None)
        index(obj)
    return obj


def transition(
    obj: GovernedT,
    name: str,
    actor: Actor,
    reason: str = "",
    decision: CoreDecision | None = None,
    *,
    now: datetime | None = None,
    tell_at: datetime | None = None,
) -> Moved:
    """Move an object; afterwards ``obj`` holds what was stored.

    Parameters
    ----------
    obj : Governed
        As the actor read it: its ``version`` must still be the stored one.
    name : str
        Code of the move in the object's workflow.
    actor : Actor
        Who moves it, in which role.
    reason : str
        The written reason, where the move needs one.
    decision : biaochi.core.decision.Decision or None
        The decision with its reasons, as the mechanism's ``decisions`` room returned it.
    now : datetime or None
        The instant, for the clock that catches up; else the present.
    tell_at : datetime or None
        When the people concerned may be told; else at once.

    Returns
    -------
    Moved

    Raises
    ------
    StaleError
        The object changed since it was read.
    RefusedError
        The rules forbid it: ``not_found``, ``out_of_scope``, or the workflow's first obstacle.
    """
    at = now or timezone.now()
    kind = type(obj)
    with database.atomic():
        row = kind._default_manager.select_for_update(of=("self",)).filter(pk=obj.pk).first()
        if row is None or not kind.visible(actor, kind._default_manager.filter(pk=obj.pk)).exists():
            raise RefusedError("not_found", Text("没有这个事项", "there is no such object"))
        if row.version != obj.version:
            raise StaleError(
                "stale",
                Text("页面打开之后事项已有变动，请重新打开再办", "this changed since you opened it; open it again"),
            )
        subject = row.subject()
        _check_named(kind, name, subject)
        if not _in_scope(row, actor):
            raise _out_of_scope()
        event = row.workflow.apply(subject, name, actor, at, reason.replace("\x00", ""))
        row.on_move(event, decision)
        row.state, row.entered_at, row.version = event.target, at, row.version + 1
        row.save()
        moved = _write(row, event, decision, tell_at=tell_at)
        index(row)
    for field in kind._meta.concrete_fields:
        setattr(obj, field.attname, getattr(row, field.attname))
    return moved


def record(
    obj: Governed,
    code: str,
    actor: Actor,
    reason: str = "",
    decision: CoreDecision | None = None,
    *,
    now: datetime | None = None,
) -> Moved:
    """Write a decision that changes no state (a parameter registered, a value accepted) to the ledger.

    The caller checks that the actor may; use :func:`transition` for everything that is a move.
    """
    at = now or timezone.now()
    with database.atomic():
        event = Event(obj.workflow.code, code, obj.state, obj.state, actor, at, reason.strip())
        return _write(obj, event, decision)


def run_overdue(kinds: Sequence[type[Governed]], now: datetime) -> int:
    """Make every move the clock owes, in the order in which they fell due, whatever the model; return how many.

    A move that makes another one due is followed up at once in that order, so that after an outage the record reads
    as if the clock had never stopped.
    """
    owed: list[tuple[datetime, str, str, type[Governed]]] = []
    for kind in kinds:
        states = {s for t in _by_clock(kind) for s in t.sources}
        for row in kind._default_manager.filter(state__in=states).iterator() if states else ():
            owed += _owed(row, now)
    heapq.heapify(owed)
    made = 0
    while owed:
        due, public_id, code, kind = heapq.heappop(owed)
        current = kind._default_manager.filter(public_id=public_id).first()
        if current is None:
            continue
        try:
            transition(current, code, CLOCK, "到期，由系统时钟办理", now=max(due, current.entered_at))
        except RefusedError:
            continue
        made += 1
        for item in _owed(current, now):
            heapq.heappush(owed, item)
    return made


def _by_clock(kind: type[Governed]) -> list[Transition]:
    return [t for t in kind.workflow.transitions if Role.CLOCK in t.roles and t.deadline is not None]


def _owed(row: Governed, now: datetime) -> list[tuple[datetime, str, str, type[Governed]]]:
    return [
        (row.entered_at + t.deadline, row.public_id, t.code, type(row))
        for t in _by_clock(type(row))
        if row.state in t.sources and t.deadline is not None and row.entered_at + t.deadline < now
    ]


def _write(row: Governed, event: Event, decision: CoreDecision | None, *, tell_at: datetime | None = None) -> Moved:
    stored = Decision(
        label=row._meta.label_lower,
        subject=row.public_id,
        transition=event.transition,
        source=event.source,
        target=event.target,
        outcome=decision.outcome if decision else event.target,
        actor=event.actor.person,
        role=event.actor.role.value,
        decided_at=event.at,
    )
    content: dict[str, object] = dict(decision.to_dict()) if decision else {"outcome": event.target}
    content["move"] = {
        "decision": stored.public_id,
        "label": stored.label,
        "source": event.source,
        "target": event.target,
        "version": row.version,
    }
    reason = event.reason
    if reason and event.transition in row.sealed_moves:
        reason = ledger.seal(reason, row.public_id)
    entry = ledger.append(
        actor=event.actor,
        at=event.at,
        subject=row.public_id,
        transition_code=event.transition,
        reason=reason,
        decision=content,
    )
    stored.entry = entry
    stored.save(force_insert=True)
    telling.queue(row, event, stored, tell_at or event.at)
    hooks.queue(row, event, stored)
    return Moved(event, entry, stored)


def _in_scope(row: Governed, actor: Actor, *, of_creation: bool = False) -> bool:
    if of_creation and not (len(actor.scope) == 6 and actor.scope.isdigit()):
        return True
    return type(row)._default_manager.filter(row.scope_of(actor), pk=row.pk).exists()


def _out_of_scope() -> RefusedError:
    return RefusedError("out_of_scope", Text("不在您的管辖范围内", "this lies outside your scope"))


def _check_named(kind: type[Governed], name: str, subject: Standing) -> None:
    """A rule about persons or organisations that names an attribute nobody has would silently never hold."""
    found = [t for t in kind.workflow.transitions if t.code == name]
    named: Mapping[str, None] = dict.fromkeys(
        a for t in found for a in (*t.not_by, *t.not_from, *((t.own,) if t.own else ()))
    )
    unknown = [a for a in named if not hasattr(subject, a)]
    if unknown:
        raise DefinitionError(
            f"workflow {kind.workflow.code}",
            [f"transition {name} names {a}, which {kind.__name__} has not" for a in unknown],
        )
