"""Comparing ways to run a programme: same luck for every policy, same digits for every executor."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from biaochi.programme.simulation.assumptions import Assumptions
from biaochi.programme.simulation.command import app
from biaochi.programme.simulation.compare import OUTCOMES, compare
from biaochi.programme.simulation.policy import Policy

BASE = Policy("base", False, False, 1, 0.2, 0.05)
SMALL = Assumptions(regions=6, tracks=5, cases=6, readings=120)
runner = CliRunner()


def variant(**changes: object) -> Policy:
    return Policy(**{**{f: getattr(BASE, f) for f in BASE.__slots__}, "code": "other", **changes})  # type: ignore[arg-type]


def test_a_policy_differs_from_itself_by_nothing() -> None:
    found = compare([BASE, variant()], years=2, worlds=6, seed=3, assumed=SMALL)
    for outcome in OUTCOMES:
        d = found.difference(1, 0, outcome)
        assert (d.mean, d.low, d.high) == (0, 0, 0)


def test_executors_change_no_digit() -> None:
    alone = compare([BASE], years=1, worlds=60, seed=1, assumed=SMALL)
    with ThreadPoolExecutor(2) as pool:
        together = compare([BASE], years=1, worlds=60, seed=1, assumed=SMALL, executor=pool)
    for outcome in OUTCOMES:
        assert np.array_equal(alone.outcomes[outcome], together.outcomes[outcome])


def test_the_first_worlds_do_not_depend_on_how_many_follow() -> None:
    few = compare([BASE], years=1, worlds=5, seed=1, assumed=SMALL)
    many = compare([BASE], years=1, worlds=40, seed=1, assumed=SMALL)
    for outcome in ("welfare", "harm"):
        assert np.array_equal(few.outcomes[outcome], many.outcomes[outcome][:, :5])


@pytest.mark.parametrize(
    ("changes", "outcome", "sign"),
    [
        ({"disclosure": True}, "overcapacity", -1),
        ({"routes": 3}, "success", 1),
        ({"review_noise": 0.0}, "success", 1),
        ({"sandbox_alpha": 0.001}, "harm", 1),
    ],
)
def test_what_each_lever_does_in_this_world(changes: dict[str, object], outcome: str, sign: int) -> None:
    found = compare([BASE, variant(**changes)], years=1, worlds=120, seed=0)
    d = found.difference(1, 0, outcome)
    assert sign * d.low > 0 or sign * d.high > 0
    assert sign * d.mean > 0


def test_intervals_of_means_cover() -> None:
    """The mean of 400 worlds lies within most 90 % intervals of 20 worlds each."""
    truth = compare([BASE], years=1, worlds=400, seed=9, assumed=SMALL).estimate(0, "welfare").mean
    hits = 0
    for seed in range(20):
        e = compare([BASE], years=1, worlds=20, seed=100 + seed, assumed=SMALL).estimate(0, "welfare")
        hits += e.low <= truth <= e.high
    assert hits >= 14


def test_the_command_lists_results_differences_and_assumptions(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        "schema: biaochi.simulate.policy/1\npolicies:\n"
        "- {code: a, ruler: false, disclosure: false, routes: 1, review_noise: 0.2, sandbox_alpha: 0.05}\n"
        "- {code: b, ruler: true, disclosure: true, routes: 2, review_noise: 0.1, sandbox_alpha: 0.05}\n",
        encoding="utf-8",
    )
    done = runner.invoke(app, ["--policy", str(file), "--years", "1", "--n", "4", "--format", "json", "--lang", "en"])
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == "biaochi.simulate/1"
    assert {"policy", "outcome", "mean", "low", "high"} <= set(found["results"][0])
    assert {"policy", "against", "outcome", "mean", "low", "high"} <= set(found["differences"][0])
    assert len(found["assumptions"]) == len(Assumptions.__slots__)
    assert found["warnings"][0]["code"] == "simulated"


def test_every_fault_of_a_policy_file_is_listed(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        "schema: biaochi.simulate.policy/1\npolicies:\n"
        "- {code: a, ruler: maybe, disclosure: false, routes: 0, review_noise: 2, sandbox_alpha: 0.05}\n",
        encoding="utf-8",
    )
    done = runner.invoke(app, ["--policy", str(file), "--format", "json"])
    assert done.exit_code == 1
    assert len(json.loads(done.stdout)["faults"]) == 3
