"""The ruler's part of one turn of the programme."""

from __future__ import annotations

from biaochi.core.parameters import Snapshot
from biaochi.core.turn import Turn
from biaochi.mechanisms.ruler.model import PartInputs, PartResult, audit, profile

ROWS = 256


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Build and audit the index; profile the programme's own region against its peers when it is among the units."""
    composite = inputs.method.fit(inputs.dataset).transform(inputs.dataset)
    periods = inputs.dataset.periods
    period = turn.period if turn.period in periods else periods[-1]
    level = float(str(parameters["tier_level"].value))
    found = audit(
        composite,
        inputs.plan,
        n=ROWS,
        seed=turn.seed,
        period=period,
        tier_level=level,
        low=float(str(parameters["correlation_low"].value)),
        high=float(str(parameters["correlation_high"].value)),
    )
    own = None
    if turn.region in inputs.dataset.units:
        own = profile(composite, inputs.plan, turn.region, period=period, n=ROWS, seed=turn.seed, tier_level=level)
    return PartResult(composite, found, own, inputs.plan_default, inputs.warnings, inputs.bands)
