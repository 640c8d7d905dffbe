"""Supervise one case at one instant: both paths, families, silence, incidents, expiries; and what state is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from biaochi.core.decision import Decision, Reason
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox.decisions.families import Member, e_value, first_rejections
from biaochi.mechanisms.sandbox.decisions.paths import Arrivals, Crossing, Followed, Ints, follow
from biaochi.mechanisms.sandbox.decisions.silence import listen, microseconds, moment
from biaochi.mechanisms.sandbox.decisions.standing import calendar_alarms, incident_alarms, standing_of_waivers
from biaochi.mechanisms.sandbox.model import (
    Action,
    Alarm,
    AlarmKind,
    Case,
    Guardrail,
    GuardrailStatus,
    Incident,
    Plan,
    Supervision,
    Version,
    start_of_day,
)
from biaochi.methods.surveillance import Method, State, estimate, interval, interval_kind, replay, settle

EMPTY = np.empty(0, dtype=np.int64)
NO_ROWS = Arrivals(EMPTY, EMPTY, EMPTY, EMPTY, EMPTY.astype(float), EMPTY.astype(float), EMPTY.astype(float))
SUPERVISED = frozenset({"plan_agreed", "admitted", "running", "suspended", "extended"})


@dataclass(frozen=True)
class _Watched:
    """A guardrail with the paths of each of its versions."""

    guardrail: Guardrail
    parts: tuple[tuple[Version, Arrivals, Followed], ...]
    now: State
    differ: bool


def supervise(
    case: Case,
    readings: Mapping[str, Arrivals],
    incidents: Sequence[Incident] = (),
    *,
    as_of: datetime,
    zone: ZoneInfo,
) -> Supervision:
    """Return how a case stands at ``as_of`` from everything that had arrived by then.

    Parameters
    ----------
    case : Case
        With its plan.
    readings : mapping of str to Arrivals
        Rows of each metric in order of arrival; later arrivals than ``as_of`` are left out here.
    incidents : sequence of Incident
        Reported incidents.
    as_of : datetime
        Aware instant.
    zone : ZoneInfo
        Time zone of days: waivers and reviews end with the local day.
    """
    limit = microseconds(as_of)
    known = {metric: rows.take(rows.received <= limit) for metric, rows in readings.items()}
    alarms: list[Alarm] = []
    statuses, feeds, watched, family_e = [], [], [], 1.0
    plan = case.plan
    if plan is not None:
        for guardrail in plan.guardrails:
            found = _watch(guardrail, known.get(guardrail.metric, NO_ROWS), as_of, bool(plan.family))
            watched.append(found)
            own = list(_guardrail_alarms(case.id, found))
            alarms.extend(own)
            statuses.append(_status(found, as_of, own))
        alarms.extend(_family_alarms(case.id, plan, watched))
        family_e = _family_e(plan, watched)
        starts = [start_of_day(w.start_on, zone) for w in case.waivers]
        begin = min(starts) if starts else plan.registered_at
        for feed in plan.feeds:
            status, silences = listen(case.id, feed, known.get(feed.metric, NO_ROWS), begin, as_of)
            feeds.append(status)
            alarms.extend(silences)
        alarms.extend(incident_alarms(case.id, plan.incidents, incidents, as_of))
    alarms.extend(calendar_alarms(case, as_of, zone))
    alarms.sort(key=lambda a: a.order)
    due = _due_state(case.state, alarms)
    ethics_status = _ethics_status(case, as_of, zone)
    return Supervision(
        case.id,
        case.state,
        due,
        _health(alarms, [f.status for f in feeds]),
        _level_note(watched),
        tuple(statuses),
        tuple(feeds),
        standing_of_waivers(case, as_of, zone, due),
        ethics_status,
        case.ethics.next_review_on,
        tuple(alarms),
        _decision(due, alarms, as_of),
        family_e,
    )


def _watch(guardrail: Guardrail, rows: Arrivals, as_of: datetime, in_family: bool) -> _Watched:
    parts = []
    versions = [v for v in guardrail.versions if v.effective_at is None or v.effective_at <= as_of]
    ends = [microseconds(v.effective_at) for v in versions[1:] if v.effective_at is not None]
    for version, end in zip(versions, [*ends, None], strict=True):
        begin = microseconds(version.effective_at) if version.effective_at is not None else None
        inside = np.ones(len(rows), dtype=bool)
        if begin is not None:
            inside &= rows.at >= begin
        if end is not None:
            inside &= rows.at < end
        own = rows.take(inside)
        parts.append((version, own, follow(own, version.rule, whole_trace=in_family and guardrail.family)))
    version, own, followed = parts[-1]
    kept = own.take((own.revision == 0) & ~np.isnan(own.value))
    now = settle(kept.value, version.rule, exposure=kept.exposure, found=followed.received)
    return _Watched(guardrail, tuple(parts), now, any(f.differ for _, _, f in parts))


def _status(found: _Watched, as_of: datetime, alarms: Sequence[Alarm]) -> GuardrailStatus:
    version, _, followed = found.parts[-1]
    rule, received = version.rule, followed.received
    readings = int(received.readings[0])
    if followed.crossing is not None:
        status = "alarm"
    elif readings == 0:
        status = "no_data"
    else:
        status = "waiting" if readings < rule.min_data else "clear"
    level = 1 - rule.alpha if rule.alpha is not None else 0.0
    has_interval = readings > 0 and interval_kind(rule) != ""
    return GuardrailStatus(
        found.guardrail.id,
        found.guardrail.metric,
        rule.method.value,
        status,
        readings,
        followed.total,
        followed.exposure,
        estimate(found.now),
        interval(found.now, level) if has_interval else None,
        interval_kind(rule),
        float(received.statistic[0]),
        float(received.maximum[0]),
        received.threshold,
    )


def _guardrail_alarms(case: str, found: _Watched) -> Iterable[Alarm]:
    for version, rows, followed in found.parts:
        crossing = followed.crossing
        if crossing is not None:
            yield _guardrail_alarm(case, found.guardrail, version, rows, followed, crossing)


def _guardrail_alarm(
    case: str, guardrail: Guardrail, version: Version, rows: Arrivals, followed: Followed, crossing: Crossing
) -> Alarm:
    hard = version.rule.method is Method.HARD
    strength = _strength(version, crossing)
    threshold = followed.received.threshold
    where = f"{crossing.statistic:.4g} / {threshold:.4g}"
    zh = f"护栏 {guardrail.id}（{guardrail.metric}）在第 {crossing.reading} 个读数越过界限：{where}"
    en = f"guardrail {guardrail.id} ({guardrail.metric}) crossed its limit at reading {crossing.reading}: {where}"
    if crossing.path == "corrected":
        zh, en = zh + "；由迟到或更正的读数引起", en + "; a late or corrected reading brought it about"
    if strength == "conditional":
        zh, en = zh + "；暴露量取上限时未越过", en + "; not crossed with the upper end of the exposure"
    if followed.differ and not int(followed.final.alarm_index[0]):
        zh, en = (
            zh + "；按更正后的读数已不再越过，报警不撤销",
            en + "; no longer crossed as corrected, the alarm stands",
        )
    return Alarm(
        case,
        guardrail.id,
        guardrail.metric,
        AlarmKind.HARD if hard else AlarmKind.STATISTICAL,
        moment(rows.at[crossing.reading_row]),
        moment(rows.received[crossing.arrival]),
        version.action,
        Text(zh, en),
        crossing.statistic,
        threshold,
        crossing.reading,
        crossing.path,
        strength,
    )


def _strength(version: Version, crossing: Crossing) -> str | None:
    if version.rule.method is not Method.GAMMA:
        return None
    high = np.where(np.isnan(crossing.high), crossing.exposure, crossing.high)
    again = replay(crossing.values, version.rule, exposure=high)
    return "firm" if int(again.alarm_index[0]) else "conditional"


def _family_alarms(case: str, plan: Plan, watched: Sequence[_Watched]) -> Iterable[Alarm]:
    family = plan.family
    members = [w for w in watched if w.guardrail.family]
    if family is None or not members:
        return
    arrivals = np.unique(np.concatenate([rows.received for w in members for _, rows, _ in w.parts]))
    seen: dict[str, Alarm] = {}
    for path in ("received", "corrected"):
        if path == "corrected" and not any(w.differ for w in members):
            break
        rejections = first_rejections([_member(w, path, arrivals) for w in members], family.alpha)
        for rejection in rejections:
            metric = next(w.guardrail.metric for w in members if w.guardrail.id == rejection.guardrail)
            at = moment(int(arrivals[rejection.order]))
            alarm = Alarm(
                case,
                rejection.guardrail,
                metric,
                AlarmKind.FAMILY,
                _own_time(members, rejection.guardrail, int(arrivals[rejection.order])),
                at,
                family.action,
                Text(
                    f"护栏族（e-BH，假发现率 {family.alpha:g}）判定 {rejection.guardrail} 越过",
                    f"the family (e-BH, false discovery rate {family.alpha:g}) rejects {rejection.guardrail}",
                ),
                rejection.log_e,
                rejection.threshold,
                None,
                path,
            )
            earlier = seen.get(rejection.guardrail)
            if earlier is None or alarm.received_at < earlier.received_at:
                seen[rejection.guardrail] = alarm
    yield from seen.values()


def _own_time(members: Sequence[_Watched], guardrail: str, arrived: int) -> datetime:
    """Return the time of the member's newest reading known at an arrival."""
    watched = next(w for w in members if w.guardrail.id == guardrail)
    known = [
        int(rows.at[rows.received <= arrived].max()) for _, rows, _ in watched.parts if (rows.received <= arrived).any()
    ]
    return moment(max(known, default=arrived))


