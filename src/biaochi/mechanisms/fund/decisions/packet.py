"""Everything a review board's packet is made of, worked out from a programme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from biaochi.core.decision import Decision
from biaochi.core.parameters import Snapshot
from biaochi.core.turn import Turn
from biaochi.mechanisms.fund.decisions.calibration import Calibration, calibrate
from biaochi.mechanisms.fund.decisions.teams import decide_team
from biaochi.mechanisms.fund.model import PastDecision
from biaochi.methods.allocation import (
    DEFAULT_POLICIES,
    Posterior,
    Programme,
    Recommendation,
    Whatif,
    policy_named,
    posterior,
    recommend,
    whatif,
    worlds_of,
)

RUNS = 4_000
PATHS = 2_000
LIMIT = 250_000


@dataclass(frozen=True)
class Packet:
    """Everything the packet is made of; ``own`` is P(pass all the rest) on a team's own record alone."""

    programme: Programme
    posterior: Posterior
    own: Mapping[str, float]
    advice: Recommendation
    verdicts: Mapping[str, Decision]
    whatif: Whatif
    past: Sequence[PastDecision]
    calibration: Calibration


@dataclass(frozen=True)
class PartInputs:
    """A programme and its past decisions."""

    programme: Programme
    past: tuple[PastDecision, ...]


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> Packet:
    """Make the packet of the programme's present round."""
    return make_packet(inputs.programme, inputs.past, at=turn.at, parameters=parameters, seed=turn.seed)


def make_packet(
    programme: Programme,
    past: Sequence[PastDecision],
    *,
    at: date,
    parameters: Snapshot,
    seed: int = 0,
    paths: int = PATHS,
    limit: int = LIMIT,
) -> Packet:
    """Work out advice, beliefs, other worlds and the calibration of past forecasts."""
    advice = recommend(programme, rng=seed, paths=paths, limit=limit)
    sizes = [r.prior.size for r in programme.routes]
    worlds = [w for c, w in worlds_of(programme).items() if not w.reverse or sizes == sizes[::-1]]
    budgets = [programme.budget]
    if programme.budget < float("inf"):
        half = programme.spent + programme.left / 2
        budgets += [b for b in (half, programme.budget * 1.5) if b not in budgets]
    return Packet(
        programme,
        posterior(programme),
        _own_record(programme),
        advice,
        {t.team: decide_team(t, programme, at=at, parameters=parameters) for t in advice.teams},
        whatif(programme, DEFAULT_POLICIES, worlds, budgets, named=policy_named, n=RUNS, seed=seed),
        past,
        calibrate(past),
    )


def _own_record(programme: Programme) -> dict[str, float]:
    """Return P(pass all the rest) of each team if only its own attempts were known."""
    found = {}
    for team in programme.team_codes:
        own = replace(programme, observations=tuple(o for o in programme.observations if o.team == team))
        found[team] = next(t.pass_all for t in posterior(own, bands=False).teams if t.team == team)
    return found
