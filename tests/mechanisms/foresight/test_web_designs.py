"""Real time, IDEA, answers on paper, rising terms: the designs beside rounds, on the site."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from biaochi.core.errors import RefusedError
from biaochi.core.roles import CLOCK, Role
from biaochi.mechanisms.foresight.web import panel, readings
from biaochi.mechanisms.foresight.web.demonstration import experts
from biaochi.mechanisms.foresight.web.models import Invitation, Remark, Seat, Sheet, Study, StudyItem, TermScan
from biaochi.registry.models import Person
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, transition
from biaochi.web import demonstration as whole

pytestmark = pytest.mark.django_db
INTERVAL = {"low": "10", "best": "20", "high": "40", "confidence": "0.6"}


@pytest.fixture
def stage(db: None) -> Demo:
    """Return the cast of the demonstration."""
    return whole.cast()


@pytest.fixture
def people(stage: Demo) -> list[Person]:
    """Return twelve simulated experts."""
    return experts(stage.region)


def login(public_id: str) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    person = get_user_model().objects.get(public_id=public_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def study_of(stage: Demo, people: list[Person], design: str, limit: int) -> Study:
    study = Study(
        title_zh="何时到来",
        title_en="When it comes",
        purpose="?",
        design=design,
        consensus_threshold=0.75,
        year_range=5.0,
        stability_threshold=0.3,
        round_limit=limit,
    )
    create(study, stage.actors[Role.OFFICER])
    items = [("cost", "interval"), ("odds", "probability"), ("first", "rank"), ("second", "rank")]
    for code, kind in items:
        StudyItem.objects.create(study=study, code=code, type=kind, name_zh=code, name_en=code)
    Invitation.objects.bulk_create([Invitation(study=study, person=p) for p in people])
    transition(study, "submit", stage.actors[Role.OFFICER])
    transition(study, "freeze", stage.second[Role.OFFICER])
    transition(study, "open_round", stage.actors[Role.OFFICER])
    return study


def said(odds: str = "0.6", first: str = "1", second: str = "2", **more: str) -> dict[str, str]:
    sheet = {f"cost.{k}": v for k, v in INTERVAL.items()}
    return sheet | {"odds.answer": odds, "first.answer": first, "second.answer": second, "act": "submit"} | more


def answered(study: Study, people: list[Person], odds: str) -> list[Client]:
    clients = []
    for person in people:
        client = login(person.public_id)
        address = reverse("foresight:answer", args=[study.public_id])
        assert client.post(address, {"act": "accept"}).status_code == 200
        reply = client.post(address, said(odds, **{"odds.rationale": "as I see it"}))
        assert reply.status_code == 302, reply.content.decode()
        clients.append(client)
    return clients


def test_a_real_time_study_stays_open_and_is_cut(stage: Demo, people: list[Person]) -> None:
    study = study_of(stage, people, "real_time", 3)
    officer = stage.actors[Role.OFFICER]
    address = reverse("foresight:answer", args=[study.public_id])
    with pytest.raises(RefusedError):
        transition(study, "close_round", officer)
    with pytest.raises(RefusedError):
        transition(study, "conclude_real_time", officer, "enough")
    clients = answered(study, people[:7], "0.6")
    transition(study, "cut", CLOCK, "", now=study.entered_at + timedelta(days=29))
    study.refresh_from_db()
    assert (study.state, study.round) == ("round_open", 2)
    assert Sheet.objects.filter(round=2, submitted=True).count() == 7, "what was said stands until it is changed"
    page = clients[0].get(address).content.decode()
    assert "7 answered; median 0.6" in page
    late = answered(study, people[7:9], "0.9")
    assert late
    assert clients[0].post(address, said("0.2", **{"odds.rationale": "the grid"})).status_code == 302
    transition(study, "cut", officer, "")
    study.refresh_from_db()
    found = readings.survey(study)
    assert found is not None
    by_round = {r.round: r for r in found[0].items if r.item == "odds"}
    assert (by_round[1].n, by_round[2].n) == (7, 9)
    assert by_round[2].share_changed == pytest.approx(1 / 7)
    assert clients[1].post(address, said("0.1", **{"odds.rationale": "why"})).status_code == 302
    decision = found[0].decision
    transition(study, "cut", officer, "")
    with pytest.raises(RefusedError):
        transition(study, "cut", officer, "")
    study.refresh_from_db()
    assert clients[2].post(address, said("0.3", **{"odds.rationale": "why"})).status_code == 302, (
        "after the last cut: does not count"
    )
    transition(study, "conclude_real_time", officer, "by the rule", decision)
    study.refresh_from_db()
    assert (study.state, study.round) == ("concluded", 3)
    assert not Sheet.objects.filter(round=4).exists()
    office = login(officer.person)
    page = office.get(study.get_absolute_url()).content.decode()
    assert "real time, with dated cuts" in page
    book = office.get(reverse("foresight:answers", args=[study.public_id, "xlsx"]))
    assert book.content[:2] == b"PK"


def test_idea_asks_twice_with_a_discussion_without_names(stage: Demo, people: list[Person]) -> None:
    study = study_of(stage, people, "idea", 2)
    officer = stage.actors[Role.OFFICER]
    clients = answered(study, people[:6], "0.5")
    address = reverse("foresight:answer", args=[study.public_id])
    bad = clients[0].post(address, said(**{"cost.confidence": "0"}))
    assert bad.status_code == 422
    assert "a confidence lies above 0" in bad.content.decode()
    assert clients[0].post(address, said(second="")).status_code == 422, "ranks are given all or none"
    transition(study, "close_round", officer)
    assert clients[0].post(address, {"act": "remark", "cost.remark": "too early"}).status_code == 422
    transition(study, "open_feedback", officer)
    study.refresh_from_db()
    page = clients[1].get(address).content.decode()
    assert "combined median 20, 90 % between" in page
    assert clients[0].post(address, {"act": "remark", "cost.remark": "<b>the membrane</b>"}).status_code == 302
    assert clients[2].post(address, {"act": "remark", "cost.remark": "the grid"}).status_code == 302
    page = clients[1].get(address).content.decode()
    assert "&lt;b&gt;the membrane" in page
    assert "the grid" in page
    assert not {f.name for f in Remark._meta.get_fields()} & {"seat", "person", "at", "created_at"}
    assert login(stage.actors[Role.ADMINISTRATOR].person).get(address).status_code == 404
    outsider = login(people[8].public_id)
    assert outsider.post(address, {"act": "remark", "cost.remark": "me"}).status_code == 422
    office = login(officer.person)
    answer = office.post(study.get_absolute_url(), {"move": "conclude", "reason": "enough", "version": study.version})
    assert answer.status_code == 422, "IDEA asks twice"
    transition(study, "open_round", officer)
    for client in clients:
        assert client.post(address, said("0.5")).status_code == 302
    transition(study, "close_round", officer)
    transition(study, "open_feedback", officer)
    study.refresh_from_db()
    found = readings.survey(study)
    assert found is not None
    assert found[0].decision.outcome == "stop_limit"
    transition(study, "conclude", officer, "asked twice", found[0].decision)


def test_discussion_has_an_end(stage: Demo, people: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    study = study_of(stage, people, "idea", 2)
    monkeypatch.setattr(panel, "MOST_REMARKS", 1)
    panel.reply(study, {"cost": "one"})
    with pytest.raises(RefusedError):
        panel.reply(study, {"cost": "two"})


def paper_table(study: Study, n: int) -> pd.DataFrame:
    rows = []
    for number in range(1, n + 1):
        same = {"round": 1, "expert": f"P-{number:03d}", "version": "1"}
        rows += [
            {**same, "item": "cost", "type": "interval", **INTERVAL},
            {**same, "item": "odds", "type": "probability", "answer": "0.7"},
            {**same, "item": "first", "type": "rank", "answer": "1"},
            {**same, "item": "second", "type": "rank", "answer": "2"},
        ]
    return pd.DataFrame(rows).fillna("")


def test_answers_on_paper_come_in_whole_or_not_at_all(stage: Demo, people: list[Person]) -> None:
    study = study_of(stage, people, "rounds", 3)
    office = login(stage.actors[Role.OFFICER].person)
    template = office.get(reverse("foresight:paper", args=[study.public_id, "xlsx"]))
    assert template.content[:2] == b"PK"
    act = reverse("foresight:study_act", args=[study.public_id, "paper"])
    faulty = paper_table(study, 3)
    faulty.loc[0, "expert"] = "E-0001"
    faulty.loc[1, "answer"] = "1.7"
    faulty.loc[4, "type"] = "probability"
    faulty.loc[5, "round"] = 2
    data = faulty.to_csv(index=False).encode("gbk")
    answer = office.post(act, {"file": SimpleUploadedFile("paper.csv", data)})
    text = answer.content.decode()
    assert answer.status_code == 422
    for told in ("begins with P-", "between 0 and 1", "not the item", "only the open round"):
        assert told in text, told
    assert not Seat.objects.filter(pseudonym__startswith="P-").exists()
    for client in (login(people[0].public_id), login(stage.actors[Role.ADMINISTRATOR].person)):
        assert client.post(act, {"file": SimpleUploadedFile("p.csv", data)}).status_code in (403, 404)
    assert office.post(act, {}).status_code == 422
    good = SimpleUploadedFile("paper.csv", paper_table(study, 6).to_csv(index=False).encode())
    assert office.post(act, {"file": good}).status_code == 302
    assert Sheet.objects.filter(submitted=True, round=1).count() == 6
    transition(study, "close_round", stage.actors[Role.OFFICER])
    study.refresh_from_db()
    found = readings.survey(study)
    assert found is not None
    assert {r.item: r.n for r in found[0].items} == {"cost": 6, "odds": 6, "first": 6, "second": 6}


def terms(periods: int, seed: int = 1) -> bytes:
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(60):
        rate = np.where(np.arange(periods) > periods - 5, 6 + number % 5, 1.0) if number < 8 else np.full(periods, 3.0)
        counts = rng.poisson(rate)
        rows += [(f"term {number}", 2010 + p, int(counts[p]), 900) for p in range(periods)]
    return pd.DataFrame(rows, columns=["term", "period", "count", "total"]).to_csv(index=False).encode()


def test_rising_terms_show_their_record_first(stage: Demo) -> None:
    office = login(stage.actors[Role.OFFICER].person)
    new = reverse("foresight:scan_new")
    form = {"title_zh": "题名（模拟）", "title_en": "Titles (simulated)", "origin": "simulated", "simulated": "on"}
    short = office.post(new, {**form, "file": SimpleUploadedFile("t.csv", terms(6))})
    assert short.status_code == 422
    assert "fewer than ten periods" in short.content.decode()
    broken = office.post(new, {**form, "file": SimpleUploadedFile("t.csv", b"term,period,count,total\na,2001,5,2\n")})
    assert "more records than the total" in broken.content.decode()
    kept = office.post(new, {**form, "file": SimpleUploadedFile("t.csv", terms(16))})
    assert kept.status_code == 302, kept.content.decode()
    scan = TermScan.objects.get()
    page = Client(HTTP_HOST="localhost").get(kept.headers["Location"]).content.decode()
    assert page.index("此类词后来怎样") < page.index("百分位")
    assert "term " in page
    assert scan.content is not None
    assert scan.content["backtest"]
    stored = Client().get(reverse("foresight:scan_file", args=[scan.public_id]), HTTP_HOST="localhost")
    assert stored.content.decode("utf-8-sig").startswith("term,period,count,total")
    visitor = login(stage.actors[Role.FIRM].person)
    assert visitor.get(new).status_code == 403
    assert visitor.post(new, form).status_code == 403
