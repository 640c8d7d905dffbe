"""The operations every mechanism has: list, object, decisions, moves; imports, webhooks, keys, anchor."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Router
from ninja.files import UploadedFile
from pydantic import Field

from biaochi.core.errors import InputError, RefusedError
from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column
from biaochi.registry import callers, documents, hooks, ledger
from biaochi.registry.callers import caller, require_scope
from biaochi.registry.importing import Importer, check
from biaochi.registry.models import ApiKey, Governed, Organisation, Person, Webhook
from biaochi.registry.reading import decisions_shown
from biaochi.registry.sealing import encrypt
from biaochi.registry.transition import transition
from biaochi.registry.views.imports import MAX_BYTES
from biaochi.web.api.problems import Problem
from biaochi.web.api.shapes import (
    AnchorOut,
    DecisionOut,
    FieldOut,
    ImportedOut,
    KeyOut,
    MeOut,
    MovedOut,
    MoveIn,
    NewWebhookOut,
    ObjectOut,
    PageOut,
    TableSchemaOut,
    WebhookIn,
    WebhookOut,
    decision_out,
    object_out,
)

_PROBLEMS = (400, 401, 403, 404, 405, 409, 415, 422, 429)
_MOST = 100


def answers(status: int, shape: Any) -> dict[int, Any]:
    """Return the documented answers of an operation: the good one, and every problem."""
    return {status: shape, **dict.fromkeys(_PROBLEMS, Problem)}


house = Router(tags=["house"])


@house.get("/me", response=answers(200, MeOut), summary="Who calls")
def me(request: HttpRequest) -> MeOut:
    """Return the role and scopes of the key; the public without one."""
    actor = caller(request)
    key = request.api_key  # type: ignore[attr-defined]
    return MeOut(
        role=actor.role.value, organisation=actor.organisation, scope=actor.scope, scopes=key.scopes if key else []
    )


@house.get("/ledger/anchor", response=answers(200, AnchorOut), summary="Head of the ledger")
def anchor(request: HttpRequest) -> AnchorOut:
    """Return the head of the chain, to be kept outside."""
    head = ledger.head()
    return AnchorOut(seq=head.seq, digest=head.digest, at=head.at) if head else AnchorOut(seq=0, digest="", at=None)


@house.get("/objects/{public_id}", response=answers(200, ObjectOut), summary="One object")
def read_object(request: HttpRequest, public_id: str) -> ObjectOut:
    """Return an object with the moves the caller may make now."""
    return object_out(_object(request, public_id), caller(request), timezone.now(), with_moves=True)


@house.get("/objects/{public_id}/decisions", response=answers(200, list[DecisionOut]), summary="Decisions of an object")
def decisions(request: HttpRequest, public_id: str) -> list[DecisionOut]:
    """Return the decisions on an object: all to those who handle it, to others those that made it public."""
    obj = _object(request, public_id)
    actor = caller(request)
    inside = obj.seen_from_inside(actor)
    return [decision_out(d, inside=inside) for d in reversed(decisions_shown(obj, actor, inside=inside))]


@house.post("/objects/{public_id}/moves", response=answers(201, MovedOut), summary="Make a move")
def move(request: HttpRequest, public_id: str, body: MoveIn) -> tuple[int, MovedOut]:
    """Make a move by the same rules as the page; moves that need more than a reason have operations of their own."""
    actor = require_scope(request, "move")
    obj = _object(request, public_id)
    obj.version = body.version
    moved = transition(obj, body.move, actor, body.reason)
    return 201, MovedOut(
        decision=moved.decision.public_id,
        ledger_seq=moved.entry.seq,
        ledger_digest=moved.entry.digest,
        object=object_out(obj, actor, timezone.now(), with_moves=True),
    )


@house.get("/webhooks", response=answers(200, list[WebhookOut]), summary="Webhooks of the organisation")
def webhooks(request: HttpRequest) -> list[WebhookOut]:
    """Return the organisation's webhooks."""
    actor = require_scope(request, "webhooks")
    rows = Webhook.objects.filter(organisation__public_id=actor.organisation).order_by("pk")
    return [WebhookOut(public_id=w.public_id, url=w.url, active=w.active) for w in rows]


@house.post("/webhooks", response=answers(201, NewWebhookOut), summary="Add a webhook")
def add_webhook(request: HttpRequest, body: WebhookIn) -> tuple[int, NewWebhookOut]:
    """Add an address that is told of state changes; its secret is shown once."""
    actor = require_scope(request, "webhooks")
    if not hooks.allowed(body.url):
        raise RefusedError("address_refused", Text("地址须为 https 且在公网", "the address must be https and public"))
    secret = secrets.token_urlsafe(32)
    hook = Webhook.objects.create(
        organisation=Organisation.objects.get(public_id=actor.organisation),
        person=Person.objects.get(public_id=actor.person),
        role=actor.role.value,
        scope=actor.scope,
        url=body.url,
        secret_cipher=encrypt(secret),
    )
    return 201, NewWebhookOut(public_id=hook.public_id, url=hook.url, active=True, secret=secret)


