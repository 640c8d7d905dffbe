"""Running the layout's commands, and the small tables its tests share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from typer.testing import CliRunner, Result

from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.layout.cli import app
from biaochi.registry.models import Membership, Organisation, Person, Region

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Return a function that runs ``biaochi layout …`` and gives the result."""
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(a) for a in arguments])


@pytest.fixture
def answer(run: Run) -> Callable[..., dict[str, Any]]:
    """Return a function that runs a verb, expects success and gives its JSON."""

    def ask(*arguments: object) -> dict[str, Any]:
        result = run(*arguments, "--format", "json")
        assert result.exit_code == 0, result.stderr
        return dict(json.loads(result.stdout))

    return ask


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that writes a file of the test's folder."""

    def put(name: str, text: str) -> Path:
        place = tmp_path / name
        place.write_text(text, encoding="utf-8")
        return place

    return put


REGION = "990000"


class Walk:
    """Walking through the site as different people: members of houses, their browsers, pages and moves."""

    @staticmethod
    def house(kind: str, name: str) -> Organisation:
        """Make an organisation of the example province."""
        return Organisation.objects.create(kind=kind, name_zh=name, name_en=name, region_id=REGION)

    @staticmethod
    def member(role: Role, house: Organisation, scope: str = "") -> Actor:
        """Make a person with a role."""
        number = Person.objects.count()
        person = Person.objects.create_person(f"p-{number}", f"人 {number}", email=f"p{number}@example.invalid")
        return Membership.objects.create(person=person, role=role.value, organisation=house, scope=scope).actor

    @staticmethod
    def browser(actor: Actor | None = None, lang: str = "zh") -> Client:
        """Return a browser somebody is logged in with."""
        client = Client(HTTP_HOST="localhost")
        client.cookies["language"] = "zh-hans" if lang == "zh" else lang
        if actor is not None:
            person = Person.objects.get(public_id=actor.person)
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    @staticmethod
    def page(client: Client, address: str, status: int = 200) -> str:
        """Open a page, expecting a status."""
        answer = client.get(address)
        assert answer.status_code == status, (address, answer.status_code)
        return answer.content.decode() if not answer.streaming else ""

    @staticmethod
    def move(client: Client, obj: Any, code: str, status: int = 302, reason: str = "理由", **fields: object) -> str:
        """Make a move on an object's page, expecting a status."""
        obj.refresh_from_db()
        data = {"move": code, "version": obj.version, "reason": reason, **{f"{code}-{k}": v for k, v in fields.items()}}
        answer = client.post(obj.get_absolute_url(), data)
        assert answer.status_code == status, answer.content.decode()[:4000]
        return answer.content.decode()


@pytest.fixture
def walk() -> Walk:
    """Return what walks through the site."""
    return Walk()


@pytest.fixture
def cast(walk: Walk) -> dict[str, Actor]:
    """Return the people of a small example province; ``city`` is the office of one of its cities."""
    Region.objects.get_or_create(code=REGION, defaults={"name_zh": "示例省", "name_en": "Example"})
    Region.objects.get_or_create(code="990100", defaults={"name_zh": "示例一市", "name_en": "Example City 1"})
    office, firm, institute = (
        walk.house("office", "办"),
        walk.house("enterprise", "园区公司"),
        walk.house("institute", "院"),
    )
    return {
        "officer": walk.member(Role.OFFICER, office, REGION),
        "second": walk.member(Role.OFFICER, office, REGION),
        "third": walk.member(Role.OFFICER, office, REGION),
        "firm": walk.member(Role.FIRM, firm),
        "reviewer": walk.member(Role.REVIEWER, institute),
        "other": walk.member(Role.FIRM, walk.house("enterprise", "别家")),
        "city": walk.member(Role.OFFICER, walk.house("office", "市局"), "990100"),
        "auditor": walk.member(Role.AUDITOR, walk.house("office", "审计")),
    }
