"""``biaochi sandbox check``, the plan's digest, and the decisions behind it."""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from biaochi.core.verdict import Verdict
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.sandbox.decisions import (
    ExitFile,
    amend_plan,
    ethics_due,
    grant_waiver,
    release_export,
    review_exit,
)
from biaochi.mechanisms.sandbox.decisions.supervision import supervise
from biaochi.mechanisms.sandbox.model import (
    Amendment,
    Applicant,
    Case,
    DataGrant,
    Export,
    Floor,
    Level,
    Plan,
    RuleChange,
    Waiver,
    WaiverKind,
    plan_digest,
)
from biaochi.mechanisms.sandbox.model.instants import read_instant

DAY = date(2026, 1, 15)
RULES = load_parameters("biaochi.mechanisms.sandbox").at(DAY)


def _verdicts(case: dict[str, Any]) -> dict[str, str]:
    return {r["rule"]: r["verdict"] for r in case["reasons"]}


def test_admissible(desk: Any, one_case: Any) -> None:
    found = desk.answer("check", desk.cases(one_case()), "--at", "2026-01-15")
    assert found["schema"] == "biaochi.sandbox.check/1"
    case = found["cases"][0]
    assert list(case) == ["case", "outcome", "plan_digest", "reasons", "ethics"]
    assert {"rule", "seen", "threshold", "citation", "verdict"} <= set(case["reasons"][0])
    assert (case["outcome"], case["ethics"]) == ("admissible", {"triggers": [], "review": "not_required"})
    assert {p["code"] for p in found["parameters"]} >= {"waiver_months_max", "ethics_questions"}
    assert found["warnings"][0]["code"] == "unverified_parameters"


