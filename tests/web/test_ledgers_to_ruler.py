"""What the histories of matters say to the ruler's process indicators; decisions alone are read."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.registry.transition import CREATE
from biaochi.web.journeys import ledgers_to_ruler_events as events

NOW = datetime(2026, 10, 1, tzinfo=timezone.get_default_timezone())


def history(*moves: tuple[str, int]) -> list[events.Step]:
    """Moves with the days before now on which they were made."""
    return [events.Step(n + 1, code, "", NOW - timedelta(days=day)) for n, (code, day) in enumerate(moves)]


def said(reader: object, *moves: tuple[str, int]) -> dict[str, dict[str, object]]:
    return {c.kind: {"seq": c.seq, **c.facts} for c in reader(history(*moves), NOW)}  # type: ignore[operator]


def test_milestones_on_time_late_stopped_and_left_alone() -> None:
    on_time = said(events.milestone, ("submit", 40), ("assess", 30), ("continue", 20))
    assert on_time == {"milestone_due": {"seq": 3, "hit": True, "stopped": False}}
    late = said(events.milestone, ("fall_due", 60), ("submit", 40), ("assess", 30), ("adjust", 20))
    assert late["milestone_due"] == {"seq": 4, "hit": False, "stopped": False}
    assert late["milestone_missed"] == {"seq": 4, "hit": True}
    stopped = said(events.milestone, ("submit", 40), ("stop", 20))
    assert stopped["milestone_due"]["stopped"] is True, "stopping costs nothing"
    assert said(events.milestone, ("fall_due", 60)) == {}, "not decided yet"
    assert said(events.milestone, ("fall_due", 200))["milestone_missed"] == {"seq": 1, "hit": False}
    assert said(events.milestone, (CREATE, 5)) == {}


def test_projects_from_the_laboratory_to_the_batch() -> None:
    found = said(events.project, (CREATE, 730), ("to_poc", 700), ("to_pilot", 400), ("to_small_batch", 365))
    assert found["proof_of_concept"] == {"seq": 3, "hit": True, "stopped": False}
    assert found["pilot_project"] == {"seq": 3, "hit": False, "stopped": False}
    assert found["lab_to_batch"]["observed"] is True
    assert found["lab_to_batch"]["value"] == pytest.approx(12, abs=0.01)
    running = said(events.project, (CREATE, 365), ("to_poc", 100))
    assert running["lab_to_batch"]["observed"] is False
    ended = said(events.project, (CREATE, 365), ("to_poc", 100), ("stop", 50))
    assert ended["proof_of_concept"] == {"seq": 2, "hit": False, "stopped": True}


def test_sandbox_vouchers_reviews_and_scenes() -> None:
    assert said(events.sandbox_case, (CREATE, 50), ("submit", 40), ("admit", 10)) == {
        "sandbox_application": {"seq": 3, "value": 30.0, "observed": True}
    }
    assert said(events.sandbox_case, ("submit", 40))["sandbox_application"]["observed"] is False
    assert said(events.sandbox_case, (CREATE, 40)) == {}
    assert said(events.voucher, (CREATE, 9), ("redeem", 1))["compute_voucher"]["hit"] is True
    assert said(events.voucher, (CREATE, 9), ("expire", 1))["compute_voucher"]["hit"] is False
    assert said(events.voucher, (CREATE, 9)) == {}
    assert said(events.review, ("screen", 9), ("conclude", 5), ("issue", 4))["text_issued"]["hit"] is True
    assert said(events.review, ("screen", 9), ("issue", 4))["text_issued"]["hit"] is False
    mended = said(events.review, ("conclude", 9), ("issue", 8), ("uphold", 7), ("amend", 6))
    assert mended["finding_confirmed"] == {"seq": 4, "hit": True}
    assert "finding_confirmed" not in said(events.review, ("issue", 8), ("uphold", 7))
    assert said(events.scene, ("open", 30), ("start", 20), ("evaluate", 5))["scene_due"]["hit"] is True
    assert said(events.scene, ("open", 30), ("close", 5))["scene_due"]["hit"] is False


@pytest.mark.django_db
def test_only_offices_are_offered_and_nothing_without_events() -> None:
    assert events.ruler_events(Actor("P-1", Role.FIRM), NOW) == []
    assert events.ruler_events(Actor("P-1", Role.OFFICER), NOW) == []
