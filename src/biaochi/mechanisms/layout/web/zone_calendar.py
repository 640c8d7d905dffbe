"""What the calendar of pilot zones says: where every zone stands in time, and which day comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.safestring import SafeString

from biaochi.core.parameters import Snapshot
from biaochi.core.roles import Actor
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout.lifecycle import ZONE
from biaochi.mechanisms.layout.model import Jurisdiction
from biaochi.mechanisms.layout.web import marks
from biaochi.mechanisms.layout.web.models import Zone
from biaochi.registry.models import Decision

PHASES = {
    "applied": "review",
    "returned": "review",
    "city_checked": "review",
    "site_reviewed": "review",
    "on_notice": "notice",
    "building": "building",
    "continued": "building",
    "adjusted": "rectified",
    "under_assessment": "assessed",
    "declined": "over",
    "withdrawn": "over",
}
WAITS = {
    "applied": Text("核查", "check"),
    "returned": Text("补正后再报", "to be handed in again"),
    "city_checked": Text("实地论证", "review on site"),
    "site_reviewed": Text("公示", "notice"),
    "on_notice": Text("公示期满", "end of the notice"),
    "building": Text("启动评估", "assessment begins"),
    "continued": Text("下一次评估", "next assessment"),
    "adjusted": Text("整改后再评", "assessment after rectification"),
    "under_assessment": Text("出评估结论", "result of the assessment"),
}
NOTICE_OVER = Text("公示已满，可进入建设", "notice over, building may begin")
AHEAD = timedelta(days=540)


@dataclass(frozen=True)
class ZoneLine:
    """One zone in the calendar; ``due`` is the next day that matters, ``late`` whether it has passed."""

    zone: Zone
    mark: SafeString
    state: Text
    waits: Text | None
    due: date | None
    late: bool


@dataclass(frozen=True)
class PlannedZones:
    """How many zones a jurisdiction says it wants by a year, beside how many are on record here."""

    jurisdiction: Text
    years: Sequence[tuple[str, int]]
    on_record: int
    source: str


def lines(zones: Sequence[Zone], actor: Actor, lang: Lang, today: date) -> list[ZoneLine]:
    """Return the calendar, soonest day first; zones that wait for nothing stand last.

    Whoever sees a zone only from outside sees its present state alone, not what went before.
    """
    history = _history(zones)
    spans = {z.pk: _spans(z, history.get(z.public_id, ()), actor, today) for z in zones}
    dues = {z.pk: _due(z, actor) for z in zones}
    starts = [a for s in spans.values() for a, _, _ in s]
    start = min(starts, default=today)
    end = max([today + AHEAD / 3, *(d for d in dues.values() if d is not None)])
    found = []
    for zone in zones:
        due = dues[zone.pk]
        state = zone.current.name if zone.seen_from_inside(actor) else zone.current.public
        # A notice that has run its time is no delay: from that day on building may begin.
        over = zone.state == "on_notice" and due is not None and due < today
        late = due is not None and due < today and not over
        waits = NOTICE_OVER if over else WAITS.get(zone.state)
        said = Text(
            f"{zone.title.zh}：{state.zh}" + (f"，{waits.zh} {due}" if due and waits else ""),
            f"{zone.title.en}: {state.en}" + (f", {waits.en} {due}" if due and waits else ""),
        )
        mark = marks.spans(spans[zone.pk], start, end, today, due, late=late, label=said.within(lang))
        found.append(ZoneLine(zone, mark, state, waits if due else None, due, late))
    return sorted(found, key=lambda line: (line.due is None, line.due or today))


def axis(zones: Sequence[Zone], actor: Actor, today: date) -> SafeString:
    """Return the years beneath the calendar's marks."""
    history = _history(zones)
    starts = [a for z in zones for a, _, _ in _spans(z, history.get(z.public_id, ()), actor, today)]
    dues = [d for z in zones if (d := _due(z, actor)) is not None]
    return marks.years(min(starts, default=today), max([today + AHEAD / 3, *dues]))


def planned(parameters: Snapshot, zones: Sequence[Zone]) -> list[PlannedZones]:
    """Return what jurisdictions say they want, where a rule was seen."""
    found = []
    for place in Jurisdiction:
        code = f"zones.{place.value}.planned"
        if code not in parameters:
            continue
        rule = parameters[code]
        value = rule.value if isinstance(rule.value, Mapping) else {}
        there = sum(
            z.jurisdiction == place.value and PHASES[z.state] in ("building", "assessed", "rectified") for z in zones
        )
        years = [(str(y), int(str(n))) for y, n in sorted(value.items())]
        found.append(PlannedZones(place.text, years, there, rule.citation.title))
    return found


def _history(zones: Sequence[Zone]) -> dict[str, list[tuple[date, str]]]:
    rows = Decision.objects.filter(subject__in=[z.public_id for z in zones], label="layout.zone").order_by("entry_id")
    found: dict[str, list[tuple[date, str]]] = {}
    for subject, at, source, target in rows.values_list("subject", "decided_at", "source", "target"):
        if source != target:
            found.setdefault(subject, []).append((timezone.localdate(at), target))
    return found


def _spans(zone: Zone, history: Sequence[tuple[date, str]], actor: Actor, today: date) -> list[tuple[date, date, str]]:
    """Return phases with their days, up to today; from outside only the present one."""
    if not zone.seen_from_inside(actor) or not history:
        return [(timezone.localdate(zone.entered_at), today, PHASES[zone.state])]
    ends = [*(day for day, _ in history[1:]), today]
    found: list[tuple[date, date, str]] = []
    for (day, state), end in zip(history, ends, strict=True):
        if ZONE.state(state).final:
            continue
        phase = PHASES[state]
        if found and found[-1][2] == phase:
            found[-1] = (found[-1][0], end, phase)
        else:
            found.append((day, end, phase))
    return found or [(timezone.localdate(zone.entered_at), today, PHASES[zone.state])]


def _due(zone: Zone, actor: Actor) -> date | None:
    """Return the next day that matters: the end of a notice for everybody, terms for those who handle the zone."""
    if zone.state == "on_notice" and zone.notice_until is not None:
        return timezone.localdate(zone.notice_until - timedelta(seconds=1))
    if zone.due_at is None or not zone.seen_from_inside(actor):
        return None
    return timezone.localdate(zone.due_at)
