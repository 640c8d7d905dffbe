"""Who acts in a request: the person, and the one membership in force that the header shows.

Every request checks anew that the membership still holds; a role that ended falls away at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang
from biaochi.registry.models.people import Membership, Person

SESSION_KEY = "membership"
SECOND_FACTOR = "second_factor"
PUBLIC = Actor("", Role.PUBLIC)


@dataclass
class Acting:
    """Who acts, with everything the header needs to know."""

    person: Person | None
    chosen: str = ""

    @cached_property
    def memberships(self) -> list[Membership]:
        """The person's memberships in force."""
        if self.person is None:
            return []
        found = self.person.memberships.in_force().select_related("organisation", "person").order_by("id")
        return list(found)

    @cached_property
    def membership(self) -> Membership | None:
        """The membership in force now: the chosen one, else the first."""
        for membership in self.memberships:
            if membership.public_id == self.chosen:
                return membership
        return self.memberships[0] if self.memberships else None

    @cached_property
    def actor(self) -> Actor:
        """The actor every rule is asked about; the public when nobody is logged in or no role is held."""
        if self.membership is not None:
            return self.membership.actor
        return Actor(self.person.public_id, Role.PUBLIC) if self.person else PUBLIC

    @property
    def role(self) -> Role:
        """The role in force."""
        return self.actor.role


class ActingMiddleware:
    """Puts :class:`Acting` on the request as ``request.acting``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user if request.user.is_authenticated else None
        if person is not None and person.totp_on and not request.session.get(SECOND_FACTOR):
            logout(request)
            person = None
        chosen = request.session.get(SESSION_KEY, "") if person is not None else ""
        request.acting = Acting(person, str(chosen))  # type: ignore[attr-defined]
        return self.get_response(request)


def acting(request: HttpRequest) -> Acting:
    """Return who acts in this request."""
    return cast("Acting", request.acting)  # type: ignore[attr-defined]


def page_language(request: HttpRequest) -> Lang:
    """Return the language of the page as the core names it."""
    code: str = getattr(request, "LANGUAGE_CODE", "zh-hans")
    return "zh" if code.startswith("zh") else "en"
