"""An outlook of routes as a programme's priors: marginals and joint readiness survive; the user confirms."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.fund.decisions import Plan, priors_of, programme_of
from biaochi.mechanisms.fund.web.evidence import take_outlook, take_team
from biaochi.mechanisms.fund.web.models import Programme
from biaochi.methods.allocation import Programme as Model
from biaochi.methods.allocation import posterior
from biaochi.registry.site import Demo, Offer
from biaochi.web import demonstration as whole

PLAN = Plan((("a", 1.0, -0.3), ("b", 3.0, 0.4), ("c", 8.0, 1.0)), 5, 40.0, 100.0, 0.3, 0.5, 3, 0.1, 0.1)
OUTLOOK: dict[str, Any] = {
    "function": "storage",
    "routes": [
        {"route": "oxide", "p_ready": {"2028": 0.3, "2035": 0.7}, "payoff": {"median": 50.0}},
        {"route": "sulfide", "p_ready": {"2028": 0.1, "2035": 0.5}, "payoff": {"median": 100.0}},
    ],
    "joint": [
        {"year": 2028, "ready": ["oxide"], "p": 1.0},
        {"year": 2035, "ready": ["oxide", "sulfide"], "p": 0.4},
        {"year": 2035, "ready": ["oxide"], "p": 0.3},
        {"year": 2035, "ready": ["sulfide"], "p": 0.1},
        {"year": 2035, "ready": [], "p": 0.2},
    ],
}


def rules() -> Any:
    return load_parameters("biaochi.mechanisms.fund").at(timezone.localdate())


def test_the_last_year_gives_priors_and_the_joint_gives_factors() -> None:
    priors = priors_of(OUTLOOK, parameters=rules())
    assert priors.year == 2035
    assert [(r.route, r.viable, r.coverage) for r in priors.routes] == [("oxide", 0.7, 0.45), ("sulfide", 0.5, 0.9)]
    found = Model.from_json(programme_of(priors, PLAN))
    believed = posterior(found, bands=False)
    assert {r.route: sum(r.prior[1:]) for r in believed.routes} == pytest.approx({"oxide": 0.7, "sulfide": 0.5})
    with_evidence = Model.from_json(
        {**programme_of(priors, PLAN), "observations": [{"round": 1, "team": "oxide-1", "outcome": "miss"}]}
    )
    after = {r.route: sum(r.posterior[1:]) for r in posterior(with_evidence, bands=False).routes}
    assert after["oxide"] < 0.7
    assert after["sulfide"] < 0.5, "routes that are ready together fall together"


def test_without_a_joint_routes_are_independent_and_without_payoff_all_count_the_same() -> None:
    plain = {**OUTLOOK, "joint": [], "routes": [{**r, "payoff": {"median": -1.0}} for r in OUTLOOK["routes"]]}
    priors = priors_of(plain, parameters=rules())
    assert {r.coverage for r in priors.routes} == {0.9}
    document = programme_of(priors, PLAN)
    assert "factors" not in document
    assert Model.from_json(document).routes[0].prior == pytest.approx([0.3, 0.35, 0.35])
    with pytest.raises(ValueError, match="no route"):
        priors_of({"routes": []}, parameters=rules())


@pytest.fixture
def stage(db: None) -> Demo:
    """Return the cast of the demonstration."""
    return whole.cast()


def login(actor: Actor) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    person = get_user_model().objects.get(public_id=actor.person)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
def test_a_user_confirms_an_outlook_and_an_awarded_team_enters(stage: Demo) -> None:
    manager = stage.actors[Role.FUND_MANAGER]
    award = {"challenge": "CH-1", "award": "CA-1", "route": "氧化物 / oxide", "expected_rank": 1.2}
    team = Offer("CA-1", Text("队", "team"), timezone.now(), award)
    with pytest.raises(RefusedError, match="no_draft"):
        take_team(team, manager)
    address = take_outlook(Offer("FF-1", Text("储能", "Storage"), timezone.now(), OUTLOOK), manager)
    assert login(stage.actors[Role.OFFICER]).get(address).status_code == 403
    client = login(manager)
    assert "0.7" in client.get(address).content.decode()
    said = {
        "stages": "a | 1 | -0.3\nb | 3 | 0.4", "rounds": "4", "budget": "30", "teams": "2", "value": "100",
        "overlap": "0.3", "ready_if_viable": "0.5", "false_pass": "0.1", "false_miss": "0.1",
    }  # fmt: skip
    assert client.post(address, {**said, "stages": "a 1"}).status_code == 422
    assert client.post(address, {**said, "stages": "a | -1 | 0"}).status_code == 422
    assert client.post(address, said).status_code == 302
    programme = Programme.objects.get()
    assert programme.state == "draft"
    take_team(team, manager)
    programme.refresh_from_db()
    assert programme.document["routes"][0]["teams"] == ["CA-1"]
    with pytest.raises(RefusedError, match="team_there"):
        take_team(team, manager)
    assert client.post(address, said).status_code == 302
    assert Programme.objects.count() == 1
