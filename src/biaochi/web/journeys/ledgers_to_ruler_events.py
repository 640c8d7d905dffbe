"""From the ledger to the ruler's events: one function for each kind of matter, on its decisions alone.

A matter's history is the list of its decisions in the order of the ledger; what it says is a case of one of the
ruler's rules (hit or not, stopped without fault, how long it took).  Nothing but decisions is read, so that every case
rests on ledger numbers anybody can look up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.apps import apps
from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.registry.models.record import Decision
from biaochi.registry.site import Offer
from biaochi.registry.transition import CREATE
from biaochi.web.sites import sites

DECIDED_WITHIN = timedelta(days=180)
Fact = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Step:
    """One decision of a matter: its ledger number, what moved, and when."""

    seq: int
    code: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """What a matter's history says to one rule."""

    seq: int
    on: datetime
    kind: str
    facts: Mapping[str, Fact]


History = Sequence[Step]


def _first(history: History, *codes: str, after: int = 0) -> Step | None:
    return next((s for s in history if s.code in codes and s.seq > after), None)


def _days(begin: Step, end: Step | None, now: datetime) -> float:
    """Return how long it took; what still runs counts whole days, so that an offer stays the same for a day."""
    if end is not None:
        return (end.at - begin.at).total_seconds() / 86_400
    return float((timezone.localtime(now).date() - timezone.localtime(begin.at).date()).days)


def milestone(history: History, now: datetime) -> Iterator[Case]:
    """B5: verified on time; B6: missed ones decided upon within 180 days."""
    due, handed = _first(history, "fall_due"), _first(history, "submit")
    ended = _first(history, "continue", "adjust", "pause", "stop")
    begin = due or handed
    if begin is None:
        return
    on_time = handed is not None and (due is None or handed.seq < due.seq)
    if ended is not None or due is not None:
        hit = bool(ended is not None and ended.code == "continue" and on_time)
        stopped = ended is not None and ended.code == "stop"
        if ended is not None or now - begin.at > DECIDED_WITHIN:
            yield Case((ended or begin).seq, begin.at, "milestone_due", {"hit": hit, "stopped": stopped})
    missed = (ended is not None and ended.code != "continue") or (ended is None and due is not None and handed is None)
    if missed:
        taken = (ended.at if ended is not None else now) - begin.at
        if ended is not None or taken > DECIDED_WITHIN:
            hit = ended is not None and taken <= DECIDED_WITHIN
            yield Case((ended or begin).seq, begin.at, "milestone_missed", {"hit": hit})


def project(history: History, now: datetime) -> Iterator[Case]:
    """D1 and D3: cohorts from proof of concept and from pilot; D6: months from the laboratory to a small batch."""
    stopped = _first(history, "stop") is not None
    for step, further, kind in (
        ("to_poc", ("to_pilot", "to_small_batch", "to_production"), "proof_of_concept"),
        ("to_pilot", ("to_production",), "pilot_project"),
    ):
        begun = _first(history, step)
        if begun is not None:
            reached = _first(history, *further, after=begun.seq)
            yield Case((reached or begun).seq, begun.at, kind, {"hit": reached is not None, "stopped": stopped})
    made, batch = _first(history, CREATE), _first(history, "to_small_batch")
    ended = _first(history, "fail", "stop")
    if made is not None:
        last = batch or ended
        months = _days(made, last, now) / 30.4375
        facts: dict[str, Fact] = {"value": months, "observed": batch is not None, "stopped": stopped}
        yield Case((last or made).seq, made.at, "lab_to_batch", facts)


def sandbox_case(history: History, now: datetime) -> Iterator[Case]:
    """G1: days from application to admission, those still waiting as far as they have come."""
    asked, answered = _first(history, "submit"), _first(history, "admit")
    closed = _first(history, "reject", "withdraw")
    if asked is None:
        return
    last = answered or closed
    facts: dict[str, Fact] = {"value": _days(asked, last, now), "observed": answered is not None}
    yield Case((last or asked).seq, asked.at, "sandbox_application", facts)


