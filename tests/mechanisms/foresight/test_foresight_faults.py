"""Every fault the specification names: exit 1, all rows listed, the code stable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Write = Callable[[str, str], Path]
Run = Callable[..., tuple[Any, dict[str, Any]]]
HEAD = "technology,year,value,kind,experience,unit,source\n"


def series(*rows: str, n: int = 8) -> str:
    good = [f"ok,{2000 + i},{10 - i},cost,{1 + i},u,s" for i in range(n)]
    return HEAD + "\n".join([*good, *rows]) + "\n"


def codes(document: dict[str, Any]) -> list[tuple[str, int]]:
    return [(f["code"], f["row"]) for file in document["files"] for f in file["faults"]]


SIX = [f"x,{2000 + i},5,cost,{1 + i},u,s" for i in range(6)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([*SIX[:5], "x,2005,0,cost,6,u,s"], ("not_positive", 15)),
        ([*SIX[:5], "x,2005,-3,cost,6,u,s"], ("not_positive", 15)),
        ([*SIX[:5], "x,2005,5,cost,2,u,s"], ("falling_experience", 15)),
        ([*SIX[:5], "x,2005,5,cost,6,kg,s"], ("mixed_units", 15)),
        ([*SIX, "x,2005,6,cost,7,u,s"], ("duplicate_year", 16)),
        ([*SIX, "x,2007,6,cost,7,u,s"], ("missing_year", 16)),
        (SIX[:5], ("too_few_points", 10)),
        ([*SIX[:5], "x,2005,5,performance,6,u,s"], ("mixed_kinds", 15)),
        ([*SIX[:5], "x,2005,5,cost,,u,s"], ("missing_experience", 15)),
        ([*SIX[:5], "x,2005,five,cost,6,u,s"], ("not_a_number", 15)),
    ],
)
def test_series_faults(write: Write, run: Run, rows: list[str], expected: tuple[str, int]) -> None:
    path = write("series.csv", series(*rows))
    result, document = run("check", path)
    assert result.exit_code == 1
    assert document["ok"] is False
    assert expected in codes(document)
    assert "series.csv" in result.stderr
    assert run("forecast", path)[0].exit_code == 1


def test_all_faults_of_a_file_come_at_once(write: Write, run: Run) -> None:
    rows = ["y,2000,0,cost,1,u,s", "y,2001,1,cost,0.5,kg,s", "y,2001,1,cost,1,u,s", "y,2004,1,cost,1,u,s"]
    result, document = run("check", write("s.csv", series(*rows)))
    found = {c for c, _ in codes(document)}
    wanted = {"not_positive", "mixed_units", "duplicate_year", "missing_year", "falling_experience", "too_few_points"}
    assert wanted <= found
    assert result.exit_code == 1


def test_no_ceiling(write: Write, run: Run) -> None:
    rows = HEAD + "\n".join(f"a,{2000 + i},{1 + i},performance,,u,s" for i in range(9))
    path = write("s.csv", rows)
    for arguments in (("forecast", path, "--model", "scurve"), ("hindcast", path, "--models", "bass")):
        result, document = run(*arguments)
        assert result.exit_code == 1
        assert [f["code"] for f in document["faults"]] == ["no_ceiling"]
    result, document = run("forecast", path, "--model", "scurve", "--ceiling", "12,40", "--horizon", 2)
    assert result.exit_code == 0
    assert document["forecasts"][0]["fit"]["ceiling"] > 10


A = "round,expert,item,type,version,answer,p05,p50,p95,year_p10,year_p50,year_p90,p_never\n"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("1,e1,q,quantiles,,,5,3,9,,,,\n", ("crossing_quantiles", 2)),
        ("1,e1,q,year,,,,,,2030,2028,2040,0.1\n", ("crossing_quantiles", 2)),
        ("1,e1,q,year,,,,,,2028,2030,2040,1.1\n", ("share_range", 2)),
        ("1,e1,q,year,,,,,,2028,2030,2040,-0.1\n", ("share_range", 2)),
        ("1,e1,q,year,,,,,,2028,,2040,0.1\n", ("missing_field", 2)),
        ("1,e1,q,likert,,much,,,,,,,\n", ("not_a_number", 2)),
        ("1,e1,q,probability,,1.4,,,,,,,\n", ("share_range", 2)),
        ("1,e1,q,likert,,3,,,,,,,\n1,e1,q,likert,,4,,,,,,,\n", ("duplicate_answer", 3)),
        (
            "1,e1,a,rank,,1,,,,,,,\n1,e1,b,rank,,2,,,,,,,\n1,e2,a,rank,,1,,,,,,,\n1,e2,b,rank,,,,,,,,,\n",
            ("incomplete_ranks", 4),
        ),
        ("4,,q,likert,,3,,,,,,,\n4,,q,likert,,4,,,,,,,\n", ("round_without_codes", 2)),
        ("1,e1,q,essay,,3,,,,,,,\n", ("unknown_value", 2)),
        ("", ("no_rows", 0)),
    ],
)
def test_answer_faults(write: Write, run: Run, rows: str, expected: tuple[str, int]) -> None:
    result, document = run("check", write("survey.csv", A + rows))
    assert result.exit_code == 1
    assert expected in codes(document)


def test_unknown_version(write: Write, run: Run) -> None:
    items = write("items.yaml", "items:\n  - {code: q, type: likert, version: 1, low: 1, high: 5}\n")
    answers = write("survey.csv", A + "1,e1,q,likert,2,3,,,,,,,\n1,e1,z,likert,1,3,,,,,,,\n")
    result, document = run("survey", answers, "--items", items)
    assert result.exit_code == 1
    assert {(f["code"], f["row"]) for f in document["faults"]} == {("unknown_version", 2), ("unknown_item", 3)}


def test_pooled_wordings_need_two_people(write: Write, run: Run) -> None:
    text = "items:\n  - {code: q, type: likert, version: 2, pooled_with: [1], agreed_by: [ann]}\n"
    result, document = run("check", write("items.yaml", text))
    assert result.exit_code == 1
    assert codes(document)[0][0] == "not_agreed"


GRAPH = """nodes:
  - {code: a, needs: [c]}
  - {code: b, needs: [a]}
  - {code: c, needs: [b]}
