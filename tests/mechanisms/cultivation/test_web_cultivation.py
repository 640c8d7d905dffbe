"""The web room of cultivation: the ladder with reasons, both sides of a rule change, uploads, titles, who sees what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.exchange.source import Source
from biaochi.mechanisms.cultivation.web import intake, readings, site
from biaochi.mechanisms.cultivation.web.models import FirmFile, RegisterLine, Title
from biaochi.registry.site import Demo, Offer
from biaochi.registry.transition import create, transition
from biaochi.web import demonstration as whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(db: None) -> Demo:
    """Return the cast, with cultivation's part of the demonstration."""
    found = whole.cast()
    site.demo(found)
    return found


def login(person: str) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    user = get_user_model().objects.get(public_id=person)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def firm(code: str = "E1") -> FirmFile:
    return FirmFile.objects.get(code=code)


def test_the_page_tells_rung_reasons_way_up_and_lapses(stage: Demo) -> None:
    page = login(stage.actors[Role.FIRM].person).get(firm().get_absolute_url()).content.decode()
    for heading in ("Ladder", "Verdict by criterion", "The cheapest way up", "What expires when"):
        assert heading in page
    assert 'data-code="met"' in page
    assert "工信部企业〔2026〕2号" in page


def test_both_sides_of_the_day_the_rules_changed(stage: Demo) -> None:
    file = firm()
    file.facts |= {"fiscal_year": 2025, "little_giant_until": "2027-06-30"}
    file.save()
    before = readings.standing(file, date(2026, 3, 31), 0)
    after = readings.standing(file, date(2026, 4, 1), 0)
    old, new = before.decisions["little_giant"], after.decisions["little_giant"]
    assert (old.facts["version"], new.facts["version"]) == ("2022", "2026")
    assert [r.text for r in old.reasons] != [r.text for r in new.reasons]
    assert before.held == after.held == "little_giant"
    client = login(stage.actors[Role.FIRM].person)
    for day, version in (("2026-03-31", "2022"), ("2026-04-01", "2026")):
        page = client.get(file.get_absolute_url(), {"at": day, "set": "little_giant"}).content.decode()
        assert f"/cultivation/rules/little_giant/{version}/" in page


def test_a_plan_holds_when_judged_again(stage: Demo) -> None:
    found = readings.standing(firm(), timezone.localdate(), 1)
    assert found.aim == "little_giant"
    for plan in found.plans:
        assert plan.verdict.value in ("met", "manual_review")
    assert list(found.plans) == sorted(found.plans, key=lambda p: p.cost)


def test_without_costs_no_way_is_invented(stage: Demo) -> None:
    page = login(stage.other_firm.person).get(firm("E2").get_absolute_url()).content.decode()
    assert "no cheapest way is computed" in page
    assert readings.standing(firm("E2"), timezone.localdate(), 1).plans == ()


def test_a_firm_sees_its_own_file_only(stage: Demo) -> None:
    other = login(stage.other_firm.person)
    assert other.get(firm().get_absolute_url()).status_code == 404
    assert "E1" not in other.get("/cultivation/firms/?format=csv").content.decode()
    title = Title.objects.get()
    assert other.get(title.get_absolute_url()).status_code == 404
    assert Client(HTTP_HOST="localhost").get(firm().get_absolute_url()).status_code in (302, 404)


def test_rule_sets_and_their_differences_are_public(client: Client) -> None:
    assert client.get("/cultivation/rules/", HTTP_HOST="localhost").status_code == 200
    page = client.get("/cultivation/rules/srdi/2026/", HTTP_HOST="localhost").content.decode()
    assert 'id="changes"' in page
    assert client.get("/cultivation/rules/srdi/1999/", HTTP_HOST="localhost").status_code == 404


def test_an_upload_tells_every_fault_and_then_makes_files(stage: Demo) -> None:
    officer, before = login(stage.actors[Role.OFFICER].person), FirmFile.objects.count()
    wrong = "firm,fiscal_year,revenue_1,main_revenue_1,market_share,rd_1\nA,2025,100,200,0.1,5\nA,2025,100,50,3,-1\n"
    address = "/cultivation/import/firms/"
    answer = officer.post(address, {"file": SimpleUploadedFile("firms.csv", wrong.encode("gbk"))})
    told = answer.content.decode()
    assert answer.status_code == 422
    for code in ("main_revenue_1", "market_share", "rd_1"):
        assert code in told
    assert FirmFile.objects.count() == before
    right = "firm,fiscal_year,region,revenue_1\nA,2025,990100,100\nB,2025,990200,7\n"
    answer = officer.post(address, {"file": SimpleUploadedFile("firms.csv", right.encode())})
    assert answer.status_code == 302
    assert FirmFile.objects.count() == before + 2
    assert officer.get(firm("A").get_absolute_url()).status_code == 200


def test_a_firm_hands_in_one_row_and_keeps_one_file(stage: Demo) -> None:
    actor = stage.actors[Role.FIRM]
    intake.store_firm({"firm": "other name", "fiscal_year": 2025}, Source("a.csv", b""), actor)
    assert FirmFile.objects.filter(organisation__public_id=actor.organisation).count() == 1


