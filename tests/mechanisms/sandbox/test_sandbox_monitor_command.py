"""``biaochi sandbox monitor``: keys, paths, silence, incidents, expiry, families, exposure, faults."""

from __future__ import annotations

import copy
import math
from typing import Any

import openpyxl
import pytest

BAD = [["SB-01", "near_miss", f"2026-01-{d:02d}T23:00", 1 if d < 8 else 4, 50] for d in range(1, 16)]


def test_answer_has_exactly_the_keys(desk: Any, one_case: Any) -> None:
    found = desk.answer("monitor", desk.cases(one_case()), desk.readings(BAD))
    assert set(found) == {
        "schema", "at", "as_of", "seed", "inputs", "parameters", "code_version", "warnings", "cases", "portfolio",
    }  # fmt: skip
    assert found["schema"] == "biaochi.sandbox.monitor/1"
    assert found["as_of"] == "2026-01-15T15:00:00Z"
    case = found["cases"][0]
    assert list(case) == [
        "case", "state", "due_state", "health", "level_note", "guardrails", "feeds", "waivers", "ethics", "alarms",
    ]  # fmt: skip
    assert list(case["guardrails"][0]) == [
        "guardrail", "metric", "method", "status", "readings", "total", "exposure", "estimate", "interval",
        "statistic", "maximum", "threshold",
    ]  # fmt: skip
    assert list(case["guardrails"][0]["interval"]) == ["level", "low", "high", "kind"]
    alarm = case["alarms"][0]
    assert list(alarm) == [
        "case", "guardrail", "metric", "kind", "at", "received_at", "reading", "path", "strength", "statistic",
        "threshold", "action", "message",
    ]  # fmt: skip
    assert (alarm["kind"], alarm["path"], alarm["action"], alarm["strength"]) == (
        "statistical", "received", "pause", None,
    )  # fmt: skip
    assert (case["due_state"], case["health"]) == ("suspended", "red")
    assert case["waivers"] == [{"waiver": "W1", "status": "suspended", "end_on": "2026-12-31", "days_left": 350}]
    assert case["feeds"] == [
        {"metric": "near_miss", "last_at": "2026-01-15T15:00:00Z", "silent_hours": 0.0, "status": "on_time"}
    ]


def test_calm_case_stays_as_it_is(desk: Any, one_case: Any) -> None:
    rows = [["SB-01", "near_miss", f"2026-01-{d:02d}T23:00", 0, 50] for d in range(1, 10)]
    case = desk.answer("monitor", desk.cases(one_case()), desk.readings(rows))["cases"][0]
    assert (case["due_state"], case["health"], case["alarms"]) == ("running", "green", [])
    assert case["guardrails"][0]["status"] == "clear"


def test_as_of_hides_what_had_not_arrived(desk: Any, one_case: Any) -> None:
    cases, readings = desk.cases(one_case()), desk.readings(BAD)
    found = desk.answer("monitor", cases, readings, "--as-of", "2026-01-09T12:00")["cases"][0]
    assert found["guardrails"][0]["readings"] == 8
    assert found["alarms"] == []
    whole = desk.answer("monitor", cases, readings, "--as-of", "2026-01-09")
    assert whole["as_of"] == "2026-01-09T15:59:59.999999Z"
    assert whole["cases"][0]["guardrails"][0]["readings"] == 9


def test_an_alarm_comes_at_the_same_reading_whenever_one_looks(desk: Any, one_case: Any) -> None:
    cases, readings = desk.cases(one_case()), desk.readings(BAD)
    last = desk.answer("monitor", cases, readings)["cases"][0]["alarms"][0]
    then = desk.answer("monitor", cases, readings, "--as-of", last["received_at"])["cases"][0]["alarms"]
    assert then == [last]
    assert desk.answer("monitor", cases, readings, "--as-of", "2026-01-11T22:59")["cases"][0]["alarms"] == []


def test_a_correction_can_bring_the_alarm(desk: Any, one_case: Any) -> None:
    """A corrected row makes the corrected path cross at its arrival, for a reading of an earlier day."""
    rows: list[list[object]] = [["SB-01", "near_miss", f"2026-01-{d:02d}T23:00", 1, 50] for d in range(2, 10)]
    rows.append(["SB-01", "near_miss", "2026-01-02T23:00", 12, 50, "", "", "2026-01-10T09:00", 1])
    case = desk.answer("monitor", desk.cases(one_case()), desk.readings(rows))["cases"][0]
    (alarm,) = (a for a in case["alarms"] if a["kind"] == "statistical")
    assert (alarm["path"], alarm["reading"]) == ("corrected", 1)
    assert (alarm["at"], alarm["received_at"]) == ("2026-01-02T15:00:00Z", "2026-01-10T01:00:00Z")
    assert "2α" in case["level_note"]


