"""`biaochi sharing check|utilisation` end to end; two writers, one slot: one wins."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from biaochi.mechanisms.sharing import WORKFLOWS, Link, Resource, confirm_booking, summarise_links
from biaochi.mechanisms.sharing.cli import app
from biaochi.mechanisms.sharing.decisions import LinkKind
from biaochi.mechanisms.sharing.decisions.bookings import peak_units
from biaochi.mechanisms.sharing.model import ResourceKind

RUN = CliRunner()
RESOURCES = (
    "resource,owner,kind,unit,capacity,open_from,open_to\n"
    "line,own,pilot_line,line,2,2026-01-01T00:00,2026-01-11T00:00\nexpert,own,talent,person,5,,\nidle,own,equipment,set,1,,\n"
)
HEAD = "booking,resource,user,group,class,requested_at,from,to,units,status,used_units,charge,subsidy\n"
PRICES = "resource,class,from,to,unit_price\nline,std,2026-01-01,2026-01-05,100.00\nline,std,2026-01-06,,120.00\nexpert,std,,,0.33\n"


def run(*arguments: object) -> tuple[int, Any, str]:
    result = RUN.invoke(app, [str(a) for a in arguments])
    return result.exit_code, json.loads(result.stdout) if result.stdout.startswith("{") else None, result.stderr


def files(folder: Path, bookings: str, prices: str = PRICES) -> tuple[Path, Path, Path]:
    paths = []
    for name, text in (("r", RESOURCES), ("b", HEAD + bookings), ("p", prices)):
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths[0], paths[1], paths[2]


def test_half_open_times_touch_without_overlap(tmp_path: Path) -> None:
    r, b, _ = files(
        tmp_path,
        "a,expert,u,others,std,,2026-01-01T00:00,2026-01-02T00:00,1,confirmed,,,\nb,expert,v,others,std,,2026-01-02T00:00,2026-01-03T00:00,1,confirmed,,,\n",
    )
    code, answer, _ = run("check", r, b, "--format", "json")
    assert (code, answer["overlaps"]) == (0, [])


def test_more_than_capacity_is_a_fault_and_talent_counts_as_one(tmp_path: Path) -> None:
    r, b, _ = files(
        tmp_path,
        "a,expert,u,others,std,,2026-01-01T00:00,2026-01-03T00:00,1,confirmed,,,\n"
        "b,expert,v,others,std,,2026-01-02T00:00+08:00,2026-01-04T00:00+08:00,1,used,1,0.33,\n"
        "c,line,v,others,std,,2026-01-02T00:00,2026-01-04T00:00,2,confirmed,,,\n"
        "d,line,v,others,std,,2026-01-02T00:00,2026-01-04T00:00,2,cancelled,,,\n",
    )
    code, answer, stderr = run("check", r, b, "--format", "json", "--lang", "en")
    assert code == 1
    assert answer["overlaps"] == [
        {
            "resource": "expert",
            "from": "2026-01-02T00:00:00",
            "to": "2026-01-03T00:00:00",
            "units": 2.0,
            "capacity": 1.0,
            "bookings": ["a", "b"],
        }
    ]
    assert [(f["code"], f["row"]) for f in answer["faults"]] == [("overlap_confirmed", 3)]
    assert "overlap_confirmed" in stderr


def test_charges_are_held_against_the_list_half_up_to_the_fen(tmp_path: Path) -> None:
    r, b, p = files(
        tmp_path,
        "a,line,u,others,std,,2026-01-05T00:00,2026-01-06T00:00,1.5,used,,150.00,\n"
        "b,line,u,others,std,,2026-01-06T00:00,2026-01-07T00:00,1,used,,100.00,\n"
        "c,expert,u,others,std,,2026-01-06T00:00,2026-01-07T00:00,1.5,used,1.5,0.50,\n"
        "d,line,u,others,std,,2026-01-07T00:00,2026-01-08T00:00,1,no_show,,,\n",
    )
    code, answer, _ = run("check", r, b, "--prices", p, "--format", "json")
    assert answer["prices"] == [
        {"booking": "b", "charged": "100.00", "due": "120.00"},
        {"booking": "d", "charged": None, "due": "120.00"},
    ]
    assert code == 1 if answer["overlaps"] else code == 0


def test_a_price_that_is_not_listed_is_a_fault(tmp_path: Path) -> None:
    r, b, p = files(tmp_path, "a,line,u,others,vip,,2026-01-05T00:00,2026-01-06T00:00,1,used,,150.00,\n")
    code, answer, _ = run("check", r, b, "--prices", p, "--format", "json")
    assert code == 1
    assert [(f["code"], f["row"], f["column"]) for f in answer["faults"]] == [("price_missing", 2, "class")]


def test_access_is_told_by_group_and_small_groups_are_hidden(tmp_path: Path) -> None:
    rows = (
        "".join(
            f"s{i},line,u{i},startups,std,2026-01-01T00:00,2026-01-0{3 + i % 5}T00:00,2026-01-0{4 + i % 5}T00:00,0.1,{'confirmed' if i % 2 else 'refused'},,,\n"
            for i in range(6)
        )
        + "x,line,x,affiliates,std,2026-01-01T00:00,2026-01-02T00:00,2026-01-03T00:00,0.1,confirmed,,,\n"
    )
    r, b, _ = files(tmp_path, rows)
    _, answer, _ = run("check", r, b, "--format", "json")
    by = {a["group"]: a for a in answer["access"]}
    assert by["startups"]["accepted"] == 0.5
    assert by["startups"]["lo"] < 0.5 < by["startups"]["hi"]
    assert by["affiliates"]["n"] is None


def test_utilisation_counts_unit_hours_within_the_period(tmp_path: Path) -> None:
    r, b, _ = files(
        tmp_path,
        "a,line,u,others,std,,2026-01-01T00:00,2026-01-03T00:00,1,used,1,,\nb,line,v,others,std,,2026-01-02T00:00,2026-01-03T00:00,1,used,,,\n"
        "c,line,v,others,std,,2026-01-05T00:00,2026-01-06T00:00,1,no_show,,,\nd,line,v,others,std,,2026-01-30T00:00,2026-01-31T00:00,1,used,,,\n",
    )
    code, answer, _ = run("utilisation", r, b, "--from", "2026-01-01", "--to", "2026-01-21", "--format", "json")
    assert code == 0
    line = answer["resources"][0]
    assert (line["open"], line["booked"], line["used"]) == (480.0, 96.0, 72.0)
    assert line["utilisation"] == pytest.approx(0.15)
    assert (line["peak"], line["no_show"]) == (2.0, pytest.approx(1 / 3))
    assert line["top_user_share"] == pytest.approx(2 / 3)
    assert answer["resources"][2]["used"] == 0.0
    assert run("utilisation", r, b, "--from", "2026-02-01", "--to", "2026-01-01")[0] == 2


def test_faults_are_named(tmp_path: Path) -> None:
    r, b, p = files(
        tmp_path,
        "a,line,u,others,std,,2026-01-05T00:00,2026-01-05T00:00,1,used,,150.00,\nb,none,u,others,std,,2026-01-05T00:00,2026-01-06T00:00,-1,used,,1,\n"
        "c,line,u,others,std,,not,2026-01-06T00:00,x,used,,1,\n",
    )
    code, answer, _ = run("check", r, b, "--prices", p, "--format", "json")
    assert code == 1
    assert {(f["code"], f["row"]) for f in answer["faults"]} >= {
        ("reversed_interval", 2), ("unknown_reference", 3), ("negative", 3), ("bad_date", 4), ("not_a_number", 4),
    }  # fmt: skip


def test_two_writers_one_slot_one_wins() -> None:
    at = datetime(2026, 1, 1)  # noqa: DTZ001 - the office's own time
    resource = Resource("line", kind=ResourceKind.PILOT_LINE, declared=1)
    held = pd.DataFrame({"from": pd.to_datetime([]), "to": pd.to_datetime([]), "units": []})
    outcomes = []
    for _ in range(2):
        decision = confirm_booking(resource, held, datetime(2026, 1, 2), datetime(2026, 1, 3), 1, at=at)  # noqa: DTZ001
        outcomes.append(decision.outcome)
        if decision.outcome == "confirmed":
            held = pd.DataFrame(
                {"from": [pd.Timestamp("2026-01-02")], "to": [pd.Timestamp("2026-01-03")], "units": [1.0]}
            )
    assert outcomes == ["confirmed", "refused"]
    reversed_ = confirm_booking(resource, held, datetime(2026, 1, 3), datetime(2026, 1, 2), 1, at=at)  # noqa: DTZ001
    assert [r.rule for r in reversed_.reasons] == ["period", "open"]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6), st.integers(1, 3)), max_size=10),
    st.integers(0, 20),
    st.integers(1, 6),
)
def test_the_peak_equals_counting_every_hour(rows: list[tuple[int, int, int]], start: int, length: int) -> None:
    zero = pd.Timestamp("2026-01-01")
    held = pd.DataFrame(
        [(zero + pd.Timedelta(hours=a), zero + pd.Timedelta(hours=a + n), float(u)) for a, n, u in rows],
        columns=["from", "to", "units"],
    )
    slow = max(sum(u for a, n, u in rows if a <= h < a + n) for h in range(start, start + length))
    assert peak_units(held, zero + pd.Timedelta(hours=start), zero + pd.Timedelta(hours=start + length)) == slow


def test_links_show_reach_and_dependency() -> None:
    links = [Link("A", "x", LinkKind.SUPPLY, 5), Link("B", "x", LinkKind.SUPPLY, 5), Link("A", "y", LinkKind.EQUITY)]
    found = summarise_links(links, limit=0.5)
    assert found.reach == {"A": 2, "B": 1}
    assert found.hhi == pytest.approx(5 / 9)
    assert found.dependent == {"x": 0.5}
    assert summarise_links([], limit=0.5).hhi == 0


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda w: w.code)
def test_a_booking_ends_and_moves_only_by_deciders(workflow: Any) -> None:
    workflow.validate()