def voucher(history: History, now: datetime) -> Iterator[Case]:
    """F7: vouchers redeemed, of those that came to an end."""
    ended = _first(history, "redeem", "expire", "claw_back")
    if ended is not None:
        yield Case(ended.seq, ended.at, "compute_voucher", {"hit": ended.code == "redeem"})


def review(history: History, now: datetime) -> Iterator[Case]:
    """G4: texts issued after their review; G5: complaints upheld that led to an amendment or a withdrawal."""
    issued = _first(history, "issue")
    if issued is not None:
        reviewed = _first(history, "conclude")
        hit = reviewed is not None and reviewed.seq < issued.seq
        yield Case(issued.seq, issued.at, "text_issued", {"hit": hit})
    upheld = _first(history, "uphold")
    if upheld is not None:
        mended = _first(history, "amend", "withdraw", "lapse", after=upheld.seq)
        if mended is not None or now - upheld.at > DECIDED_WITHIN:
            yield Case((mended or upheld).seq, upheld.at, "finding_confirmed", {"hit": mended is not None})


def scene(history: History, now: datetime) -> Iterator[Case]:
    """E1: scenes opened that were really tried."""
    opened = _first(history, "open")
    ended = _first(history, "evaluate", "scale", "close")
    if opened is not None and ended is not None:
        tried = _first(history, "start")
        yield Case(ended.seq, opened.at, "scene_due", {"hit": tried is not None})


READERS: Mapping[str, Callable[[History, datetime], Iterator[Case]]] = {
    "challenge.milestone": milestone,
    "transfer.project": project,
    "sandbox.sandboxcase": sandbox_case,
    "sandbox.voucher": voucher,
    "fairness.fairnessreview": review,
    "scene.scene": scene,
}


def ledger_events(now: datetime) -> list[dict[str, object]]:
    """Return the cases of all matters as plain data, by ledger number: ``seq, on, unit, kind, facts``.

    The unit is the province the matter lies in.
    """
    found = []
    for label, reader in READERS.items():
        rows = Decision.objects.filter(label=label, decided_at__lte=now).order_by("entry_id")
        histories: dict[str, list[Step]] = {}
        for subject, seq, code, source, at in rows.values_list(
            "subject", "entry_id", "transition", "source", "decided_at"
        ).iterator(chunk_size=5000):
            histories.setdefault(subject, []).append(Step(seq, code, source, at))
        places = _provinces(label) if histories else {}
        for subject, history in histories.items():
            if subject in places:
                found += [_plain(case, places[subject]) for case in reader(history, now)]
    found += [dict(o.payload) for o in _given(now)]
    return sorted(found, key=lambda e: (int(str(e["seq"])), str(e["kind"])))


def _given(now: datetime) -> Iterator[Offer]:
    """Yield the cases a mechanism states itself, since they need amounts and numbers beside the moves."""
    office = Actor("clock", Role.OFFICER)
    for site in sites():
        if "process_events" in site.gives:
            yield from site.gives["process_events"](office, now)


def _provinces(label: str) -> dict[str, str]:
    model = apps.get_model(label)
    rows = model._default_manager.exclude(region=None).values_list("public_id", "region_id")
    return {public_id: f"{region[:2]}0000" for public_id, region in rows}


def _plain(case: Case, unit: str) -> dict[str, object]:
    day: date = timezone.localtime(case.on).date()
    facts = {k: round(v, 6) if isinstance(v, float) else v for k, v in case.facts.items()}
    return {"seq": case.seq, "on": day.isoformat(), "unit": unit, "kind": case.kind, "facts": facts}


def ruler_events(actor: Actor, now: datetime) -> Sequence[Offer]:
    """Offer an office everything the ledger says to the ruler's process indicators, as of today."""
    if actor.role is not Role.OFFICER:
        return []
    events = ledger_events(now)
    if not events:
        return []
    today = timezone.localtime(now).date().isoformat()
    head = max(int(str(e["seq"])) for e in events)
    title = Text(
        f"台账至第 {head} 条：{len(events)} 个事项可计入过程指标",
        f"Ledger up to #{head}: {len(events)} cases for process indicators",
    )
    return [Offer(f"ledger-{head}", title, now, {"as_of": today, "events": events})]
