"""The sandbox's own operations of the API: readings in, incidents in, how a case stands."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.exchange.jsonfile import jsonable
from biaochi.mechanisms.sandbox.web.incidents import report_incident
from biaochi.mechanisms.sandbox.web.intake import MOST, take_in
from biaochi.mechanisms.sandbox.web.models import SandboxCase
from biaochi.mechanisms.sandbox.web.watching import supervised
from biaochi.registry.callers import caller, require_scope


class ReadingsIn(Schema):
    """Readings with the columns of readings.csv; ``case`` may be left out, ``received_at`` is the site's clock."""

    model_config = ConfigDict(extra="forbid")
    readings: Annotated[list[dict[str, Any]], Field(max_length=MOST)]


class ReadingsOut(Schema):
    """How many rows were new, how many had arrived before exactly so, and the alarms this post raised."""

    accepted: int
    duplicates: int
    alarms: list[dict[str, Any]]


class IncidentIn(Schema):
    """Something that happened; ``occurred_at`` in ISO 8601."""

    model_config = ConfigDict(extra="forbid")
    occurred_at: str
    severity: str
    text: str = ""


class IncidentOut(Schema):
    """The incident's code, the state of the case after it, and the alarms it raised."""

    incident: str
    state: str
    alarms: list[dict[str, Any]]


def own_case(public_id: str, actor: Actor) -> SandboxCase:
    """Return a case of the key's organisation; another's is refused, one that may not be seen does not exist."""
    found = SandboxCase.visible(actor, SandboxCase.objects.filter(public_id=public_id)).first()
    if found is None:
        raise Http404
    if found.organisation is None or found.organisation.public_id != actor.organisation:
        raise RefusedError(
            "other_organisation",
            Text("密钥不属于本案例的单位", "the key belongs to another organisation than the case"),
        )
    return found


def router() -> Router:
    """Return the operations, mounted at ``/api/v1/sandbox/``."""
    found = Router(tags=["sandbox"])

    @found.post("/cases/{public_id}/readings", response=ReadingsOut, summary="readings: post", operation_id="readings")
    def post_readings(request: HttpRequest, public_id: str, body: ReadingsIn) -> dict[str, Any]:
        trial = own_case(public_id, require_scope(request, "readings"))
        taken = take_in(trial, body.readings, timezone.now())
        return {"accepted": taken.accepted, "duplicates": taken.duplicates, "alarms": taken.alarms}

    @found.post(
        "/cases/{public_id}/incidents", response=IncidentOut, summary="incident: report", operation_id="incident"
    )
    def post_incident(request: HttpRequest, public_id: str, body: IncidentIn) -> dict[str, Any]:
        actor = require_scope(request, "readings")
        trial = own_case(public_id, actor)
        now = timezone.now()
        row, alarms = report_incident(trial, body.occurred_at, body.severity, body.text, actor, now)
        return {"incident": row.code, "state": row.trial.state, "alarms": alarms}

    @found.get(
        "/cases/{public_id}/supervision",
        response=dict[str, Any],
        summary="how a case stands",
        operation_id="supervision",
    )
    def supervision(request: HttpRequest, public_id: str) -> dict[str, Any]:
        actor = caller(request)
        trial = SandboxCase.visible(actor, SandboxCase.objects.filter(public_id=public_id)).first()
        own = (
            trial is not None and trial.organisation is not None and trial.organisation.public_id == actor.organisation
        )
        if trial is None or not (own or trial.seen_from_inside(actor)):
            raise Http404
        lang = "zh" if str(getattr(request, "LANGUAGE_CODE", "zh")).startswith("zh") else "en"
        return dict(jsonable(supervised(trial, timezone.now()).to_record(lang)))  # type: ignore[arg-type]

    return found