CHANGES: dict[str, tuple[str, Any, str, str, str]] = {
    "floor given up": ("safety_floor", ["life_safety"], "not_admissible", "safety_floor", "unmet"),
    "unanswered ethics": ("ethics", {}, "more_info", "ethics_questions", "unknown"),
    "triggered, undecided": ("ethics", {"answers": {"E7": "yes"}}, "more_info", "ethics_decision", "unknown"),
    "rejected": (
        "ethics", {"answers": {"E7": "yes"}, "decision": "rejected"}, "not_admissible", "ethics_decision", "unmet",
    ),
    "unassessed": ("eligibility", None, "more_info", "readiness", "unknown"),
    "no plan": ("plan", None, "more_info", "plan", "unknown"),
    "other track": ("tracks", ["storage"], "more_info", "ethics_questions", "unknown"),
    "no waiver": ("waivers", [], "more_info", "waiver_named", "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_each_rule(desk: Any, one_case: Any, name: str) -> None:
    key, value, outcome, rule, verdict = CHANGES[name]
    case = desk.answer("check", desk.cases(one_case(**{key: value})), "--at", "2026-01-15")["cases"][0]
    assert case["outcome"] == outcome
    assert _verdicts(case)[rule] == verdict


@pytest.mark.parametrize(
    ("change", "outcome", "rule", "verdict"),
    [
        ({"touches": ["life_safety"]}, "not_admissible", "waiver_floor", "unmet"),
        ({"touches": None}, "more_info", "waiver_floor", "unknown"),
        ({"level": "law"}, "more_info", "waiver_level", "manual_review"),
        ({"level": "law", "authorisation": "授权决定"}, "more_info", "waiver_level", "manual_review"),
        ({"end_on": "2026-03-30"}, "not_admissible", "waiver_length", "unmet"),
        ({"end_on": "2026-03-31"}, "admissible", "waiver_length", "met"),
        ({"end_on": "2028-12-31"}, "admissible", "waiver_length", "met"),
        ({"end_on": "2029-01-01"}, "not_admissible", "waiver_length", "unmet"),
        ({"authority": ""}, "more_info", "waiver_authority", "unknown"),
    ],
)
def test_each_waiver_rule(
    desk: Any, one_case: Any, change: dict[str, Any], outcome: str, rule: str, verdict: str
) -> None:
    case = one_case()
    case["waivers"][0] |= change
    found = desk.answer("check", desk.cases(case), "--at", "2026-01-15")["cases"][0]
    assert (found["outcome"], _verdicts(found)[rule]) == (outcome, verdict)


def test_unverified_numbers_are_never_firm(desk: Any, one_case: Any) -> None:
    ethics = {
        "answers": {"E7": "yes"}, "decision": "approved", "decided_on": "2025-12-01", "members": 3, "external": 0,
        "present": 3, "in_favour": 1, "next_review_on": "2026-12-01",
    }  # fmt: skip
    case = desk.answer("check", desk.cases(one_case(ethics=ethics)), "--at", "2026-01-15")["cases"][0]
    verdicts = _verdicts(case)
    assert {verdicts[r] for r in ("ethics_members", "ethics_external", "ethics_present", "ethics_majority")} == {
        "manual_review"
    }
    assert (case["outcome"], case["ethics"]["review"]) == ("more_info", "expert_re_review")
    late = copy.deepcopy(ethics) | {"next_review_on": "2026-12-02"}
    case = desk.answer("check", desk.cases(one_case(ethics=late)), "--at", "2026-01-15")["cases"][0]
    assert (_verdicts(case)["ethics_interval"], case["outcome"]) == ("unmet", "not_admissible")


def test_questions_by_track() -> None:
    asked = {t: ethics_due([t], {}, RULES).questions for t in ("bci", "embodied", "quantum", "storage")}
    assert asked["bci"] == ("E4", "E5")
    assert asked["embodied"] == ("E7",)
    assert asked["quantum"] == ()
    assert asked["storage"] == tuple(f"E{i}" for i in range(1, 8))
    assert ethics_due(["quantum"], {}, RULES).review == "not_required"


def test_plan_digest_is_the_written_plan(desk: Any) -> None:
    text = """schema: biaochi.sandbox.cases/1
cases:
- id: A
  state: draft
  plan:
    registered_at: 2025-12-20T09:00:00
    feeds: [{metric: m, period_hours: 24, amber_after_hours: 30.0, suspend_after_hours: 72}]
    guardrails:
    - {id: G1, metric: m, method: beta, cap: 0.020, alpha: 0.05, action: pause, prior: [1, 24], family: true}
    amendments: []
"""
    canonical = (
        '{"feeds":[{"amber_after_hours":"30","metric":"m","period_hours":"24","suspend_after_hours":"72"}],'
        '"guardrails":[{"action":"pause","alpha":"0.05","cap":"0.02","family":true,"id":"G1","method":"beta",'
        '"metric":"m","prior":["1","24"]}],"registered_at":"2025-12-20T09:00:00"}'
    )
    found = desk.answer("check", desk.text("cases.yaml", text), "--at", "2026-01-15")["cases"][0]
    assert found["plan_digest"] == hashlib.sha256(canonical.encode()).hexdigest()
    assert (
        plan_digest({"z": None, "a": "中", "n": 1e-7, "amendments": [1]})
        == hashlib.sha256('{"a":"中","n":"0.0000001","z":null}'.encode()).hexdigest()
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda c: c.update(colour="red"), "unknown_key"),
        (lambda c: c.update(state="flying"), "unknown_value"),
        (lambda c: c["plan"]["feeds"].clear(), "guardrail_without_feed"),
        (lambda c: c["plan"]["guardrails"][0].update(cap=2), "out_of_range"),
        (lambda c: c["plan"]["guardrails"][0].update(sigma=2), "unknown_key"),
        (lambda c: c["plan"]["guardrails"][0].pop("action"), "missing_field"),
        (lambda c: c["plan"]["guardrails"][0].update(action="shout"), "unknown_value"),
        (lambda c: c["plan"]["guardrails"].append(dict(c["plan"]["guardrails"][0])), "duplicate_key"),
        (lambda c: c["plan"]["feeds"][0].update(amber_after_hours=100), "out_of_range"),
        (lambda c: c["waivers"][0].update(end_on="2025-01-01"), "out_of_range"),
        (lambda c: c["waivers"][0].update(touches=["comfort"]), "unknown_value"),
        (lambda c: c["waivers"][0].update(start_on="soon"), "bad_date"),
        (lambda c: c["plan"].update(registered_at="soon"), "bad_date"),
        (
            lambda c: c["plan"].update(
                amendments=[
                    {"id": "A", "effective_at": "2025-01-01", "reason": "", "approved_by": "乙", "changes": {"G9": {}}}
                ]
            ),
            "before_registration",
        ),
        (
            lambda c: c["plan"]["guardrails"].append(
                {"id": "G2", "metric": "near_miss", "method": "asymptotic", "cap": 0.1, "alpha": 0.05, "tune_at": 100,
                 "min_data": 50, "action": "pause"}
            ),
            "out_of_range",
        ),
        (
            lambda c: c["plan"]["guardrails"].append(
                {"id": "G2", "metric": "near_miss", "method": "cusum", "mu0": 0, "sigma": 1, "k": 0.5, "h": 4,
                 "action": "pause", "family": True}
            ),
            "out_of_range",
        ),
    ],
)  # fmt: skip
def test_faulty_cases_are_told_with_their_line(desk: Any, one_case: Any, change: Any, code: str) -> None:
    case = one_case()
    change(case)
    found = desk.codes("check", desk.cases(case))
    assert code in {c for c, _, _ in found}
    assert all(row > 0 for c, row, _ in found if c == code)


