"""Dated parameters: what is in force when, what a snapshot freezes; decisions as records."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.decision import Decision, Reason
from biaochi.core.errors import DefinitionError, RefusedError
from biaochi.core.evidence import Evidence, EvidenceGrade
from biaochi.core.parameters import Citation, DatedValue, Parameter, ParameterSet, ParameterStatus
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict

SOURCE = Citation("财库〔2024〕13号", "第十六条", "2024-04-24")
OK, DOUBT = ParameterStatus.CONFIRMED, ParameterStatus.UNVERIFIED


def dated(value: object, year: int, status: ParameterStatus = OK, until: date | None = None) -> DatedValue:
    return DatedValue(value, date(year, 1, 1), status, SOURCE, until)


def parameter(*values: DatedValue, code: str = "days") -> Parameter:
    return Parameter(code, Text("天数", "days"), "day", values)


@given(
    st.lists(st.integers(2000, 2040), min_size=1, max_size=6, unique=True), st.dates(date(1999, 1, 1), date(2045, 1, 1))
)
def test_the_newest_value_not_after_the_day_is_in_force(years: list[int], day: date) -> None:
    found = parameter(*(dated(y, y) for y in years)).at(day)
    earlier = [y for y in years if date(y, 1, 1) <= day]
    assert (found.value if found else None) == (max(earlier) if earlier else None)


def test_a_value_may_end() -> None:
    p = parameter(dated(1, 2020, until=date(2021, 6, 30)))
    assert p.at(date(2021, 6, 30)) is not None
    assert p.at(date(2021, 7, 1)) is None


def test_a_snapshot_is_frozen_and_has_a_digest() -> None:
    rules = ParameterSet([parameter(dated(20, 2024), dated(25, 2026, DOUBT))])
    then, now = rules.at(date(2025, 1, 1)), rules.at(date(2026, 1, 1))
    assert (then["days"].value, now["days"].value) == (20, 25)
    assert then["days"].confirmed
    assert not now["days"].confirmed
    assert then.digest != now.digest
    assert then.only("days").to_records()[0]["citation"] == "财库〔2024〕13号 第十六条 (2024-04-24)"
    assert (then.day, len(then), list(then)) == (date(2025, 1, 1), 1, ["days"])


def test_an_unknown_code_says_so() -> None:
    with pytest.raises(KeyError, match="no parameter 'x' in force"):
        ParameterSet([parameter(dated(1, 2020))]).at(date(2024, 1, 1))["x"]


def test_an_office_adds_its_own_value_and_the_shipped_ones_stay() -> None:
    rules = ParameterSet([parameter(dated(20, 2024)), parameter(dated(1, 2024), code="other")])
    own = rules.with_values({"days": dated(30, 2025)})
    assert own.at(date(2024, 6, 1))["days"].value == 20
    assert own.at(date(2025, 6, 1))["days"].value == 30
    assert len(own) == 2
    assert own["other"].code == "other"
    with pytest.raises(DefinitionError, match="unknown parameter"):
        rules.with_values({"x": dated(1, 2024)})


def test_contradictions_are_refused() -> None:
    with pytest.raises(DefinitionError, match="same day"):
        parameter(dated(1, 2020), dated(2, 2020))
    with pytest.raises(DefinitionError, match="at least one"):
        parameter()
    with pytest.raises(DefinitionError, match="share a code"):
        ParameterSet([parameter(dated(1, 2020)), parameter(dated(1, 2020))])
    assert len(ParameterSet({"days": parameter(dated(1, 2020))})) == 1


def test_a_decision_is_a_record_with_its_reasons() -> None:
    reason = Reason("notice_days", Verdict.UNMET, Text("19 天", "19 days"), 19, 20, "day", SOURCE)
    bare = Reason("x", Verdict.MET, Text("好", "good"))
    evidence = Evidence("公告", "notice", None, EvidenceGrade.B)
    at = datetime(2026, 1, 2, tzinfo=UTC)
    record = Decision("refused", (reason, bare), at, (evidence,), facts={"until": date(2026, 2, 1)}).to_dict()
    assert record["at"] == "2026-01-02T00:00:00.000000Z"
    first, second = record["reasons"]  # type: ignore[misc]
    assert first["citation"]["article"] == "第十六条"
    assert second["citation"] is None
    assert record["facts"] == {"until": date(2026, 2, 1)}
    assert record["parameters"] == []
    assert timedelta(0) == at - at


def test_a_decision_may_be_required() -> None:
    unmet = Reason("notice_days", Verdict.UNMET, Text("19 天", "19 days"))
    met = Reason("group", Verdict.MET, Text("成立", "formed"))
    decision = Decision("refuse", (met, unmet), date(2026, 1, 1))
    assert decision.require("refuse") is decision
    with pytest.raises(RefusedError) as error:
        decision.require("publish")
    assert (error.value.code, error.value.text.en) == ("notice_days", "19 days")
    with pytest.raises(RefusedError, match="refuse"):
        Decision("refuse", (), date(2026, 1, 1)).require("publish")
