"""Terms that rise: emergence scores with a matched null and a back-test.

Carley et al. (2018, doi 10.1007/s11192-018-2688-9) and Porter et al. (2019, doi 10.1016/j.techfore.2018.04.016) for the
score.  A rising term is what rose, not what will: matched terms grow on as often.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from biaochi.methods.forecasting.burst import bursts
from biaochi.methods.forecasting.series import Floats

BASE, ACTIVE = 3, 7
WINDOW = BASE + ACTIVE
MIN_RECORDS = 7
MAX_BASE_SHARE = 0.15
MIN_GROWTH = 2.0
LIKE = (0.8, 1.25)


def emergence_scores(counts: Floats, totals: Floats) -> Floats:
    """Return the emergence score E of each term over seven active periods.

    Parameters
    ----------
    counts : array, shape (terms, 7)
        Records with the term.
    totals : array, shape (7,)
        All records.

    Examples
    --------
    >>> emergence_scores(np.array([[1.0, 1, 1, 1, 1, 1, 1]]), np.full(7, 100.0)).round(6).tolist()
    [0.0]
    """
    c, root = counts.T, np.sqrt(totals)
    active = 2 * (c[4:7].sum(axis=0) / root[4:7].sum() - c[0:3].sum(axis=0) / root[0:3].sum())
    recent = 10 * ((c[5] + c[6]) / (root[5] + root[6]) - (c[3] + c[4]) / (root[3] + root[4]))
    slope = 10 / 3 * (c[6] / root[6] - c[3] / root[3])
    return np.asarray(active + recent + slope)


def candidates(counts: Floats, totals: Floats) -> np.ndarray:
    """Return which terms may be signals, from ten periods (three base, seven active).

    At least seven records, some but less than 15 % of the base records, and active records more than twice the base's.
    """
    base, active = counts[:, :BASE].sum(axis=1), counts[:, BASE:].sum(axis=1)
    enough = (base + active >= MIN_RECORDS) & (base > 0) & (base < MAX_BASE_SHARE * totals[:BASE].sum())
    return np.asarray(enough & (active > MIN_GROWTH * base))


@dataclass(frozen=True, eq=False)
class Signals:
    """Rising terms and how rising terms fared before.

    Attributes
    ----------
    terms : DataFrame
        ``term, count, escore, burst, percentile, candidate``, candidates first, by score; ``percentile`` is the score's
        place among terms of like recent count.
    backtest : DataFrame
        ``origin, n, p_grows, null_low, null_median, null_high, p_stays, null_stays``.
    """

    terms: pd.DataFrame
    backtest: pd.DataFrame


def signals(
    counts: pd.DataFrame,
    totals: pd.Series,
    rng: np.random.Generator,
    *,
    until: int | None = None,
    future: int = 3,
    top: int = 50,
    null: int = 1000,
) -> Signals:
    """Find rising terms and back-test the finding on earlier periods.

    Parameters
    ----------
    counts : DataFrame
        Terms (index) × periods (columns, increasing integers), 0 where absent.
    totals : Series
        All records by period.
    rng : numpy.random.Generator
        For the matched null.
    until : int or None
        Last period seen; the last of the table by default.
    future : int
        Periods after an origin that judge it.
    top : int
        Signals judged at each origin.
    null : int
        Number of matched draws.

    Raises
    ------
    ValueError
        With fewer than ten periods up to ``until``.
    """
    periods = [int(p) for p in counts.columns]
    last = periods[-1] if until is None else until
    seen = [p for p in periods if p <= last]
    if len(seen) < WINDOW:
        raise ValueError(f"{WINDOW} periods are needed (three base, seven active), seen {len(seen)}")
    table, total = counts.to_numpy(dtype=np.float64), totals.loc[periods].to_numpy(dtype=np.float64)
    end = len(seen)
    window = table[:, end - WINDOW : end]
    score, able, recent = _scored(window, total[end - WINDOW : end])
    _, weight = bursts(table[:, :end], total[:end])
    frame = pd.DataFrame(
        {
            "term": counts.index.astype(str),
            "count": window.sum(axis=1).astype(np.int64),
            "escore": score,
            "burst": weight,
            "percentile": _percentiles(score, recent),
            "candidate": able,
        }
    )
    frame = frame.sort_values(["candidate", "escore", "term"], ascending=[False, False, True]).reset_index(drop=True)
    rows = [
        _judged(table, total, origin, periods[origin - 1], future, top, null, rng)
        for origin in range(WINDOW, end - future + 1)
    ]
    return Signals(frame, pd.DataFrame([r for r in rows if r is not None], columns=_BACKTEST))


_BACKTEST = ["origin", "n", "p_grows", "null_low", "null_median", "null_high", "p_stays", "null_stays"]


def _scored(window: Floats, totals: Floats) -> tuple[Floats, np.ndarray, Floats]:
    score = emergence_scores(window[:, BASE:], totals[BASE:])
    return score, candidates(window, totals), window[:, -3:].sum(axis=1)


def _percentiles(score: Floats, recent: Floats) -> Floats:
    """Return the share of like terms (recent count within 0.8–1.25) with a lower score, ties half."""
    found = np.full(len(score), np.nan)
    for count in np.unique(recent):
        if count == 0:
            continue
        like = np.sort(score[(recent >= LIKE[0] * count) & (recent <= LIKE[1] * count)])
        mine = recent == count
        below = np.searchsorted(like, score[mine], side="left")
        upto = np.searchsorted(like, score[mine], side="right")
        found[mine] = (below + upto) / 2 / len(like)
    return found


def _judged(
    table: Floats, total: Floats, end: int, origin: int, future: int, top: int, null: int, rng: np.random.Generator
) -> dict[str, float] | None:
    window, totals = table[:, end - WINDOW : end], total[end - WINDOW : end]
    score, able, recent = _scored(window, totals)
    chosen = np.flatnonzero(able)
    chosen = chosen[np.argsort(-score[chosen], kind="stable")][:top]
    if len(chosen) == 0:
        return None
    later = table[:, end : end + future].sum(axis=1) / max(total[end : end + future].sum(), 1.0)
    now = recent / max(totals[-3:].sum(), 1.0)
    start = window[:, :BASE].sum(axis=1) / max(totals[:BASE].sum(), 1.0)
    grows, stays = later > now, later > start
    drawn = _matched(recent, chosen, null, rng)
    kept = drawn >= 0
    null_grows = np.where(kept, grows[drawn], False).sum(axis=1) / np.maximum(kept.sum(axis=1), 1)
    null_stays = np.where(kept, stays[drawn], False).sum(axis=1) / np.maximum(kept.sum(axis=1), 1)
    low, middle, high = np.quantile(null_grows, [0.05, 0.5, 0.95])
    return {
        "origin": origin,
        "n": len(chosen),
        "p_grows": float(grows[chosen].mean()),
        "null_low": float(low),
        "null_median": float(middle),
        "null_high": float(high),
        "p_stays": float(stays[chosen].mean()),
        "null_stays": float(np.median(null_stays)),
    }


def _matched(recent: Floats, chosen: np.ndarray, null: int, rng: np.random.Generator) -> np.ndarray:
    """Draw for each signal other terms of like recent count, shape (null, signals); −1 where there is none."""
    free = np.ones(len(recent), dtype=bool)
    free[chosen] = False
    drawn = np.full((null, len(chosen)), -1, dtype=np.int64)
    for k, term in enumerate(chosen):
        like = np.flatnonzero(free & (recent >= LIKE[0] * recent[term]) & (recent <= LIKE[1] * recent[term]))
        if len(like):
            drawn[:, k] = like[rng.integers(0, len(like), size=null)]
    return drawn
