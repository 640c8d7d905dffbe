"""Expected ranks against hand-computed values and a slow joint Gaussian; lots and loads."""

from __future__ import annotations

import hashlib
import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from biaochi.methods.allocation import assign_reviewers, draw_lots, expected_rank, lottery_seed, pandora

SCORES = pd.DataFrame(
    [("A", "x", 8), ("A", "y", 7), ("B", "x", 6), ("B", "y", 6), ("C", "x", 5), ("C", "y", 3)],
    columns=["bid", "reviewer", "score"],
)


def test_three_bids_by_two_reviewers():
    found = expected_rank(SCORES, 1, scale=(1, 9), sd=(1, 0.5, 1))
    assert [round(b.expected_rank, 5) for b in found.bids] == [1.11247, 1.9409, 2.94663]
    assert found.line == pytest.approx(1.11247, abs=1e-5)
    assert [b.zone for b in found.bids] == ["above", "below", "below"] or found.bids[0].zone == "lottery"


def slow_ranks(scores: pd.DataFrame, sd: tuple[float, float, float]) -> list[float]:
    """Condition one big Gaussian on the scores, μ with an almost flat prior."""
    bids, reviewers = sorted(set(scores["bid"])), sorted(set(scores["reviewer"]))
    n, m = len(bids), len(reviewers)
    X = np.zeros((len(scores), n + m + 1))
    for row, (b, r) in enumerate(zip(scores["bid"], scores["reviewer"], strict=True)):
        X[row, bids.index(b)] = X[row, n + reviewers.index(r)] = X[row, -1] = 1
    precision = np.diag([1 / sd[0] ** 2] * n + [1 / sd[1] ** 2] * m + [1e-12]) + X.T @ X / sd[2] ** 2
    cov = np.linalg.inv(precision)
    mean = cov @ X.T @ scores["score"].to_numpy(float) / sd[2] ** 2
    ranks = []
    for i in range(n):
        total = 1.0
        for k in range(n):
            if k != i:
                spread = np.sqrt(cov[i, i] + cov[k, k] - 2 * cov[i, k])
                total += norm.cdf((mean[k] - mean[i]) / spread)
        ranks.append(total)
    return ranks


def test_eliminating_the_bids_agrees_with_the_joint_gaussian_on_unbalanced_scores():
    rng = np.random.default_rng(4)
    rows = [
        (f"b{i:02d}", f"r{j}", float(rng.integers(1, 10))) for i in range(9) for j in rng.choice(5, 3, replace=False)
    ]
    table = pd.DataFrame(rows, columns=["bid", "reviewer", "score"])
    found = expected_rank(table, 3, scale=(1, 9), sd=(1.3, 0.7, 1.1))
    by_bid = {b.bid: b.expected_rank for b in found.bids}
    assert [by_bid[b] for b in sorted(by_bid)] == pytest.approx(slow_ranks(table, (1.3, 0.7, 1.1)), abs=1e-6)
    assert sum(by_bid.values()) == pytest.approx(9 * 10 / 2)


def test_the_grid_is_deterministic_and_zones_follow_the_line():
    a = expected_rank(SCORES, 2, scale=(1, 9), seed=1)
    assert a == expected_rank(SCORES.sample(frac=1, random_state=2), 2, scale=(1, 9), seed=1)
    for b in a.bids:
        low, high = b.rank_interval
        assert b.zone == ("above" if high < a.line else "below" if low > a.line else "lottery")
    assert a.to_frame().shape == (3, 8)


@pytest.mark.parametrize(
    ("slots", "scale", "sd"), [(0, (1, 9), None), (1, (9, 1), None), (1, (1, 9), (1, 0, 1)), (1, (1, 9), (1, 1))]
)
def test_ranking_refuses_what_makes_no_sense(slots, scale, sd):
    with pytest.raises(ValueError):
        expected_rank(SCORES, slots, scale=scale, sd=sd)


def test_a_lot_is_the_digest_of_seed_and_code():
    seed = hashlib.sha256(b"X|Y").hexdigest()
    assert lottery_seed("X", "Y") == seed
    order = sorted("abcd", key=lambda c: hashlib.sha256(f"{seed}|{c}".encode()).hexdigest())
    assert draw_lots("dcba", 3, seed) == tuple(order[:3])
    assert draw_lots("ab", -1, seed) == ()


def test_reviewers_fit_best_and_then_evenly():
    rng = np.random.default_rng(0)
    fit = rng.integers(0, 4, size=(4, 5))
    barred = rng.random((4, 5)) < 0.2
    found = assign_reviewers(fit, barred, need=2, load=4)
    assert (found.sum(axis=0) == 2).all()
    assert not (found & barred).any()
    best = (-np.inf, np.inf)
    pairs = list(itertools.combinations(range(4), 2))
    for choice in itertools.product(pairs, repeat=5):
        loads = np.bincount([r for pair in choice for r in pair], minlength=4)
        if loads.max() > 4 or any(barred[r, b] for b, pair in enumerate(choice) for r in pair):
            continue
        total = sum(fit[r, b] for b, pair in enumerate(choice) for r in pair)
        best = max(best, (total, -loads.max())) if best[0] != -np.inf else (total, -loads.max())
    assert (fit[found].sum(), -found.sum(axis=1).max()) == best


def test_no_assignment_says_so():
    with pytest.raises(ValueError, match="no assignment"):
        assign_reviewers([[1, 1]], [[1, 0]], need=1, load=2)
    with pytest.raises(ValueError):
        assign_reviewers([[1.0, np.nan]], [[0, 0]], need=1, load=2)


def test_boxes_refuse_what_makes_no_sense():
    assert pandora([0.0], [[3]], [[0.5]]).reservation == (3.0,)
    assert pandora([9.0], [[3]], [[0.5]]).value == 0
    with pytest.raises(ValueError):
        pandora([-1], [[1]], [[1]])
    with pytest.raises(ValueError):
        pandora([1], [[1, 2]], [[0.8, 0.8]])
