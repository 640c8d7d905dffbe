"""The state of one watched stream: constant size, frozen, and the same after a round trip through JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from biaochi.methods.surveillance.rule import Method, Rule, crosses


@dataclass(frozen=True, slots=True)
class State:
    """Everything a method needs to go on from here.

    Parameters
    ----------
    rule : Rule
        What is watched.
    threshold : float
        Where the alarm is, on the statistic's own scale.
    readings : int
        Readings taken in.
    total, exposure : float
        Sum of values and of exposures, in the readings' own units and direction.
    memory : tuple of float
        The method's running numbers; its length never changes.
    statistic, maximum : float
        The present statistic, and the most alarming one so far (``hard`` below: the least).
    alarm_index : int
        First reading (1-based) that raised the alarm; 0 for none.  It stays.
    """

    rule: Rule
    threshold: float
    readings: int = 0
    total: float = 0.0
    exposure: float = 0.0
    memory: tuple[float, ...] = ()
    statistic: float = 0.0
    maximum: float = -math.inf
    alarm_index: int = 0

    def advanced(self, value: float, exposure: float, memory: tuple[float, ...], statistic: float) -> State:
        """Return the state after one more reading whose statistic is known."""
        rule, count = self.rule, self.readings + 1
        alarm = self.alarm_index
        if not alarm and count >= rule.min_data and crosses(rule, statistic, self.threshold):
            alarm = count
        lowest = rule.method is Method.HARD and rule.mirrored
        worst = min(self.maximum, statistic) if lowest else max(self.maximum, statistic)
        return State(
            rule, self.threshold, count, self.total + value, self.exposure + exposure, memory, statistic, worst, alarm
        )

    def to_json(self) -> str:
        """Return the state as one line of JSON; every float survives exactly."""
        return json.dumps(
            {
                "rule": self.rule.to_mapping(),
                "threshold": self.threshold,
                "readings": self.readings,
                "total": self.total,
                "exposure": self.exposure,
                "memory": [_written(v) for v in self.memory],
                "statistic": _written(self.statistic),
                "maximum": _written(self.maximum),
                "alarm_index": self.alarm_index,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> State:
        """Read what :meth:`to_json` wrote; ``ValueError`` when it is something else."""
        data: Any = json.loads(text)
        if not isinstance(data, Mapping) or set(data) != _FIELDS:
            raise ValueError(f"a state has exactly the keys {', '.join(sorted(_FIELDS))}")
        return cls(
            Rule.from_mapping(data["rule"]),
            float(data["threshold"]),
            int(data["readings"]),
            float(data["total"]),
            float(data["exposure"]),
            tuple(float(v) for v in data["memory"]),
            float(data["statistic"]),
            float(data["maximum"]),
            int(data["alarm_index"]),
        )


_FIELDS = frozenset(
    ("rule", "threshold", "readings", "total", "exposure", "memory", "statistic", "maximum", "alarm_index")
)


def _written(value: float) -> float | str:
    """Return a float as JSON can carry it: infinities and NaN as text, which ``float`` reads back."""
    return value if math.isfinite(value) else repr(value)
