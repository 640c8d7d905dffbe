"""Gaps and plans: the least change, and the cheapest way that the exact engine confirms."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.verdict import Verdict
from biaochi.methods.rules import Cost, RuleSet, evaluate, firm_gaps, gaps, plan
from biaochi.methods.rules.expression import parse_leaf
from biaochi.methods.rules.gap import least_change
from biaochi.methods.rules.plan import shifted
from biaochi.methods.rules.single import Firm, judge, judge_leaf

AT = date(2026, 5, 1)
HEAD = (
    "schema: biaochi.ruleset/1\nset: demo\nversion: '1'\nname: {zh: 例, en: e}\nvalid_from: 2020-01-01\ncitation: e\n"
)


def firm_of(**values: object) -> Firm:
    frame = pd.DataFrame([{"firm": "f", "fiscal_year": 2025, "grade": "A", **values}])
    rules = RuleSet.from_yaml(HEAD + "criteria: [{code: x, test: resident = 1}]")
    return Firm.of(evaluate(rules, frame, at=AT).facts, 0)


@pytest.mark.parametrize(
    ("test", "values", "needed"),
    [
        ("revenue_1 >= 1500万", {"revenue_1": 14_999_999.99}, 0.01),
        ("plan_investment > 2000万", {"plan_investment": 2e7}, 0.01),
        ("rd_1/revenue_1 >= 0.03", {"rd_1": 2.0, "revenue_1": 100.0}, 1.0),
        ("rd_1/revenue_1 >= 0.03", {"rd_1": 0.0, "revenue_1": 1.0}, 0.03),
        ("liabilities_1/assets_1 <= 0.7", {"liabilities_1": 80.0, "assets_1": 100.0}, -10.0),
        ("rd_1+rd_2 >= 1200万", {"rd_1": 1e6, "rd_2": 1e6}, 1e7),
        ("mean(revenue_1/revenue_2, revenue_2/revenue_3) >= 1.05", {"revenue_1": 100.0, "revenue_2": 100.0, "revenue_3": 100.0}, 10.0),
        ("staff_tech/employees >= 0.1", {"staff_tech": 1, "employees": 25}, 2.0),
        ("employees <= 500", {"employees": 501}, -1.0),
        ("1 <= award_national_3y <= 3", {"award_national_3y": 5}, -2.0),
        ("institution >= provincial", {"institution": "lower"}, 2.0),
        ("listed = 0", {"listed": 1}, -1.0),
    ],
)  # fmt: skip
def test_the_least_change_is_least_and_enough(test: str, values: dict[str, object], needed: float) -> None:
    leaf, firm = parse_leaf(test), firm_of(**values)
    change = least_change(leaf, firm)
    assert change is not None
    assert float(change) == pytest.approx(needed)
    column = leaf.columns[0]
    there = firm.with_values({column: (firm.number(column) or Fraction(0)) + change})
    assert judge_leaf(leaf, there, AT).verdict is Verdict.MET


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(1, 200))
def test_one_fen_less_would_not_do(top: int, bottom: int, percent: int) -> None:
    leaf = parse_leaf(f"rd_1/revenue_1 >= {percent / 100}")
    firm = Firm("f", {"rd_1": Fraction(top, 100), "revenue_1": Fraction(bottom, 100)}, {})
    if judge_leaf(leaf, firm, AT).verdict is Verdict.MET:
        return
    change = least_change(leaf, firm)
    assert change is not None
    for less, expected in ((Fraction(0), Verdict.MET), (Fraction(1, 100), Verdict.UNMET)):
        there = firm.with_values({"rd_1": Fraction(top, 100) + change - less})
        assert judge_leaf(leaf, there, AT).verdict is expected


@pytest.mark.parametrize(
    ("test", "values", "day"),
    [
        ("at - registered_on >= 365 days", {"registered_on": "2026-01-01"}, date(2027, 1, 1)),
        ("segment_years >= 3", {"segment_years": 1}, date(2028, 1, 1)),
        ("champion_until none or < at", {"champion_until": "2027-06-30"}, date(2027, 7, 1)),
        ("srdi_until >= at", {"srdi_until": "none"}, None),
    ],
)
def test_waiting_has_a_day(test: str, values: dict[str, object], day: date | None) -> None:
    rules = RuleSet.from_yaml(HEAD + f'criteria: [{{code: x, test: "{test}"}}]')
    found = firm_gaps(rules, firm_of(**values), AT)
    assert [g.earliest_on for g in found] == [day]


def test_every_way_of_an_any_is_told_and_met_criteria_are_not() -> None:
    text = (
        HEAD
        + 'criteria: [{code: a, test: resident = 1}, {code: b, test: {any: ["revenue_1 >= 100", "equity_2y >= 50"]}}]'
    )
    frame = pd.DataFrame(
        [{"firm": "f", "fiscal_year": 2025, "grade": "A", "resident": 1, "revenue_1": 40.0, "equity_2y": 20.0}]
    )
    found = gaps(evaluate(RuleSet.from_yaml(text), frame, at=AT), "f")
    assert [(g.code, g.column, g.needed) for g in found] == [("b", "revenue_1", 60.0), ("b", "equity_2y", 30.0)]


def test_years_shift_and_the_past_is_fixed() -> None:
    firm = firm_of(revenue_1=3.0, revenue_2=2.0, revenue_3=1.0, employees=9, employees_4=5, segment_years=2)
    later = shifted(firm, 1)
    assert [later.number(f"revenue_{k}") for k in (1, 2, 3, 4)] == [3, 3, 2, 1]
    assert later.number("segment_years") == 3
    assert later.number("employees_4") is None


def test_the_cheapest_of_two_ways_is_found_and_the_other_follows() -> None:
    text = HEAD + 'criteria: [{code: a, test: {any: ["revenue_1 >= 100", "equity_2y >= 50"]}}]'
    firm = firm_of(revenue_1=40.0, equity_2y=20.0)
    made = plan(RuleSet.from_yaml(text), firm, {"revenue_1": Cost(1.0), "equity_2y": Cost(1.0)}, at=AT)
    assert [(p.cost, p.steps[0].column) for p in made] == [(30.0, "equity_2y"), (60.0, "revenue_1")]
    assert made[0].verdict is Verdict.MET
    assert made[0].at == date(2027, 5, 1)


def test_a_quotient_may_be_met_from_either_side() -> None:
    text = HEAD + 'criteria: [{code: a, test: "rd_1/revenue_1 >= 0.1"}, {code: b, test: "revenue_1 >= 80"}]'
    firm = firm_of(rd_1=5.0, revenue_1=100.0)
    dear = plan(RuleSet.from_yaml(text), firm, {"rd_1": Cost(10.0), "revenue_1": Cost(0.1)}, at=AT)
    # 20 less revenue (2.00) leaves 8/80: three more of R&D (30.00) are needed.
    assert dear[0].cost == pytest.approx(32.0, abs=0.02)


def test_limits_and_missing_costs_leave_no_way() -> None:
    rules = RuleSet.from_yaml(HEAD + 'criteria: [{code: a, test: "revenue_1 >= 100"}]')
    firm = firm_of(revenue_1=40.0)
    assert plan(rules, firm, {"revenue_1": Cost(1.0, 59.99)}, at=AT) == []
    assert plan(rules, firm, {"rd_1": Cost(1.0)}, at=AT) == []
    assert len(plan(rules, firm, {"revenue_1": Cost(1.0, 60.0)}, at=AT)) == 1


def test_a_title_missing_is_no_cost_and_open_reviews_are_listed() -> None:
    rules = RuleSet.from_yaml(
        HEAD + 'criteria: [{code: a, test: "revenue_1 >= 100"}, {code: b, test: review review_chain}]'
    )
    made = plan(rules, firm_of(revenue_1=40.0), {"revenue_1": Cost(2.0)}, at=AT)
    assert (made[0].cost, made[0].open, made[0].verdict) == (120.0, ("b",), Verdict.MANUAL_REVIEW)


def test_two_years_ahead_the_year_between_may_change_too() -> None:
    rules = RuleSet.from_yaml(HEAD + 'criteria: [{code: a, test: {all: ["rd_1 >= 100", "rd_2 >= 100"]}}]')
    firm = firm_of(rd_1=10.0, rd_2=10.0)
    assert plan(rules, firm, {"rd_1": Cost(1.0)}, at=AT, horizon=1) == []
    made = plan(rules, firm, {"rd_1": Cost(1.0)}, at=AT, horizon=2)
    assert made[0].cost == 180.0


def test_a_score_is_reached_by_the_cheapest_bands() -> None:
    text = (
        HEAD
        + 'items: {ip: "ip1 >= 1: 30 else ip2 >= 4: 24 else ip2 >= 3: 18", rd: "rd_1/sales_1 >= 0.06: 50, 0.05: 40, 0.04: 30"}\n'
        'criteria: [{code: x, test: {score: ">= 60", of: [ip, rd]}}]'
    )
    rules = RuleSet.from_yaml(text)
    firm = firm_of(ip1=0, ip2=3, rd_1=4.0, sales_1=100.0)
    costs = {"ip1": Cost(100.0), "ip2": Cost(10.0), "rd_1": Cost(30.0)}
    made = plan(rules, firm, costs, at=AT)
    best = min(
        100.0 * a + 10.0 * b + 30.0 * c
        for a, b, c in product(range(2), range(3), np.arange(0, 3.01, 1.0))
        if judge(
            rules,
            shifted(firm, 1).with_values({"ip1": Fraction(a), "ip2": Fraction(3 + b), "rd_1": Fraction(4 + int(c))}),
            AT,
        ).verdict
        is Verdict.MET
    )
    assert made[0].cost == pytest.approx(best, abs=0.01)
