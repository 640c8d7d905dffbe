"""The web room of foresight: answering without a name, rules that stop, questions settled by outsiders, pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.mechanisms.foresight.web import panel, readings, site
from biaochi.mechanisms.foresight.web.demonstration import EXPERTS, demo, experts, year_answer
from biaochi.mechanisms.foresight.web.models import (
    FunctionOfRoutes,
    Invitation,
    Question,
    Seat,
    Sheet,
    Study,
    StudyItem,
)
from biaochi.registry.ledger import verify_database
from biaochi.registry.models import Membership, Person
from biaochi.registry.models.record import LedgerEntry
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, transition
from biaochi.web import demonstration as whole

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


@pytest.fixture
def stage(db: None) -> Demo:
    """Return the cast of the demonstration."""
    return whole.cast()


def login(public_id: str) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    person = get_user_model().objects.get(public_id=public_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def a_study(stage: Demo, people: list[Person], **rules: Any) -> Study:
    study = Study(
        title_zh="何时到来",
        title_en="When it comes",
        purpose="何时？",
        **{"consensus_threshold": 0.75, "year_range": 5.0, "stability_threshold": 0.3, "round_limit": 3, **rules},
    )
    create(study, stage.actors[Role.OFFICER])
    due = timezone.localdate() + timedelta(days=300)
    StudyItem.objects.create(study=study, code="pilot", type="year", name_zh="中试", name_en="pilot", due_on=due)
    StudyItem.objects.create(study=study, code="weight", type="likert", name_zh="重要", name_en="weight", low=1, high=4)
    Invitation.objects.bulk_create([Invitation(study=study, person=p) for p in people])
    return study


def opened(stage: Demo, study: Study) -> None:
    transition(study, "submit", stage.actors[Role.OFFICER])
    transition(study, "freeze", stage.second[Role.OFFICER])
    transition(study, "open_round", stage.actors[Role.OFFICER])


def sheet_data(study: Study, after: int, rating: int, reason: str = "", act: str = "submit") -> dict[str, str]:
    said = year_answer(study.survey_year, after, reason)
    return {f"pilot.{k}": v for k, v in said.items()} | {"weight.answer": str(rating), "act": act}


def taken(study: Study, people: list[Person]) -> list[Client]:
    clients = []
    for person in people:
        client = login(person.public_id)
        answer = client.post(reverse("foresight:answer", args=[study.public_id]), {"act": "accept"})
        assert answer.status_code == 200, answer.content.decode()[:2000]
        clients.append(client)
    return clients


def submit(client: Client, study: Study, after: int, rating: int, reason: str = "") -> None:
    address = reverse("foresight:answer", args=[study.public_id])
    answer = client.post(address, sheet_data(study, after, rating, reason))
    assert answer.status_code == 302, answer.content.decode()


def between_rounds(stage: Demo, study: Study) -> None:
    officer = stage.actors[Role.OFFICER]
    transition(study, "close_round", officer)
    transition(study, "open_feedback", officer)
    transition(study, "open_round", officer)


def test_what_is_stored_joins_no_person_to_a_seat(stage: Demo) -> None:
    people = experts(stage.region)
    study = a_study(stage, people)
    opened(stage, study)
    clients = taken(study, people)
    for number, client in enumerate(clients):
        submit(client, study, 2 + number % 4, 3)
    named = {p.public_id for p in people} | {str(p.pk) for p in people}
    for model in (Seat, Sheet):
        fields = {f.name for f in model._meta.get_fields()}
        assert not fields & {"person", "creator", "at", "created_at", "updated_at", "invitation"}
        for row in model.objects.values():
            assert not named & {str(v) for v in row.values()}
    # Seats and sheets exist before anybody answers, in an order of their own.
    assert Seat.objects.count() == Sheet.objects.count() == EXPERTS
    before = LedgerEntry.objects.count()
    transition(study, "close_round", stage.actors[Role.OFFICER])
    bodies = [json.loads(b) for b in LedgerEntry.objects.filter(seq__gt=before).values_list("body", flat=True)]
    sealed = next(b for b in bodies if b["transition"] == "answers_sealed")
    assert len(sealed["decision"]["facts"]["sha256"]) == 64
    everything = "".join(LedgerEntry.objects.values_list("body", flat=True))
    assert not any(p.public_id in everything for p in people)
    assert not any(s.pseudonym in everything for s in Seat.objects.all())
    assert verify_database().intact


def test_nobody_but_the_holder_opens_a_sheet(stage: Demo) -> None:
    people = experts(stage.region)
    study = a_study(stage, people)
    opened(stage, study)
    address = reverse("foresight:answer", args=[study.public_id])
    first = taken(study, people[:1])[0]
    submit(first, study, 5, 4, "only mine")
    for role in (Role.OFFICER, Role.ADMINISTRATOR, Role.AUDITOR, Role.FIRM):
        client = login(stage.actors[role].person)
        assert client.get(address).status_code == 404
        page = client.get(study.get_absolute_url()).content.decode()
        assert "only mine" not in page
        assert client.get(reverse("foresight:answers", args=[study.public_id, "csv"])).status_code == 404
    # Another expert on the same machine does not find the first one's seat.
    second = login(people[1].public_id)
    second.cookies.update(first.cookies)
    second.force_login(
        get_user_model().objects.get(pk=people[1].pk), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert "only mine" not in second.get(address).content.decode()
    with pytest.raises(RefusedError):
        panel.take_seat(study, people[0])


def test_few_answers_are_not_shown_and_counts_wait(stage: Demo) -> None:
    people = experts(stage.region)
    study = a_study(stage, people)
    opened(stage, study)
    clients = taken(study, people[:4])
    for client in clients:
        submit(client, study, 5, 4)
    office = login(stage.actors[Role.OFFICER].person)
    assert "Fewer than 5 sheets are in" in office.get(study.get_absolute_url()).content.decode()
    transition(study, "close_round", stage.actors[Role.OFFICER])
    transition(study, "open_feedback", stage.actors[Role.OFFICER])
    page = clients[0].get(reverse("foresight:answer", args=[study.public_id])).content.decode()
    assert "Fewer than 5 answered" in page


def test_outside_the_middle_half_asks_why_and_faults_come_all_at_once(stage: Demo) -> None:
    people = experts(stage.region)
    study = a_study(stage, people)
    opened(stage, study)
    clients = taken(study, people)
    for number, client in enumerate(clients):
        submit(client, study, 3 + number % 2, 3)
    between_rounds(stage, study)
    address = reverse("foresight:answer", args=[study.public_id])
    answer = clients[0].post(address, sheet_data(study, 12, 3))
    assert answer.status_code == 422
    assert "please say why" in answer.content.decode()
    submit(clients[0], study, 12, 3, "supply is short")
    wrong = {"pilot.year_p10": "2040", "pilot.year_p50": "2030", "pilot.year_p90": "x", "weight.answer": "9"}
    answer = clients[1].post(address, wrong | {"act": "submit"})
    assert answer.status_code == 422
    assert answer.content.decode().count('class="fault"') >= 2
    assert clients[1].post(address, wrong | {"act": "autosave"}).status_code == 204
    transition(study, "close_round", stage.actors[Role.OFFICER])
    assert Sheet.objects.filter(round=2, submitted=True).count() == 1
    assert all(s.content == {} for s in Sheet.objects.filter(round=2, submitted=False))


def test_the_rule_set_beforehand_stops_and_nothing_else(stage: Demo) -> None:
    people = experts(stage.region)
    study = a_study(stage, people)
    opened(stage, study)
    clients = taken(study, people)
    for number, client in enumerate(clients):
        submit(client, study, 3 + number % 3, 4)
    officer = login(stage.actors[Role.OFFICER].person)
    transition(study, "close_round", stage.actors[Role.OFFICER])
    transition(study, "open_feedback", stage.actors[Role.OFFICER])
    stop = {"move": "conclude", "reason": "enough", "version": str(study.version)}
    answer = officer.post(study.get_absolute_url(), stop)
    assert answer.status_code == 422
    assert "ask another round" in answer.content.decode()
    transition(study, "open_round", stage.actors[Role.OFFICER])
    for number, client in enumerate(clients[:11]):
        submit(client, study, 3 + number % 3, 4, "why")
    transition(study, "close_round", stage.actors[Role.OFFICER])
    transition(study, "open_feedback", stage.actors[Role.OFFICER])
    found = readings.survey(study)
    assert found is not None
    assert found[0].decision.outcome == "stop_consensus"
    again = {"move": "open_round", "version": str(study.version)}
    assert officer.post(study.get_absolute_url(), again).status_code == 422
    stop["version"] = str(study.version)
    assert officer.post(study.get_absolute_url(), stop).status_code == 302
    study.refresh_from_db()
    assert study.state == "concluded"
    public = Client(HTTP_HOST="localhost").get(reverse("foresight:answers", args=[study.public_id, "csv"]))
    assert public.status_code == 200
    assert "rationale" not in public.content.decode()


def test_the_download_gives_the_same_answer_on_the_command_line(stage: Demo, run: Any, write: Any) -> None:
    demo(stage)
    study = Study.objects.get()
    found = readings.survey(study)
    assert found is not None
    text = login(stage.actors[Role.OFFICER].person).get(reverse("foresight:answers", args=[study.public_id, "csv"]))
    rules = write(
        "rules.yaml",
        "consensus: {measure: top_share, threshold: 0.75}\nby_type: {year: {measure: iqr, threshold: 5}}\n"
        f"stability: {{threshold: 0.3}}\nround_limit: 3\npartial: does_not_count\nsurvey_year: {study.survey_year}\n",
    )
    answers = write("answers.csv", text.content.decode("utf-8-sig"))
    result, document = run("survey", answers, "--rules", rules)
    assert result.exit_code == 0, result.stderr
    assert document["decision"]["outcome"] == found[0].decision.outcome
    assert [r["median"] for r in document["items"]] == [r.median for r in found[0].items]


def test_a_question_is_settled_by_two_outsiders_after_its_day(stage: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    people = experts(stage.region)
    study = a_study(stage, people, round_limit=2)
    opened(stage, study)
    clients = taken(study, people)
    for round_ in (1, 2):
        for number, client in enumerate(clients):
            submit(client, study, 3 + number % 3, 4, "why")
        officer = stage.actors[Role.OFFICER]
        transition(study, "close_round", officer)
        transition(study, "open_feedback", officer)
        if round_ == 1:
            transition(study, "open_round", officer)
    transition(study, "conclude", stage.actors[Role.OFFICER], "as the rule says")
    transition(study, "await_outcomes", stage.actors[Role.OFFICER])
    question = Question.objects.get()
    later = timezone.now() + timedelta(days=400)
    with pytest.raises(RefusedError):
        transition(question, "fall_due", CLOCK, "", now=timezone.now())
    assert site.fall_due(later) == 1
    assert site.fall_due(later) == 0
    question.refresh_from_db()
    expert = login(people[0].public_id)
    told = {"move": "propose", "reason": "x", "version": str(question.version), "propose-outcome": "not_yet"}
    told |= {"propose-evidence": "register"}
    assert expert.post(question.get_absolute_url(), told).status_code == 422
    question.refresh_from_db()
    assert question.outcome == ""
    with pytest.raises(RefusedError):
        transition(question, "propose", stage.actors[Role.OFFICER], "x", now=later)
    question.refresh_from_db()
    office = login(stage.actors[Role.OFFICER].person)
    assert office.post(question.get_absolute_url(), told).status_code == 422  # by the office's own clock it is not due
    monkeypatch.setattr(timezone, "now", lambda: later)
    office = login(stage.actors[Role.OFFICER].person)
    assert office.post(question.get_absolute_url(), told).status_code == 302
    question.refresh_from_db()
    with pytest.raises(RefusedError):
        transition(question, "confirm", stage.actors[Role.OFFICER], now=later)
    with pytest.raises(RefusedError):
        member = Membership.objects.get(person=people[0]).actor
        transition(question, "confirm", member, now=later)
    transition(question, "confirm", stage.second[Role.OFFICER], now=later)
    transition(study, "resolve", stage.actors[Role.OFFICER], now=later)
    scored = readings.questions_scored(study, timezone.localdate(later))
    assert scored is not None
    assert len(scored.questions) == 1


def test_the_demonstration_tells_the_whole_story(stage: Demo) -> None:
    demo(stage)
    study = Study.objects.get()
    assert study.state == "resolved"
    found = readings.survey(study)
    assert found is not None
    assert found[0].decision.outcome.startswith("stop_")
    assert [r.answered for r in found[0].rounds] == [EXPERTS, EXPERTS - 1]
    scored = readings.questions_scored(study)
    assert scored is not None
    assert len(scored.questions) == 3
    for language in ("zh-hans", "en"):
        client = Client(HTTP_HOST="localhost")
        client.cookies["language"] = language
        function = FunctionOfRoutes.objects.get()
        for address in (
            reverse("foresight:forecasts"),
            reverse("foresight:technology", args=["liion_pack_first"]),
            reverse("foresight:technology", args=["liion_pack_doe"]),
            reverse("foresight:scoreboard"),
            reverse("foresight:functions"),
            reverse("foresight:function", args=[function.public_id]),
            study.get_absolute_url(),
            study.questions.all()[0].get_absolute_url(),
        ):
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert " style=" not in answer.content.decode()


def test_a_forecast_page_shows_its_hindcast_before_the_forecast() -> None:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    for technology in readings.shipped().series:
        page = client.get(reverse("foresight:technology", args=[technology.technology])).content.decode()
        assert page.index("Its record") < page.index("past forecasts") < page.index('data-figure="fan"')


def test_a_route_page_has_value_and_sensitivity_in_one_section(stage: Demo) -> None:
    demo(stage)
    function = FunctionOfRoutes.objects.get()
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    page = client.get(reverse("foresight:function", args=[function.public_id])).content.decode()
    section = page[page.index('id="keep"') : page.index("</section>", page.index('id="keep"'))]
    assert all(f"ρ = {r}" in section for r in ("0", "0.3", "0.6"))
    assert all(word in page for word in ("P(ready)", "P(cheapest)", "Crossover"))
    made = readings.outlook(function).outlook.functions[0]
    assert len(made.routes) >= 3
    assert [k.k for k in made.keep] == [1, 2, 3]
    last = max(made.p_none_ready)
    assert sum(r.p_cheapest[last] for r in made.routes) + made.p_none_ready[last] == pytest.approx(1)
    offers = site.outlooks(stage.actors[Role.FUND_MANAGER], timezone.now())
    assert offers[0].payload["routes"][0]["p_ready"]
    assert site.outlooks(Actor("", Role.PUBLIC), timezone.now()) == []


def test_an_officer_stores_a_function_from_its_file(stage: Demo, tmp_path: Path, example: Path) -> None:
    client = login(stage.actors[Role.OFFICER].person)
    address = reverse("foresight:function_new")
    with (example / "routes.yaml").open("rb") as stream:
        answer = client.post(address, {"title_zh": "甲", "title_en": "a", "file": stream})
    assert answer.status_code == 422
    assert "no such shipped series" in answer.content.decode()
    bad = tmp_path / "routes.yaml"
    bad.write_text("functions:\n  - {code: x, unit: u}\n", encoding="utf-8")
    with bad.open("rb") as stream:
        answer = client.post(address, {"title_zh": "甲", "title_en": "a", "file": stream})
    assert answer.status_code == 422
    good = Path(readings.__file__).with_name("demonstration.yaml")
    with good.open("rb") as stream:
        answer = client.post(address, {"title_zh": "甲", "title_en": "a", "file": stream, "simulated": "on"})
    assert answer.status_code == 302
    assert LedgerEntry.objects.filter(transition="outlook_kept").exists()
    assert login(stage.actors[Role.FIRM].person).get(address).status_code == 403


def test_the_designer_takes_items_invites_and_keeps_the_creator_from_freezing(stage: Demo) -> None:
    client = login(stage.actors[Role.OFFICER].person)
    data = {
        "title_zh": "新研究",
        "title_en": "New study",
        "purpose": "?",
        "design": "rounds",
        "consensus_measure": "top_share",
        "consensus_threshold": "0.75",
        "year_range": "5",
        "stability_threshold": "0.15",
        "round_limit": "3",
        "partial": "counts",
        "subgroup_minimum": "5",
    }
    assert client.post(reverse("foresight:study_new"), data).status_code == 302
    study = Study.objects.get()
    act = lambda name, **sent: client.post(reverse("foresight:study_act", args=[study.public_id, name]), sent)  # noqa: E731
    assert act("item", code="y", type="year", name_zh="何时", name_en="when").status_code == 422
    assert act("item", code="y", type="year", name_zh="何时", name_en="when", due_on="2030-01-01").status_code == 302
    assert act("template", template="nistep.yaml").status_code == 302
    assert study.items.count() == 5
    people = experts(stage.region)
    assert act("invite", person=[p.public_id for p in people]).status_code == 302
    assert study.invitations.count() == EXPERTS
    transition(study, "submit", stage.actors[Role.OFFICER])
    with pytest.raises(RefusedError):
        transition(study, "freeze", stage.actors[Role.OFFICER])
    transition(study, "freeze", stage.second[Role.OFFICER])
    assert act("invite", person=[]).status_code == 302
    assert act("item", code="z", type="probability", name_zh="a", name_en="a").status_code == 403
    study.refresh_from_db()
    transition(study, "open_round", stage.actors[Role.OFFICER])
    assert act("remind").status_code == 302
    assert people[0].notifications.count() == 2
