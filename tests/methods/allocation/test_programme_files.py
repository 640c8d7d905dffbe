"""Every fault of a programme file has its code, its path and the value seen."""

from __future__ import annotations

import copy

import pytest

from biaochi.core.errors import InputError
from biaochi.methods.allocation import Programme, posterior


def faults_of(data):
    with pytest.raises(InputError) as caught:
        Programme.from_json(data, file="p.json")
    return {(f.code, f.column): f.seen for f in caught.value.faults}


def changed(worked, **changes):
    data = copy.deepcopy(worked)
    for path, value in changes.items():
        here = data
        *parents, last = path.split("__")
        for part in parents:
            here = here[int(part)] if part.isdigit() else here[part]
        here[int(last) if last.isdigit() else last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "code", "column"),
    [
        ("routes__0__class_prior", [0.5, 0.6], "sum_not_one", "routes[0].class_prior"),
        ("routes__0__team_class", [[0.9], [1]], "sum_not_one", "routes[0].team_class[0]"),
        ("routes__0__pass__0__0", [1.2], "out_of_range", "routes[0].pass[0][0][0]"),
        ("routes__0__pass__1", [[0]], "ragged_table", "routes[0].pass[1]"),
        ("routes__0__pass__1__1", [0.5, 0.5], "ragged_table", "routes[0].pass[1][1]"),
        ("routes__0__teams", ["a1", "a1"], "duplicate_team", "routes[0].teams[1]"),
        ("observations__0__team", "zz", "unknown_team", "observations[0].team"),
        ("observations__0__outcome", "maybe", "unknown_value", "observations[0].outcome"),
        ("observations__0__round", 9, "out_of_range", "observations[0].round"),
        ("rounds__caps", [5], "ragged_table", "rounds.caps"),
        ("rounds__caps__0", 0.5, "over_cap", "observations[0]"),
        ("budget", 0.5, "over_budget", "observations[0]"),
        ("surprise", 1, "unknown_key", "surprise"),
        ("routes__0__coverage", 1.5, "out_of_range", "routes[0].coverage"),
        ("payoff__kind", "magic", "unknown_value", "payoff.kind"),
        ("stages__0__cost", "free", "not_a_number", "stages[0].cost"),
        ("routes__0__coverage", float("nan"), "not_a_number", "routes[0].coverage"),
        ("schema", "other", "wrong_schema", "schema"),
        ("elapsed", 0, "out_of_range", "elapsed"),
        ("routes", [], "bad_structure", "routes"),
        ("observations__0", 3, "bad_structure", "observations[0]"),
    ],
)
def test_one_fault_at_one_place(worked, path, value, code, column):
    found = faults_of(changed(worked, **{path: value}))
    assert (code, column) in found, found


def test_histories_that_cannot_be(worked):
    twice = changed(worked)
    twice["observations"] *= 2
    assert ("two_attempts", "observations[1].team") in faults_of(twice)
    done = changed(worked)
    done["rounds"] = {"count": 3}
    done["observations"] = [{"round": t, "team": "a1", "outcome": "pass"} for t in (1, 2, 3)]
    assert ("attempt_after_success", "observations[2]") in faults_of(done)
    never = changed(worked, routes__0__pass=[[[0], [0]], [[0], [0.5]]])
    assert ("impossible_history", "observations[0]") in faults_of(never)


def test_all_faults_come_at_once(worked):
    found = faults_of(changed(worked, budget=-1, surprise=1, routes__0__class_prior=[2, 0.5]))
    assert {"out_of_range", "unknown_key"} <= {code for code, _ in found}
    assert len(found) >= 3


@pytest.mark.parametrize("data", [None, [], 3, {}, {"schema": "biaochi.fund.programme/1", "routes": [{}]}])
def test_hostile_shapes_are_faults_and_never_crashes(data):
    assert faults_of(data)


def test_optional_ways_of_saying_the_same(worked):
    data = changed(worked)
    route = data["routes"][0]
    del route["class_prior"], route["team_class"], route["pass"]
    route |= {"judgement": {"viable": 0.5, "ready_if_viable": 0.2}, "irt": {"difficulty": [0, 1]}, "teams": 3}
    data["observations"] = [{"round": 1, "team": "a-2", "outcome": "pass"}]
    data["factors"] = [
        {"p": 0.5, "class_prior": {"a": [1, 0, 0]}},
        {"p": 0.5, "class_prior": {"a": [0, 0.5, 0.5]}},
    ]
    data["worlds"] = [{"code": "w", "tilt": 0.5, "gaming": [0.3, 0.1, 0], "known": True}]
    data["name"] = {"zh": "示例", "en": "example"}
    p = Programme.from_json(data)
    assert p.team_codes == ("a-1", "a-2", "a-3")
    assert p.worlds[0].gaming == (0.3, 0.1, 0.0)
    assert posterior(p).factors[1] > 0.5


def test_grades_need_a_gate_and_their_observations_a_grade(worked):
    data = changed(worked)
    route = data["routes"][0]
    del route["pass"]
    route["grades"] = [[[[0.5], [0.2]], [[0.3], [0.3]], [[0.2], [0.5]]], [[[1], [0.5]], [[0], [0.5]]]]
    route["gate"] = [1, 1]
    assert ("missing_field", "observations[0].grade") in faults_of(data)
    data["observations"] = [{"round": 1, "team": "a1", "grade": 2}]
    assert posterior(Programme.from_json(data)).routes[0].posterior[1] == pytest.approx(0.5 / 0.7)
    data["observations"][0]["grade"] = 5
    assert ("out_of_range", "observations[0].grade") in faults_of(data)
    route["gate"] = [1]
    assert ("ragged_table", "routes[0].gate") in faults_of(data)
