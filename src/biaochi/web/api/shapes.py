"""The shapes of the API's answers and bodies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, PlainSerializer

from biaochi.core.canonical import instant
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.registry.models.governed import Governed
from biaochi.registry.models.record import Decision

Instant = Annotated[datetime, PlainSerializer(instant, return_type=str)]


class TextOut(Schema):
    """A text in both languages."""

    zh: str
    en: str


class StateOut(Schema):
    """A state: its code for those who handle the matter, its public name for all."""

    code: str | None
    name: TextOut


class MoveOut(Schema):
    """A move the caller may make now."""

    code: str
    name: TextOut
    consequence: TextOut
    needs_reason: bool


class ObjectOut(Schema):
    """An object as the caller may see it."""

    public_id: str
    kind: str
    title: TextOut
    state: StateOut
    version: int | None
    entered_at: Instant
    due_at: Instant | None
    organisation: str | None
    region: str | None
    simulated: bool
    url: str
    moves: list[MoveOut] = []


class PageOut(Schema):
    """A page of objects; ``next`` is the cursor of the following page, null at the end."""

    items: list[ObjectOut]
    next: str | None


class DecisionOut(Schema):
    """A decision with its reasons."""

    public_id: str
    subject: str
    transition: str
    outcome: str
    source: str
    target: str
    role: str
    decided_at: Instant
    informed_at: Instant | None
    written: str
    content: dict[str, Any]
    ledger_seq: int
    ledger_digest: str


class MoveIn(Schema):
    """A move to make; ``version`` as last read, so that no change in between is overlooked."""

    move: str = Field(min_length=1, max_length=60)
    reason: str = Field("", max_length=4000)
    version: int = Field(ge=1, le=2_000_000_000)


class MovedOut(Schema):
    """A move that was made."""

    decision: str
    ledger_seq: int
    ledger_digest: str
    object: ObjectOut


class MeOut(Schema):
    """Who calls."""

    role: str
    organisation: str
    scope: str
    scopes: list[str]


class AnchorOut(Schema):
    """The head of the ledger."""

    seq: int
    digest: str
    at: Instant | None


class WebhookIn(Schema):
    """A webhook to add."""

    url: str = Field(min_length=8, max_length=400, pattern=r"^https?://\S+$")


class WebhookOut(Schema):
    """A webhook."""

    public_id: str
    url: str
    active: bool


class NewWebhookOut(WebhookOut):
    """A webhook with its secret, shown once."""

    secret: str


class KeyOut(Schema):
    """A key with its new secret, shown once."""

    public_id: str
    key: str


class ImportedOut(Schema):
    """A table that was stored."""

    rows: int
    url: str


class FieldOut(Schema):
    """A field of a Frictionless table schema."""

    name: str
    type: str
    title: str
    constraints: dict[str, Any] = {}


class TableSchemaOut(Schema):
    """A Frictionless table schema."""

    fields: list[FieldOut]
    primaryKey: list[str]  # noqa: N815 - the standard's own spelling
    missingValues: list[str]  # noqa: N815 - the standard's own spelling


def text_out(text: Text) -> TextOut:
    """Return a text as the API gives it."""
    return TextOut(zh=text.zh, en=text.en)


def object_out(obj: Governed, actor: Actor, now: datetime, *, with_moves: bool = False) -> ObjectOut:
    """Return an object as an actor may see it: outsiders get public names and no version, owner or deadline."""
    inside = actor.role not in (Role.PUBLIC, Role.ANALYST) and obj.seen_from_inside(actor) if with_moves else False
    own = bool(actor.organisation) and obj.organisation is not None and obj.organisation.public_id == actor.organisation
    moves = obj.workflow.allowed(obj.subject(), actor, now) if with_moves and actor.role.decides else ()
    return ObjectOut(
        public_id=obj.public_id,
        kind=obj._meta.label_lower,
        title=text_out(obj.title),
        state=StateOut(
            code=obj.state if inside else None, name=text_out(obj.current.name if inside else obj.current.public)
        ),
        version=obj.version if inside or own else None,
        entered_at=obj.entered_at,
        due_at=obj.due_at if inside or own else None,
        organisation=obj.organisation.public_id if obj.organisation and (inside or own) else None,
        region=obj.region_id,
        simulated=obj.simulated,
        url=obj.get_absolute_url(),
        moves=[
            MoveOut(
                code=m.code, name=text_out(m.name), consequence=text_out(m.consequence), needs_reason=m.needs_reason
            )
            for m in moves
        ],
    )


def decision_out(decision: Decision, *, inside: bool) -> DecisionOut:
    """Return a decision; a sealed reason stays a hash, outsiders get no codes of inner states."""
    content = {k: v for k, v in decision.content.items() if inside or k != "move"}
    return DecisionOut(
        public_id=decision.public_id,
        subject=decision.subject,
        transition=decision.transition,
        outcome=decision.outcome,
        source=decision.source if inside else "",
        target=decision.target if inside else "",
        role=decision.role,
        decided_at=decision.decided_at,
        informed_at=decision.informed_at,
        written=decision.written,
        content=content,
        ledger_seq=decision.entry_id,
        ledger_digest=decision.entry.digest,
    )
