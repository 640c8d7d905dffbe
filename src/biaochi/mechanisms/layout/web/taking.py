"""What the layout takes over: outlooks of foresight, and plans somebody else declared."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.mechanisms.layout.model import Coverage, Level
from biaochi.mechanisms.layout.web import readings
from biaochi.mechanisms.layout.web.models import PlanDocument, TrackOutlook
from biaochi.registry.site import Offer
from biaochi.registry.transition import create


def take_outlook(offer: Offer, actor: Actor) -> str:
    """Keep the chance, by year, that at least one route of a function is ready; a newer outlook takes its place.

    The payload is a function of ``RouteOutlook``: ``p_none_ready`` by year, and ``track`` where foresight names one of
    the taxonomy; else an officer says which track it speaks of.
    """
    none_ready: Any = offer.payload.get("p_none_ready")
    if not isinstance(none_ready, dict) or not none_ready:
        raise RefusedError("no_outlook", Text("这项结果没有逐年的概率", "this result holds no chances by year"))
    ready = {str(y): min(1.0, max(0.0, 1.0 - float(p))) for y, p in none_ready.items()}
    track = str(offer.payload.get("track") or "")
    values = {
        "title_zh": offer.title.zh[:200],
        "title_en": offer.title.en[:200],
        "as_of": str(offer.payload.get("as_of") or "")[:20],
        "ready": ready,
        "simulated": bool(offer.payload.get("simulated")),
        "person": actor.person,
    }
    known = track if track in readings.plan_table().names else ""
    kept, new = TrackOutlook.objects.update_or_create(origin=offer.subject, defaults=values)
    if new or known:
        kept.track = known
        kept.save(update_fields=["track"])
    return reverse("layout:outlooks")


def take_plans(offer: Offer, actor: Actor) -> str:
    """Record a declared plan as a document that was found; two people still code it before it counts.

    The payload: ``place``, ``dated`` (YYYY-MM-DD), and optionally ``level``, ``source``, ``coverage``, ``simulated``.
    """
    place, dated = str(offer.payload.get("place") or ""), str(offer.payload.get("dated") or "")
    try:
        day = date.fromisoformat(dated)
        level = Level(str(offer.payload.get("level") or Level.PROVINCE.value))
        coverage = Coverage(str(offer.payload.get("coverage") or Coverage.PARTIAL.value))
    except ValueError:
        raise RefusedError(
            "no_plan",
            Text("这项结果没有写明文件的日期、层级与清单是否完整", "this result does not say date, level and coverage"),
        ) from None
    if not place:
        raise RefusedError("no_plan", Text("这项结果没有写明地区", "this result names no region"))
    document = PlanDocument(
        title_zh=offer.title.zh[:200],
        title_en=offer.title.en[:200],
        place=place[:60],
        level=level.value,
        source=str(offer.payload.get("source") or offer.title.zh)[:300],
        dated=day,
        coverage=coverage.value,
        seen=bool(offer.payload.get("seen")),
        simulated=bool(offer.payload.get("simulated")),
    )
    create(document, actor)
    return document.get_absolute_url()
