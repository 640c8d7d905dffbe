"""One move on several objects of a list: only moves the law does not ask a reason for, each its own decision.

A move that needs a written reason is an individual decision and is never made in bulk; neither is one that needs a form
of its own.  Every object goes through the transition service by itself: what is refused is told, the rest is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone

from biaochi.core.errors import InputError, RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.core.workflow import Transition
from biaochi.registry.models.governed import Governed
from biaochi.registry.transition import transition

MOST = 100


@dataclass(frozen=True)
class Outcome:
    """How many were moved, and which were refused."""

    done: int
    refused: tuple[tuple[str, Text], ...]


def moves_of(model: type[Governed], actor: Actor) -> Sequence[Transition]:
    """Return the moves of a model that an actor's role may make in bulk."""
    page = _page(model)
    if page is None or not actor.role.decides:
        return ()
    return [
        move
        for move in model.workflow.transitions
        if actor.role in move.roles and not move.needs_reason and move.code not in page.move_forms
    ]


def move_all(model: type[Governed], asked: QueryDict, actor: Actor) -> Outcome | None:
    """Make a move on each chosen object the actor may see; ``None`` when the move is none for bulk.

    ``asked`` holds ``bulk`` (the move), ``chosen`` (identifiers) and for each ``version-<identifier>``, as last seen.
    """
    code = asked.get("bulk", "")
    if code not in {m.code for m in moves_of(model, actor)}:
        return None
    page = _page(model)
    done, refused = 0, []
    for public_id in list(dict.fromkeys(asked.getlist("chosen")))[:MOST]:
        rows = model._default_manager.select_related("organisation", "region", "creator").filter(public_id=public_id)
        obj: Any = model.visible(actor, rows).first()
        version = asked.get(f"version-{public_id}", "")
        if obj is None or not version.isdigit() or len(version) > 9:
            continue
        obj.version = int(version)
        now = timezone.now()
        try:
            decision = page().decide(obj, code, actor, {}, now)
            transition(obj, code, actor, "", decision, now=now)
        except RefusedError as error:
            refused.append((obj.public_id, error.text))
        except InputError as error:
            refused.append((obj.public_id, error.faults[0].message))
        else:
            done += 1
    return Outcome(done, tuple(refused))


def _page(model: type[Governed]) -> Any:
    """Return the class of the model's object page; ``None`` when it has none."""
    try:
        address = reverse(f"{model._meta.app_label}:{model._meta.model_name}", args=["X-0"])
    except NoReverseMatch:
        return None
    return getattr(resolve(address).func, "view_class", None)
