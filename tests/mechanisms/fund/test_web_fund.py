"""The web room of the fund: a file with faults, no opening without a comparison, departures with their reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Role
from biaochi.mechanisms.fund.decisions.board import attempts, money_by_route
from biaochi.mechanisms.fund.web.demonstration import demo, shipped
from biaochi.mechanisms.fund.web.models import Programme, Review
from biaochi.methods.allocation import Programme as Model
from biaochi.methods.allocation import solve
from biaochi.registry.ledger import verify_database
from biaochi.registry.models import Job
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, transition
from biaochi.web import demonstration as whole

pytestmark = pytest.mark.django_db
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "explore" / "fund" / "programme.json"


@pytest.fixture
def stage(db: None) -> Demo:
    """Return the cast of the demonstration."""
    return whole.cast()


def login(public_id: str, lang: str = "en") -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = lang
    person = get_user_model().objects.get(public_id=public_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_faulty_file_is_refused_with_every_fault(stage: Demo) -> None:
    client = login(stage.actors[Role.FUND_MANAGER].person)
    data = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    data["routes"][0]["coverage"] = 7
    data["budget"] = -1
    names = {"title_zh": "方案", "title_en": "programme"}
    bad = SimpleUploadedFile("p.json", json.dumps(data).encode())
    answer = client.post(reverse("fund:programme_new"), {**names, "file": bad})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "coverage" in page
    assert "budget" in page
    good = SimpleUploadedFile("p.json", EXAMPLE.read_bytes())
    assert client.post(reverse("fund:programme_new"), {**names, "file": good}).status_code == 302
    assert Programme.objects.get().document["budget"] == 40


def test_no_programme_opens_without_a_comparison_of_rules(stage: Demo) -> None:
    manager = stage.actors[Role.FUND_MANAGER]
    programme = Programme(title_zh="方案", title_en="p", document=json.loads(EXAMPLE.read_text(encoding="utf-8")))
    create(programme, manager)
    transition(programme, "check", manager)
    with pytest.raises(RefusedError):
        transition(programme, "simulate", manager)
    address = reverse("fund:programme_act", args=[programme.public_id, "compare"])
    assert login(stage.actors[Role.FIRM].person).post(address).status_code == 404
    assert login(manager.person).post(address).status_code == 302
    assert Job.objects.get().code == "fund.whatif"


def test_a_departure_needs_its_reason_and_the_money(stage: Demo) -> None:
    demo(stage)
    review = Review.objects.get(state="issued")
    client = login(stage.second[Role.FUND_MANAGER].person)
    advised = {f"decide-verdict_{t}": v for t, v in review.advised.items()}
    untried = next(t for t, v in review.advised.items() if v == "reserve")
    say = {"move": "decide", "reason": "board", "version": str(review.version)}
    answer = client.post(review.get_absolute_url(), {**say, **advised, f"decide-verdict_{untried}": "start"})
    assert answer.status_code == 422
    assert "without a reason" in answer.content.decode()
    review.refresh_from_db()
    assert review.chosen == {}
    why = {f"decide-why_{untried}": "a second look at the route"}
    answer = client.post(review.get_absolute_url(), {**say, **advised, f"decide-verdict_{untried}": "start", **why})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    review.refresh_from_db()
    assert review.state == "decided"
    assert "a second look at the route" in client.get(review.get_absolute_url()).content.decode()
    assert verify_database().intact


def test_a_round_in_which_nobody_is_funded_passes(stage: Demo) -> None:
    demo(stage)
    review = Review.objects.get(state="issued")
    client = login(stage.second[Role.FUND_MANAGER].person)
    nobody = {"start": "reserve", "continue": "stop", "adjust": "stop"}
    form = {f"decide-verdict_{t}": nobody.get(v, v) for t, v in review.advised.items()}
    form |= {f"decide-why_{t}": "money is needed elsewhere" for t in review.advised}
    say = {"move": "decide", "reason": "board", "version": str(review.version)}
    assert client.post(review.get_absolute_url(), {**say, **form}).status_code == 302
    programme = review.programme
    before = Programme.objects.get(pk=programme.pk).programme()
    address = reverse("fund:programme_act", args=[programme.public_id, "idle"])
    assert "Go on to the next round" in client.get(programme.get_absolute_url()).content.decode()
    assert client.post(address).status_code == 302
    after = Programme.objects.get(pk=programme.pk).programme()
    assert (after.elapsed, after.spent) == (before.elapsed + 1, before.spent)
    assert client.post(address).status_code == 403


def test_the_packet_page_answers_and_outsiders_do_not_see_it(stage: Demo) -> None:
    demo(stage)
    review = Review.objects.get(state="issued")
    for lang, words in (("zh", ("方案比较", "无一成功", "Brier")), ("en", ("Alternatives", "P(no success)", "Brier"))):
        page = login(stage.actors[Role.FUND_MANAGER].person, lang).get(review.get_absolute_url()).content.decode()
        assert all(w in page for w in words)
    assert login(stage.actors[Role.FIRM].person).get(review.get_absolute_url()).status_code == 404
    told = Review.objects.get(state="informed")
    page = login(stage.actors[Role.FIRM].person).get(told.get_absolute_url()).content.decode()
    assert "Decision" in page
    assert "Alternatives" not in page


def test_the_shipped_readings_are_what_the_methods_say() -> None:
    made = shipped()
    programme = Model.from_json(made["programme"])
    advice = made["packets"][0]["records"]["recommendation"]
    assert solve(programme).value == pytest.approx(advice["recommended"]["value"]["mean"], rel=1e-9)


def test_money_by_route_adds_up_to_what_was_spent() -> None:
    programme = Model.from_json(shipped()["programme"])
    assert sum(m.spent for m in money_by_route(programme)) == pytest.approx(programme.spent)
    assert len(attempts(programme)) == len(programme.observations)
