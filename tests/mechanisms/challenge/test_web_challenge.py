"""The web room of challenges: before two officers open, nobody reads a bid anywhere; then blind scores, ranks, lots."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.challenge.web import keys
from biaochi.mechanisms.challenge.web.models import Bid, Challenge
from biaochi.mechanisms.challenge.web.services import ceremony, reviewing
from biaochi.mechanisms.challenge.web.site import demo
from biaochi.registry.ledger import verify_database
from biaochi.registry.models import Membership, Organisation, Person
from biaochi.registry.site import Demo, Offer
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


def conclusion(challenge: Challenge, *, clear: bool = True, text_sha256: str = "") -> Offer:
    said = {
        "text_sha256": text_sha256 or challenge.text_digest,
        "conclusion": "compliant" if clear else "must_revise",
        "clear": clear,
        "zh": "符合",
        "en": "compliant",
    }
    return Offer("FR-TEST", challenge.title, timezone.now(), said)


def published(stage: Demo) -> tuple[Challenge, dict[str, str]]:
    demo(stage)
    challenge = Challenge.objects.latest("pk")
    officers = [stage.actors[Role.OFFICER], stage.second[Role.OFFICER], third_officer(stage)]
    with pytest.raises(RefusedError, match="text_differs"):
        ceremony.take_fairness(conclusion(challenge, text_sha256="0" * 64), officers[0])
    ceremony.take_fairness(conclusion(challenge), officers[0])
    with pytest.raises(RefusedError, match="key_split"):
        transition(challenge, "publish", officers[1], "now")
    written = {o.person: act(login(o.person), challenge, "key") for o in officers}
    assert act(login(officers[0].person), challenge, "key") == ""
    challenge.refresh_from_db()
    say = {"move": "publish", "reason": "reviewed", "version": str(challenge.version)}
    assert login(officers[1].person).post(challenge.get_absolute_url(), say).status_code == 302
    challenge.refresh_from_db()
    assert challenge.state == "published"
    return challenge, written


def sealed(challenge: Challenge, firm: Actor, route: str) -> Bid:
    client = login(firm.person)
    answer = client.post(reverse("challenge:bid_new", args=[challenge.public_id]))
    assert answer.status_code == 302, answer.content.decode()[:2000]
    bid = Bid.objects.get(organisation__public_id=firm.organisation)
    content = {
        "seal-route": route,
        "seal-partners": "2",
        "seal-months": "24",
        "seal-amount": "300",
        "seal-text": SECRET,
    }
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


def closed(challenge: Challenge) -> None:
    Challenge.objects.update(deadline=timezone.now() - timedelta(minutes=1))
    assert ceremony.close_overdue(timezone.now()) == 1


def test_nobody_reads_a_bid_before_two_officers_open_it(stage: Demo) -> None:
    challenge, written = published(stage)
    bids = [sealed(challenge, stage.actors[Role.FIRM], "oxide"), sealed(challenge, stage.other_firm, "sulfide")]
    stored = whole_database()
    assert SECRET not in stored
    assert SECRET.encode("unicode_escape").decode() not in stored
    assert "secret-recipe" not in stored
    assert not any(key.split("-")[1] in stored for key in written.values())
    for role in (Role.OFFICER, Role.REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR, Role.FUND_MANAGER):
        client = login(stage.actors[role].person)
        assert client.get(bids[0].get_absolute_url()).status_code == 404
        assert bids[0].public_id not in client.get(challenge.get_absolute_url()).content.decode()
        assert bids[0].public_id not in client.get("/challenge/bids/?format=csv").content.decode()
    assert login(stage.other_firm.person).get(bids[0].get_absolute_url()).status_code == 404
    own = login(stage.actors[Role.FIRM].person)
    assert "document" not in own.get(bids[0].get_absolute_url()).content.decode()
    officers = [stage.actors[Role.OFFICER], stage.second[Role.OFFICER]]
    act(login(officers[0].person), challenge, "enter", key=written[officers[0].person])
    challenge.refresh_from_db()
    assert (challenge.state, challenge.entered) == ("published", {})
    closed(challenge)
    act(login(officers[0].person), challenge, "enter", key=written[officers[0].person])
    stored = whole_database()
    assert "secret-recipe" not in stored
    assert not any(key.split("-")[1] in stored for key in written.values())
    act(login(officers[0].person), challenge, "enter", key=written[officers[1].person])
    assert not Bid.objects.exclude(state="sealed").exists()
    act(login(officers[1].person), challenge, "enter", key=written[officers[1].person])
    assert {b.state for b in Bid.objects.all()} == {"opened"}
    assert SECRET in login(officers[0].person).get(bids[0].get_absolute_url()).content.decode()
    assert verify_database().intact


def test_keys_need_no_process_to_remember_them() -> None:
    """Nothing but what is stored passes from one request to the next, and any two of three officers open."""
    made = {place: keys.new_holder(place) for place in (1, 2, 3)}
    public, shares = keys.split({place: half for place, (half, _) in made.items()})
    box = keys.seal(public, b"bid")
    for first, second in ((1, 2), (2, 3), (3, 1)):
        one, two = (keys.read_holder(made[p][1]) for p in (first, second))
        passed = keys.passed_on(keys.own_share(shares, one), {p: half for p, (half, _) in made.items()})
        assert str(first) not in passed
        joined = [keys.own_share(shares, two), *keys.received({str(first): passed}, two)]
        assert keys.opened(keys.opener(public, joined), box) == b"bid"
        with pytest.raises(RefusedError, match="shares_do_not_fit"):
            keys.own_share({str(first): shares[str(second)]}, one)
    with pytest.raises(RefusedError, match="key_mistyped"):
        keys.read_holder(made[1][1][:-1] + "x")


def test_a_new_ceremony_voids_old_keys_and_a_damaged_box_keeps_no_other_shut(stage: Demo) -> None:
    demo(stage)
    challenge = Challenge.objects.latest("pk")
    officers = [stage.actors[Role.OFFICER], stage.second[Role.OFFICER], third_officer(stage)]
    old = ceremony.take_key(challenge, officers[0])
    ceremony.begin_anew(challenge, officers[1])
    written = {o.person: ceremony.take_key(challenge, o) for o in officers}
    challenge.refresh_from_db()
    ceremony.take_fairness(conclusion(challenge), officers[0])
    challenge.refresh_from_db()
    transition(challenge, "publish", officers[1], "ready")
    bids = [sealed(challenge, stage.actors[Role.FIRM], "oxide"), sealed(challenge, stage.other_firm, "sulfide")]
    Bid.objects.filter(pk=bids[0].pk).update(box=b"overwritten")
    closed(challenge)
    now = timezone.now()
    with pytest.raises(RefusedError, match="not_holder"):
        ceremony.enter_key(challenge, old, officers[0], now)
    for officer in officers[:2]:
        ceremony.enter_key(challenge, written[officer.person], officer, now)
    contents = {b.pk: b.content for b in Bid.objects.all()}
    assert contents[bids[0].pk] == {"damaged": True}
    assert contents[bids[1].pk]["text"] == SECRET
    assert reviewing.admit_all(challenge, officers[0], now) == (1, 1)


def test_conflicts_before_reading_scores_blind_then_ranks_and_lots(stage: Demo) -> None:
    challenge, written = published(stage)
    bids = [sealed(challenge, stage.actors[Role.FIRM], "oxide"), sealed(challenge, stage.other_firm, "sulfide")]
    closed(challenge)
    officers = [stage.actors[Role.OFFICER], stage.second[Role.OFFICER]]
    for officer in officers:
        act(login(officer.person), challenge, "enter", key=written[officer.person])
    reviewers = [stage.actors[Role.REVIEWER], stage.second[Role.REVIEWER]]
    for reviewer in reviewers:
        act(login(reviewer.person), challenge, "declare", conflict="no")
    act(login(officers[0].person), challenge, "admit")
    act(login(officers[0].person), challenge, "assign")
    assert not Bid.objects.filter(state="under_review").exists(), "no review before two digests are published"
    nonces = {o.person: act(login(o.person), challenge, "nonce") for o in officers}
    act(login(officers[0].person), challenge, "assign")
    for number, bid in enumerate(bids):
        first, second = (login(r.person) for r in reviewers)
        first.post(reverse("challenge:score", args=[bid.public_id]), {"score": str(8.25 - 3 * number)})
        page = second.get(bid.get_absolute_url()).content.decode()
        assert "8.25" not in page
        assert "Firm A" not in page
        second.post(reverse("challenge:score", args=[bid.public_id]), {"score": str(7 - 3 * number)})
    assert "8.25" in login(reviewers[1].person).get(bids[0].get_absolute_url()).content.decode()
    act(login(officers[0].person), challenge, "rank")
    page = login(officers[0].person).get(challenge.get_absolute_url()).content.decode()
    assert "Expected ranks" in page
    for officer in officers:
        act(login(officer.person), challenge, "reveal", nonce="0" * 32)
    challenge.refresh_from_db()
    assert challenge.draw == {}
    for officer in officers:
        act(login(officer.person), challenge, "reveal", nonce=nonces[officer.person])
    challenge.refresh_from_db()
    assert re.fullmatch(r"[0-9a-f]{64}", challenge.draw["seed"])
    page = login(officers[0].person).get(reverse("challenge:lottery", args=[challenge.public_id])).content.decode()
    assert challenge.draw["seed"] in page
    assert all(n in page for n in nonces.values())
    assert verify_database().intact