def test_a_correction_annotates_and_never_withdraws(desk: Any, one_case: Any) -> None:
    rows: list[list[object]] = [["SB-01", "near_miss", f"2026-01-{d:02d}T23:00", 0, 50] for d in range(1, 4)]
    rows.append(["SB-01", "near_miss", "2026-01-04T23:00", 20, 50])
    rows.append(["SB-01", "near_miss", "2026-01-04T23:00", 2, 50, "", "", "2026-01-05T09:00", 1])
    case = desk.answer("monitor", desk.cases(one_case()), desk.readings(rows))["cases"][0]
    (alarm,) = case["alarms"]
    assert (alarm["path"], alarm["reading"], alarm["received_at"]) == ("received", 4, "2026-01-04T15:00:00Z")
    assert "no longer crossed" in alarm["message"]["en"]
    assert case["guardrails"][0]["total"] == 20


def test_silence_turns_amber_and_then_suspends(desk: Any, one_case: Any) -> None:
    rows = [["SB-01", "near_miss", "2026-01-01T23:00", 0, 50], ["SB-01", "near_miss", "2026-01-06T23:00", 0, 50]]
    case = desk.answer("monitor", desk.cases(one_case()), desk.readings(rows))["cases"][0]
    assert [(a["kind"], a["at"], a["received_at"], a["action"], a["guardrail"]) for a in case["alarms"]] == [
        ("missing_feed", "2026-01-02T21:00:00Z", "2026-01-02T21:00:00Z", "notify", None),
        ("missing_feed", "2026-01-04T15:00:00Z", "2026-01-04T15:00:00Z", "pause", None),
    ]
    assert (case["due_state"], case["feeds"][0]["status"]) == ("suspended", "on_time")


def test_an_empty_value_does_not_stop_the_clock(desk: Any, one_case: Any) -> None:
    rows = [["SB-01", "near_miss", "2026-01-01T12:00", 0, 50], ["SB-01", "near_miss", "2026-01-02T12:00", "", ""]]
    found = desk.answer("monitor", desk.cases(one_case()), desk.readings(rows), "--as-of", "2026-01-02T18:00")
    feed = found["cases"][0]["feeds"][0]
    assert (feed["silent_hours"], feed["status"], feed["last_at"]) == (30.0, "amber", "2026-01-01T04:00:00Z")
    assert found["cases"][0]["health"] == "amber"


def test_the_clock_starts_with_the_first_waiver_without_any_reading(desk: Any, one_case: Any) -> None:
    found = desk.answer("monitor", desk.cases(one_case()), desk.readings([]), "--as-of", "2026-01-04T00:00")["cases"][0]
    assert [a["action"] for a in found["alarms"]] == ["notify", "pause"]
    assert (found["feeds"][0]["silent_hours"], found["feeds"][0]["last_at"]) == (72.0, None)
    assert found["guardrails"][0]["status"] == "no_data"


def test_incidents_stop_and_late_ones_notify(desk: Any, one_case: Any) -> None:
    incidents = desk.text(
        "incidents.csv",
        "case,incident,occurred_at,reported_at,severity,text\n"
        "SB-01,I1,2026-01-02T08:00,2026-01-04T08:00,moderate,\n"
        "SB-01,I2,2026-01-03T08:00,2026-01-03T09:00,fatal,x\n",
    )
    rows = [["SB-01", "near_miss", f"2026-01-0{d}T23:00", 0, 50] for d in range(1, 5)]
    case = desk.answer("monitor", desk.cases(one_case()), desk.readings(rows), "--incidents", incidents)["cases"][0]
    assert [(a["kind"], a["action"]) for a in case["alarms"]] == [("incident", "stop"), ("late_incident", "notify")]
    assert (case["due_state"], case["health"], case["waivers"][0]["status"]) == ("exit_review", "red", "suspended")


