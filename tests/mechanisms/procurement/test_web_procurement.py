"""The web room of procurement: checks with articles, the market strip, refused moves, disclosure, OCDS, red flags."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.procurement.web import readings, site
from biaochi.mechanisms.procurement.web.models import CoPurchase
from biaochi.registry.site import Demo
from biaochi.registry.transition import transition
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


def test_from_plan_to_first_purchase_each_step_waits_for_its_fact(stage: Demo) -> None:
    today = timezone.localdate()
    obj = CoPurchase.objects.get()

    def day(ago: int) -> str:
        return (today - timedelta(days=ago)).isoformat()

    def put(document: str) -> None:
        readings.purchase_of(document)
        CoPurchase.objects.filter(pk=obj.pk).update(document=document)
        obj.refresh_from_db()

    def go(code: str, reason: str = "理由") -> None:
        obj.refresh_from_db()
        transition(obj, code, stage.actors[Role.BUYER], reason)

    head, _, rest = obj.document.partition("dates: {")
    tail = rest.split("\n", 2)[2] if rest.count("\n") > 2 else ""
    dates = {
        "argued": 240, "approved": 230, "intention": 220, "notice": 210, "applications_close": 170, "exchanged": 165,
        "file_issued": 160, "first_response": 140, "result": 120,
    }  # fmt: skip
    written = ", ".join(f"{k}: {day(v)}" for k, v in dates.items())
    public = ", ".join(
        f"{{document: {d}, on: {day(n)}}}"
        for d, n in (("intention", 220), ("notice", 210), ("negotiation_file", 160), ("result", 120))
    )
    base = f"{head}dates: {{{written}}}\ndisclosures: [{public}]\n{tail}"
    put(base)
    for code in ("qualify", "exchange", "issue_file", "negotiate", "select", "publish_result", "sign"):
        go(code)
    with pytest.raises(RefusedError, match="Art 25"):
        go("accept")
    evidence = f"scope: [labour], signed_on: {day(100)}, ends_on: {day(-300)}"
    stages = (
        f"stages: [{{code: design, midterm_on: {day(99)}, starts_on: {day(98)}, due_on: {day(60)}, amount: '500000', "
        f"scope: [labour], evidence: [ev-1], verdict: VV, decided_on: {day(50)}}}]"
    )
    lines = [
        f"  - {{supplier: {s}, cap: '1000000', {evidence}, outcome: {o}, {stages.replace('VV', v)}}}"
        for s, o, v in (("S1", "accepted", "met"), ("S2", "eliminated", "unmet"))
    ]
    tests = ", ".join(
        f"{{supplier: S1, need: {n}, value: {v}, evidence: ev-{n}, on: {day(40)}}}"
        for n, v in (("R1", 210), ("R2", 48))
    )
    first = f"first_purchase: {{supplier: S1, price: '2000000', announced_on: {day(30)}}}\n"
    put(f"{base}contracts:\n{chr(10).join(lines)}\nacceptance: [{tests}]\n{first}")
    for code in ("accept", "review_first_purchase", "publish_first_purchase", "contract_first_purchase", "close"):
        go(code)
    assert obj.state == "closed"
    package = json.loads(Client(HTTP_HOST="localhost").get(f"{obj.get_absolute_url()}ocds.json").content)
    tags = {t for r in package["releases"] for t in r["tag"]}
    assert {"planning", "tender", "award", "contract", "contractTermination"} <= tags
