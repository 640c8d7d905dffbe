"""Who could deliver, what a deduction does, and how sure a selection is."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.mechanisms.procurement.decisions.market import market
from biaochi.mechanisms.procurement.decisions.needs import Fit, fit
from biaochi.mechanisms.procurement.model import Need, ProductFact, Title

Run = Callable[..., tuple[int, Any, str]]
Write = Callable[[dict[str, Any]], Path]
AT_LEAST = Need("A", Title("a", "a"), ">=", 10.0, "u", "t")
AT_MOST = Need("B", Title("b", "b"), "<=", 5.0, "u", "t")


@pytest.mark.parametrize(
    ("need", "value", "low", "high", "expected"),
    [
        (AT_LEAST, 10.0, None, None, Fit.CERTAIN),
        (AT_LEAST, 9.9, None, None, Fit.NOT),
        (AT_LEAST, None, None, None, Fit.POSSIBLE),
        (AT_LEAST, None, 8.0, 12.0, Fit.POSSIBLE),
        (AT_LEAST, None, 11.0, 12.0, Fit.CERTAIN),
        (AT_LEAST, None, None, 9.0, Fit.POSSIBLE),
        (AT_MOST, None, 6.0, 7.0, Fit.NOT),
        (Need("C", Title("c", "c"), "==", 3.0, "u"), None, 2.0, 4.0, Fit.POSSIBLE),
        (Need("D", Title("d", "d"), "in", ("x", "y")), "y", None, None, Fit.CERTAIN),
        (Need("D", Title("d", "d"), "in", ("x", "y")), "z", None, None, Fit.NOT),
    ],
)
def test_how_a_value_fits(
    need: Need, value: float | str | None, low: float | None, high: float | None, expected: Fit
) -> None:
    assert fit(need, value, low, high) is expected


def facts(values: dict[str, tuple[float | None, float | None]]) -> list[ProductFact]:
    return [ProductFact(p, p, n, v) for p, pair in values.items() for n, v in zip("AB", pair, strict=True)]


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 20)), st.one_of(st.none(), st.integers(0, 10))), max_size=6)
)
def test_the_market_against_counting_by_hand(rows: list[tuple[int | None, int | None]]) -> None:
    found = market((AT_LEAST, AT_MOST), facts({f"p{i}": (a, b) for i, (a, b) in enumerate(rows)}))
    assert found.possible == sum((a is None or a >= 10) and (b is None or b <= 5) for a, b in rows)
    assert found.certain == sum(a is not None and b is not None and a >= 10 and b <= 5 for a, b in rows)
    assert found.certain <= found.possible
    for need in found.needs:
        assert need.dropped >= found.possible
        if need.relaxed_to is not None:
            changed = (
                Need("A", Title("a", "a"), ">=", need.relaxed_to, "u") if need.need == "A" else AT_LEAST,
                Need("B", Title("b", "b"), "<=", need.relaxed_to, "u") if need.need == "B" else AT_MOST,
            )
            again = market(changed, facts({f"p{i}": (a, b) for i, (a, b) in enumerate(rows)}))
            assert again.possible >= 3


def test_a_group_counts_once_and_necessity_is_a_reason() -> None:
    products = [ProductFact(p, p, n, v, group="G") for p in ("x", "y", "z") for n, v in (("A", 12), ("B", 1))]
    assert market((AT_LEAST, AT_MOST), products).verdict == "violation"
    assert market((AT_LEAST, AT_MOST), products, necessity=True).verdict == "needs_context"
    alone = [ProductFact(p, p, n, v) for p in ("x", "y", "z") for n, v in (("A", 12), ("B", 1))]
    assert market((AT_LEAST, AT_MOST), alone).verdict == "clean"


@pytest.mark.reference
def test_deductions_of_the_reference(run: Run, shared: Path) -> None:
    folder = shared / "reference" / "procurement"
    expected = json.loads((folder / "expected.json").read_text("utf-8"))["evaluate"]
    code, body, _ = run(
        "evaluate", folder / "purchase.yaml", folder / "offers.csv", "--at", "2026-05-11", "--format", "json"
    )
    assert code == 0
    for offer in body["offers"]:
        assert offer["evaluated"] == pytest.approx(expected[offer["offer"]]["evaluated"], abs=1e-9)
        assert offer["scores"]["price"] == pytest.approx(expected[offer["offer"]]["price_score_of_30"], abs=1e-9)
        assert offer["price"] in ("100.00", "95.00", "98.00")
    assert body["action"] == "manual_review"


OFFERS = "offer,supplier,price,domestic,domestic_share,sme,R1,R2\nO1,S1,100,yes,0.9,small,210,48\nO2,S2,95,no,,none,220,45\nO3,S3,50,no,,none,150,45\n"
SCORES = "offer,reviewer,criterion,score\nO1,E1,proposal,50\nO1,E2,proposal,40\nO2,E1,proposal,30\nO2,E2,proposal,55\n"


def test_experts_price_intervals_and_reviewers(
    run: Run, written: Write, purchase: dict[str, Any], tmp_path: Path
) -> None:
    offers, scores = tmp_path / "o.csv", tmp_path / "s.csv"
    offers.write_text(OFFERS, "utf-8")
    scores.write_text(SCORES, "utf-8")
    purchase["planned_suppliers"] = 1
    arguments = ("evaluate", written(purchase), offers, "--scores", scores, "--at", "2026-05-11", "--format", "json")
    code, body, _ = run(*arguments)
    assert code == 0
    assert run(*arguments)[1] == body
    one, two, three = body["offers"]
    assert one["total"] == pytest.approx(45 + 40)
    assert two["total"] == pytest.approx(42.5 + 40 * 65 / 95)
    assert not three["valid"]
    assert three["reasons"]
    assert three["total"] is None
    assert (one["rank"], one["selected"], two["selected"]) == (1, True, False)
    assert one["low"] <= one["total"] <= one["high"]
    assert one["p_first"] + two["p_first"] == pytest.approx(1)
    assert {r["reviewer"]: r["bias"] for r in body["reviewers"]}["E1"] == pytest.approx((10 - 25) / 2)
    assert body["action"] == "select"
    purchase["planned_suppliers"] = 3
    assert run("evaluate", written(purchase), *arguments[2:])[1]["action"] == "take_all_or_restart"


def test_no_deduction_before_its_day_nor_on_reserved_packages(
    run: Run, written: Write, purchase: dict[str, Any], tmp_path: Path
) -> None:
    offers = tmp_path / "o.csv"
    offers.write_text(OFFERS, "utf-8")
    code, body, _ = run("evaluate", written(purchase), offers, "--at", "2025-12-31", "--format", "json")
    assert [d["policy"] for d in body["offers"][0]["deductions"]] == ["sme"]
    purchase["sme"]["reserved"] = True
    code, body, _ = run("evaluate", written(purchase), offers, "--at", "2026-05-11", "--format", "json")
    assert code == 0
    assert [d["policy"] for d in body["offers"][0]["deductions"]] == ["domestic"]
    offers.write_text(OFFERS.replace("0.9", "0.5"), "utf-8")
    body = run("evaluate", written(purchase), offers, "--at", "2026-05-11", "--format", "json")[1]
    assert body["offers"][0]["deductions"] == []
    assert body["action"] == "manual_review"


@pytest.mark.parametrize(
    ("offers", "scores", "code", "row"),
    [
        (OFFERS + "O1,S9,1,no,,none,210,48\n", SCORES, "duplicate_offer", 5),
        (OFFERS.replace("210", "many"), SCORES, "not_a_number", 2),
        (OFFERS.replace("95,no", "dear,no"), SCORES, "not_a_number", 3),
        (OFFERS, SCORES.replace("O1,E1,proposal,50", "O1,E1,proposal,61"), "out_of_range", 2),
        (OFFERS, SCORES.replace("O1,E1", "O9,E1"), "unknown_value", 2),
    ],
)
def test_faults_of_offers_and_scores(
    run: Run, written: Write, purchase: dict[str, Any], tmp_path: Path, offers: str, scores: str, code: str, row: int
) -> None:
    (tmp_path / "o.csv").write_text(offers, "utf-8")
    (tmp_path / "s.csv").write_text(scores, "utf-8")
    exit_code, body, _ = run(
        "evaluate", written(purchase), tmp_path / "o.csv", "--scores", tmp_path / "s.csv", "--format", "json"
    )
    assert exit_code == 1
    assert (code, row) in [(f["code"], f["row"]) for f in body["faults"]]


def test_a_rate_outside_the_rule_is_a_fault(run: Run, written: Write, purchase: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(OFFERS, "utf-8")
    purchase["sme"]["rate"] = 0.3
    code, body, _ = run("evaluate", written(purchase), tmp_path / "o.csv", "--at", "2026-05-11", "--format", "json")
    assert (code, body["faults"][0]["code"]) == (1, "out_of_range")


@given(
    st.integers(1, 10**6),
    st.sampled_from([Decimal("0.1"), Decimal("0.2")]),
    st.sampled_from([Decimal("0.2"), Decimal(0)]),
)
def test_deductions_stand_on_the_original_price(price: int, sme: Decimal, domestic: Decimal) -> None:
    exact = Decimal(price)
    assert exact - exact * sme - exact * domestic == exact * (1 - sme - domestic)
