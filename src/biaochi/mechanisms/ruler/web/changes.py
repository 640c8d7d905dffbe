"""Two states of an index told apart: what the numbers, the goalposts, the data and the method each changed.

A state is a framework with everything published for it as known on a day.  Results are kept under the digests of both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.canonical import digest
from biaochi.core.errors import InputError
from biaochi.exchange.jsonfile import jsonable
from biaochi.mechanisms.ruler.files import Bundle
from biaochi.mechanisms.ruler.web import readings
from biaochi.mechanisms.ruler.web.models import Cell, Framework, Reading
from biaochi.methods.composite import decompose_units
from biaochi.methods.composite.pipeline import Composite


@dataclass(frozen=True)
class State:
    """A framework as known on a day."""

    framework: Framework
    day: date
    files: Bundle

    @property
    def code(self) -> str:
        """How the state is named in an address."""
        return f"{self.framework.public_id}@{self.day.isoformat()}"


def states(framework: Framework, today: date, *, most: int = 6) -> list[State]:
    """Return the states that can be held against today's, the newest first: own earlier ones, then those of frameworks
    it took over from."""
    found: list[State] = []
    for one in [framework, *Framework.objects.filter(successor=framework, state="retired").order_by("-pk")]:
        files = readings.bundle(one)
        days = readings.change_days(replace(files, as_of=None))
        for day in sorted((d for d in days if d <= today), reverse=True):
            if one == framework and files.as_of is not None and day >= files.as_of:
                continue
            if len(found) == most:
                break
            state = State(one, day, readings.as_known(files, day))
            if _scored(state):
                found.append(state)
    return found


def _scored(state: State) -> bool:
    """Whether anything could be scored on that day."""
    try:
        made = readings.built(state.files)
    except InputError:
        return False
    return bool(np.isfinite(_root(made.composite)).any())


def _root(composite: Composite) -> np.ndarray:
    framework = composite.dataset.framework
    return np.asarray(composite.table[composite.frame.column[framework.root]])


def latest(composite: Composite) -> dict[str, str]:
    """Return each unit's last period with a score."""
    dataset = composite.dataset
    cube = _root(composite).reshape(len(dataset.periods), -1)
    found = {}
    for u, unit in enumerate(dataset.units):
        held = np.flatnonzero(np.isfinite(cube[:, u]))
        if held.size:
            found[unit] = dataset.periods[held[-1]]
    return found


def reading(now: State, then: State) -> Mapping[str, Any]:
    """Return what changed: ``units`` (parts that add up), ``cells`` revised, ``steps`` and ``nodes`` that differ."""
    own, earlier = now.files, then.files
    basis = digest([own.basis, earlier.basis])
    return _kept(now.framework, basis, "changes", lambda: {"then": then.code, **_compute(now, own, earlier)})


def last_reading(framework: Framework, files: Bundle, today: date) -> Mapping[str, Any] | None:
    """Return what changed since the last earlier state; ``None`` when there is none."""

    def compute() -> dict[str, object]:
        found = states(framework, today, most=1)
        return dict(reading(State(framework, files.as_of or today, files), found[0])) if found else {"units": []}

    found = _kept(framework, files.basis, "last_change", compute)
    return found if found["units"] else None


def _kept(framework: Framework, basis: str, kind: str, compute: Callable[[], dict[str, object]]) -> dict[str, Any]:
    content = Reading.kept(framework, basis, kind, "")
    if content is None:
        content = jsonable(compute())
        Reading.objects.get_or_create(
            framework=framework, basis=basis, kind=kind, unit="", defaults={"content": content}
        )
    return dict(content)


def _compute(now: State, own: Bundle, earlier: Bundle) -> dict[str, object]:
    left, right = readings.built(own).composite, readings.built(earlier).composite
    a, b = latest(left), latest(right)
    places = [(u, a[u], b[u]) for u in sorted(set(a) & set(b))]
    units = decompose_units((left.dataset, left.method), (right.dataset, right.method), places)
    scores = {
        side: {u: _at(composite, u, p) for u, p in periods.items()}
        for side, composite, periods in (("left", left, a), ("right", right, b))
    }
    units["left"] = [scores["left"][u] for u in units["unit"]]
    units["right"] = [scores["right"][u] for u in units["unit"]]
    return {
        "units": units,
        "cells": revised(left, right),
        "steps": _steps(left, right),
        "nodes": _nodes(left, right),
    }


def _at(composite: Composite, unit: str, period: str) -> float:
    dataset = composite.dataset
    row = dataset.periods.index(period) * len(dataset.units) + dataset.units.index(unit)
    return float(_root(composite)[row])


def revised(left: Composite, right: Composite) -> pd.DataFrame:
    """Return the observations that both states have with different values: ``unit, indicator, period, before, after``,
    the source and vintage of the later one."""
    key = ["unit", "indicator", "period"]
    both = left.dataset.records.merge(right.dataset.records[[*key, "value"]], on=key, suffixes=("", "_before"))
    changed = both[(both["value"] != both["value_before"]) & both["value"].notna() & both["value_before"].notna()]
    found = changed.rename(columns={"value_before": "before", "value": "after"})
    return found[[*key, "before", "after", "vintage", "source"]].reset_index(drop=True)


def _steps(left: Composite, right: Composite) -> list[dict[str, str]]:
    """Return the steps of the method that differ, in words of the file."""
    now = {s.name: dict(s.params) for s in left.method.steps}
    then = {s.name: dict(s.params) for s in right.method.steps}
    return [
        {"step": name, "before": str(then.get(name, "–")), "after": str(now.get(name, "–"))}
        for name in dict.fromkeys([*then, *now])
        if now.get(name) != then.get(name)
    ]


def _nodes(left: Composite, right: Composite) -> list[dict[str, str]]:
    """Return nodes that are new or gone, and those whose weight, place, goalposts or band differ."""
    now, then = left.dataset.framework.by_code, right.dataset.framework.by_code
    found = []
    for code in dict.fromkeys([*then, *now]):
        a, b = now.get(code), then.get(code)
        if a is None or b is None:
            found.append({"node": code, "field": "added" if b is None else "removed", "before": "", "after": ""})
            continue
        for name in ("parent", "weight", "polarity", "worst", "best", "band", "denominator", "lag_years"):
            before, after = getattr(b, name), getattr(a, name)
            if before != after:
                found.append({"node": code, "field": name, "before": _said(before), "after": _said(after)})
    return found


def _said(value: object) -> str:
    return "–" if value in (None, "") else str(value)


def published_reasons(framework: Framework) -> dict[tuple[str, str, str], str]:
    """Return the reason of revision of every cell that a revision published."""
    rows = Cell.objects.filter(submission__framework=framework, submission__state__in=("published", "revised")).exclude(
        submission__revision_reason=""
    )
    return {
        (unit, indicator, period): reason
        for unit, indicator, period, reason in rows.values_list(
            "unit", "indicator", "period", "submission__revision_reason"
        )
    }
