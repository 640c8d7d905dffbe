"""Pages on which a move and what it records are stored together or not at all."""

from __future__ import annotations

from typing import Any

from django.db import transaction as database
from django.http import HttpRequest, HttpResponseBase

from biaochi.core.roles import Actor
from biaochi.registry.views import ObjectView


class WholePage(ObjectView):
    """An object's page whose ``decide`` stores what its form brought, before the move is made."""

    def _move(self, request: HttpRequest, obj: Any, actor: Actor, code: str) -> HttpResponseBase:
        with database.atomic():
            answer = super()._move(request, obj, actor, code)
            if answer.status_code >= 400:
                database.set_rollback(True)
        return answer
