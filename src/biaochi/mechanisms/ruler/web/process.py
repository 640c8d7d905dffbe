"""Process indicators: what the platform's ledgers say, taken over as a submission like any other, and shown.

Events arrive as plain data (another mechanism is never asked); the pure rules turn them into observations of grade B
with their interval and their ledger numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from biaochi.core.canonical import canonical_json
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.exchange.source import Source
from biaochi.mechanisms.ruler.decisions import Event, observe
from biaochi.mechanisms.ruler.decisions.process_indicators import RULES
from biaochi.mechanisms.ruler.web.acts import hand_in
from biaochi.mechanisms.ruler.web.checking import known_units, read_tree
from biaochi.mechanisms.ruler.web.models import Cell, Framework, Submission
from biaochi.methods.composite import Framework as Tree
from biaochi.registry.site import Offer

INDICATORS = frozenset({*RULES, "H1"})
_SEQ = re.compile(r"#(\d+)")


def fed_framework() -> tuple[Framework, Tree] | None:
    """Return the framework whose tree ledgers can feed: the one in force, else the newest under preparation."""
    for rows in (Framework.objects.filter(state="adopted"), Framework.objects.filter(state__in=("draft", "consulted"))):
        for framework in rows.order_by("-entered_at"):
            tree, _ = read_tree(framework.document)
            if tree is not None and INDICATORS & set(tree.leaves):
                return framework, tree
    return None


def take_observations(offer: Offer, actor: Actor) -> str:
    """Turn the events of an offer into a submission of grade B; return its page.

    Raises
    ------
    RefusedError
        When no framework has an indicator that ledgers feed, or nothing can be said yet.
    """
    found = fed_framework()
    if found is None:
        raise RefusedError(
            "no_framework",
            Text("没有一个指标体系含过程指标", "no framework has an indicator that ledgers feed"),
        )
    framework, tree = found
    as_of = date.fromisoformat(str(offer.payload["as_of"]))
    events = [_event(line) for line in offer.payload["events"]]
    wanted = [c for c in (*RULES, "H1") if c in set(tree.leaves)]
    frame = observe(events, as_of=as_of, indicators=wanted)
    units = known_units(framework)
    if units:
        frame = frame[frame["unit"].isin(units)]
    frame = _new(frame, framework)
    if frame.empty:
        raise RefusedError(
            "nothing_new", Text("台账里没有新的过程指标", "the ledger holds no process indicator that is new")
        )
    data = canonical_json([dict(line) for line in offer.payload["events"]]).encode()
    frame = frame.assign(vintage=as_of).rename(columns={"value_lo": "low", "value_hi": "high"})
    made = hand_in(framework, frame, Source(f"ledger-{as_of.isoformat()}.json", data), actor, vintage=as_of)
    return made.get_absolute_url()


def _event(line: Mapping[str, Any]) -> Event:
    return Event(
        int(line["seq"]), date.fromisoformat(str(line["on"])), str(line["unit"]), str(line["kind"]), line["facts"]
    )


def _new(frame: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Leave out what a submission of the framework holds already with the same ledger numbers."""
    key = ("unit", "indicator", "period", "source")
    held = set(
        Cell.objects.filter(submission__framework=framework, grade="B")
        .exclude(submission__state="returned")
        .values_list(*key)
    )
    return frame[[tuple(line) not in held for line in frame[list(key)].itertuples(index=False)]].copy()


@dataclass(frozen=True)
class Shown:
    """One process indicator of one unit as the page shows it."""

    unit: str
    code: str
    name: Text
    measure: str
    period: str
    value: float | None
    low: float | None
    high: float | None
    cases: int | None
    status: str
    ledger: tuple[int, ...]
    submission: Submission


def shown(framework: Framework, tree: Tree, submissions: Sequence[Submission]) -> list[Shown]:
    """Return the newest reading of each unit, indicator and period among some submissions."""
    cells = (
        Cell.objects.filter(submission__in=submissions, grade="B", indicator__in=INDICATORS)
        .select_related("submission")
        .order_by("vintage", "pk")
    )
    newest = {(c.indicator, c.unit, c.period): c for c in cells}
    found = []
    for (code, unit, period), cell in sorted(newest.items()):
        node = tree.by_code.get(code)
        if node is not None:
            numbers = tuple(int(n) for n in _SEQ.findall(cell.source))
            found.append(
                Shown(
                    unit, code, node.name, node.unit, period, cell.value, cell.low, cell.high, cell.cases, cell.status,
                    numbers, cell.submission,
                )
            )  # fmt: skip
    return found
