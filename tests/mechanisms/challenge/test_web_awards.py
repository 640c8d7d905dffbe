"""Awards and milestones on the site: third-party results, grounds, money on a pass, the exemption file, completion."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.challenge.files import read_case
from biaochi.mechanisms.challenge.web.demonstration import demo, go_on
from biaochi.mechanisms.challenge.web.models import Award, Bid, Challenge, Milestone
from biaochi.mechanisms.challenge.web.services import ceremony, contracting, reviewing
from biaochi.registry.ledger import verify_database
from biaochi.registry.models import Membership, Organisation
from biaochi.registry.site import Demo, Offer
from biaochi.registry.transition import transition
from biaochi.web import demonstration as whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(db: None) -> Demo:
    """Return the cast, with a challenge that has run to its awards."""
    cast = whole.cast()
    demo(cast)
    challenge = Challenge.objects.latest("pk")
    said = {"text_sha256": challenge.text_digest, "conclusion": "compliant", "clear": True, "zh": "符合", "en": "ok"}
    ceremony.take_fairness(Offer("FR-TEST", challenge.title, timezone.now(), said), cast.actors[Role.OFFICER])
    challenge.refresh_from_db()
    go_on(cast, challenge)
    return cast


def client_of(actor: Actor) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    person = get_user_model().objects.get(public_id=actor.person)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def move(actor: Actor, obj: Any, code: str, **data: str) -> Any:
    obj.refresh_from_db()
    say = {"move": code, "version": str(obj.version), "reason": "by the verifier's report", **data}
    return client_of(actor).post(obj.get_absolute_url(), say)


def test_five_bids_become_three_awards_on_two_routes(stage: Demo) -> None:
    challenge = Challenge.objects.latest("pk")
    assert challenge.state == "running"
    assert Bid.objects.filter(state="awarded").count() == 3
    assert Bid.objects.filter(state="not_selected").count() == 2
    assert len(set(Award.objects.values_list("route", flat=True))) == 2
    assert sorted(Award.objects.values_list("state", flat=True)) == ["active", "active", "terminated_no_fault"]
    zones = {b["bid"]: b["zone"] for b in challenge.ranking["bids"]}
    assert "lottery" in zones.values()
    for award in Award.objects.select_related("bid", "organisation"):
        assert award.organisation == award.bid.organisation
        assert zones[award.bid.public_id] == "above" or award.bid.public_id in challenge.draw["winners"]
    assert verify_database().intact


def test_the_exemption_file_is_whole_and_reads_back(stage: Demo, tmp_path: Path) -> None:
    ended = Award.objects.get(state="terminated_no_fault")
    officer = client_of(stage.actors[Role.OFFICER])
    page = officer.get(ended.get_absolute_url()).content.decode()
    assert "Exemption file" in page
    assert "technically infeasible" in page
    assert 'data-code="met">Complete' in page.replace("complete", "Complete")
    answer = officer.get(reverse("challenge:case_file", args=[ended.public_id]))
    path = tmp_path / "case.json"
    path.write_bytes(answer.content)
    faults = Faults()
    case, _ = read_case(path, faults)
    assert len(faults) == 0
    assert case == contracting.case_of(ended)
    assert json.loads(answer.content)["decisions"][0]["cause"] == "technical_infeasible"
    stranger = stage.actors[Role.BUYER]
    assert client_of(stranger).get(reverse("challenge:case_file", args=[ended.public_id])).status_code == 404


def test_money_flows_on_a_pass_once(stage: Demo) -> None:
    paid = Milestone.objects.get(paid_at__isnull=False)
    assert paid.state == "continued"
    for milestone in Milestone.objects.exclude(pk=paid.pk).exclude(state="planned"):
        with pytest.raises(RefusedError):
            contracting.pay(milestone, stage.actors[Role.OFFICER], timezone.now())
    with pytest.raises(RefusedError, match="not_payable"):
        contracting.pay(paid, stage.actors[Role.OFFICER], timezone.now())


def test_a_milestone_from_its_tests_to_a_decision_by_pages(stage: Demo) -> None:
    officer, second = stage.actors[Role.OFFICER], stage.second[Role.OFFICER]
    award = Award.objects.filter(state="active", milestones__state="continued").get()
    milestone = award.milestones.get(state="planned")
    team = Membership.objects.filter(organisation=award.organisation).order_by("pk")[0].actor
    assert milestone.started_at is not None
    assert move(team, milestone, "submit").status_code == 302
    outsider = Organisation.objects.create(kind="institute", name_zh="另一所", name_en="Another lab", simulated=True)
    other = Actor(stage.actors[Role.REVIEWER].person, Role.REVIEWER, outsider.public_id)
    with pytest.raises(RefusedError):
        transition(milestone, "assess", other, "")
    name = milestone.indicators[0]["name"]
    assert move(stage.actors[Role.REVIEWER], milestone, "assess", **{"assess-value_0": "1200"}).status_code == 422
    said = {"assess-value_0": "1200", "assess-report": "T-1"}
    assert move(stage.actors[Role.REVIEWER], milestone, "assess", **said).status_code == 302
    milestone.refresh_from_db()
    assert (milestone.measured, milestone.state) == ({name: 1200.0}, "assessed")
    page = client_of(second).get(milestone.get_absolute_url()).content.decode()
    assert page.count("grounds-alternatives") >= 1
    assert page.count('name="grounds-forecast"') == 1, "the four decisions share one form"
    with pytest.raises(RefusedError, match="no_grounds"):
        transition(milestone, "continue", second, "past the page")
    grounds = {"grounds-alternatives": "wait a year\nfund another", "grounds-forecast": "0.6"}
    assert move(second, milestone, "adjust", **grounds).status_code == 422
    assert move(second, milestone, "stop", **grounds).status_code == 422
    again = (timezone.localdate() + timedelta(days=90)).isoformat()
    assert move(second, milestone, "adjust", **grounds, **{"grounds-due_on": again}).status_code == 302
    retry = award.milestones.latest("number")
    assert (retry.state, retry.indicators, retry.organisation) == ("planned", milestone.indicators, award.organisation)
    assert move(officer, milestone, "continue", **grounds).status_code == 422


def test_an_award_and_its_challenge_are_completed(stage: Demo) -> None:
    officer, second = stage.actors[Role.OFFICER], stage.second[Role.OFFICER]
    challenge = Challenge.objects.latest("pk")
    for award in Award.objects.filter(state="active"):
        assert move(officer, award, "complete").status_code == 422, "the user has not accepted"
        accept = reverse("challenge:award_act", args=[award.public_id, "accept"])
        client_of(officer).post(accept, {"accepted": "yes", "by": "示例港口集团 · 验收单 7"})
        assert move(second, challenge, "complete").status_code == 422, "an award still runs"
        assert move(second, award, "complete").status_code == 422, "who made the award does not complete it"
        answer = move(officer, award, "complete")
        assert answer.status_code == 302, answer.content.decode()[:3000]
    answer = move(second, challenge, "complete")
    assert answer.status_code == 302, answer.content.decode()[:3000]
    challenge.refresh_from_db()
    assert challenge.state == "completed"


def test_a_single_route_needs_its_reason(stage: Demo) -> None:
    challenge = Challenge.objects.latest("pk")
    Challenge.objects.filter(pk=challenge.pk).update(state="evaluating")
    challenge.refresh_from_db()
    for bid in challenge.bids.filter(state="awarded"):
        bid.content = {**bid.content, "route": "one"}
        bid.save()
    assert not challenge.to_domain().routes_plural
    with pytest.raises(RefusedError, match="reason_missing"):
        reviewing.give_single_route_reason(challenge, " ", stage.actors[Role.OFFICER])
    reviewing.give_single_route_reason(challenge, "其余路线无人投标", stage.actors[Role.OFFICER])
    assert challenge.to_domain().routes_plural
