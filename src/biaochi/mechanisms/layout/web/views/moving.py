"""Object pages whose moves record something beside the state."""

from __future__ import annotations

from typing import Any

from django.db import transaction as database
from django.http import HttpRequest, HttpResponseBase

from biaochi.core.roles import Actor
from biaochi.registry.views import ObjectView


class RecordingPage(ObjectView):
    """A page whose moves store what they record with the move, or not at all."""

    def _move(self, request: HttpRequest, obj: Any, actor: Actor, code: str) -> HttpResponseBase:
        with database.atomic():
            answer = super()._move(request, obj, actor, code)
            if answer.status_code >= 400:
                database.set_rollback(True)
        return answer
