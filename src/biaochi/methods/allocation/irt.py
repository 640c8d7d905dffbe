"""Pass probabilities from levels and difficulties, and priors from two judgements.

Use when nobody can write a table of pass probabilities but people can say how hard a stage is and how far apart the
classes are.  The four-parameter item response model: Barton & Lord (1981), doi:10.1002/j.2333-8504.1981.tb01255.x.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

ROUTE_LEVEL = (-2.0, 0.0, 1.5)
TEAM_LEVEL = (-1.0, 0.0, 1.0)
TEAM_CLASS = (0.35, 0.4, 0.25)


def irt_pass(
    difficulty: Sequence[float],
    *,
    route_level: ArrayLike = ROUTE_LEVEL,
    team_level: ArrayLike = TEAM_LEVEL,
    false_pass: float = 0.0,
    false_miss: float = 0.0,
    gaming: ArrayLike = 0.0,
    slope: float = 1.0,
) -> NDArray[np.float64]:
    """Return pass probabilities by stage, route class and team class.

    Parameters
    ----------
    difficulty : sequence of float, length S
        Difficulty of each stage; the last stage is reality.
    route_level, team_level : array_like, shapes (K,) and (J,)
        Level of each class, worst first.
    false_pass, false_miss : float
        Probability that a review passes what fails, or misses what passes; 0 on the last stage.
    gaming : float or array_like of shape (J,)
        Further false passes a team of each class obtains; 0 on the last stage.
    slope : float
        How sharply a stage separates the levels.

    Returns
    -------
    ndarray of shape (S, K, J)
        Values in 0..1.

    Raises
    ------
    ValueError
        When a probability leaves 0..1.

    Examples
    --------
    >>> irt_pass([0.0], route_level=[0.0], team_level=[0.0]).tolist()
    [[[0.5]]]
    """
    d = np.asarray(difficulty, dtype=np.float64)
    mu = np.asarray(route_level, dtype=np.float64)
    eps = np.asarray(team_level, dtype=np.float64)
    reviews = np.ones(d.size)
    reviews[-1:] = 0.0
    f = reviews[:, None] * np.broadcast_to(false_pass + np.asarray(gaming, dtype=np.float64), eps.shape)
    n = reviews[:, None] * false_miss
    if np.any(f < 0) or np.any(n < 0) or np.any(f + n > 1):
        raise ValueError("false_pass + gaming and false_miss must be probabilities that sum to at most 1")
    truth = expit(slope * (mu[None, :, None] + eps[None, None, :] - d[:, None, None]))
    return np.asarray(f[:, None, :] + (1 - f - n)[:, None, :] * truth)


def judgement_prior(viable: float, ready_if_viable: float) -> NDArray[np.float64]:
    """Return the prior of three route classes from two judgements.

    Parameters
    ----------
    viable : float
        v, the probability that the route works at all.
    ready_if_viable : float
        h, the probability that it is ready in time if it works.

    Returns
    -------
    ndarray of shape (3,)
        (1−v, v(1−h), vh), worst first.

    Examples
    --------
    >>> judgement_prior(0.5, 0.2).tolist()
    [0.5, 0.4, 0.1]
    """
    if not (0 <= viable <= 1 and 0 <= ready_if_viable <= 1):
        raise ValueError(f"judgements are probabilities, seen {viable} and {ready_if_viable}")
    return np.array([1 - viable, viable * (1 - ready_if_viable), viable * ready_if_viable])