def test_nobody_is_recognised_against_the_assessment(stage: Demo) -> None:
    actor, officer, second = stage.other_firm, stage.actors[Role.OFFICER], stage.second[Role.OFFICER]
    client = login(actor.person)
    assert client.post("/cultivation/titles/new/", {"grade": "srdi"}).status_code == 302
    title = Title.objects.get(firm__code="E2")
    transition(title, "apply", actor)
    transition(title, "verify", officer, "Checked.")
    page = login(second.person).post(
        title.get_absolute_url(), {"move": "recognise", "version": title.version, "reason": "all the same"}
    )
    assert page.status_code == 422
    title.refresh_from_db()
    assert title.state == "verified"


def test_a_title_is_recognised_by_another_and_lapses_by_the_clock(stage: Demo) -> None:
    title, officer, second = Title.objects.get(), stage.actors[Role.OFFICER], stage.second[Role.OFFICER]
    transition(title, "verify", officer, "Checked.")
    with pytest.raises(RefusedError):
        transition(title, "recognise", officer, "Same person.")
    transition(title, "recognise", second, "In order.")
    assert title.valid_to is not None
    assert title.granted_on is not None
    assert title.valid_to.year - title.granted_on.year == 3
    assert site.clock(timezone.now()) == 0
    assert site.clock(timezone.now() + timedelta(days=3 * 366)) == 1
    title.refresh_from_db()
    assert title.state == "lapsed"


def test_an_acceptance_becomes_evidence_of_the_firm_it_names(stage: Demo) -> None:
    officer = stage.actors[Role.OFFICER]
    offer = Offer("PX-1", Text("验收", "acceptance"), timezone.now(), {"firm": "E1", "outcome": "accepted"})
    assert intake.take_evidence(offer, officer) == firm().get_absolute_url()
    assert firm().evidence.get().origin == "PX-1"
    with pytest.raises(RefusedError):
        intake.take_evidence(Offer("PX-2", offer.title, offer.at, {"firm": "nobody"}), officer)


def test_only_firms_make_titles(stage: Demo) -> None:
    with pytest.raises(RefusedError):
        create(Title(title_zh="x", title_en="x", firm=firm(), grade="srdi"), stage.actors[Role.OFFICER])


REGISTER = (
    "firm,grade,batch,granted_on,valid_to,ended_on,end_cause,successor\n"
    "E2,srdi,2024,2024-06-01,,,,\n"
    "Z1,little_giant,2022,2022-09-01,2025-08-31,,,\n"
    "Z2,little_giant,2022,2022-09-01,,2024-05-01,renamed,Z9\n"
)


def test_a_register_tells_what_lapses_and_lifts_the_firm_it_names(stage: Demo) -> None:
    officer = login(stage.actors[Role.OFFICER].person)
    address = "/cultivation/import/register/"
    wrong = REGISTER.replace("2025-08-31", "2021-08-31").replace("E2,srdi", "E2,knight")
    answer = officer.post(address, {"file": SimpleUploadedFile("register.csv", wrong.encode())})
    assert answer.status_code == 422
    for seen in ("knight", "valid_to lies before granted_on"):
        assert seen in answer.content.decode()
    assert readings.standing(firm("E2"), timezone.localdate(), 1).held == "innovative"
    before = RegisterLine.objects.count()
    for _ in range(2):  # the same lines again change nothing
        answer = officer.post(address, {"file": SimpleUploadedFile("register.csv", REGISTER.encode())})
        assert answer.status_code == 302
    assert RegisterLine.objects.count() == before + 3
    assert readings.standing(firm("E2"), timezone.localdate(), 1).held == "srdi"
    page = officer.get("/cultivation/register/", {"grade": "little_giant"}).content.decode()
    for told in ("past their term", "Z2", "How long titles last", "still held", "re-check before the term ends"):
        assert told in page
    own = login(stage.other_firm.person)
    assert "re-check before the term ends" in own.get(firm("E2").get_absolute_url()).content.decode()
    for person in (stage.actors[Role.FIRM].person, stage.actors[Role.REVIEWER].person):
        assert login(person).get("/cultivation/register/").status_code == 403


def test_an_office_reads_its_own_register_only(stage: Demo) -> None:
    RegisterLine.objects.update(organisation="another")
    page = login(stage.actors[Role.OFFICER].person).get("/cultivation/register/").content.decode()
    assert "0 titles on the register" in page
    assert "R001" not in page
    assert "R001" in login(stage.actors[Role.AUDITOR].person).get("/cultivation/register/").content.decode()


def test_rules_are_told_in_words_beside_their_exact_form(stage: Demo) -> None:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "zh-hans"
    page = client.get("/cultivation/rules/little_giant/2026/").content.decode()
    assert "上年主营业务收入 ÷ 上年营业收入 ≥ 0.9" in page
    assert "main_revenue_1/revenue_1 &gt;= 0.9" in page
