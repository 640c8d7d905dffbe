"""The demonstration year: every mechanism once through, in the order of the loop.

Real facts come in where there are some (the provinces' statistics, declared plans, technology series: what the
mechanisms open with).  Bids, readings, firms and texts are simulated, and what they make is labelled so.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from biaochi.programme.year import adopt, explore, foresee, measure, supervise
from biaochi.programme.year.act import Act, Opening
from biaochi.programme.year.diary import Diary

DAYS = 320


def demonstration_year(start: date, seed: int = 0) -> tuple[Act | Opening, ...]:
    """Return the acts of a year that starts on a day.

    Parameters
    ----------
    start : date
        First day; a Monday reads best.
    seed : int
        Decides bids, scores and readings.

    Returns
    -------
    tuple of Act or Opening
        In the order of time.

    Examples
    --------
    >>> acts = demonstration_year(date(2026, 1, 5))
    >>> acts == demonstration_year(date(2026, 1, 5)), acts == demonstration_year(date(2026, 1, 5), seed=1)
    (True, False)
    """
    diary = Diary(start)
    streams = np.random.SeedSequence(seed).spawn(5)
    for write, stream in zip((measure, foresee, explore, supervise, adopt), streams, strict=True):
        write.write(diary, np.random.default_rng(stream))
    return diary.acts()
