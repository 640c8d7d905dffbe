"""The web room of challenges: before two officers open, nobody reads a bid anywhere; then blind scores and ranks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.challenge.web import services
from biaochi.mechanisms.challenge.web.models import Bid, Challenge
from biaochi.mechanisms.challenge.web.site import demo
from biaochi.registry.ledger import verify_database
from biaochi.registry.models import Membership, Organisation, Person
from biaochi.registry.site import Demo
from biaochi.registry.transition import transition
from biaochi.web import demonstration as whole

pytestmark = pytest.mark.django_db
SECRET = "陶瓷隔膜的独门配方 secret-recipe-7731"


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


def third_officer(stage: Demo) -> Actor:
    house = Organisation.objects.get(public_id=stage.actors[Role.OFFICER].organisation)
    person = Person.objects.create_person("key-holder-3", "示例 · 经办人 3", email="key-holder-3@example.invalid")
    return Membership.objects.create(
        person=person, role=Role.OFFICER.value, organisation=house, scope=stage.region
    ).actor


def act(client: Client, challenge: Challenge, name: str, **data: str) -> str:
    answer = client.post(reverse("challenge:challenge_act", args=[challenge.public_id, name]), data)
    assert answer.status_code in (200, 302), answer.content.decode()[:2000]
    return answer.content.decode().strip()


def published(stage: Demo) -> tuple[Challenge, dict[str, str]]:
    demo(stage)
    challenge = Challenge.objects.get()
    officers = [stage.actors[Role.OFFICER], stage.second[Role.OFFICER], third_officer(stage)]
    with pytest.raises(RefusedError):
        transition(challenge, "publish", officers[1], "now")
    act(login(officers[0].person), challenge, "key")
    shares = {o.person: act(login(o.person), challenge, "take") for o in officers}
    assert act(login(officers[0].person), challenge, "take") == ""
    challenge.refresh_from_db()
    say = {"move": "publish", "reason": "reviewed", "version": str(challenge.version)}
    assert login(officers[1].person).post(challenge.get_absolute_url(), say).status_code == 302
    challenge.refresh_from_db()
    assert challenge.state == "published"
    return challenge, shares


def sealed(stage: Demo, challenge: Challenge, firm: Actor, route: str) -> Bid:
    client = login(firm.person)
    answer = client.post(reverse("challenge:bid_new", args=[challenge.public_id]))
    assert answer.status_code == 302, answer.content.decode()[:2000]
    bid = Bid.objects.get(organisation__public_id=firm.organisation)
    content = {"seal-route": route, "seal-months": "24", "seal-amount": "300", "seal-text": SECRET}
    say = {"move": "seal", "reason": "", "version": str(bid.version), **content}
    answer = client.post(bid.get_absolute_url(), say)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    bid.refresh_from_db()
    return bid


def whole_database() -> str:
    """Return everything the database holds, as its backup would."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(v) if not isinstance(v, bytes) else v.decode("latin-1") for r in cursor.fetchall() for v in r]
    return "\n".join(found)


def test_nobody_reads_a_bid_before_two_officers_open_it(stage: Demo) -> None:
    challenge, shares = published(stage)
    bids = [
        sealed(stage, challenge, stage.actors[Role.FIRM], "oxide"),
        sealed(stage, challenge, stage.other_firm, "sulfide"),
    ]
    stored = whole_database()
    assert SECRET not in stored
    assert SECRET.encode("unicode_escape").decode() not in stored
    assert "secret-recipe" not in stored
    assert not any(s.split("-")[1] in stored for s in shares.values())
    for role in (Role.OFFICER, Role.REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR, Role.FUND_MANAGER):
        client = login(stage.actors[role].person)
        assert client.get(bids[0].get_absolute_url()).status_code == 404
        assert bids[0].public_id not in client.get(challenge.get_absolute_url()).content.decode()
    assert login(stage.other_firm.person).get(bids[0].get_absolute_url()).status_code == 404
    officers = [stage.actors[Role.OFFICER], stage.second[Role.OFFICER]]
    act(login(officers[0].person), challenge, "share", share=shares[officers[0].person])
    challenge.refresh_from_db()
    assert challenge.state == "published"
    Challenge.objects.update(deadline=timezone.now() - timedelta(minutes=1))
    assert services.close_overdue(timezone.now()) == 1
    act(login(officers[0].person), challenge, "share", share=shares[officers[0].person])
    act(login(officers[0].person), challenge, "share", share=shares[officers[1].person])
    assert not Bid.objects.exclude(state="sealed").exists()
    act(login(officers[1].person), challenge, "share", share=shares[officers[1].person])
    assert {b.state for b in Bid.objects.all()} == {"opened"}
    assert SECRET in login(officers[0].person).get(bids[0].get_absolute_url()).content.decode()
    assert verify_database().intact


def test_conflicts_before_reading_scores_blind_then_ranks(stage: Demo) -> None:
    challenge, shares = published(stage)
    bids = [
        sealed(stage, challenge, stage.actors[Role.FIRM], "oxide"),
        sealed(stage, challenge, stage.other_firm, "sulfide"),
    ]
    Challenge.objects.update(deadline=timezone.now() - timedelta(minutes=1))
    services.close_overdue(timezone.now())
    officers = [stage.actors[Role.OFFICER], stage.second[Role.OFFICER]]
    for officer in officers:
        act(login(officer.person), challenge, "share", share=shares[officer.person])
    reviewers = [stage.actors[Role.REVIEWER], stage.second[Role.REVIEWER]]
    for reviewer in reviewers:
        act(login(reviewer.person), challenge, "declare", conflict="no")
    for bid in bids:
        bid.refresh_from_db()
        transition(bid, "admit", officers[0])
        transition(bid, "assign", officers[0])
    for number, bid in enumerate(bids):
        first, second = (login(r.person) for r in reviewers)
        first.post(reverse("challenge:score", args=[bid.public_id]), {"score": str(8.25 - 3 * number)})
        assert "8.25" not in second.get(bid.get_absolute_url()).content.decode()
        second.post(reverse("challenge:score", args=[bid.public_id]), {"score": str(7 - 3 * number)})
    assert "8.25" in login(reviewers[1].person).get(bids[0].get_absolute_url()).content.decode()
    act(login(officers[0].person), challenge, "rank")
    page = login(officers[0].person).get(challenge.get_absolute_url()).content.decode()
    assert "Expected ranks" in page
