"""Life cycles are whole and guarded; verdicts and calibration follow their rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.fund.decisions import calibrate, may_decide, may_open
from biaochi.mechanisms.fund.lifecycle import PROGRAMME, REVIEW, WORKFLOWS
from biaochi.mechanisms.fund.model import PastDecision

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MANAGER = Actor("m", Role.FUND_MANAGER, "fund")


@dataclass
class Subject:
    state: str
    creator: str = "someone"
    entered_at: datetime = NOW
    file_sound: bool = True
    has_whatif: bool = True
    packet_issued: bool = True
    deviation_explained: bool = True


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_every_state_can_be_reached_and_left(workflow):
    workflow.validate()


def test_no_programme_opens_without_a_simulation_or_by_its_own_creator():
    assert PROGRAMME.apply(Subject("simulated"), "open", MANAGER, NOW, "ready").target == "open"
    with pytest.raises(RefusedError, match="has_whatif"):
        PROGRAMME.apply(Subject("simulated", has_whatif=False), "open", MANAGER, NOW, "ready")
    with pytest.raises(RefusedError, match="same_person"):
        PROGRAMME.apply(Subject("simulated", creator="m"), "open", MANAGER, NOW, "ready")
    with pytest.raises(RefusedError, match="wrong_role"):
        PROGRAMME.apply(Subject("simulated"), "open", Actor("a", Role.ADMINISTRATOR), NOW, "ready")


def test_a_review_that_departs_needs_its_reason():
    with pytest.raises(RefusedError, match="deviation_explained"):
        REVIEW.apply(Subject("issued", deviation_explained=False), "decide", MANAGER, NOW, "why")
    day = date(2026, 6, 1)
    assert may_decide("stop", "continue", "", at=day).outcome == "may_not_decide"
    assert may_decide("stop", "continue", "the user asked", at=day).outcome == "may_decide"
    assert may_decide("stop", "stop", "", at=day).outcome == "may_decide"
    assert may_open(simulated=False, at=day).outcome == "may_not_open"


def test_calibration_by_tenths():
    day = date(2026, 1, 1)
    past = [
        PastDecision(day, "a", f, "c", "c", "", o) for f, o in ((0.0, 0), (0.05, 1), (0.95, 1), (1.0, 1), (0.3, None))
    ]
    found = calibrate(past)
    assert found.n == 4
    assert [(b.low, b.n, b.frequency) for b in found.bins] == [(0.0, 2, 0.5), (0.9, 2, 1.0)]
