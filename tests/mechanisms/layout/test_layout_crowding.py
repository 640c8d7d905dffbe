"""Declared plans: what is declared, absent and unknown; the figures of the shipped table; every fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from biaochi.mechanisms.layout.decisions import decide_crowding
from biaochi.mechanisms.layout.model import Demand, Documents, Level, declarations

HEADER = "region,level,track,wording,source,date,evidence,coverage\n"
Answer = Callable[..., dict[str, Any]]
Write = Callable[[str, str], Path]


def plans(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    """Rows of (region, track, source, date, coverage) at province level."""
    return pd.DataFrame(
        [
            {
                "region": r,
                "level": "province",
                "kind": "",
                "track": t,
                "wording": t,
                "source": s,
                "date": date.fromisoformat(d),
                "evidence": "seen",
                "coverage": c,
            }
            for r, t, s, d, c in rows
        ]
    )


def test_the_union_of_the_provinces_plans(answer: Answer) -> None:
    found = answer("crowding", "--documents", "union")
    assert found["regions"] == {"universe": 31, "complete": 11, "partial": 7, "silent": 13}
    parts = found["parts"]
    assert parts["observed"] == pytest.approx(0.3111617129, abs=1e-10)
    assert parts["uniform"]["mean"] == pytest.approx(0.148, abs=0.002)
    assert parts["popularity"]["mean"] == pytest.approx(0.3074, abs=0.0005)
    assert parts["popularity"]["z"] == pytest.approx(1.3, abs=0.3)
    assert parts["size"] + parts["popular"] + parts["copying"] == pytest.approx(parts["observed"])
    assert found["without_national"]["mean"] == pytest.approx(0.2475521285, abs=1e-10)
    assert len(found["without_national"]["codes"]) == 10
    assert found["direction_mean"] == pytest.approx(0.7827272727, abs=1e-10)
    assert found["confirmed"]["n"] == 6
    assert found["confirmed"]["observed"] == pytest.approx(0.3556358116, abs=1e-10)
    assert found["national"] == {"choices": 136, "named_now": 55, "pairs": 142, "named_before": 24}
    assert found["status"] == "unverified"


def test_the_newest_plans_and_who_may_have_named_what(answer: Answer) -> None:
    found = answer("crowding", "--draws", "20")
    assert found["parts"]["observed"] == pytest.approx(0.3073326708, abs=1e-10)
    tracks = {t["track"]: t for t in found["tracks"]}
    assert len(tracks) == 45
    seen = {c: [tracks[c]["named"], tracks[c]["possible"]] for c in ("quantum", "bci", "fusion")}
    assert seen == {"quantum": [13, 30], "bci": [7, 23], "fusion": [3, 22]}
    assert {t["verdict"] for t in tracks.values()} == {"unknown"}, "no demand ships, so no verdict"
    assert tracks["bci"]["national_since"] == "2023-09-13"
    assert found["at"] == "2026-03-05"


def test_the_cities_plans(answer: Answer) -> None:
    found = answer("crowding", "--level", "city", "--draws", "20")
    assert found["regions"]["complete"] == 7
    assert found["parts"]["observed"] == pytest.approx(0.2170257689, abs=1e-10)


def test_an_earlier_day_knows_less(answer: Answer) -> None:
    found = answer("crowding", "--at", "2023-12-31", "--draws", "20")
    assert found["regions"]["complete"] == 7
    assert "quantum" not in found["without_national"]["codes"]


def test_a_partial_list_makes_nothing_absent() -> None:
    rows = plans(("甲", "x", "d1", "2024-01-01", "partial"), ("乙", "y", "d2", "2024-01-01", "complete"))
    found = declarations(
        rows, at=date(2025, 1, 1), level=Level.PROVINCE, tracks=["x", "y"], universe=["甲", "乙", "丙"]
    )
    assert found.state.loc["甲"].tolist() == ["declared", "unknown"]
    assert found.state.loc["乙"].tolist() == ["absent", "declared"]
    assert found.state.loc["丙"].tolist() == ["unknown", "unknown"]
    assert found.named.tolist() == [1, 1]
    assert found.possible.tolist() == [2, 3]
    assert found.silent == ("丙",)


def test_an_older_partial_document_is_superseded_by_a_complete_one() -> None:
    rows = plans(
        ("甲", "x", "d1", "2023-01-01", "partial"),
        ("甲", "y", "d2", "2024-01-01", "complete"),
        ("甲", "z", "d3", "2024-06-01", "partial"),
    )
    everything = {"at": date(2025, 1, 1), "level": Level.PROVINCE, "tracks": ["x", "y", "z"]}
    assert declarations(rows, **everything).state.loc["甲"].tolist() == ["absent", "declared", "declared"]
    union = declarations(rows, **everything, documents=Documents.UNION)
    assert union.state.loc["甲"].tolist() == ["declared", "declared", "declared"]
    assert union.complete.loc["甲"].tolist() == [False, True, False], "similarity uses complete documents only"


@pytest.mark.parametrize(
    ("demand", "outcome"),
    [
        (None, "unknown"),
        (Demand(5, 4, 6, 1), "crowded"),
        (Demand(9, 8, 10, 1), "unknown"),
        (Demand(35, 30, 40, 1), "clear"),
        (Demand(30, 29, 40, 1), "unknown"),
        (Demand(60, 60, 60, 2), "clear"),
        (Demand(10, 10, 10, 1), "unknown"),
    ],
)
def test_the_rule_of_crowding(demand: Demand | None, outcome: str) -> None:
    assert decide_crowding("quantum", 10, 30, demand, at=date(2026, 1, 1)).outcome == outcome


@pytest.mark.parametrize("numbers", [(5, 6, 7, 1), (5, 4, 4, 1), (5, 4, 6, 0), (float("nan"), 4, 6, 1)])
def test_a_demand_upside_down_is_refused(numbers: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"demand|capacity"):
        Demand(*numbers)


def test_demand_given_with_the_tracks_brings_a_verdict(answer: Answer, write: Write) -> None:
    tracks = write(
        "tracks.csv",
        "track,name_zh,name_en,direction,demand,demand_lo,demand_hi,capacity\n"
        "x,甲,X,energy,2,1,2.5,1\ny,乙,Y,energy,9,8,10,1\n",
    )
    rows = "".join(f"{r},province,x,x,d{r},2024,seen,complete\n" for r in ("浙江", "江苏", "山东"))
    found = answer("crowding", write("p.csv", HEADER + rows), "--tracks", tracks, "--draws", "5")
    x, y = found["tracks"]
    assert (x["named"], x["possible"], x["demand"], x["verdict"]) == (3, 31, 2.0, "crowded")
    assert y["verdict"] == "unknown"


def test_declared_is_held_against_real_activity(answer: Answer, write: Write) -> None:
    activity = write("a.csv", "region,track,period,value\n浙江,quantum,2020,3\n浙江,bci,2020,1\n江苏,bci,2020,4\n")
    real = answer("crowding", "--activity", activity, "--draws", "5")["real"]
    assert real[0] == {"region": "浙江", "track": "quantum", "share": 0.75, "lq": 2.0}


def test_every_fault_of_the_plans_is_listed(run: Callable[..., Any], write: Write) -> None:
    place = write(
        "p.csv",
        HEADER + "浙江,province,nonsense,w,s,2024,seen,complete\n"
        "火星,province,bci,w,s,2024,seen,complete\n"
        "浙江,province,bci,w,s,yesterday,seen,complete\n"
        "浙江,province,bci,w,s,2024,seen,whole\n"
        "浙江,province,bci,w,,2024,seen,complete\n",
    )
    result = run("crowding", place, "--format", "json")
    assert result.exit_code == 1
    faults = json.loads(result.stdout)["faults"]
    assert [(f["row"], f["code"]) for f in faults] == [
        (2, "unknown_track"),
        (3, "unknown_region"),
        (4, "bad_date"),
        (5, "bad_coverage"),
        (6, "missing_field"),
    ]
