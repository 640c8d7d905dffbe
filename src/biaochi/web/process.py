"""What the ledger says about the work itself: how long decisions take, and how complete their reasons are.

The house gives these figures; the ruler may take them as observations of its governance pillar.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median

from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.programme.pace import LEAST
from biaochi.registry.models.record import Decision
from biaochi.registry.site import Offer, Site, Station
from biaochi.registry.transition import CREATE
from biaochi.web.journeys.ledgers_to_ruler_events import ruler_events

_YEAR = timedelta(days=365)
SITTING = timedelta(minutes=5)


def process_indicators(actor: Actor, now: datetime) -> Sequence[Offer]:
    """Return median days to a decision and the share with reasons, for mechanisms with five decisions or more a year.

    Figures of the whole installation without any name; for offices only.
    """
    if actor.role is not Role.OFFICER:
        return []
    return [
        Offer(
            subject=f"process-{mechanism}-{timezone.localtime(now):%Y%m}",
            title=Text(f"{mechanism}：办理时长与理由完备率", f"{mechanism}: days to a decision, share with reasons"),
            at=now,
            payload={
                "mechanism": mechanism,
                "decisions": len(days),
                "median_days": median(days),
                "with_reasons": reasoned / len(days),
            },
        )
        for mechanism, days, reasoned in figures(now - _YEAR, now)
        if len(days) >= LEAST
    ]


def figures(begin: datetime, end: datetime) -> Iterator[tuple[str, list[float], int]]:
    """Yield for each mechanism the days its decisions of a span took, and how many came with reasons.

    A decision's days run from the matter's last step.  What the clock does, what only makes a matter, and a step taken
    within the same sitting do not count: nobody waited.
    """
    before: dict[str, datetime] = {}
    days: dict[str, list[float]] = defaultdict(list)
    reasoned: dict[str, int] = defaultdict(int)
    rows = Decision.objects.filter(decided_at__gte=begin, decided_at__lte=end).select_related("entry")
    for decision in rows.order_by("entry_id").iterator(chunk_size=2000):
        mechanism = decision.label.split(".", 1)[0]
        last = before.get(decision.subject)
        before[decision.subject] = decision.decided_at
        if decision.transition == CREATE or last is None or decision.role == Role.CLOCK:
            continue
        waited = decision.decided_at - last
        if waited < SITTING:
            continue
        days[mechanism].append(waited.total_seconds() / 86_400)
        reasoned[mechanism] += bool(decision.reasons or decision.written)
    for mechanism, found in sorted(days.items()):
        yield mechanism, found, reasoned[mechanism]


HOUSE = Site(
    code="house",
    station=Station.MEASURE,
    title=Text("本台", "The house"),
    purpose=Text("台账所记的办理情况。", "What the ledger says about the work itself."),
    gives={"process": process_indicators, "events": ruler_events},
)
