"""What only this actor can do now: the moves that wait in every mechanism, by deadline."""

from __future__ import annotations

from datetime import datetime

from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.registry.models.governed import Governed
from biaochi.registry.site import TodoItem
from biaochi.web.sites import sites

_MOST = 60


def todo(actor: Actor, now: datetime) -> list[TodoItem]:
    """Return the actor's todo, what is due first; without deadline last, oldest first."""
    if not actor.role.decides:
        return []
    items: list[TodoItem] = []
    for site in sites():
        for model in site.models:
            items.extend(_waiting(model, actor, now))
        if site.todo is not None:
            items.extend(site.todo(actor, now))
    return sorted(items, key=lambda i: (i.due_at is None, i.due_at or now))


def _waiting(model: type[Governed], actor: Actor, now: datetime) -> list[TodoItem]:
    flow = model.workflow
    states = {s for t in flow.transitions if actor.role in t.roles for s in t.sources}
    if not states:
        return []
    rows = model.visible(actor, model._default_manager.filter(model.scope_of(actor), state__in=states))
    items = []
    for obj in rows.select_related("creator", "organisation", "region").order_by("entered_at")[:_MOST]:
        calm = obj.state in model.resting or (model.visibility and obj.state in model.visibility.public_states)
        moves = [m for m in flow.open_to(obj.subject(), actor) if m.deadline is not None or not calm]
        if not moves:
            continue
        dated = [m.deadline for m in moves if m.deadline is not None]
        title = obj.title
        names_zh, names_en = "、".join(m.name.zh for m in moves[:3]), ", ".join(m.name.en for m in moves[:3])
        items.append(
            TodoItem(
                Text(f"{names_zh}：{title.zh}", f"{names_en}: {title.en}"),
                Text(
                    f"{obj.public_id} · 现为“{obj.current.name.zh}”。{moves[0].consequence.zh}",
                    f"{obj.public_id} · now “{obj.current.name.en}”. {moves[0].consequence.en}",
                ),
                obj.get_absolute_url(),
                obj.entered_at + min(dated) if dated else None,
            )
        )
    return items
