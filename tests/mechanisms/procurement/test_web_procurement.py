"""The web room of procurement: checks with articles, the market strip, refused moves, disclosure, OCDS, red flags."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.procurement.web import site
from biaochi.mechanisms.procurement.web.models import CoPurchase
from biaochi.registry.site import Demo
from biaochi.web import demonstration as whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(db: None) -> Demo:
    """Return the cast, with this part of the demonstration."""
    found = whole.cast()
    site.demo(found)
    return found


def login(actor: Actor) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    user = get_user_model().objects.get(public_id=actor.person)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_buyer_sees_checks_the_public_only_disclosure(stage: Demo) -> None:
    obj = CoPurchase.objects.get()
    page = login(stage.actors[Role.BUYER]).get(obj.get_absolute_url()).content.decode()
    assert "财库〔2024〕13号" in page
    assert "Possible without it" in page
    shown = Client(HTTP_HOST="localhost").get(obj.get_absolute_url()).content.decode()
    assert "采购公告" in shown
    assert "5000000" not in shown
    assert "附录B" not in shown
    assert Client(HTTP_HOST="localhost").get(f"{obj.get_absolute_url()}ocds.json").status_code == 404


def test_a_forbidden_move_is_refused_with_its_article_and_the_notice_freezes_needs(stage: Demo) -> None:
    obj, client = CoPurchase.objects.get(), login(stage.actors[Role.BUYER])
    answer = client.post(obj.get_absolute_url(), {"move": "qualify", "version": obj.version})
    assert answer.status_code == 422
    assert "Art 16" in answer.content.decode()
    changed = obj.document.replace("threshold: 200", "threshold: 100")
    data = {"document": changed, "products": obj.products}
    assert client.post(f"{obj.get_absolute_url()}file/", data).status_code == 422
    assert login(stage.actors[Role.FIRM]).post(f"{obj.get_absolute_url()}file/", data).status_code == 403


def test_a_faulty_file_is_told(stage: Demo) -> None:
    answer = login(stage.actors[Role.BUYER]).post("/procurement/new/", {"document": "schema: x\nid: 1"})
    assert answer.status_code == 422


def test_red_flags_of_a_file_come_with_coverage() -> None:
    release = {"ocid": "a-1", "id": "1", "date": "2026-01-01T00:00:00Z", "tag": ["tender"], "tender": {"id": "t"}}
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    good = SimpleUploadedFile("a.jsonl", json.dumps(release).encode())
    assert "R018" in client.post("/procurement/flags/", {"file": good}).content.decode()
    bad = SimpleUploadedFile("a.jsonl", b"{\n[1,")
    assert client.post("/procurement/flags/", {"file": bad}).status_code == 422
