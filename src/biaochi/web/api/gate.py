"""The gate before every API operation: who calls, how often, and whether this very write was made before."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from biaochi.core.canonical import sha256
from biaochi.registry.acting import PUBLIC
from biaochi.registry.callers import find_key
from biaochi.registry.models.keys import ApiKey, IdempotentAnswer
from biaochi.web.api.problems import problem
from biaochi.web.middleware import client_address

PATH = "/api/v1/"
KEY_PER_MINUTE = 3000
PUBLIC_PER_MINUTE = 300
_WRITES = ("POST", "PUT", "PATCH", "DELETE")


class ApiGate:
    """Puts ``caller`` and ``api_key`` on API requests.

    A request without a key acts for the public; a wrong key is refused, never taken for the public.  Cookies play no
    part here, so that no page elsewhere can call in a visitor's name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PATH):
            return self.get_response(request)
        header = request.headers.get("Authorization", "")
        key: ApiKey | None = None
        if header:
            word, _, token = header.partition(" ")
            key = find_key(token.strip(), timezone.now()) if word.lower() == "bearer" else None
            if key is None:
                return problem(request, 401, code="bad_key", headers={"WWW-Authenticate": "Bearer"})
        request.api_key = key  # type: ignore[attr-defined]
        request.caller = key.actor if key else PUBLIC  # type: ignore[attr-defined]
        who = key.public_id if key else f"ip:{client_address(request)}"
        wait = _over_limit(who, KEY_PER_MINUTE if key else PUBLIC_PER_MINUTE)
        if wait:
            return problem(request, 429, headers={"Retry-After": str(wait)})
        name = request.headers.get("Idempotency-Key", "")
        if key is not None and name and request.method in _WRITES:
            return self._once(request, key, name)
        return self.get_response(request)

    def _once(self, request: HttpRequest, key: ApiKey, name: str) -> HttpResponse:
        """Make a write at most once: the write and its answer are stored in one transaction."""
        if len(name) > 100:
            return problem(request, 400, code="bad_idempotency_key")
        digest = sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body)
        with transaction.atomic():
            try:
                with transaction.atomic():
                    kept = IdempotentAnswer.objects.create(caller=key.public_id, key=name, request_digest=digest)
            except IntegrityError:
                before = IdempotentAnswer.objects.filter(caller=key.public_id, key=name).first()
                return _again(request, before, digest)
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
                return response
            kept.status, kept.body = response.status_code, response.content.decode()
            kept.save(update_fields=["status", "body"])
            return response


def _again(request: HttpRequest, before: IdempotentAnswer | None, digest: str) -> HttpResponse:
    if before is None:
        return problem(request, 409, code="in_progress")
    if before.request_digest != digest:
        return problem(request, 422, code="idempotency_key_reused")
    return HttpResponse(
        before.body,
        content_type="application/json; charset=utf-8",
        status=before.status,
        headers={"Idempotency-Replayed": "true"},
    )


def _over_limit(who: str, most: int) -> int:
    """Count a request; return how many seconds to wait when the minute's share is used up."""
    now = time.time()
    name = f"rate:{sha256(who)[:24]}:{int(now // 60)}"
    cache.add(name, 0, 90)
    try:
        count = cache.incr(name)
    except ValueError:
        return 0
    return 60 - int(now) % 60 if count > most else 0