@house.delete("/webhooks/{public_id}", response=answers(204, None), summary="Remove a webhook")
def remove_webhook(request: HttpRequest, public_id: str) -> tuple[int, None]:
    """Remove one of the organisation's webhooks."""
    actor = require_scope(request, "webhooks")
    gone, _ = Webhook.objects.filter(public_id=public_id[:20], organisation__public_id=actor.organisation).delete()
    if not gone:
        raise _not_found()
    return 204, None


@house.post("/keys/rotate", response=answers(201, KeyOut), summary="Rotate the key in use")
def rotate(request: HttpRequest) -> tuple[int, KeyOut]:
    """Replace the secret of the calling key; the old one stops at once."""
    key: ApiKey | None = request.api_key  # type: ignore[attr-defined]
    if key is None:
        raise RefusedError("missing_scope", Text("须用密钥调用", "call with a key"))
    return 201, KeyOut(public_id=key.public_id, key=callers.rotate(key, key.actor))


def list_operation(model: type[Governed]) -> Callable[..., PageOut]:
    """Return the list operation of one model."""

    def read_list(
        request: HttpRequest,
        state: Annotated[str, Field(max_length=40)] = "",
        q: Annotated[str, Field(max_length=100)] = "",
        cursor: Annotated[str, Field(max_length=40)] = "",
        limit: Annotated[int, Field(ge=1, le=_MOST)] = 50,
    ) -> PageOut:
        actor = caller(request)
        rows = model.visible(actor, model._default_manager.select_related("organisation", "region", "creator"))
        if state:
            rows = rows.filter(state=state)
        if q:
            rows = rows.filter(title_zh__icontains=q) | rows.filter(title_en__icontains=q)
        if cursor:
            rows = rows.filter(public_id__lt=cursor)
        found = list(rows.distinct().order_by("-public_id")[: limit + 1])
        now = timezone.now()
        more = len(found) > limit
        return PageOut(
            items=[object_out(o, actor, now) for o in found[:limit]], next=found[limit - 1].public_id if more else None
        )

    return read_list


def import_operation(importer: Importer) -> Callable[..., tuple[int, ImportedOut]]:
    """Return the upload operation of one importer: stored whole, or every fault told and nothing stored."""

    def upload(request: HttpRequest, file: File[UploadedFile]) -> tuple[int, ImportedOut]:
        actor = require_scope(request, "import")
        if actor.role not in importer.roles:
            raise RefusedError("wrong_role", Text("这个身份不能上传此表", "this role may not upload this table"))
        if file.size is None or file.size > MAX_BYTES:
            raise RefusedError("file_too_large", Text("文件超过 20 MB", "the file is larger than 20 MB"))
        source = Source(str(file.name or "table")[-120:], file.read())
        checked = check(importer, source, actor)
        if checked.faults:
            raise InputError(checked.faults)
        with transaction.atomic():
            address = importer.store(checked.frame, source, actor)
        return 201, ImportedOut(rows=len(checked.frame), url=address)

    return upload


def schema_operation(importer: Importer) -> Callable[..., TableSchemaOut]:
    """Return the operation that gives an importer's Frictionless table schema."""

    def schema(request: HttpRequest) -> TableSchemaOut:
        return TableSchemaOut(
            fields=[_field(c) for c in importer.columns], primaryKey=list(importer.key), missingValues=[""]
        )

    return schema


_TYPES = {
    "number": "number",
    "share": "number",
    "money": "number",
    "integer": "integer",
    "date": "date",
    "instant": "datetime",
}


def _field(column: Column) -> FieldOut:
    constraints: dict[str, Any] = {"required": column.required and not column.blank}
    if column.choices:
        constraints["enum"] = list(column.choices)
    low, high = (0.0, 1.0) if column.kind == "share" else (column.low, column.high)
    constraints |= {k: v for k, v in (("minimum", low), ("maximum", high)) if v is not None}
    kind = _TYPES.get(column.kind, "string")
    return FieldOut(
        name=column.name, type=kind, title=f"{column.title.zh} / {column.title.en}", constraints=constraints
    )


def _object(request: HttpRequest, public_id: str) -> Any:
    actor = caller(request)
    if actor.role is Role.PUBLIC and len(public_id) > 40:
        raise _not_found()
    found = documents.find_object(public_id[:60], actor)
    if found is None:
        raise _not_found()
    return found


def _not_found() -> RefusedError:
    return RefusedError(
        "not_found", Text("没有这一项，或不向您开放", "there is no such thing, or it is not open to you")
    )
