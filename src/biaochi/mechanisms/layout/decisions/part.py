"""The layout's part of the yearly programme, pure: plans always, menus where activity allows."""

from __future__ import annotations

import numpy as np

from biaochi.core.parameters import Snapshot
from biaochi.core.turn import Turn
from biaochi.mechanisms.layout.model.crowding import local_parts, read_crowding
from biaochi.mechanisms.layout.model.part import PartInputs, PartResult
from biaochi.mechanisms.layout.model.plans import national_days
from biaochi.mechanisms.layout.model.study import LEAST_WINDOWS, StudyRules, study
from biaochi.methods.specialisation import Conventions, indicators

DRAWS = 1000


def study_rules(parameters: Snapshot) -> StudyRules:
    """Return the office's settings of a study, from the parameters in force."""

    def number(code: str) -> float:
        return float(str(parameters[code].value))

    return StudyRules(
        int(number("layout.k")),
        int(number("layout.min_events")),
        number("layout.cap_slack"),
        number("layout.max_loss"),
    )


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Run what the folder's files allow; random numbers from the turn's seed."""
    rng = np.random.default_rng(turn.seed)
    declared = inputs.plans.stood(turn.as_of)
    reading = read_crowding(
        declared,
        national=national_days(inputs.plans.rows, declared.at),
        directions=inputs.plans.directions,
        draws=DRAWS,
        rng=rng,
    )
    local = local_parts(reading, draws=DRAWS, rng=rng)
    panel = inputs.activity
    found = done = None
    if panel is not None:
        found = indicators(panel, Conventions(), period=panel.periods[-1])
        if len(panel.periods) >= LEAST_WINDOWS:
            named, possible = declared.named, declared.possible
            done = study(
                panel,
                study_rules(parameters),
                rng=rng,
                named={str(t): int(n) for t, n in named.items()},
                possible={str(t): int(n) for t, n in possible.items()},
                demands=inputs.plans.demands,
            )
    return PartResult(turn, inputs.plans, inputs.shipped, reading, local, panel, found, done, parameters)
