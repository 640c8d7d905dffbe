"""Zones, plan documents and menus: every rule a table, every life cycle walked, nobody decides on their own matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from biaochi.core.errors import RefusedError
from biaochi.core.parameters import Snapshot
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Workflow
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.layout.decisions import (
    decide_document,
    decide_gate,
    decide_menu_item,
    decide_publication,
    decide_zone_admission,
    decide_zone_assessment,
)
from biaochi.mechanisms.layout.lifecycle import DOCUMENT, MENU, WORKFLOWS, ZONE
from biaochi.mechanisms.layout.model import (
    AssessmentResult,
    Choice,
    ChoiceKind,
    CodedDocument,
    Demand,
    MenuItem,
    ZoneApplication,
    ZoneAssessment,
    cohen_kappa,
    criteria_texts,
)

AT = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
ANHUI = dict.fromkeys(("level", "resources", "base", "mechanism", "direction", "concentration"), True)


@pytest.fixture(scope="module")
def rules() -> Snapshot:
    return load_parameters("biaochi.mechanisms.layout").at(AT)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_every_state_can_be_reached_and_left(workflow: Workflow) -> None:
    workflow.validate()


@dataclass(frozen=True)
class Thing:
    """A subject of any of the three life cycles."""

    state: str
    entered_at: datetime = NOW
    applicant_person: str = "p-applicant"
    applicant: str = "zone-committee"
    checker: str = "p-checker"
    reviewer: str = "p-expert"
    score: float | None = 82.0
    experts: int = 5
    open_objections: int = 0
    notice_until: datetime | None = NOW
    assessment: str | None = "good"
    coder: str = "p-coder"
    second_coder: str = "p-second"
    agreed: bool = True
    computed_by: str = "p-analyst"
    region_organisation: str = "region-office"
    answers: int = 2


OFFICER = Actor("p-officer", Role.OFFICER, "office")
CHECKER = Actor("p-checker", Role.OFFICER, "city-office")
EXPERT = Actor("p-expert", Role.REVIEWER, "university")
APPLICANT = Actor("p-applicant", Role.OFFICER, "zone-committee")
REGION = Actor("p-region", Role.OFFICER, "region-office")


def walk(workflow: Workflow, steps: list[tuple[str, Actor]]) -> list[str]:
    thing, seen = Thing(workflow.initial), [workflow.initial]
    for code, actor in steps:
        event = workflow.apply(thing, code, actor, NOW, "as the rules ask")
        thing = replace(thing, state=event.target)
        seen.append(event.target)
    return seen


def test_a_zone_walks_from_application_to_rolling_assessment() -> None:
    steps = [
        ("check", CHECKER),
        ("review_site", EXPERT),
        ("give_notice", OFFICER),
        ("start_building", OFFICER),
        ("start_assessment", OFFICER),
        ("adjust", OFFICER),
        ("start_assessment", OFFICER),
        ("continue", OFFICER),
        ("start_assessment", OFFICER),
        ("withdraw", OFFICER),
    ]
    assert walk(ZONE, steps)[-3:] == ["continued", "under_assessment", "withdrawn"]


def test_an_objection_sends_a_zone_back_and_it_may_apply_again() -> None:
    steps = [
        ("check", CHECKER),
        ("review_site", EXPERT),
        ("give_notice", OFFICER),
        ("send_back", OFFICER),
        ("apply_again", APPLICANT),
    ]
    assert walk(ZONE, steps)[-2:] == ["returned", "applied"]
    with pytest.raises(RefusedError, match="settled"):
        ZONE.apply(Thing("on_notice", open_objections=1), "start_building", OFFICER, NOW)
    with pytest.raises(RefusedError, match="run its time"):
        ZONE.apply(Thing("on_notice", notice_until=NOW + timedelta(days=1)), "start_building", OFFICER, NOW)


@pytest.mark.parametrize(
    ("workflow", "state", "move", "actor", "code"),
    [
        (ZONE, "applied", "check", APPLICANT, "same_person"),
        (ZONE, "applied", "check", Actor("p-other", Role.OFFICER, "zone-committee"), "same_organisation"),
        (ZONE, "city_checked", "review_site", Actor("p-checker", Role.REVIEWER, "x"), "same_person"),
        (ZONE, "city_checked", "review_site", OFFICER, "wrong_role"),
        (ZONE, "site_reviewed", "give_notice", Actor("p-expert", Role.OFFICER, "x"), "same_person"),
        (ZONE, "building", "leave", OFFICER, "other_organisation"),
        (DOCUMENT, "coded", "code_again", Actor("p-coder", Role.OFFICER, "office"), "same_person"),
        (DOCUMENT, "second_coded", "publish", Actor("p-coder", Role.OFFICER, "office"), "same_person"),
        (DOCUMENT, "second_coded", "publish", Actor("a", Role.ANALYST, "office"), "wrong_role"),
        (MENU, "computed", "issue", Actor("p-analyst", Role.OFFICER, "office"), "same_person"),
        (MENU, "issued", "answer", OFFICER, "other_organisation"),
    ],
)
def test_nobody_decides_on_their_own_matter(workflow: Workflow, state: str, move: str, actor: Actor, code: str) -> None:
    assert code in {o.code for o in workflow.obstacles(Thing(state), move, actor, NOW)}


def test_documents_and_menus_walk_their_ways() -> None:
    steps = [
        ("code", OFFICER),
        ("code_again", CHECKER),
        ("publish", CHECKER),
        ("dispute", OFFICER),
        ("settle", CHECKER),
    ]
    assert walk(DOCUMENT, [*steps, ("supersede", OFFICER)])[-1] == "superseded"
    assert walk(MENU, [("issue", OFFICER), ("answer", REGION), ("review", OFFICER)])[-1] == "reviewed"
    with pytest.raises(RefusedError, match="agree"):
        DOCUMENT.apply(Thing("second_coded", agreed=False), "publish", OFFICER, NOW)


def test_what_is_overdue_is_an_alarm() -> None:
    late = Thing("applied", entered_at=NOW - timedelta(days=31))
    assert [t.code for t in ZONE.overdue(late, NOW)] == ["check"]
    assert ZONE.overdue(Thing("applied"), NOW) == ()


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "admit"),
        ({"facts": {**ANHUI, "base": False}}, "return"),
        ({"facts": {**ANHUI, "base": None}}, "manual_review"),
        ({"facts": {}}, "manual_review"),
        ({"open_objections": 1}, "return"),
        ({"checker": "x", "reviewer": "x"}, "return"),
        ({"jurisdiction": "guizhou"}, "manual_review"),
    ],
)
def test_admission_of_zones(rules: Snapshot, changes: dict[str, object], outcome: str) -> None:
    base = ZoneApplication("z", "anhui", ANHUI, "a", "b", "c", 5, 80.0)
    decision = decide_zone_admission(replace(base, **changes), at=AT, parameters=rules)  # type: ignore[arg-type]
    assert decision.outcome == outcome
    assert decision.reasons


def test_before_its_rule_anhui_has_none() -> None:
    then = load_parameters("biaochi.mechanisms.layout").at(date(2024, 2, 4))
    found = decide_zone_admission(ZoneApplication("z", "anhui", ANHUI), at=date(2024, 2, 4), parameters=then)
    assert found.outcome == "manual_review"


@pytest.mark.parametrize(
    ("jurisdiction", "result", "outcome"),
    [
        ("anhui", AssessmentResult.GOOD, "continued"),
        ("anhui", AssessmentResult.OK, "continued"),
        ("anhui", AssessmentResult.FAIL, "adjusted"),
        ("anhui", AssessmentResult.RETAINED, "continued"),
        ("anhui", AssessmentResult.CANCELLED, "withdrawn"),
        ("anhui", None, "manual_review"),
        ("zhejiang", AssessmentResult.FAIL, "manual_review"),
    ],
)
def test_assessment_of_zones(rules: Snapshot, jurisdiction: str, result: AssessmentResult | None, outcome: str) -> None:
    found = decide_zone_assessment(ZoneAssessment("z", jurisdiction, result), at=AT, parameters=rules)
    assert found.outcome == outcome


def test_criteria_go_to_the_fair_competition_review(rules: Snapshot) -> None:
    assert len(criteria_texts("anhui", rules)) == 6
    assert criteria_texts("nowhere", rules) == ()


@pytest.mark.reference
def test_what_became_of_parks_that_failed(shared: Path, rules: Snapshot) -> None:
    seen = pd.read_csv(shared / "data" / "d_projects" / "cn_PubAgriParkEval.csv")
    failed = seen[seen["year"].isin([2019, 2020]) & (seen["result"] == "fail")]
    later = seen[seen["result"].isin(["retain", "cancel"]) & seen["year"].isin([2021, 2022])]
    known = rules["zones.reference.rectification"].value
    assert isinstance(known, dict)
    assert len(failed) == known["failed"]
    named = later[later["name"].isin(failed["name"])]["result"].value_counts()
    assert (int(named["retain"]), int(named["cancel"])) == (known["retained"], known["cancelled"])


CODES = [f"t{i}" for i in range(10)]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "publish"),
        ({"second": None}, "second_coding"),
        ({"second_coder": "one"}, "second_coding"),
        ({"second": frozenset({"t8", "t9"})}, "recode"),
        ({"seen": False}, "manual_review"),
        ({"disputed": True}, "manual_review"),
    ],
)
def test_what_happens_to_a_document(rules: Snapshot, changes: dict[str, object], outcome: str) -> None:
    named = frozenset({"t0", "t1", "t2"})
    base = CodedDocument("d", named, named, "one", "two")
    found = decide_document(replace(base, **changes), CODES, at=AT, parameters=rules)  # type: ignore[arg-type]
    assert found.outcome == outcome


def test_kappa_of_opposite_codings_is_below_chance() -> None:
    assert cohen_kappa({"t0"}, {"t1"}, ["t0", "t1"]) == -1.0
    assert cohen_kappa([], [], CODES) == 1.0


@pytest.mark.parametrize(
    ("numbers", "outcome"),
    [((0, 0, 11), "publish"), ((5, 0, 11), "publish_with_notice"), ((5, 1, 11), "hold"), ((0, 0, 1), "hold")],
)
def test_publication(numbers: tuple[int, int, int], outcome: str) -> None:
    unverified, disputed, complete = numbers
    found = decide_publication(unverified=unverified, disputed=disputed, complete=complete, at=AT)
    assert found.outcome == outcome


def item(**changes: object) -> MenuItem:
    base = MenuItem(
        "r",
        "t",
        0.9,
        0.3,
        0.2,
        0.4,
        0.1,
        0.5,
        (("u", 0.6),),
        (("density", 0.4),),
        3,
        9,
        Demand(2, 1, 2.5, 1),
        0.1,
        0.05,
        True,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("frequency", "outcome"), [(0.8, "firm"), (0.79, "optional"), (0.5, "optional"), (0.49, "open"), (None, "open")]
)
def test_tiers_of_suggestions(rules: Snapshot, frequency: float | None, outcome: str) -> None:
    decision = decide_menu_item(item(frequency=frequency), at=AT, parameters=rules)
    assert decision.outcome == outcome
    codes = [r.rule for r in decision.reasons]
    assert codes[-1] == "region_decides"
    assert "crowding" in codes
    assert "opportunity_cost" in codes


@pytest.mark.parametrize(("events", "outcome"), [(49, "unmet"), (50, "met"), (0, "unmet")])
def test_the_gate(rules: Snapshot, events: int, outcome: str) -> None:
    assert decide_gate(events, at=AT, parameters=rules).outcome == outcome


def test_a_choice_needs_a_person_and_a_reason() -> None:
    assert Choice("r", "t", ChoiceKind.DEFERRED, "p", "no budget this year").kind.text.en == "deferred"
    with pytest.raises(ValueError, match="reason"):
        Choice("r", "t", ChoiceKind.DECLINED, "p", " ")