"""


def test_a_graph_cycle_is_named(write: Write, run: Run) -> None:
    path = write("graph.yaml", GRAPH)
    for arguments in (("check", path), ("readiness", path)):
        result, document = run(*arguments)
        assert result.exit_code == 1
        faults = document["files"][0]["faults"] if "files" in document else document["faults"]
        assert faults[0]["code"] == "graph_cycle"
        assert {"a", "b", "c"} <= set(faults[0]["seen"].split(" → "))


def test_an_outcome_before_the_survey(write: Write, run: Run) -> None:
    answers = write("survey.csv", A + "1,e1,q,year,,,,,,2028,2030,2035,0.1\n")
    outcomes = write("outcomes.csv", "item,outcome,realised_on,due_on\nq,realised,2020-05-01,2031-12-31\n")
    result, document = run("calibrate", answers, outcomes, "--at", "2032-01-01")
    assert result.exit_code == 1
    assert [(f["code"], f["row"], f["column"]) for f in document["faults"]] == [
        ("outcome_before_survey", 2, "realised_on")
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("functions: []\n", "bad_value"),
        (
            "functions:\n  - {code: f, unit: u, reference_cost: 0, demand: {2030: 1}, discount: 0, routes: []}\n",
            "out_of_range",
        ),
        (
            "functions:\n  - {code: f, unit: u, reference_cost: 9, demand: {2030: 1}, discount: 0.05, routes: "
            "[{code: r, cost: {2030: {median: 3, quantiles: {0.05: 4}}}, readiness: {2030: 1}}]}\n",
            "crossing_quantiles",
        ),
        (
            "functions:\n  - {code: f, unit: u, reference_cost: 9, demand: {2030: 1}, discount: 0.05, routes: "
            "[{code: r, cost: {2030: 3}, readiness: {2029: 0.9, 2030: 0.5}}]}\n",
            "falling_readiness",
        ),
        (
            "functions:\n  - {code: f, unit: u, reference_cost: 9, demand: {2030: 1}, discount: 0.05, routes: "
            "[{code: r, cost: {2030: -3}, readiness: {2030: 0.5}}]}\n",
            "not_positive",
        ),
        (
            "functions:\n  - {code: f, unit: u, reference_cost: 9, demand: {2030: 1}, discount: 0.05, routes: "
            "[{code: r, readiness: {2030: 0.5}}]}\n",
            "bad_value",
        ),
        ("something: 1\n", "unknown_kind"),
        ("nodes:\n  - {code: a, gate: k, needs: [b]}\n  - {code: b}\n", "missing_field"),
        ("nodes:\n  - {code: a, needs: [zz]}\n", "unknown_node"),
    ],
)
def test_yaml_faults(write: Write, run: Run, text: str, code: str) -> None:
    result, document = run("check", write("f.yaml", text))
    assert result.exit_code == 1
    assert code in {c for c, _ in codes(document)}


def test_hostile_files(tmp_path: Path, write: Write, run: Run) -> None:
    gbk = tmp_path / "gbk.csv"
    rows = "\n".join(f"光伏组件,{2000 + i},{9 - i},cost,元/瓦,年鉴" for i in range(7))
    gbk.write_bytes(f"technology,year,value,kind,unit,source\n{rows}\n".encode("gbk"))
    result, document = run("forecast", gbk, "--horizon", 1)
    assert result.exit_code == 0
    assert document["forecasts"][0]["technology"] == "光伏组件"
    for name, text in (
        ("empty.csv", ""),
        ("header.csv", HEAD),
        ("odd.csv", "a,b\n1,2\n"),
        ("n.csv", HEAD + "a,2000,NaN,cost,,u,s\n"),
    ):
        result, document = run("check", write(name, text))
        assert result.exit_code == 1, name
        assert document["files"][0]["faults"], name
    assert run("check", tmp_path / "absent.csv")[0].exit_code == 1
    huge = write("huge.csv", HEAD + "a," + "9" * 400 + ",1,cost,,u,s\n")
    assert run("check", huge)[0].exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--model", "crystal_ball"),
        ("--technology", "nobody"),
        ("--compare", "ok"),
        ("--compare", "ok,nobody"),
        ("--model", "wright", "--technology", "plain"),
    ],
)
def test_wrong_usage(write: Write, run: Run, arguments: tuple[str, ...]) -> None:
    plain = [f"plain,{2000 + i},{9 - i},cost,,v,s" for i in range(8)]
    result, _ = run("forecast", write("s.csv", series(*plain)), *arguments)
    assert result.exit_code == 2
    assert result.stderr.strip()


def test_units_cannot_be_compared(write: Write, run: Run) -> None:
    plain = [f"plain,{2000 + i},{9 - i},cost,,v,s" for i in range(8)]
    result, _ = run("forecast", write("s.csv", series(*plain)), "--compare", "ok,plain")
    assert result.exit_code == 2
