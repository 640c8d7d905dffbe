"""One indicator on one screen: from the ledger's lines to the rounds of next year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from biaochi.core.roles import Actor, Role
from biaochi.registry import ledger
from biaochi.registry.models import Decision

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def decide(mechanism: str, subject: str, day: float, move: str) -> None:
    at = START + timedelta(days=day)
    entry = ledger.append(
        actor=Actor("P-1", Role.OFFICER), at=at, subject=subject, transition_code=move, reason="有理由", decision=None
    )
    Decision.objects.create(
        entry=entry,
        label=f"{mechanism}.x",
        subject=subject,
        transition=move,
        actor="P-1",
        role="officer",
        decided_at=at,
    )


def page(lang: str = "zh-hans", query: str = "") -> str:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = lang
    answer = client.get(f"/loop/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_ledger_has_nothing_to_say() -> None:
    assert "一个指标走一圈" in page()


def test_the_indicator_goes_round(transactional_year: None) -> None:
    told = page()
    assert "2026 年一步办理的中位天数是 10.0 (10.0–10.0)" in told
    assert "证据等级 B" in told
    assert "12 (12–12)" in told, "a survey round takes three steps of ten days"
    assert "18 (18–18)" in told, "a review takes two"
    assert "按全部机制" in told, "too few decisions of their own"
    assert "days to a decision" in page("en")
    assert "2027" in page(query="?year=2031"), "a year without decisions falls back"


@pytest.fixture
def transactional_year() -> None:
    """Ten matters of one mechanism, each decided ten days after it came; one step of the same sitting."""
    for number in range(10):
        decide("challenge", f"S-{number}", number, "create")
        decide("challenge", f"S-{number}", number + 10, "admit")
        decide("challenge", f"S-{number}", number + 10.001, "assign")