def test_rules_before_their_time_are_wrong_usage(desk: Any, one_case: Any) -> None:
    assert desk.run("check", desk.cases(one_case()), "--at", "2010-01-01").exit_code == 2


def _waiver(**changes: Any) -> Waiver:
    given = {
        "id": "W", "citation": "某条", "level": Level.STANDARD, "authority": "某局", "kind": WaiverKind.ADAPT,
        "start_on": date(2026, 1, 1), "end_on": date(2026, 12, 31), "touches": (),
    }  # fmt: skip
    return Waiver(**(given | changes))


def test_granting_a_waiver() -> None:
    assert grant_waiver(_waiver(), at=DAY, parameters=RULES).outcome == "grant"
    assert grant_waiver(_waiver(touches=(Floor.LIFE_SAFETY,)), at=DAY, parameters=RULES).outcome == "refuse"
    assert grant_waiver(_waiver(touches=None), at=DAY, parameters=RULES).outcome == "more_info"
    assert grant_waiver(_waiver(level=Level.LAW), at=DAY, parameters=RULES).outcome == "more_info"
    assert grant_waiver(_waiver(), at=date(2027, 1, 1), parameters=RULES).outcome == "refuse"


def test_an_export_needs_a_second_person_and_large_cells() -> None:
    grant = DataGrant(
        "D", "SB-01", "测评", "同意书", frozenset({"a", "b"}), date(2026, 1, 1), date(2026, 6, 30), 1000, 10
    )

    def export(**changes: Any) -> Export:
        given = {
            "id": "E", "grant": "D", "fields": frozenset({"a"}), "rows": 10, "smallest_count": 12, "purpose": "测评",
            "requested_by": "甲", "released_by": "乙",
        }  # fmt: skip
        return Export(**(given | changes))

    assert release_export(grant, export(), at=DAY).outcome == "release"
    for change in (
        {"released_by": "甲"}, {"released_by": ""}, {"smallest_count": 9}, {"fields": frozenset({"c"})},
        {"rows": 1001}, {"rows_released_today": 995}, {"grant": "X"},
    ):  # fmt: skip
        assert release_export(grant, export(**change), at=DAY).outcome == "refuse"
    assert release_export(grant, export(smallest_count=None), at=DAY).outcome == "hold"
    assert release_export(grant, export(), at=date(2026, 7, 1)).outcome == "refuse"


def test_amending_a_plan() -> None:
    now = datetime(2026, 1, 10, tzinfo=UTC)
    plan = Plan(now - timedelta(days=20), (), ())
    change = Amendment("A1", now, "理由", "乙", {})
    assert amend_plan(plan, change, requested_by="甲", at=now).outcome == "refuse"  # nothing is changed
    reasons = {r.rule: r.verdict for r in amend_plan(plan, change, requested_by="乙", at=now + timedelta(1)).reasons}
    assert reasons["second_person"] is Verdict.UNMET
    assert reasons["not_retroactive"] is Verdict.UNMET


def test_exit_needs_both_papers() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    case = Case("SB", "exit_review", Applicant("甲"), waivers=(_waiver(),))
    found = supervise(case, {}, as_of=read_instant("2026-02-01", zone), zone=zone)
    proposal = RuleChange("某条", "改为……", ("监测结果",), "某局")
    assert review_exit(ExitFile(found, proposal, "摘要"), at=DAY, parameters=RULES).outcome == "more_info"
    extended = ExitFile(found, proposal, "摘要", extensions=1, wants_extension=True)
    assert {r.rule: r.verdict for r in review_exit(extended, at=DAY, parameters=RULES).reasons}["extension"] is (
        Verdict.UNMET
    )
    first = ExitFile(found, wants_extension=True)
    assert review_exit(first, at=DAY, parameters=RULES).outcome == "extend"