def test_waivers_end_by_themselves_and_reviews_fall_overdue(desk: Any, one_case: Any) -> None:
    case = one_case()
    case["waivers"][0]["end_on"] = "2026-01-31"
    case["ethics"] = {
        "answers": {"E7": "yes"}, "decision": "approved", "decided_on": "2025-12-01", "next_review_on": "2026-01-20",
    }  # fmt: skip
    rows = [["SB-01", "near_miss", f"2026-01-{d:02d}T23:00", 0, 50] for d in range(1, 32)]
    cases, readings = desk.cases(case), desk.readings(rows)
    before = desk.answer("monitor", cases, readings)["cases"][0]
    assert before["waivers"][0] == {"waiver": "W1", "status": "active", "end_on": "2026-01-31", "days_left": 0}
    assert before["ethics"] == {"status": "overdue", "next_review_on": "2026-01-20"}
    assert [a["kind"] for a in before["alarms"]] == ["ethics_overdue"]
    after = desk.answer("monitor", cases, readings, "--as-of", "2026-02-01T00:00")["cases"][0]
    assert after["waivers"][0]["status"] == "expired"
    assert after["waivers"][0]["days_left"] == -1
    assert after["alarms"][-1]["kind"] == "expiry"
    assert after["alarms"][-1]["at"] == "2026-01-31T15:59:59.999999Z"
    pending = desk.answer("monitor", cases, readings, "--as-of", "2025-12-31T12:00")["cases"][0]
    assert pending["waivers"][0]["status"] == "pending"


def test_an_amendment_restarts_its_guardrail_and_keeps_the_record(desk: Any, one_case: Any) -> None:
    case = one_case()
    case["plan"]["amendments"] = [
        {
            "id": "A1", "effective_at": "2026-01-13T00:00", "reason": "复核", "approved_by": "乙",
            "changes": {"G1": {"cap": 0.2, "prior": [1, 4]}},
        }
    ]  # fmt: skip
    found = desk.answer("monitor", desk.cases(case), desk.readings(BAD))["cases"][0]
    assert [a["reading"] for a in found["alarms"]] == [11]
    assert (found["guardrails"][0]["readings"], found["guardrails"][0]["status"]) == (3, "clear")


def test_a_family_is_judged_by_current_e_values(desk: Any, one_case: Any) -> None:
    case = one_case()
    guardrail = case["plan"]["guardrails"][0] | {"family": True, "action": "notify"}
    case["plan"]["guardrails"] = [guardrail, copy.deepcopy(guardrail) | {"id": "G2", "metric": "fall"}]
    case["plan"]["feeds"].append(
        {"metric": "fall", "period_hours": 24, "amber_after_hours": 3000, "suspend_after_hours": 3000}
    )
    case["plan"]["family"] = {"method": "e_bh", "alpha": 0.05, "action": "stop"}
    found = desk.answer("monitor", desk.cases(case, portfolio={"method": "e_lond", "alpha": 0.05}), desk.readings(BAD))
    alarms = found["cases"][0]["alarms"]
    family = next(a for a in alarms if a["kind"] == "family")
    assert (family["guardrail"], family["action"], family["reading"]) == ("G1", "stop", None)
    assert family["threshold"] == pytest.approx(3.6888794541139363)
    assert family["statistic"] >= family["threshold"]
    assert {a["kind"] for a in alarms} == {"family", "statistical"}

    expected = (math.exp(found["cases"][0]["guardrails"][0]["statistic"]) + 1) / 2
    (test,) = found["portfolio"]
    assert list(test) == ["case", "e", "alpha_t", "rejected"]
    assert test["e"] == pytest.approx(expected, rel=1e-9)
    assert test["alpha_t"] == pytest.approx(0.05 * 0.07720838 * math.log(2))


def test_an_exposure_range_makes_alarms_firm_or_conditional(desk: Any, one_case: Any) -> None:
    case = one_case()
    case["plan"]["guardrails"] = [
        {"id": "G1", "metric": "near_miss", "method": "gamma", "cap": 1.0, "alpha": 0.05, "action": "pause"}
    ]
    cases = desk.cases(case)
    for high, strength in ((1.2, "firm"), (9, "conditional")):
        rows = [["SB-01", "near_miss", f"2026-01-0{d}T23:00", 4, 1, 0.9, high] for d in range(1, 6)]
        found = desk.answer("monitor", cases, desk.readings(rows))["cases"][0]
        assert [(a["strength"], a["action"]) for a in found["alarms"]] == [(strength, "pause")]
        rail = found["guardrails"][0]
        assert rail["estimate"] == 4.0
        assert rail["interval"]["low"] < 4 < rail["interval"]["high"]


def test_closed_cases_are_left_alone(desk: Any, one_case: Any) -> None:
    found = desk.answer("monitor", desk.cases(one_case(state="closed")), desk.readings(BAD))["cases"][0]
    assert found["due_state"] == "closed"


