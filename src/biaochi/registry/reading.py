"""Which decisions on an object an actor may read; asked by pages and the API alike.

Those who handle the matter read all.  The organisation concerned reads what it was told of, never what is marked as
inner (single reviews, for instance).  Everybody else reads what made something public.
"""

from __future__ import annotations

from biaochi.core.roles import Actor
from biaochi.registry.models.governed import Governed
from biaochi.registry.models.record import Decision

_MOST = 1000
CREATE = "create"


def is_own(obj: Governed, actor: Actor) -> bool:
    """Whether the object belongs to the organisation the actor acts for."""
    return (
        bool(actor.organisation) and obj.organisation is not None and obj.organisation.public_id == actor.organisation
    )


def decisions_shown(obj: Governed, actor: Actor, *, inside: bool) -> list[Decision]:
    """Return the decisions the actor may read, the latest first."""
    rows = Decision.objects.filter(subject=obj.public_id).select_related("entry").prefetch_related("notifications")
    rows = rows.order_by("-entry_id")
    if inside:
        return list(rows[:_MOST])
    public = obj.visibility.public_states if obj.visibility else ()
    rows = rows.exclude(transition__in=obj.inner_moves)
    own = is_own(obj, actor)
    if not own:
        return list(rows.filter(target__in=public).exclude(transition=CREATE)[:_MOST])
    return [d for d in rows[:_MOST] if d.target in public or _told(d)]


def _told(decision: Decision) -> bool:
    """Whether the telling happened, or nobody had to be told."""
    notes = list(decision.notifications.all())
    return not notes or any(n.informed_at is not None for n in notes)
