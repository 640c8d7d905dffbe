"""The column engine, the single-firm engine and hand-made borders: every answer the same, to the fen and to the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.errors import DefinitionError
from biaochi.methods.rules import RuleSet, evaluate, resolve
from biaochi.methods.rules.columns import COLUMNS, LEVELS
from biaochi.methods.rules.expression import parse_expression, parse_leaf
from biaochi.methods.rules.score import parse_item
from biaochi.methods.rules.single import Firm, judge

AT = date(2026, 5, 1)


@pytest.fixture(scope="module")
def shipped() -> list[RuleSet]:
    folder = files("biaochi.mechanisms.cultivation") / "parameters"
    texts = [e.read_text(encoding="utf-8") for e in sorted(folder.iterdir(), key=lambda e: e.name)]
    return [RuleSet.from_yaml(t) for t in texts if t.startswith("schema: biaochi.ruleset/1")]


def rule(test: str) -> RuleSet:
    """Return a rule set of one criterion."""
    return RuleSet.from_yaml(
        "schema: biaochi.ruleset/1\nset: demo\nversion: '1'\nname: {zh: 示例, en: example}\n"
        f"valid_from: 2020-01-01\ncitation: example\ncriteria:\n  - code: x\n    test: {test}\n"
    )


def letter(test: str, *, at: date = AT, grade: str = "A", **values: object) -> str:
    """Return what both engines say of one firm; they must agree."""
    frame = pd.DataFrame([{"firm": "f", "fiscal_year": at.year - 1, "grade": grade, **values}])
    rules = rule(test)
    found = evaluate(rules, frame, at=at)
    single = judge(rules, Firm.of(found.facts, 0), at)
    assert single.letters == found["demo"].letters()[0]
    return single.letters


@pytest.mark.parametrize(
    ("test", "values", "expected"),
    [
        ("revenue_1 >= 1500万", {"revenue_1": 15_000_000.00}, "m"),
        ("revenue_1 >= 1500万", {"revenue_1": 14_999_999.99}, "u"),
        ("plan_investment > 2000万", {"plan_investment": 20_000_000.00}, "u"),
        ("plan_investment > 2000万", {"plan_investment": 20_000_000.01}, "m"),
        ("rd_1/revenue_1 >= 0.03", {"rd_1": 3.0, "revenue_1": 100.0}, "m"),
        ("rd_1/revenue_1 >= 0.03", {"rd_1": 2.99, "revenue_1": 100.0}, "u"),
        # 1.15 − 1 ≥ 0.15 is false in floats; growth is a quotient and exact.
        ("main_revenue_1/main_revenue_2 >= 1.15", {"main_revenue_1": 1.15, "main_revenue_2": 1.0}, "m"),
        ("main_revenue_1/main_revenue_2 >= 1.15", {"main_revenue_1": 11_499_999.99, "main_revenue_2": 1e7}, "u"),
        ("revenue_1/revenue_3 >= 1.1025", {"revenue_1": 110.25, "revenue_3": 100.0}, "m"),
        ("mean(revenue_1/revenue_2, revenue_2/revenue_3) >= 1.05", {"revenue_1": 110.25, "revenue_2": 105.0, "revenue_3": 100.0}, "m"),
        ("rd_1/revenue_1 >= 0.03", {"rd_1": 3.0, "revenue_1": 0.0}, "r"),
        ("rd_1/revenue_1 >= 0.03", {"rd_1": None, "revenue_1": 0.0}, "k"),
        ("rd_1/revenue_1 >= 0.03", {"rd_1": 0.0, "revenue_1": 5.0}, "u"),
        ("rd_1+rd_2 >= 1200万", {"rd_1": 6_000_000.1, "rd_2": 5_999_999.9}, "m"),
        ("1 <= award_national_3y <= 3", {"award_national_3y": 0}, "u"),
        ("1 <= award_national_3y <= 3", {"award_national_3y": 3}, "m"),
        ("1 <= award_national_3y <= 3", {"award_national_3y": 4}, "u"),
        ("1 <= award_national_3y <= 3", {}, "k"),
        ("srdi_until >= at", {"srdi_until": "2026-05-01"}, "m"),
        ("srdi_until >= at", {"srdi_until": "2026-04-30"}, "u"),
        ("srdi_until >= at", {"srdi_until": "none"}, "u"),
        ("srdi_until >= at", {"srdi_until": ""}, "k"),
        ("champion_until none or < at", {"champion_until": "none"}, "m"),
        ("champion_until none or < at", {"champion_until": "2026-05-01"}, "u"),
        ("champion_until none or < at", {"champion_until": "2026-04-30"}, "m"),
        ("at - registered_on >= 365 days", {"registered_on": "2025-05-01"}, "m"),
        ("at - registered_on >= 365 days", {"registered_on": "2025-05-02"}, "u"),
        ("age(registered_on) <= 5 years", {"registered_on": "2021-05-01"}, "m"),
        ("age(registered_on) <= 5 years", {"registered_on": "2021-04-30"}, "u"),
        ("institution >= provincial", {"institution": "provincial"}, "m"),
        ("institution >= provincial", {"institution": "city"}, "u"),
        ("product_code has 8 or 10 digits", {"product_code": "35110101"}, "m"),
        ("product_code has 8 or 10 digits", {"product_code": "3511010"}, "u"),
        ("field = chain_gap", {"field": "other"}, "u"),
        ("review review_chain", {}, "r"),
        ("review review_chain", {"review_chain": 0}, "u"),
        ("listed = 0", {"listed": 0}, "m"),
        ("listed = 0†", {"listed": 1}, "r"),
        ("listed = 0†", {}, "k"),
        ("listed = 0†", {"listed": 0}, "r"),
    ],
)  # fmt: skip
def test_borders(test: str, values: dict[str, object], expected: str) -> None:
    assert letter(f'"{test}"', **values) == expected


@pytest.mark.parametrize(("grade", "expected"), [("A", "m"), ("B", "r"), ("C", "r"), ("", "r")])
def test_official_columns_need_official_evidence(grade: str, expected: str) -> None:
    assert letter('"equity_2y >= 2000万"', grade=grade, equity_2y=2e7) == expected
    assert letter('"equity_2y >= 2000万"', grade=grade, equity_2y=1.0) == "u"


def test_evidence_of_one_column_overrides_the_grade_of_the_row() -> None:
    frame = pd.DataFrame({"firm": ["a", "b"], "fiscal_year": 2025, "grade": ["C", "A"], "audit_coded": [1, 1]})
    evidence = pd.DataFrame({"firm": ["a", "b"], "column": ["audit_coded"] * 2, "grade": ["A", "B"]})
    found = evaluate(rule("audit_coded = 1"), frame, at=AT, evidence=evidence)
    assert found["demo"].letters() == ["m", "r"]


def test_years_that_do_not_fit_the_day_are_unknown() -> None:
    frame = pd.DataFrame({"firm": ["a"], "fiscal_year": [2024], "revenue_1": [1e9], "segment_years": [3]})
    assert evaluate(rule('"revenue_1 >= 1"'), frame, at=AT)["demo"].letters() == ["k"]
    assert evaluate(rule('"segment_years >= 3"'), frame, at=AT)["demo"].letters() == ["m"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"liabilities_1": 55.0, "assets_1": 100.0}, "k"),
        ({"liabilities_1": 55.0, "assets_1": 100.0, "strategic": 1}, "m"),
        ({"strategic": 1}, "k"),
        ({"liabilities_1": 76.0, "assets_1": 100.0, "strategic": 1}, "u"),
        ({"liabilities_1": 1.0, "assets_1": 0.0, "strategic": 1}, "k"),
    ],
)
def test_a_score_is_an_interval_until_its_items_are_known(values: dict[str, object], expected: str) -> None:
    text = (
        "schema: biaochi.ruleset/1\nset: demo\nversion: '1'\nname: {zh: 例, en: e}\nvalid_from: 2020-01-01\ncitation: e\n"
        'items: {debt: "liabilities_1/assets_1 <= 0.55: 10, 0.75: 5", field: "strategic = 1: 10 else 5"}\n'
        'criteria: [{code: x, test: {score: ">= 16", of: [debt, field]}}]\n'
    )
    frame = pd.DataFrame([{"firm": "f", "fiscal_year": 2025, **values}])
    rules = RuleSet.from_yaml(text)
    found = evaluate(rules, frame, at=AT)
    assert found["demo"].letters() == [expected]
    assert judge(rules, Firm.of(found.facts, 0), AT).letters == expected


def _random_firms(n: int, seed: int) -> pd.DataFrame:
    """Simulated firms: values from a few borders and empties, so that every branch is taken."""
    rng = np.random.default_rng(seed)
    money = np.array([0, 1e6, 3e6, 999_999.99, 1e7, 1.1e7, 1.05e7, 2e7, 5e7, 49_999_999.99, 1e8, 2e8, 4e8, np.nan])
    pools: dict[str, Callable[[], np.ndarray]] = {
        "money": lambda: rng.choice(money, n),
        "integer": lambda: rng.choice([0, 1, 2, 3, 4, 5, 8, 10, 100, 500, 501, np.nan], n),
        "rank": lambda: rng.choice([0, 1, 3, 4, 5, 50, 501, np.nan], n),
        "number": lambda: rng.choice([0, 49.9, 50, 60, 70, 70.5, np.nan], n),
        "share": lambda: rng.choice([0, 0.0999, 0.1, 1, np.nan], n),
        "flag": lambda: rng.choice([0, 0, 1, 1, np.nan], n),
        "review": lambda: rng.choice([0, 1, 1, np.nan], n),
        "level": lambda: rng.choice([*LEVELS, ""], n),
        "until": lambda: rng.choice(["none", "", "2026-04-30", "2026-05-01", "2027-01-01"], n),
        "date": lambda: rng.choice(["", "2021-04-30", "2021-05-01", "2025-05-01", "2016-05-01"], n),
    }
    data: dict[str, object] = {c.name: pools[c.kind]() for c in COLUMNS if c.kind in pools}
    data |= {
        "firm": [f"F{i}" for i in range(n)],
        "fiscal_year": rng.choice([2025, 2025, 2025, 2024], n),
        "grade": rng.choice(["A", "A", "B", ""], n),
        "region": rng.choice(["330106", "110108", ""], n),
        "product_code": rng.choice(["35110101", "123", ""], n),
        "field": rng.choice(["chain_gap", "six_basics", "other", ""], n),
        "rd_basis": rng.choice(["sales", "cost", ""], n),
    }
    return pd.DataFrame(data)


@pytest.mark.parametrize(("at", "purpose"), [(AT, "entry"), (AT, "recheck"), (date(2026, 3, 31), "entry")])
def test_the_column_engine_equals_the_single_firm_engine(shipped: list[RuleSet], at: date, purpose: str) -> None:
    frame = _random_firms(150, seed=at.toordinal())
    found = evaluate(shipped, frame, at=at, purpose=purpose)  # type: ignore[arg-type]
    letters = {r.code: r.letters() for r in found.results}
    for i in range(len(frame)):
        firm = Firm.of(found.facts, i)
        for result in found.results:
            if result.rules is None:
                continue
            single = judge(result.rules, firm, at, purpose)  # type: ignore[arg-type]
            assert single.letters == letters[result.code][i], (result.code, i)
            assert single.verdict.value == found.to_frame()[result.code][i] if i < 3 else True


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(1, 9999), st.sampled_from([">=", "<=", ">", "<"]))
def test_quotients_are_compared_as_exact_rationals(top: int, bottom: int, threshold: int, op: str) -> None:
    t = Fraction(threshold, 10_000)
    truth = {
        ">=": Fraction(top, bottom) >= t,
        "<=": Fraction(top, bottom) <= t,
        ">": Fraction(top, bottom) > t,
        "<": Fraction(top, bottom) < t,
    }[op]
    seen = letter(f'"rd_1/revenue_1 {op} {threshold / 10_000:.4f}"', rd_1=top / 100, revenue_1=bottom / 100)
    assert seen == ("m" if truth else "u")


@given(st.integers(1, 10**11), st.integers(1, 9999), st.integers(-1, 1))
def test_a_fen_decides_at_a_border(bottom: int, threshold: int, fen: int) -> None:
    top = bottom * threshold + fen
    seen = letter(f'"rd_1/revenue_1 >= {threshold}"', rd_1=top / 100, revenue_1=bottom / 100)
    assert seen == ("m" if fen >= 0 else "u")


def test_each_version_holds_on_its_first_and_last_day(shipped: list[RuleSet]) -> None:
    for rules in shipped:
        assert resolve(shipped, rules.valid_from)[rules.code] == rules
        before = resolve(shipped, rules.valid_from - timedelta(days=1))[rules.code]
        assert before is None or before.version != rules.version
        if rules.valid_to is not None:
            assert resolve(shipped, rules.valid_to)[rules.code] == rules
            after = resolve(shipped, rules.valid_to + timedelta(days=1))[rules.code]
            assert after is None or after.version != rules.version


def test_rechecks_of_little_giants_in_2026_still_use_the_old_standard(shipped: list[RuleSet]) -> None:
    for at, purpose, version in (
        (date(2026, 3, 31), "entry", "2022"),
        (date(2026, 4, 1), "entry", "2026"),
        (date(2026, 12, 31), "recheck", "2022"),
        (date(2027, 1, 1), "recheck", "2026"),
    ):
        found = resolve(shipped, at, purpose)["little_giant"]  # type: ignore[arg-type]
        assert found is not None
        assert found.version == version


def test_two_versions_on_one_day_contradict() -> None:
    one = rule("resident = 1")
    with pytest.raises(DefinitionError, match="both in force"):
        resolve([one, one], AT)


def test_a_region_bounds_a_local_rule(shipped: list[RuleSet]) -> None:
    young = next(r for r in shipped if r.code == "young_eagle")
    base = {"fiscal_year": 2025, "grade": "A", "provincial_tech_sme_until": "2027-01-01", "registered_on": "2024-01-01",
            "review_future_field": 1, "staff_rd": 5, "employees": 10, "rd_1": 1e7, "revenue_1": 1e7, "pct_filed": 1}  # fmt: skip
    frame = pd.DataFrame([{"firm": r, "region": r, **base} for r in ("330106", "110108", "")])
    found = evaluate(young, frame, at=AT).to_frame()
    assert found["young_eagle"].tolist() == ["met", "not_applicable", "unknown"]
    assert found["young_eagle.criteria"].tolist() == ["mmmmmmm", "nnnnnnn", "mmmmmmm"]


@pytest.mark.parametrize(
    "text",
    ["rd_1/nonsense >= 1", "rd_1 ≥ 3", "rd_1 >= ", "import os", "rd_1*2 >= 3", "__class__ >= 1", "(rd_1 >= 1", "rd_1++rd_2 >= 1"],
)  # fmt: skip
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError):
        parse_leaf(text)


@pytest.mark.parametrize("text", ["ip1 >= 1: 5 else ip2 >= 1: 9", "ip1 >= 1", "nothing (0..15)"])
def test_what_is_no_score_item_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError):
        parse_item(text)


def test_an_expression_must_end() -> None:
    with pytest.raises(DefinitionError, match="not expected"):
        parse_expression("rd_1) ")


def test_a_faulty_rule_set_lists_every_contradiction() -> None:
    with pytest.raises(DefinitionError) as caught:
        RuleSet.from_mapping(
            {
                "schema": "biaochi.ruleset/1", "set": "x", "version": "1", "name": {"zh": "例", "en": "e"},
                "valid_from": date(2026, 1, 2), "valid_to": date(2026, 1, 1), "citation": "e",
                "criteria": [{"code": "a", "test": "nonsense"}, {"code": "b", "test": {"score": ">= 1", "of": ["zz"]}}, {}],
            }
        )  # fmt: skip
    assert len(caught.value.problems) == 4 - 1