def test_every_fault_of_readings_has_its_row(desk: Any, one_case: Any) -> None:
    cases = desk.cases(one_case())
    unknown = desk.readings([["SB-09", "near_miss", "2026-01-01", 0, 1], ["SB-01", "speed", "2026-01-01", 0, 1]])
    assert desk.codes("monitor", cases, unknown) == [("unknown_case", 2, "case"), ("unknown_metric", 3, "metric")]
    rows: list[list[object]] = [
        ["SB-01", "near_miss", "2026-01-01T01:00", 60, 50],
        ["SB-01", "near_miss", "2026-01-01T02:00", -1, 50],
        ["SB-01", "near_miss", "2026-01-01T03:00", 0, 0],
        ["SB-01", "near_miss", "2026-01-01T04:00", 0, 5, 6, 7],
        ["SB-01", "near_miss", "2026-01-01T05:00", 0, 5, "", "", "2026-01-01T04:00"],
        ["SB-01", "near_miss", "2025-12-01T05:00", 0, 5],
        ["SB-01", "near_miss", "2026-01-02T05:00", 0, 5],
        ["SB-01", "near_miss", "2026-01-02T05:00", 1, 5],
        ["SB-01", "near_miss", "2026-01-03T05:00", 0, 5],
        ["SB-01", "near_miss", "2026-01-03T05:00", 0, 5, "", "", "2026-01-04T05:00", 2],
        ["SB-01", "near_miss", "2026-01-05T05:00", 0, 5, "", "", "2026-01-06T05:00", 0],
        ["SB-01", "near_miss", "2026-01-05T05:00", 0, 5, "", "", "2026-01-05T06:00", 1],
    ]
    assert set(desk.codes("monitor", cases, desk.readings(rows))) == {
        ("events_above_trials", 2, "value"),
        ("out_of_range", 3, "value"),
        ("exposure_not_positive", 4, "exposure"),
        ("out_of_range", 5, "exposure_low"),
        ("received_before_at", 6, "received_at"),
        ("before_registration", 7, "at"),
        ("duplicate_key", 9, "case,metric,at,seq,revision"),
        ("revision_gap", 11, "revision"),
        ("revision_early", 13, "received_at"),
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "empty_file"),
        ("case,metric,at\n", "missing_column"),
        ("case,metric,at,value\nSB-01,near_miss,yesterday,1\n", "bad_date"),
        ("case,metric,at,value\nSB-01,near_miss,2026-01-01,one\n", "not_a_number"),
        ("case,metric,at,value\nSB-01,near_miss,2026-01-01,nan\n", "not_a_number"),
        ("case,metric,at,value,colour\nSB-01,near_miss,2026-01-01,1,red\n", "unknown_column"),
    ],
)
def test_hostile_readings_are_told(desk: Any, one_case: Any, content: str, code: str) -> None:
    found = desk.codes("monitor", desk.cases(one_case()), desk.text("readings.csv", content))
    assert code in {c for c, _, _ in found}


def test_gbk_and_workbook_readings(desk: Any, one_case: Any) -> None:
    case = one_case()
    case["plan"]["feeds"][0]["metric"] = case["plan"]["guardrails"][0]["metric"] = "险情"
    cases = desk.cases(case)
    path = desk.folder / "gbk.csv"
    path.write_bytes("case,metric,at,value,exposure\nSB-01,险情,2026-01-01,1,50\n".encode("gbk"))
    found = desk.answer("monitor", cases, path)["cases"][0]
    assert found["guardrails"][0]["total"] == 1

    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["case", "metric", "at", "value", "exposure"])
    page.append(["SB-01", "险情", "2026-01-01", 1, 50])
    book.save(desk.folder / "readings.xlsx")
    again = desk.answer("monitor", cases, desk.folder / "readings.xlsx")["cases"][0]
    assert again["guardrails"] == found["guardrails"]


def test_wrong_instant_is_wrong_usage(desk: Any, one_case: Any) -> None:
    result = desk.run("monitor", desk.cases(one_case()), desk.readings(BAD), "--as-of", "soon")
    assert result.exit_code == 2


def test_table_and_sheets_for_people(desk: Any, one_case: Any) -> None:
    cases, readings = desk.cases(one_case()), desk.readings(BAD)
    result = desk.run("monitor", cases, readings, "--lang", "en")
    assert result.exit_code == 0
    assert "1 cases, 1 alarms" in result.stdout
    assert desk.run("monitor", cases, readings, "--format", "csv", "--out", desk.folder / "out").exit_code == 0
    assert (desk.folder / "out" / "cases.alarms.csv").read_text().startswith("case,")