def _member(watched: _Watched, path: str, arrivals: Ints) -> Member:
    order, logs = [], []
    for _, rows, followed in watched.parts:
        trace = followed.received_trace if path == "received" else followed.corrected_trace
        order.append(np.searchsorted(arrivals, rows.received))
        logs.append(trace)
    joined, values = np.concatenate(order), np.concatenate(logs)
    sequence = np.argsort(joined, kind="stable")
    return Member(watched.guardrail.id, joined[sequence], values[sequence])


def _family_e(plan: Plan, watched: Sequence[_Watched]) -> float:
    """Return the mean of the members' current e; 1 without a family."""
    members = [w for w in watched if w.guardrail.family]
    if plan.family is None or not members:
        return 1.0
    logs = [float(w.parts[-1][2].received.statistic[0]) for w in members]
    return float(np.mean([e_value(v) for v in logs]))


def _due_state(state: str, alarms: Sequence[Alarm]) -> str:
    if state not in SUPERVISED:
        return state
    actions = {a.action for a in alarms}
    if Action.STOP in actions:
        return "exit_review"
    return "suspended" if Action.PAUSE in actions else state


def _health(alarms: Sequence[Alarm], feeds: Sequence[str]) -> str:
    actions = {a.action for a in alarms}
    if actions & {Action.PAUSE, Action.STOP}:
        return "red"
    return "amber" if actions or set(feeds) - {"on_time"} else "green"


def _ethics_status(case: Case, as_of: datetime, zone: ZoneInfo) -> str:
    ethics = case.ethics
    if ethics.decision is None:
        return "none"
    overdue = ethics.next_review_on is not None and as_of.astimezone(zone).date() > ethics.next_review_on
    return "overdue" if overdue else ethics.decision.value


def _level_note(watched: Sequence[_Watched]) -> Text:
    parted = [w.guardrail.id for w in watched if w.differ]
    zh = "显著性水平按单个护栏计；平均运行长度是平均数"
    en = "levels hold for each guardrail alone; a run length is an average"
    if parted:
        names = ", ".join(parted)
        zh += f"；{names} 有迟到或更正的读数，两条路径任一报警，水平为 2α"
        en += f"; {names} had late or corrected readings, either path may alarm, so the level is 2α"
    return Text(zh, en)


def _decision(due: str, alarms: Sequence[Alarm], as_of: datetime) -> Decision:
    reasons = tuple(Reason(a.kind.value, Verdict.UNMET, a.message, a.statistic, a.threshold) for a in alarms) or (
        Reason("no_alarm", Verdict.MET, Text("没有报警", "no alarm")),
    )
    return Decision(due, reasons, as_of.astimezone(UTC))
