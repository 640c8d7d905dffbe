"""``biaochi sandbox vouchers``: checks, caps, allocations, double entry."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.sandbox.decisions import allocate_vouchers
from biaochi.mechanisms.sandbox.model import Claim, Scheme

RULES = load_parameters("biaochi.mechanisms.sandbox").at(date(2026, 1, 15))
SCHEME = """schema: biaochi.sandbox.scheme/1
id: V1
budget: {budget}
start_on: 2026-01-01
end_on: 2026-12-31
holder_cap: {cap}
cap_by: {cap_by}
rates: {{domestic: 0.30, other: 0.20}}
allocation: {allocation}
seed: 2026
local_only: {local}
"""
HEADER = "claim,holder,provider,contract,invoice,kind,contract_amount,paid_amount,submitted_at,other_subsidy\n"


def scheme(desk: Any, budget: str = "1000.00", cap: str = "500", **more: str) -> Any:
    given = {"cap_by": "holder", "allocation": "first_come", "local": "false"} | more
    return desk.text("scheme.yaml", SCHEME.format(budget=budget, cap=cap, **given))


def claims(desk: Any, *rows: str) -> Any:
    return desk.text("claims.csv", HEADER + "".join(f"{r}\n" for r in rows))


def row(name: str, holder: str, paid: str, day: int = 1, **more: str) -> str:
    given = {"provider": "P", "contract": f"HT-{name}", "invoice": f"F-{name}", "kind": "domestic", "other": "0"} | more
    return (
        f"{name},{holder},{given['provider']},{given['contract']},{given['invoice']},{given['kind']},99999.00,{paid},"
        f"2026-02-{day:02d}T09:00,{given['other']}"
    )


def test_answer_has_exactly_the_keys(desk: Any) -> None:
    found = desk.answer("vouchers", scheme(desk, local="true"), claims(desk, row("C1", "A", "1000.05")))
    assert found["schema"] == "biaochi.sandbox.vouchers/1"
    assert list(found)[-4:] == ["awards", "entries", "balances", "fairness_questions"]
    assert found["awards"] == [
        {"claim": "C1", "holder": "A", "entitled": "300.01", "awarded": "300.01", "verdict": "met", "reasons": []}
    ]
    assert [list(e) for e in found["entries"]] == [["seq", "at", "debit", "credit", "amount", "claim"]] * 2
    assert found["balances"] == {"appropriation": "-1000.00", "available": "699.99", "voucher:A": "300.01"}
    assert [q["code"] for q in found["fairness_questions"]] == ["local_only"]
    assert "第十条第二项、第十二条" in found["fairness_questions"][0]["citation"]


def verdicts(found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {a["claim"]: (a["verdict"], a["awarded"]) for a in found["awards"]}


def test_checks(desk: Any) -> None:
    found = desk.answer(
        "vouchers",
        scheme(desk, budget="90000", cap="90000"),
        claims(
            desk,
            row("C1", "A", "100", 1),
            row("C2", "P", "100", 2),
            row("C3", "S", "100", 3),
            row("C4", "B", "0", 4),
            row("C5", "B", "100", 5, other="1"),
            row("C6", "B", "100", 6, kind="storage"),
            row("C7", "A", "100", 7, contract="ht c1", invoice="x1"),
            row("C8", "D", "100", 8, contract="HT-8", invoice="f－8"),
            row("C9", "E", "100", 9, contract="HT-9", invoice="F8"),
            row("C10", "F", "100", 10).replace("2026-02-10", "2027-01-01"),
        ),
        "--affiliations",
        desk.text("aff.csv", "a,b\nP,Q\nQ,S\n"),
    )
    assert verdicts(found) == {
        "C1": ("met", "30.00"),
        "C2": ("unmet", "0.00"),
        "C3": ("unmet", "0.00"),
        "C4": ("unmet", "0.00"),
        "C5": ("unmet", "0.00"),
        "C6": ("unmet", "0.00"),
        "C7": ("unmet", "0.00"),
        "C8": ("manual_review", "0.00"),
        "C9": ("manual_review", "0.00"),
        "C10": ("unmet", "0.00"),
    }
    rules = {a["claim"]: [r["rule"] for r in a["reasons"]] for a in found["awards"]}
    assert [rules[f"C{i}"] for i in range(2, 11)] == [
        ["affiliated"], ["affiliated"], ["unpaid"], ["other_subsidy"], ["kind_without_rate"], ["double_claim"],
        ["shared_document"], ["shared_document"], ["out_of_period"],
    ]  # fmt: skip


def test_caps_are_used_up_in_order_by_holder_or_group(desk: Any) -> None:
    rows = claims(desk, row("C2", "A", "1000", 2), row("C1", "A", "1000", 1), row("C3", "B", "1000", 3))
    affiliations = desk.text("aff.csv", "a,b\nA,B\n")
    by_holder = desk.answer("vouchers", scheme(desk, budget="9000"), rows, "--affiliations", affiliations)
    assert [a["entitled"] for a in by_holder["awards"]] == ["300.00", "200.00", "300.00"]
    by_group = desk.answer(
        "vouchers", scheme(desk, budget="9000", cap_by="group"), rows, "--affiliations", affiliations
    )
    assert [(a["claim"], a["entitled"]) for a in by_group["awards"]] == [
        ("C1", "300.00"), ("C2", "200.00"), ("C3", "0.00"),
    ]  # fmt: skip


def test_over_budget_first_come_pro_rata_and_lottery(desk: Any) -> None:
    rows = claims(desk, *(row(f"C{i}", f"H{i}", "1000", i) for i in range(1, 5)))
    first = desk.answer("vouchers", scheme(desk, budget="700"), rows)
    assert [a["awarded"] for a in first["awards"]] == ["300.00", "300.00", "100.00", "0.00"]
    shared = desk.answer("vouchers", scheme(desk, budget="700.03", allocation="pro_rata"), rows)
    assert [a["awarded"] for a in shared["awards"]] == ["175.01", "175.01", "175.01", "175.00"]
    drawn = desk.answer("vouchers", scheme(desk, budget="700", allocation="lottery"), rows)
    order = sorted((f"C{i}" for i in range(1, 5)), key=lambda c: hashlib.sha256(f"2026|{c}".encode()).hexdigest())
    got = {a["claim"]: a["awarded"] for a in drawn["awards"]}
    assert [got[c] for c in order] == ["300.00", "300.00", "100.00", "0.00"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("schema: biaochi.sandbox.scheme/1\n", "missing_field"),
        (SCHEME.format(budget="-1", cap="1", cap_by="holder", allocation="first_come", local="false"), "out_of_range"),
        (SCHEME.format(budget="1", cap="1", cap_by="all", allocation="first_come", local="false"), "unknown_value"),
        (
            SCHEME.format(budget="1", cap="1", cap_by="group", allocation="lottery", local="false").replace("seed: 2026\n", ""),
            "missing_field",
        ),
        (SCHEME.format(budget="1", cap="1", cap_by="group", allocation="lottery", local="false").replace("0.30", "30"), "share_range"),
    ],
)  # fmt: skip
def test_faulty_schemes(desk: Any, text: str, code: str) -> None:
    found = desk.codes("vouchers", desk.text("scheme.yaml", text), claims(desk, row("C1", "A", "1")))
    assert code in {c for c, _, _ in found}


def test_faulty_claims(desk: Any) -> None:
    rows = claims(desk, row("C1", "A", "1.234"), row("C1", "A", "-5"), row("C2", "A", "5", other="maybe"))
    assert {(c, r) for c, r, _ in desk.codes("vouchers", scheme(desk), rows)} == {
        ("not_a_number", 2), ("negative_value", 3), ("duplicate_key", 3), ("bad_flag", 4),
    }  # fmt: skip


CLAIM = st.tuples(
    st.sampled_from("ABCD"), st.sampled_from("PQA"), st.integers(0, 3), st.integers(0, 300_000), st.integers(1, 20)
)


@given(
    st.lists(CLAIM, max_size=15),
    st.sampled_from(["first_come", "pro_rata", "lottery"]),
    st.sampled_from(["holder", "group"]),
    st.integers(0, 200_000),
)
def test_books_balance_and_budget_and_caps_hold(rows: list[Any], allocation: Any, cap_by: Any, budget: int) -> None:
    cap = Decimal("700.00")
    plan = Scheme(
        "V",
        Decimal(budget) / 100,
        date(2026, 1, 1),
        date(2026, 12, 31),
        cap,
        cap_by,
        {"k": Decimal("0.3")},
        allocation,
        "s",
    )
    made = [
        Claim(
            f"C{i}", holder, provider, f"N{contract}", "", "k", Decimal(paid) / 100, Decimal(paid) / 100,
            datetime(2026, 3, day, tzinfo=UTC) + timedelta(hours=i), date(2026, 3, day),
        )
        for i, (holder, provider, contract, paid, day) in enumerate(rows)
    ]  # fmt: skip
    found = allocate_vouchers(plan, made, [("A", "B")], parameters=RULES)
    assert sum(a.awarded for a in found.awards) <= plan.budget
    assert sum(found.balances.values()) == 0
    assert found.balances["available"] >= 0
    assert all(Decimal(0) <= a.awarded <= a.entitled for a in found.awards)
    group = {"A": "AB", "B": "AB"} if cap_by == "group" else {}
    spent: dict[str, Decimal] = {}
    for award in found.awards:
        owner = group.get(award.holder, award.holder)
        spent[owner] = spent.get(owner, Decimal(0)) + award.awarded
    assert all(v <= cap for v in spent.values())
    again = allocate_vouchers(plan, made[::-1], [("B", "A")], parameters=RULES)
    assert again == found
