"""Every check of a purchase: met as it should be, and unmet when one thing is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from biaochi.mechanisms.procurement.decisions.schedule import WorkingCalendar

Run = Callable[..., tuple[int, Any, str]]
Write = Callable[[dict[str, Any]], Path]


def calendar(tmp_path: Path) -> Path:
    place = tmp_path / "calendar.csv"
    place.write_text("date,working\n2026-02-16,0\n2026-02-17,0\n2026-02-14,1\n", "utf-8")
    return place


def checks(run: Run, place: Path, *more: object) -> dict[str, dict[str, Any]]:
    code, body, _ = run("check", place, "--date", "2026-10-01", "--format", "json", *more)
    assert code == 0
    return {c["check"]: c for c in body["checks"]}


def test_a_purchase_without_a_flaw(run: Run, written: Write, purchase: dict[str, Any], tmp_path: Path) -> None:
    found = checks(run, written(purchase), "--calendar", calendar(tmp_path))
    assert [c for c, v in found.items() if v["verdict"] == "unmet"] == []
    for unverified in ("group", "notice_days", "term"):
        assert found[unverified]["verdict"] == "manual_review"
        assert found[unverified]["status"] == "unverified"
    for confirmed in ("proposal_weight", "suppliers", "response_days", "legal", "elimination", "disclosed", "total"):
        assert found[confirmed]["verdict"] == "met"
    assert set(found["ip"]) == {"check", "verdict", "seen", "threshold", "unit", "citation", "status", "reason"}
    assert found["total"]["seen"] == "5000000.00"


def stage(p: dict[str, Any], contract: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = p["contracts"][contract]["stages"][0]
    return found


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("level", lambda p: p["buyer"].update(level="county")),
        ("level", lambda p: p["buyer"].update(level="prefecture")),
        ("ip", lambda p: p.update(ip={"owner": "buyer"})),
        ("plan_complete", lambda p: p.update(risks=[])),
        ("argued", lambda p: p["dates"].pop("argued")),
        ("disclosed", lambda p: p["disclosures"].pop()),
        ("legal", lambda p: p["group"].pop(0)),
        ("economics", lambda p: p["group"].pop(1)),
        ("proposal_weight", lambda p: [p["criteria"][0].update(weight=40), p["criteria"][1].update(weight=60)]),
        ("response_days", lambda p: p["dates"].update(first_response="2026-03-25")),
        ("suppliers", lambda p: p.update(planned_suppliers=4)),
        ("midterm", lambda p: stage(p).pop("midterm_on")),
        ("midterm", lambda p: stage(p).update(midterm_on="2026-06-01")),
        ("stage_cap", lambda p: stage(p).update(amount="1500001")),
        ("scope", lambda p: stage(p).update(scope=["travel"])),
        ("elimination", lambda p: stage(p, 1).update(evidence=[])),
        ("elimination", lambda p: stage(p, 1).update(verdict="met")),
        ("total", lambda p: p["money"].update(max_cost="4999999.99")),
        ("routes", lambda p: p.update(routes=[{"goal": "G", "routes": ["A", "A"]}])),
        ("needs", lambda p: p["needs"][0].pop("test_method")),
        ("no_track_record", lambda p: p["needs"][0]["function"].update(zh="近三年销售业绩")),
        ("acceptance", lambda p: p["contracts"][0].update(outcome="accepted")),
        ("ground", lambda p: p["ground"].update(plan=" ")),
    ],
)
def test_one_thing_wrong(
    run: Run, written: Write, purchase: dict[str, Any], tmp_path: Path, check: str, change: Callable[..., object]
) -> None:
    change(purchase)
    found = checks(run, written(purchase), "--calendar", calendar(tmp_path))
    assert found[check]["verdict"] == "unmet"


def test_a_co_innovation_purchase_needs_a_market_that_cannot_deliver(
    run: Run, written: Write, purchase: dict[str, Any], tmp_path: Path
) -> None:
    products = tmp_path / "products.csv"
    products.write_text("product,supplier,need,value\nA,S,R1,150\nA,S,R2,40\n", "utf-8")
    assert checks(run, written(purchase), "--products", products)["ground"]["verdict"] == "met"
    products.write_text("product,supplier,need,value\nA,S,R1,250\n", "utf-8")
    assert checks(run, written(purchase), "--products", products)["ground"]["verdict"] == "unmet"


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("weight_sum", lambda p: p["criteria"][0].update(weight=50)),
        ("unit_missing", lambda p: p["needs"][0].pop("unit")),
        ("not_a_number", lambda p: p["needs"][0].update(threshold="many")),
        ("date_order", lambda p: p["dates"].update(notice="2026-06-01")),
        ("unknown_need", lambda p: p.update(acceptance=[{"supplier": "S1", "need": "R9", "value": 1}])),
        ("unknown_key", lambda p: p.update(colour="red")),
        ("unknown_key", lambda p: p["buyer"].update(colour="red")),
        ("bad_date", lambda p: p["dates"].update(argued="soon")),
        ("out_of_range", lambda p: p["sme"].update(rate=1.5)),
        ("bad_code", lambda p: p["buyer"].update(code="91350100M000100Y44")),
        ("wrong_schema", lambda p: p.update(schema="x/1")),
        ("missing_field", lambda p: p.pop("title")),
    ],
)
def test_faults_of_a_purchase(
    run: Run, written: Write, purchase: dict[str, Any], code: str, change: Callable[..., object]
) -> None:
    change(purchase)
    exit_code, body, _ = run("check", written(purchase), "--format", "json")
    assert exit_code == 1
    assert code in [f["code"] for f in body["faults"]]
    assert all(f["file"] == "purchase.yaml" for f in body["faults"])


def test_faults_of_products(run: Run, written: Write, purchase: dict[str, Any], tmp_path: Path) -> None:
    products = tmp_path / "products.csv"
    products.write_text(
        "product,supplier,need,value,low,high\nA,S,R1,many,,\nA,S,R9,1,,\nB,S,R1,,9,3\nB,S,R1,1,,\n", "utf-8"
    )
    code, body, _ = run("check", written(purchase), "--products", products, "--format", "json")
    assert code == 1
    found = [(f["code"], f["row"]) for f in body["faults"]]
    assert ("not_a_number", 2) in found
    assert ("unknown_need", 3) in found
    assert ("out_of_range", 4) in found
    assert ("duplicate_key", 5) in found


@pytest.mark.reference
def test_the_market_and_the_working_days_of_the_reference(run: Run, shared: Path) -> None:
    folder = shared / "reference" / "procurement"
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    code, body, _ = run(
        "check",
        folder / "purchase.yaml",
        "--products",
        folder / "products.csv",
        "--date",
        "2026-06-15",
        "--format",
        "json",
    )
    assert code == 0
    assert body["market"] == expected["market"]
    assert body["state"] == "stage_design"
    for span, days in expected["working_days"].items():
        if ".." in span:
            start, end = (date.fromisoformat(d) for d in span.split(".."))
            assert WorkingCalendar().between(start, end).days == days
