"""Guards, life cycles, milestone results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from biaochi.core.errors import RefusedError
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.challenge import decisions as d
from biaochi.mechanisms.challenge.lifecycle import BID, CHALLENGE, MILESTONE, WORKFLOWS
from biaochi.mechanisms.challenge.model import (
    Declaration,
    Indicator,
    Milestone,
    Moment,
    StopCause,
)

DAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_every_state_can_be_reached_and_left(workflow):
    workflow.validate()


@dataclass
class Subject:
    state: str
    creator: str = "c"
    organisation: str = "bidder"
    owner_organisation: str = "owner"
    verifier: str = "lab"
    award_running: bool = True
    entered_at: datetime = NOW
    deadline: datetime = NOW
    two_shares_entered: bool = True
    indicators_functional: bool = True
    fairness_passed: bool = True
    key_split: bool = True
    verifier_independent: bool = True
    tests_registered: bool = True
    cause_with_evidence: bool = True


OFFICER = Actor("o", Role.OFFICER, "office")
FIRM = Actor("f", Role.FIRM, "bidder")
LATER, EARLIER = NOW + timedelta(hours=1), NOW - timedelta(hours=1)


def test_nobody_opens_a_bid_before_the_deadline_or_alone():
    assert BID.apply(Subject("sealed"), "open", OFFICER, LATER).target == "opened"
    with pytest.raises(RefusedError, match="deadline"):
        BID.apply(Subject("sealed"), "open", OFFICER, EARLIER)
    with pytest.raises(RefusedError, match="two officers"):
        BID.apply(Subject("sealed", two_shares_entered=False), "open", OFFICER, LATER)
    with pytest.raises(RefusedError):
        BID.apply(Subject("sealed"), "open", Actor("a", Role.ADMINISTRATOR), LATER)
    assert BID.apply(Subject("draft"), "seal", FIRM, EARLIER).target == "sealed"
    with pytest.raises(RefusedError):
        BID.apply(Subject("draft"), "seal", FIRM, LATER)
    with pytest.raises(RefusedError, match="other_organisation"):
        BID.apply(Subject("draft"), "seal", Actor("g", Role.FIRM, "rival"), EARLIER)
    assert CHALLENGE.apply(Subject("published"), "close", CLOCK, LATER).target == "closed"


@pytest.mark.parametrize("missing", ["indicators_functional", "fairness_passed", "key_split"])
def test_nothing_is_published_without_its_conditions(missing):
    subject = Subject("reviewing")
    assert CHALLENGE.apply(subject, "publish", OFFICER, NOW, "ready").target == "published"
    setattr(subject, missing, False)
    with pytest.raises(RefusedError, match=missing):
        CHALLENGE.apply(subject, "publish", OFFICER, NOW, "ready")


def test_the_team_and_the_owner_do_not_assess_their_own_milestone():
    for organisation in ("bidder", "owner"):
        with pytest.raises(RefusedError, match="same_organisation"):
            MILESTONE.apply(Subject("submitted"), "assess", Actor("r", Role.REVIEWER, organisation), NOW)
    assert MILESTONE.apply(Subject("submitted"), "assess", Actor("r", Role.REVIEWER, "lab"), NOW).target == "assessed"
    with pytest.raises(RefusedError, match="cause"):
        MILESTONE.apply(Subject("assessed", cause_with_evidence=False), "stop", OFFICER, NOW, "why")


def test_guards_one_by_one():
    assert d.may_publish(indicators=2, functional=2, fairness_outcome="passed", at=DAY).outcome == "met"
    assert d.may_publish(indicators=2, functional=1, fairness_outcome="passed", at=DAY).outcome == "unmet"
    assert d.may_publish(indicators=2, functional=2, fairness_outcome=None, at=DAY).outcome == "unknown"
    assert d.may_open_bids(deadline=NOW, now=LATER, officers=["a", "b"]).outcome == "met"
    assert d.may_open_bids(deadline=NOW, now=LATER, officers=["a", "a"]).outcome == "unmet"
    assert d.may_open_bids(deadline=NOW, now=NOW, officers=["a", "b"]).outcome == "unmet"
    assert d.may_see_scores(own_score_in=False, at=DAY).outcome == "unmet"
    assert d.routes_plural(routes=["a", "a"], reason="", at=DAY).outcome == "unmet"
    assert d.routes_plural(routes=["a"], reason="only one exists", at=DAY).outcome == "met"
    assert d.may_pay(assessment=d.Assessment.PARTLY, at=DAY).outcome == "unmet"
    assert d.may_stop(cause=StopCause.SUPERSEDED, evidence=["e"], at=DAY).outcome == "met"
    assert d.may_stop(cause=None, evidence=["e"], at=DAY).outcome == "unknown"
    assert d.verifier_independent(verifier_org="T", team_org="T", owner_org="O", at=DAY).outcome == "unmet"
    late = Moment.of(date(2026, 6, 2))
    assert d.tests_registered(registered_at=late, started_at=Moment.of(DAY), at=DAY).outcome == "unmet"


def test_reading_needs_an_earlier_declaration_and_another_organisation():
    def may(at, conflict=False, organisation="lab"):
        return d.conflicts_declared(
            person="r",
            organisation=organisation,
            bidder_orgs=["bidder"],
            declarations=[Declaration("r", "B1", Moment.of(at), conflict)],
            subject="B1",
            reading_at=Moment.of(NOW),
        ).outcome

    assert may(EARLIER) == "met"
    assert may(LATER) == "unmet"
    assert may(EARLIER, conflict=True) == "unmet"
    assert may(EARLIER, organisation="bidder") == "unmet"


def test_unverified_rules_never_decide():
    parameters = load_parameters("biaochi.mechanisms.challenge").at(DAY)
    assert d.may_complete(accepted_by_user=True, at=DAY, parameters=parameters).outcome == "manual_review"
    found = d.bid_eligible(partners=5, months=12, at=DAY, parameters=parameters)
    assert [r.verdict.value for r in found.reasons] == ["unmet", "manual_review"]


@pytest.mark.parametrize(
    ("measured", "result"),
    [
        ({"life": 120.0, "loss": 4.0}, "met"),
        ({"life": 120.0, "loss": 7.0}, "partly"),
        ({"life": 20.0, "loss": 7.0}, "unmet"),
        ({"life": 120.0}, "unknown"),
    ],
)
def test_milestone_results(measured, result):
    two = (Indicator("life", "h", 100.0, "T1"), Indicator("loss", "%", "<= 5", "T2"))
    assert d.assess_milestone(Milestone("m", two, None, None, None, None, "", "", measured)).value == result
