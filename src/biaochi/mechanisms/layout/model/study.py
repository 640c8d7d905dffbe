"""What an activity table says about the regions: what they do, whether entry can be forecast, and menus from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from biaochi.mechanisms.layout.model.crowding import mean_similarity
from biaochi.mechanisms.layout.model.menu import Demand
from biaochi.mechanisms.layout.model.planning import EntryOutlook, LayoutPlan, outlook_of
from biaochi.mechanisms.layout.model.planning import plan as solve_plan
from biaochi.methods.specialisation import Conventions, Panel, Problem
from biaochi.methods.specialisation import backtest as run_backtest
from biaochi.methods.specialisation.coordination import top_k
from biaochi.methods.specialisation.entry import Backtest, EntryEvent

LEAST_WINDOWS = 3


@dataclass(frozen=True)
class StudyRules:
    """The office's settings of a study: picks a region, events needed, slack of the cap, loss allowed."""

    k: int
    min_events: int
    cap_slack: float
    max_loss: float
    bootstrap: int = 200
    refits: int = 50
    level: float = 0.9


@dataclass(frozen=True)
class OwnPicks:
    """What happens without coordination, each region taking its own best: held against every price of the frontier."""

    expected: float
    tracks: int
    max_regions: int
    overload: int
    jaccard: float

    def to_dict(self) -> dict[str, object]:
        """Return the fields as a plain record."""
        return asdict(self)


def own_picks(view: EntryOutlook, k: int, cap: int | None) -> OwnPicks:
    """Return the uncoordinated picks; ``overload`` counts picks beyond the cap of the coordinated plan."""
    chosen = top_k(view.score, k)
    n = chosen.to_numpy(dtype=bool).sum(axis=0)
    expected = float(np.nansum(np.where(chosen.to_numpy(dtype=bool), view.p.to_numpy(dtype=float), 0.0)))
    beyond = 0 if cap is None else int(np.clip(n - cap, 0, None).sum())
    return OwnPicks(expected, int((n > 0).sum()), int(n.max(initial=0)), beyond, mean_similarity(chosen))


@dataclass(frozen=True)
class Study:
    """A back-test and, where its gate is met, a plan that rests on it; ``model`` is the forecast used."""

    backtest: Backtest
    plan: LayoutPlan | None
    model: str
    regions: tuple[str, ...]
    tracks: tuple[str, ...]
    own: OwnPicks | None = None


def study(
    windows: Panel,
    rules: StudyRules,
    *,
    rng: np.random.Generator,
    named: Mapping[str, int] | None = None,
    possible: Mapping[str, int] | None = None,
    demands: Mapping[str, Demand] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Back-test entry on windows, then coordinate with the automatic price; no ranking when entries are too few.

    Parameters
    ----------
    windows : Panel
        At least three windows, each one horizon after the last.
    rules : StudyRules
    rng : numpy.random.Generator
    named, possible, demands
        From declared plans, shown beside the menu.
    progress : callable or None
        Told how many refits are done, of how many.
    """
    found = run_backtest(
        windows,
        event=EntryEvent.parse("loose"),
        k=rules.k,
        min_events=rules.min_events,
        bootstrap=rules.bootstrap,
        level=rules.level,
        rng=rng,
    )
    if found.gate != "met":
        return Study(found, None, "", windows.regions, windows.tracks)
    view = outlook_of(windows, found, Conventions())
    solved = solve_plan(
        view,
        pd.Series(1.0, index=view.p.columns),
        Problem(k=rules.k),
        automatic_cap_slack=rules.cap_slack,
        max_loss=rules.max_loss,
        refits=rules.refits,
        level=rules.level,
        named=named,
        possible=possible,
        demands=demands,
        rng=rng,
        progress=progress,
    )
    own = own_picks(view, rules.k, solved.limits.cap)
    return Study(found, solved, view.model, windows.regions, windows.tracks, own)
