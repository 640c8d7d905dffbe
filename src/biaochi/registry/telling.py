"""Telling people: who is concerned by a move, what they are told, and when the telling happened."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from django.core.mail import send_mail
from django.db.models import Q, QuerySet
from django.utils import timezone

from biaochi.core.roles import Role
from biaochi.core.text import Lang, Text
from biaochi.core.workflow import Event
from biaochi.registry.models.governed import Governed
from biaochi.registry.models.people import Membership, Person
from biaochi.registry.models.record import Decision
from biaochi.registry.models.work import Notification

log = logging.getLogger("biaochi.mail")
_MOST = 200
_MAILED_AT_ONCE = 1000


def queue(row: Governed, event: Event, decision: Decision, tell_at: datetime) -> int:
    """Queue one notification a person concerned: who may act next, and who brought the matter."""
    inside, outside = _recipients(row, event)
    state = row.workflow.state(event.target)
    title = row.title
    notes = [
        Notification(
            person_id=person,
            decision=decision,
            subject=row.public_id,
            text_zh=f"{title.zh}：{name.zh}",
            text_en=f"{title.en}: {name.en}",
            tell_at=tell_at,
            informed_at=timezone.now() if tell_at <= timezone.now() else None,
        )
        for people, name in ((inside, state.name), (outside - inside, state.public))
        for person in sorted(people)
    ]
    Notification.objects.bulk_create(notes)
    return len(notes)


def _recipients(row: Governed, event: Event) -> tuple[set[int], set[int]]:
    next_roles = {r for t in row.workflow.leaving(event.target) for r in t.roles}
    inside = _offices(row, next_roles)
    outside = _own_firm(row)
    if row.creator_id is not None:
        outside.add(row.creator_id)
    mover = set(Person.objects.filter(public_id=event.actor.person).values_list("pk", flat=True))
    return inside - mover, outside - mover


def who_may(row: Governed, roles: Iterable[Role]) -> set[int]:
    """Return the persons who hold one of some roles for an object: in its scope, or (as a firm) of its own house."""
    wanted = set(roles)
    return _offices(row, wanted) | (_own_firm(row) if Role.FIRM in wanted else set())


def _in_force() -> QuerySet[Membership]:
    return Membership.objects.in_force().filter(person__is_active=True)


def _offices(row: Governed, roles: set[Role]) -> set[int]:
    seeing = roles & set(row.visibility.roles if row.visibility else ()) - {Role.CLOCK, Role.FIRM}
    if not seeing:
        return set()
    found = _in_force().filter(role__in=seeing).filter(_near(row))
    return set(found.values_list("person_id", flat=True)[:_MOST])


def _own_firm(row: Governed) -> set[int]:
    if row.organisation_id is None or row.visibility is None or not row.visibility.own:
        return set()
    found = _in_force().filter(organisation_id=row.organisation_id, role=Role.FIRM)
    return set(found.values_list("person_id", flat=True)[:_MOST])


def _near(row: Governed) -> Q:
    """Memberships whose scope covers the object: everything, its region or one above, or the object itself."""
    scopes = ["", row.public_id, "100000"]
    if row.region_id:
        scopes += [row.region_id, f"{row.region_id[:4]}00", f"{row.region_id[:2]}0000"]
    return Q(scope__in=scopes)


def deliver(now: datetime) -> int:
    """Tell what is due, then send each person one message with everything new; return how many were told."""
    due = Notification.objects.filter(informed_at__isnull=True, tell_at__lte=now)
    told = due.update(informed_at=now)
    return told + _mail(now)


def _mail(now: datetime) -> int:
    """Send what was told and not yet mailed, one message a person; a failure is tried again at the next tick."""
    new = Notification.objects.filter(informed_at__isnull=False, mailed_at__isnull=True).select_related("person")
    by_person: dict[Person, list[Notification]] = {}
    for note in new.order_by("pk")[:_MAILED_AT_ONCE]:
        by_person.setdefault(note.person, []).append(note)
    sent = 0
    for person, notes in by_person.items():
        if person.email and person.is_active:
            lang: Lang = "zh" if person.language.startswith("zh") else "en"
            count = len(notes)
            subject = Text(f"标尺：{count} 件新消息", f"Biaochi: {count} new message{'s' if count > 1 else ''}")
            lines = [f"· {n.text.within(lang)} [{n.subject}]" for n in notes]
            try:
                send_mail(subject.within(lang), "\n".join(lines), None, [person.email])
            except OSError:
                log.warning("mail could not be sent; it is tried again")
                continue
            sent += 1
        Notification.objects.filter(pk__in=[n.pk for n in notes]).update(mailed_at=now)
    return sent
