"""Conclusions, exceptions, overrides, and the life of a review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from biaochi.core.errors import RefusedError
from biaochi.core.parameters import Snapshot
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.fairness.decisions import decide_override, decide_review
from biaochi.mechanisms.fairness.files.shipped import shipped_pack
from biaochi.mechanisms.fairness.lifecycle import WORKFLOWS
from biaochi.mechanisms.fairness.model import Alternative, Approval, Claim
from biaochi.methods.textreview.engine import Review, review
from biaochi.methods.textreview.segment import whole

DAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
CLAIM = Claim("science", "试点", rule="F3", alternatives=(Alternative("a", "b"),), end_on=date(2027, 1, 1))


@pytest.fixture
def parameters() -> Snapshot:
    return load_parameters("biaochi.mechanisms.fairness").at(DAY)


def read(text: str) -> Review:
    return review([whole(text, identifier="c")], shipped_pack().at(DAY, "voucher"))


def test_an_exception_needs_two_people_who_did_not_draft(parameters: Snapshot) -> None:
    found = read("申领算力券的企业须在本区注册")
    assert decide_review(found, None, at=DAY, parameters=parameters).outcome == "must_revise"
    assert decide_review(found, CLAIM, at=DAY, parameters=parameters).outcome == "open"
    signed = [Approval("a", DAY), Approval("d", DAY)]
    assert decide_review(found, CLAIM, at=DAY, parameters=parameters, drafter="d", approvals=signed).outcome == "open"
    signed.append(Approval("b", DAY))
    decision = decide_review(found, CLAIM, at=DAY, parameters=parameters, drafter="d", approvals=signed)
    assert decision.outcome == "compliant_with_exception"
    assert (
        decide_review(found, CLAIM, at=date(2027, 1, 2), parameters=parameters, approvals=signed).outcome
        == "must_revise"
    )


def test_open_points_keep_the_conclusion_open_until_settled(parameters: Snapshot) -> None:
    found = read("年产值首次突破一亿元的企业给予奖励")
    assert decide_review(found, None, at=DAY, parameters=parameters).outcome == "open"
    assert decide_review(found, None, at=DAY, parameters=parameters, settled=["c"]).outcome == "compliant"
    assert decide_review(read("公开征集"), None, at=DAY, parameters=parameters).outcome == "compliant"


def test_an_override_needs_reasons_of_two_people(parameters: Snapshot) -> None:
    found = read("申领算力券的企业须在本区注册")
    people = [Approval("a", DAY, "公共利益"), Approval("d", DAY, "x"), Approval("b", DAY, "")]
    assert decide_override(found, at=DAY, parameters=parameters, drafter="d", approvals=people).outcome == "blocked"
    people.append(Approval("b", DAY, "公共利益"))
    assert decide_override(found, at=DAY, parameters=parameters, drafter="d", approvals=people).outcome == "overridden"


@dataclass
class Subject:
    state: str
    entered_at: datetime = NOW
    drafter: str = "d"
    stakeholders_heard: bool = True
    clear_to_issue: bool = True
    regulator_settled: bool = True
    exception_ends_on: date | None = None


@pytest.mark.parametrize(
    ("state", "move", "changes", "actor", "article"),
    [
        ("drafted", "issue", {}, Actor("o", Role.OFFICER), ""),
        ("screened", "review", {}, Actor("d", Role.COMPETITION_REVIEWER), ""),
        ("first_review", "conclude", {"stakeholders_heard": False}, Actor("r", Role.COMPETITION_REVIEWER), "十六"),
        ("concluded", "issue", {"clear_to_issue": False}, Actor("o", Role.OFFICER), "十八"),
        ("concluded", "issue", {"regulator_settled": False}, Actor("o", Role.OFFICER), "十四"),
        ("concluded", "issue", {"exception_ends_on": date(2026, 5, 1)}, Actor("o", Role.OFFICER), "十二"),
        ("issued", "lapse", {"exception_ends_on": date(2026, 7, 1)}, CLOCK, ""),
        ("concluded", "issue", {}, Actor("x", Role.ADMINISTRATOR), ""),
    ],
)
def test_refused_moves_say_why(state: str, move: str, changes: dict[str, object], actor: Actor, article: str) -> None:
    with pytest.raises(RefusedError) as refused:
        WORKFLOWS[0].apply(Subject(state, **changes), move, actor, NOW, "理由")  # type: ignore[arg-type]
    assert article in refused.value.text.zh


def test_a_review_runs_from_draft_to_issue() -> None:
    subject = Subject("drafted")
    for move, actor in (
        ("screen", Actor("d", Role.OFFICER)),
        ("review", Actor("r", Role.COMPETITION_REVIEWER)),
        ("conclude", Actor("r", Role.COMPETITION_REVIEWER)),
        ("issue", Actor("d", Role.OFFICER)),
    ):
        subject.state = WORKFLOWS[0].apply(subject, move, actor, NOW, "理由").target
    assert subject.state == "issued"
    for workflow in WORKFLOWS:
        workflow.validate()
