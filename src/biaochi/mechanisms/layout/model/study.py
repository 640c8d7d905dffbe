"""What an activity table says about the regions: what they do, whether entry can be forecast, and menus from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from biaochi.mechanisms.layout.model.crowding import mean_similarity
from biaochi.mechanisms.layout.model.menu import Demand
from biaochi.mechanisms.layout.model.outlook import EntryOutlook, outlook_of
from biaochi.mechanisms.layout.model.planning import LayoutPlan, ProblemCode, own_choice, prepare, solve
from biaochi.methods.specialisation import Conventions, Panel, Problem
from biaochi.methods.specialisation import backtest as run_backtest
from biaochi.methods.specialisation.coordination import describe
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


def own_picks(view: EntryOutlook, limits: Problem, cap: int) -> OwnPicks:
    """Return the uncoordinated picks; ``overload`` counts picks beyond the places a track carries."""
    chosen = own_choice(view, limits)
    expected = float(np.nansum(np.where(chosen.to_numpy(dtype=bool), view.p.to_numpy(dtype=float), 0.0)))
    seen = describe(chosen.to_numpy(dtype=bool), cap)
    return OwnPicks(expected, seen.tracks, seen.max_regions, seen.overload, mean_similarity(chosen))


@dataclass(frozen=True)
class Study:
    """A back-test and, where its gate is met, plans that rest on it.

    Attributes
    ----------
    backtest : Backtest
    plans : mapping of problem to LayoutPlan
        Empty while the gate is unmet; ``p1`` only where limits were given that P0 does not know.
    model : str
        The forecast used; empty while the gate is unmet.
    regions, tracks : tuple of str
    own : OwnPicks or None
        Each region for itself.
    spread : DataFrame or None
        Frontier over the price of duplication without a cap.
    cap : int
        Places a track carries in the plans; beyond it picks are overcapacity.
    """

    backtest: Backtest
    plans: Mapping[ProblemCode, LayoutPlan]
    model: str
    regions: tuple[str, ...]
    tracks: tuple[str, ...]
    own: OwnPicks | None = None
    spread: pd.DataFrame | None = None
    cap: int = 0

    @property
    def plan(self) -> LayoutPlan | None:
        """The plan of P0, if any."""
        return self.plans.get("p0")


def study(
    windows: Panel,
    rules: StudyRules,
    *,
    rng: np.random.Generator,
    event: str = "loose",
    limits: Problem | None = None,
    problems: Sequence[ProblemCode] = ("p0",),
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
    event : str
        ``loose``, ``strict`` or ``absolute:A``.
    limits : Problem or None
        What the office knows; its own cap is kept where it has one.
    problems : sequence of {"p0", "p1", "p2"}
        What to solve; all stand on the same forecasts, price and refits.
    named, possible, demands
        From declared plans, shown beside the menu.
    progress : callable or None
        Told how many refits are done, of how many.
    """
    known = limits or Problem(k=rules.k)
    found = run_backtest(
        windows,
        event=EntryEvent.parse(event),
        k=known.k,
        min_events=rules.min_events,
        bootstrap=rules.bootstrap,
        level=rules.level,
        rng=rng,
    )
    if found.gate != "met":
        return Study(found, {}, "", windows.regions, windows.tracks)
    view = outlook_of(windows, found, Conventions())
    ground = prepare(
        view,
        pd.Series(1.0, index=view.p.columns),
        known,
        automatic_cap_slack=rules.cap_slack if known.cap is None else None,
        max_loss=rules.max_loss,
        refits=rules.refits,
        spread=True,
        rng=rng,
        progress=progress,
    )
    plans = {
        problem: solve(ground, problem, level=rules.level, named=named, possible=possible, demands=demands)
        for problem in problems
    }
    own = own_picks(view, known, ground.cap)
    return Study(found, plans, view.model, windows.regions, windows.tracks, own, ground.spread, ground.cap)
