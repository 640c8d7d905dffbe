"""Who calls the API: a key's owner, or the public.  Mechanisms' routers ask here and nowhere else."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.registry import ledger
from biaochi.registry.models.keys import ApiKey
from biaochi.registry.models.people import Membership
from biaochi.registry.sealing import token_digest

KEY_DAYS = 365
SCOPES: dict[str, Text] = {
    "read": Text("读取", "read"),
    "move": Text("办理", "make moves"),
    "import": Text("导入表格", "import tables"),
    "readings": Text("报送读数", "post readings"),
    "bids": Text("提交揭榜", "submit bids"),
    "webhooks": Text("管理回调", "manage webhooks"),
}
PREFIX = "bk_"
_USE_NOTED_EVERY = timedelta(minutes=1)


def caller(request: HttpRequest) -> Actor:
    """Return who acts in an API request."""
    return cast("Actor", request.caller)  # type: ignore[attr-defined]


def require_scope(request: HttpRequest, scope: str) -> Actor:
    """Return the caller if the key has a scope; raise :class:`RefusedError` otherwise."""
    key = cast("ApiKey | None", request.api_key)  # type: ignore[attr-defined]
    if key is None or scope not in key.scopes:
        name = SCOPES[scope]
        raise RefusedError(
            "missing_scope",
            Text(f"密钥没有“{name.zh}”的权限", f"the key lacks the scope “{scope}” ({name.en})"),
        )
    return key.actor


def issue(membership: Membership, purpose: str, scopes: list[str], days: int = KEY_DAYS) -> tuple[ApiKey, str]:
    """Make a key for a membership's organisation; return it with the text that is shown once."""
    if membership.organisation is None or not Role(membership.role).decides:
        raise RefusedError("no_organisation", Text("密钥须属于一个单位", "a key belongs to an organisation"))
    unknown = [s for s in scopes if s not in SCOPES]
    if unknown or not scopes:
        raise RefusedError("unknown_scope", Text("没有这样的权限", "there is no such scope"))
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        key = ApiKey.objects.create(
            organisation=membership.organisation,
            person=membership.person,
            role=membership.role,
            scope=membership.scope,
            purpose=purpose[:80],
            scopes=sorted(set(scopes)),
            digest=token_digest(token),
            expires_at=timezone.now() + timedelta(days=days),
        )
        _note(key, membership.actor, "api_key_issued")
    return key, token


def rotate(key: ApiKey, by: Actor) -> str:
    """Replace the secret of a key; the old one stops at once."""
    token = PREFIX + secrets.token_urlsafe(32)
    key.digest = token_digest(token)
    key.expires_at = timezone.now() + timedelta(days=KEY_DAYS)
    with transaction.atomic():
        key.save(update_fields=["digest", "expires_at"])
        _note(key, by, "api_key_rotated")
    return token


def revoke(key: ApiKey, by: Actor) -> None:
    """End a key."""
    key.revoked_at = timezone.now()
    with transaction.atomic():
        key.save(update_fields=["revoked_at"])
        _note(key, by, "api_key_revoked")


def _note(key: ApiKey, by: Actor, act: str) -> None:
    ledger.append(
        actor=by,
        at=timezone.now(),
        subject=key.public_id,
        transition_code=act,
        reason="",
        decision={"organisation": key.organisation.public_id, "role": key.role, "scopes": key.scopes},
    )


def find_key(token: str, now: datetime) -> ApiKey | None:
    """Return the key that works, and note its use (at most once a minute).

    The membership behind it must still be in force: a role that ended takes its keys with it.
    """
    key = ApiKey.objects.select_related("person", "organisation").filter(digest=token_digest(token)).first()
    if key is None or not key.works(now):
        return None
    held = Membership.objects.in_force().filter(
        person=key.person, organisation=key.organisation, role=key.role, scope=key.scope
    )
    if not held.exists():
        return None
    if key.last_used_at is None or now - key.last_used_at > _USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key
