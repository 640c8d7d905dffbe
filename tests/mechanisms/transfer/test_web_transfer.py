"""The web room of transfer: a gate opens only with every item, graded by another than the owner."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Role
from biaochi.mechanisms.transfer.web import site
from biaochi.mechanisms.transfer.web.models import Project
from biaochi.registry.site import Demo
from biaochi.registry.transition import transition
from biaochi.web import demonstration as whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(db: None) -> Demo:
    """Return the cast, with transfer's part of the demonstration."""
    found = whole.cast()
    site.demo(found)
    return found


def login(person: str) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    user = get_user_model().objects.get(public_id=person)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(client: Client, project: Project, **fields: Any) -> int:
    return client.post(f"/transfer/{project.public_id}/shown/", fields).status_code


def test_from_proof_of_concept_to_pilot_with_evidence(stage: Demo) -> None:
    project, officer = Project.objects.get(), stage.actors[Role.OFFICER]
    assert project.state == "poc"
    with pytest.raises(RefusedError) as refused:
        transition(project, "to_pilot", officer, "Go.")
    assert refused.value.code == "gate_met"
    office, owner = login(officer.person), login(stage.actors[Role.FIRM].person)
    assert shown(office, project, grade="B") == 302
    page = office.get(project.get_absolute_url()).content.decode()
    assert "Every item of the gate is met" in page
    fields = {
        "trl": 4,
        "cost": 50000,
        "yield_share": 0.7,
        "safety_file": "on",
        "next_money": "fund",
        "platform": "line",
    }
    assert shown(owner, project, **fields) == 302  # a new statement needs a new grade
    assert project.to_domain().gate_met is False
    assert shown(office, project, grade="C") == 302
    assert project.to_domain().gate_met is False
    assert shown(office, project, grade="A") == 302
    transition(project, "to_pilot", officer, "Reproduced.")
    assert [p.outcome for p in project.passages.all()] == ["passed", "passed"]
    assert project.to_domain().gate_met is False
    assert shown(owner, project, **fields | {"trl": 5, "mrl": 4}) == 302
    assert project.passages.get(stage="pilot").platform == "line"


def test_nobody_else_sees_or_states(stage: Demo) -> None:
    project, other = Project.objects.get(), login(stage.other_firm.person)
    assert other.get(project.get_absolute_url()).status_code == 404
    assert shown(other, project, trl=9) == 404
    assert shown(login(stage.actors[Role.FIRM].person), project, trl=99) == 302
    assert project.passages.get(stage="poc").trl == 4


def test_a_firm_begins_a_project(stage: Demo) -> None:
    firm = login(stage.other_firm.person)
    answer = firm.post("/transfer/new/", {"title_zh": "甲", "title_en": "A", "summary": "s"})
    assert answer.status_code == 302
    assert firm.get(answer["Location"]).status_code == 200
