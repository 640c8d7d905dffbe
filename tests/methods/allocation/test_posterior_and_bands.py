"""Bayes by hand, and what bands must contain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biaochi.methods.allocation import Observation, Programme, posterior
from biaochi.methods.allocation.bands import regraded, tilted
from biaochi.methods.allocation.irt import irt_pass, judgement_prior
from biaochi.methods.allocation.payoff import uncovered


def two_teams(outcome: int | None) -> Programme:
    p = Programme.from_tables([[0.5, 0.5]], [[[0.5, 0.5], [0.5, 0.5]]], [[[[0.2, 0.4], [0.5, 0.9]]]], [1], 2, [1], T=2)
    if outcome is None:
        return p
    return replace(p, observations=(Observation(1, "a-1", outcome),), elapsed=1)


@pytest.mark.parametrize(
    ("outcome", "viable", "strong", "fellow"), [(None, 0.5, 0.5, 0.5), (1, 0.7, 0.65, 0.58), (0, 0.3, 0.35, 0.42)]
)
def test_one_attempt_teaches_about_the_route_the_team_and_its_fellow(outcome, viable, strong, fellow):
    found = posterior(two_teams(outcome))
    assert found.routes[0].posterior[1] == pytest.approx(viable, abs=1e-12)
    assert found.teams[0].team_class[1] == pytest.approx(strong, abs=1e-12)
    assert (found.teams[1].pass_next or 0) == pytest.approx(fellow, abs=1e-12)


def test_factors_carry_evidence_from_one_route_to_another():
    base = Programme.from_tables([(0.5, 0.5)] * 2, [[[1], [1]]] * 2, [[[[0.2], [0.9]]]] * 2, [1], 1, [1, 1], T=2)
    bad, good = np.array([0.9, 0.1]), np.array([0.1, 0.9])
    fields = {n: getattr(base, n) for n in Programme.__dataclass_fields__}
    fields |= {"factors": (0.5, 0.5), "factor_priors": ((bad, bad), (good, good))}
    fields |= {"observations": (Observation(1, "a-1", 1),), "elapsed": 1}
    found = posterior(Programme(**fields))
    like_bad, like_good = 0.9 * 0.2 + 0.1 * 0.9, 0.1 * 0.2 + 0.9 * 0.9
    p_good = like_good / (like_good + like_bad)
    assert found.factors[1] == pytest.approx(p_good, abs=1e-12)
    assert found.routes[1].posterior[1] == pytest.approx(p_good * 0.9 + (1 - p_good) * 0.1, abs=1e-12)


def test_proposal_scores_count_as_evidence():
    p = two_teams(None)
    route = replace(p.routes[0], likelihood=(np.array([[0.2, 0.4], [0.6, 0.8]]), None))
    found = posterior(replace(p, routes=(route,), factor_priors=()))
    assert found.routes[0].posterior[1] == pytest.approx(0.7 / (0.7 + 0.3), abs=1e-12)


def test_grades_are_read_as_grades_and_not_only_as_passes():
    grades = np.array([[[0.5], [0.2]], [[0.3], [0.3]], [[0.2], [0.5]]])
    p = two_teams(None)
    route = replace(
        p.routes[0], outcomes=(grades,), gate=(1,), team_class=np.array([[1.0], [1.0]]), likelihood=(None, None)
    )
    for grade in (0, 1):
        seen = replace(p, routes=(route,), factor_priors=(), observations=(Observation(1, "a-1", grade),), elapsed=1)
        column = grades[grade][:, 0]
        assert posterior(seen).routes[0].posterior[1] == pytest.approx(column[1] / column.sum(), abs=1e-12)


def test_bands_hold_the_value_and_close_where_nothing_is_uncertain(worked):
    found = posterior(Programme.from_json(worked))
    for route in found.routes:
        for value, (low, high) in zip(route.posterior, route.band, strict=True):
            assert low <= value <= high
    assert found.routes[0].band[1][1] == pytest.approx(4 * np.e / (4 * np.e + 1), abs=1e-12)
    sure = Programme.from_tables([[1.0]], [[[1]]], [[[[0.4]]]], [1], 1, [1], T=1)
    team = posterior(sure).teams[0]
    assert team.band_next == (pytest.approx(0.4), pytest.approx(0.4))


def test_the_order_of_observations_does_not_matter():
    p = two_teams(None)
    records = (Observation(1, "a-1", 0), Observation(2, "a-1", 1), Observation(1, "a-2", 0))
    a = posterior(replace(p, observations=records, elapsed=2))
    b = posterior(replace(p, observations=records[::-1], elapsed=2))
    assert a == b


def test_small_pieces():
    assert tilted(np.array([0.5, 0.5]), 1.0)[1] == pytest.approx(np.e / (1 + np.e))
    assert uncovered(0.0, 0.0, 2).tolist() == [1.0, 1.0, 1.0]
    assert uncovered(1.0, 0.0, 2).tolist() == [1.0, 0.0, 0.0]
    assert judgement_prior(0.5, 0.2).sum() == pytest.approx(1)
    with pytest.raises(ValueError):
        judgement_prior(1.2, 0.2)
    q = irt_pass([0.0, 0.0], false_pass=0.1, false_miss=0.2)
    assert q[0, 1, 1] == pytest.approx(0.1 + 0.7 * 0.5)
    assert q[1, 1, 1] == pytest.approx(0.5)
    with pytest.raises(ValueError):
        irt_pass([0.0, 0.0], false_pass=0.9, false_miss=0.2)
    table = np.array([[[1.0]], [[0.0]]])
    assert regraded(table, 1, np.array([[0.3]])).ravel().tolist() == [0.7, 0.3]
