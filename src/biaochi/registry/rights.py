"""Giving and ending roles, inviting people: what an administrator does.  Each act is a line of the ledger."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.core.text import Text
from biaochi.registry import ledger
from biaochi.registry.models.people import Membership, OneTimeLink, Organisation, Person
from biaochi.registry.sealing import token_digest

FIRST_ADMINISTRATOR = "first_administrator"
INVITATION = "invitation"
LINK_DAYS = {FIRST_ADMINISTRATOR: 2, INVITATION: 7}
_EXCLUSIVE = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


def grant(
    person: Person, role: Role, by: Actor, *, organisation: Organisation | None = None, scope: str = ""
) -> Membership:
    """Give a person a role.

    Raises
    ------
    RefusedError
        ``wrong_role`` unless an administrator (or the system) gives it; ``never_decides`` when one person would both
        administer (or audit) and decide; ``no_organisation`` when a firm's role comes without a firm.
    """
    _only_administrators(by)
    if role in (Role.CLOCK, Role.PUBLIC):
        raise RefusedError("wrong_role", Text("这个身份不授予任何人", "this role is given to nobody"))
    held = {Role(m.role) for m in person.memberships.in_force()}
    if (role in _EXCLUSIVE and held - {role}) or (role not in _EXCLUSIVE and held & _EXCLUSIVE):
        raise RefusedError(
            "never_decides",
            Text("管理员与审计员不兼任其他身份", "administrators and auditors hold no other role"),
        )
    if role is Role.FIRM and organisation is None:
        raise RefusedError("no_organisation", Text("企业身份须指明单位", "a firm's role needs its organisation"))
    with transaction.atomic():
        membership = Membership.objects.create(
            person=person, role=role.value, organisation=organisation, scope=scope.strip()
        )
        _write(person, by, "role_granted", membership)
    return membership


def end(membership: Membership, by: Actor) -> None:
    """End a role as of yesterday; the person's sessions end at once."""
    _only_administrators(by)
    with transaction.atomic():
        membership.valid_to = timezone.localdate() - timedelta(days=1)
        membership.save()
        _write(membership.person, by, "role_ended", membership)


def _only_administrators(by: Actor) -> None:
    if by.role not in (Role.ADMINISTRATOR, Role.CLOCK):
        raise RefusedError("wrong_role", Text("只有系统管理员可以办理", "only an administrator may do this"))


def _write(person: Person, by: Actor, act: str, membership: Membership) -> None:
    ledger.append(
        actor=by,
        at=timezone.now(),
        subject=person.public_id,
        transition_code=act,
        reason="",
        decision={
            "membership": membership.public_id,
            "role": membership.role,
            "scope": membership.scope,
            "organisation": membership.organisation.public_id if membership.organisation else "",
        },
    )


def new_link(purpose: str, person: Person | None = None, now: datetime | None = None) -> str:
    """Return the token of a link that works once."""
    token = secrets.token_urlsafe(24)
    at = now or timezone.now()
    OneTimeLink.objects.create(
        digest=token_digest(token), purpose=purpose, person=person, expires_at=at + timedelta(days=LINK_DAYS[purpose])
    )
    return token


def open_link(token: str, purpose: str, now: datetime | None = None) -> OneTimeLink | None:
    """Return a link that still works; does not use it up."""
    return OneTimeLink.objects.filter(
        digest=token_digest(token), purpose=purpose, used_at__isnull=True, expires_at__gt=now or timezone.now()
    ).first()


def needs_administrator() -> bool:
    """Whether nobody is administrator yet."""
    return not Membership.objects.in_force().filter(role=Role.ADMINISTRATOR, person__is_active=True).exists()


def first_administrator(link: OneTimeLink, username: str, name: str, password: str) -> Person:
    """Make the first administrator and use the link up."""
    with transaction.atomic():
        used = OneTimeLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=timezone.now())
        if not used or not needs_administrator():
            raise RefusedError("link_used", Text("链接已用过", "the link was used before"))
        person = Person.objects.create_person(username, name, password)
        grant(person, Role.ADMINISTRATOR, CLOCK)
    return person
