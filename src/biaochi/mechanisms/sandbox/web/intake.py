"""Taking readings in: all or nothing, each advancing the states of its guardrails in constant time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd
from django.db import transaction

from biaochi.core.errors import RefusedError
from biaochi.core.text import Text
from biaochi.mechanisms.sandbox.decisions import Row, Watch, advance, e_value, microseconds, moment
from biaochi.mechanisms.sandbox.files import NO_STORED, Posted, read_sent, settle_sent
from biaochi.mechanisms.sandbox.model import Guardrail, Plan
from biaochi.mechanisms.sandbox.web import watching
from biaochi.mechanisms.sandbox.web.models import ZONE, AlarmRow, FeedMark, GuardrailState, Reading, SandboxCase
from biaochi.mechanisms.sandbox.web.models.case import SUPERVISED
from biaochi.methods.surveillance import State, e_bh

MOST = 1000
_SLICE = 500
_COLUMNS = ("metric", "at", "received", "seq", "revision", "value", "exposure", "low", "high", "source")


@dataclass(frozen=True)
class Taken:
    """What became of a post of readings."""

    accepted: int
    duplicates: int
    alarms: list[dict[str, object]]


def take_in(trial: SandboxCase, rows: Sequence[Mapping[str, object]], now: datetime) -> Taken:
    """Take readings in, in one transaction; the arrival is the site's own clock.

    Raises
    ------
    RefusedError
        ``not_supervised`` before the plan is registered and after the case has left.
    InputError
        With every fault and its row; nothing is stored then.
    """
    with transaction.atomic():
        held = SandboxCase.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=trial.pk)
        case = held.to_case()
        if held.state not in SUPERVISED or case.plan is None:
            raise RefusedError(
                "not_supervised",
                Text(f"案例现为“{held.current.name.zh}”，不接收读数", f"a case that is {held.state} takes none"),
            )
        arrival = max(microseconds(now), held.last_received + 1)
        sent = read_sent(rows, case, ZONE, arrival)
        marks = {m.metric: m for m in FeedMark.objects.filter(trial=held)}
        posted = settle_sent(sent, case, _earlier(held, sent.frame, marks))
        _store(held, posted)
        crossed = _advance(held, case.plan, posted)
        fresh = _mark(held, posted, marks, arrival)
        SandboxCase.objects.filter(pk=held.pk).update(last_received=arrival)
        at = moment(arrival)
        overdue = held.next_check_at is not None and held.next_check_at <= at
        alarms = watching.settle(held, at) if crossed or overdue or (fresh and held.health == "amber") else []
        if fresh or alarms:
            watching.set_next_check(held, at)
        return Taken(len(posted.frame), posted.duplicates, watching.new_alarms(held, alarms))


def _earlier(trial: SandboxCase, frame: pd.DataFrame, marks: Mapping[str, FeedMark]) -> pd.DataFrame:
    """Return stored rows of the same metric and time; nothing is asked for what is newer than everything."""
    found = []
    for metric, part in frame.groupby(frame["metric"].astype(object), sort=False):
        mark = marks.get(str(metric))
        if mark is None:
            continue
        times = [t for t in dict.fromkeys(part["at"].tolist()) if t <= mark.latest]
        for begin in range(0, len(times), _SLICE):
            rows = Reading.objects.filter(trial=trial, metric=metric, at__in=times[begin : begin + _SLICE])
            found += list(rows.values_list(*_COLUMNS))
    if not found:
        return NO_STORED
    stored = pd.DataFrame.from_records(found, columns=list(_COLUMNS)).rename(columns={"received": "received_at"})
    stored.insert(0, "row", 0)
    stored.insert(1, "case", trial.public_id)
    return stored.astype(dict.fromkeys(("value", "exposure", "low", "high"), "float64"))


def _store(trial: SandboxCase, posted: Posted) -> None:
    columns = posted.frame[
        ["metric", "at", "received_at", "seq", "revision", "value", "exposure", "low", "high", "source"]
    ]
    Reading.objects.bulk_create(
        Reading(
            trial=trial,
            metric=metric,
            at=at,
            received=received,
            seq=seq,
            revision=revision,
            value=_number(value),
            exposure=exposure,
            low=_number(low),
            high=_number(high),
            source=str(source)[:200],
        )
        for metric, at, received, seq, revision, value, exposure, low, high, source in zip(
            *(columns[c].tolist() for c in columns), strict=True
        )
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _mark(trial: SandboxCase, posted: Posted, marks: Mapping[str, FeedMark], arrival: int) -> bool:
    """Restart the clock of silence of each metric that sent something newer than all before."""
    fresh = False
    for name, part in posted.frame.groupby(posted.frame["metric"].astype(object), sort=False):
        filled = part["at"][part["value"].notna()]
        mark = marks.get(str(name)) or FeedMark(trial=trial, metric=str(name), newest_at=0, beat=0, latest=0)
        mark.latest = max(mark.latest, int(part["at"].max()))
        if len(filled) and int(filled.max()) > mark.newest_at:
            mark.newest_at, mark.beat, fresh = int(filled.max()), arrival, True
        mark.save()
    return fresh


def _advance(trial: SandboxCase, plan: Plan, posted: Posted) -> bool:
    """Advance the states; return whether a guardrail or the family crossed that had not before."""
    if not len(posted.frame):
        return False
    kept = {(s.guardrail, s.version, s.path): s for s in GuardrailState.objects.filter(trial=trial)}
    crossed = False
    for metric, part in posted.frame.groupby(posted.frame["metric"].astype(object), sort=False):
        names = [(g, i) for g in plan.guardrails if g.metric == metric for i in range(len(g.versions))]
        watches = [_watch(g, i, kept) for g, i in names]
        rows = [
            Row(*cells)
            for cells in zip(*(part[c].tolist() for c in ("at", "seq", "revision", "value", "exposure")), strict=True)
        ]
        arrived = int(part["received_at"].iloc[0])
        moved = advance(watches, rows, partial(_rows, trial, str(metric), arrived))
        for (guardrail, version), old, watch in zip(names, watches, moved, strict=True):
            if watch is not old:
                crossed = crossed or (watch.crossed and not old.crossed)
                _hold(trial, guardrail.id, version, watch, kept)
    return crossed or _family_crossed(trial, plan, kept)


def _rows(trial: SandboxCase, metric: str, arrived: int) -> Iterable[Row]:
    """Give every earlier arrival of a metric."""
    return [r.row() for r in Reading.objects.filter(trial=trial, metric=metric, received__lt=arrived)]


Kept = dict[tuple[str, int, str], GuardrailState]


def _watch(guardrail: Guardrail, version: int, kept: Kept) -> Watch:
    limits = [None if v.effective_at is None else microseconds(v.effective_at) for v in guardrail.versions]
    begin, end = limits[version], (limits[version + 1] if version + 1 < len(limits) else None)
    held = kept.get((guardrail.id, version, GuardrailState.RECEIVED))
    if held is None:
        return Watch.starting(guardrail.versions[version].rule, begin, end)
    other = kept.get((guardrail.id, version, GuardrailState.CORRECTED))
    newest = None if held.newest_at is None or held.newest_seq is None else (held.newest_at, held.newest_seq)
    corrected: State | None = other.surveillance() if other is not None else None
    return Watch(held.surveillance(), corrected, newest, held.crossed, begin, end)


def _hold(trial: SandboxCase, guardrail: str, version: int, watch: Watch, kept: Kept) -> None:
    paths = [GuardrailState.RECEIVED] + ([GuardrailState.CORRECTED] if watch.corrected is not None else [])
    for path in paths:
        key = (guardrail, version, path)
        row = kept.get(key) or GuardrailState(trial=trial, guardrail=guardrail, version=version, path=path)
        row.hold(watch)
        row.save()
        kept[key] = row


def _family_crossed(trial: SandboxCase, plan: Plan, kept: Kept) -> bool:
    """Whether e-BH rejects a member now that it has not rejected before."""
    if plan.family is None or not plan.members:
        return False
    rejected: set[str] = set()
    for path in (GuardrailState.RECEIVED, GuardrailState.CORRECTED):
        values = []
        for member in plan.members:
            versions = range(len(member.versions) - 1, -1, -1)
            states = [kept.get((member.id, i, path)) or kept.get((member.id, i, "received")) for i in versions]
            newest = next((s for s in states if s is not None), None)
            values.append(e_value(newest.surveillance().statistic) if newest is not None else 1.0)
        found = e_bh(np.array(values), plan.family.alpha)
        rejected |= {m.id for m, yes in zip(plan.members, found.tolist(), strict=True) if yes}
    return bool(rejected) and bool(
        rejected - set(AlarmRow.objects.filter(trial=trial, kind="family").values_list("guardrail", flat=True))
    )
