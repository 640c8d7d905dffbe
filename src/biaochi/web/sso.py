"""Single sign-on by OpenID Connect (extra ``[sso]``): the office's own accounts open the door, nothing else.

Nobody is made a person here and nobody gets a role: administrators invite people as before.  Whoever the provider names
must be a person of the site already, by user name; a second factor that a person switched on is asked for as well,
unless the installation says that the provider asks for one itself.
"""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from biaochi.registry.models.people import Person
from biaochi.web import errors
from biaochi.web.views import account


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Hands a proven login over to the site's own, before the library would make accounts of its own."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Log the person in, ask for the second factor, or refuse."""
        person = _person(_claims(sociallogin))
        if person is None:
            raise ImmediateHttpResponse(errors.page(request, 403))
        raise ImmediateHttpResponse(account.enter_or_ask(request, person, trusted=settings.SSO_ASKS_TWICE))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody signs up."""
        return False

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        """Show the plain refusal; what went wrong stays with the provider."""
        raise ImmediateHttpResponse(errors.page(request, 403))


def _claims(sociallogin: Any) -> dict[str, Any]:
    data = sociallogin.account.extra_data or {}
    found: dict[str, Any] = {**data.get("userinfo", {}), **data.get("id_token", {})} if "id_token" in data else data
    return found


def _person(claims: dict[str, Any]) -> Person | None:
    """Return the active person the claims name; an unverified mail address names nobody."""
    name = claims.get(settings.SSO_CLAIM)
    if not isinstance(name, str) or not name or len(name) > 80:
        return None
    if settings.SSO_CLAIM == "email" and claims.get("email_verified") is not True:
        return None
    return Person.objects.filter(username=name, is_active=True).first()
