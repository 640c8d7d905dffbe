"""Journeys: a result is taken over once, by those who may, and its origin enters the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms import MECHANISMS
from biaochi.registry import ledger
from biaochi.registry.models import Decision
from biaochi.registry.site import Offer, Site, Station
from biaochi.web.journeys import JOURNEYS
from biaochi.web.process import process_indicators

pytestmark = pytest.mark.django_db
OFFER = Offer(
    "FS-1",
    Text("固态电池", "Solid-state battery"),
    datetime(2026, 10, 1, tzinfo=timezone.get_default_timezone()),
    {"year": 2031},
)
MANAGER = Actor("P-1", Role.FUND_MANAGER, "O-1")


def ends(kept: list[Offer]) -> list[Site]:
    def give(actor: Actor, now: datetime) -> Sequence[Offer]:
        return [OFFER]

    def take(offer: Offer, actor: Actor) -> str:
        kept.append(offer)
        return "/fund/"

    name = Text("甲", "A")
    return [
        Site("foresight", Station.FORESEE, name, name, gives={"outlook": give}),
        Site("fund", Station.EXPLORE, name, name, takes={"prior": take}),
    ]


def test_a_result_is_taken_over_once_with_its_origin() -> None:
    kept: list[Offer] = []
    sites = ends(kept)
    journey = JOURNEYS[0]
    [(offer, taken)] = journey.offers(sites, MANAGER, timezone.now())
    assert not taken
    assert journey.take(sites, journey.key(offer), MANAGER) == "/fund/"
    assert kept == [OFFER]
    head = ledger.head()
    assert head is not None
    assert head.content["decision"]["origin"] == "FS-1"
    assert head.content["decision"]["payload_sha256"] == digest({"year": 2031})
    assert journey.offers(sites, MANAGER, timezone.now())[0][1]
    with pytest.raises(RefusedError, match="taken_before"):
        journey.take(sites, journey.key(offer), MANAGER)
    with pytest.raises(RefusedError, match="not_found"):
        journey.take(sites, "JN-0", MANAGER)
    with pytest.raises(RefusedError, match="not_found"):
        journey.take(sites, journey.key(offer), Actor("P-2", Role.OFFICER))
    assert ledger.verify_database().intact


def test_a_journey_without_both_ends_rests() -> None:
    sites = ends([])
    assert [j.code for j in JOURNEYS if j.open(sites)] == ["outlook-prior"]
    assert not JOURNEYS[0].open(sites[:1])


def test_every_journey_joins_known_mechanisms() -> None:
    known = {*MECHANISMS, "house"}
    for journey in JOURNEYS:
        assert journey.source in known
        assert journey.target in known
        assert all(r.decides for r in journey.roles)
    assert len({j.code for j in JOURNEYS}) == len(JOURNEYS)


def test_the_house_gives_how_long_decisions_take() -> None:
    now = timezone.now()
    officer = Actor("P-1", Role.OFFICER)
    assert process_indicators(officer, now) == []
    for number in range(6):
        for step, (code, day) in enumerate((("create", 10), ("issue", 9 - number))):
            at = now - timedelta(days=day)
            entry = ledger.append(
                actor=officer, at=at, subject=f"S-{number}", transition_code=code, reason="好" * step, decision=None
            )
            Decision.objects.create(
                entry=entry,
                label="fund.team",
                subject=f"S-{number}",
                transition=code,
                actor="P-1",
                role="officer",
                decided_at=at,
            )
    [offer] = process_indicators(officer, now)
    assert offer.payload["decisions"] == 6
    assert offer.payload["median_days"] == pytest.approx(3.5)
    assert offer.payload["with_reasons"] == 1.0
    assert process_indicators(Actor("P-1", Role.FIRM), now) == []
