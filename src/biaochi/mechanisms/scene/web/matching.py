"""What the page of a scene shows of matching and of the way from application to trial."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from django.core.cache import cache
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.text import Text
from biaochi.mechanisms.scene.decisions import MatchSettings, match_scenes, trial_funnel
from biaochi.mechanisms.scene.files.part import concepts
from biaochi.mechanisms.scene.files.tables import OFFER_COLUMNS
from biaochi.mechanisms.scene.report import FILTERS, FLAGS, STAGES
from biaochi.mechanisms.scene.web.models import FirmOffer, Scene, parameters
from biaochi.methods.matching import Concepts

TOP = 10
LEVEL = 0.9
_NUMBERS = frozenset(c.name for c in OFFER_COLUMNS if c.kind in ("number", "flag"))
_DAYS = frozenset(c.name for c in OFFER_COLUMNS if c.kind == "date")


@lru_cache(maxsize=1)
def concepts_of_tracks() -> Concepts:
    """Return the names of the tracks in both languages."""
    return concepts()


def shares() -> dict[str, float]:
    """Return the weights of the parts of a score."""
    weights = parameters(timezone.localdate())["match_weights"].value
    return {str(k): float(str(v)) for k, v in weights.items()} if isinstance(weights, Mapping) else {}


def offers_frame() -> pd.DataFrame:
    """Return all offers as the table matching reads."""
    rows = []
    for offer in FirmOffer.objects.order_by("pk"):
        row: dict[str, Any] = {"firm": offer.firm}
        for c in OFFER_COLUMNS[1:]:
            value = offer.content.get(c.name)
            if c.name in _NUMBERS:
                row[c.name] = np.nan if value is None else float(value)
            elif c.name in _DAYS:
                row[c.name] = date.fromisoformat(value) if value else None
            else:
                row[c.name] = value or ""
        rows.append(row)
    return pd.DataFrame(rows, columns=[c.name for c in OFFER_COLUMNS])


def matched(scene: Scene) -> Mapping[str, Any]:
    """Return who is left after which condition, the firms that fit with every part of their score, and flags."""
    frame = offers_frame()
    if not len(frame):
        return {"rows": [], "steps": [], "flags": [], "offers": 0}
    pure = scene.to_scene()
    key = "scene-match:" + digest([str(pure), frame.astype(str).to_dict("records")])
    kept = cache.get(key)
    if kept is None:
        found = match_scenes([pure], frame, concepts_of_tracks(), MatchSettings(shares(), TOP))
        startups = {str(f): s == 1 for f, s in zip(frame["firm"], frame["startup"], strict=True)}
        rows = [{str(k): None if v != v else v for k, v in r.items()} for r in found.pairs.to_dict("records")]
        kept = {"rows": [{**r, "startup": startups[str(r["firm"])]} for r in rows], "record": found.scenes[0]}
        cache.set(key, kept, 3600)
    record = kept["record"]
    return {
        "rows": kept["rows"],
        "steps": [{**s, "name": FILTERS.get(s["filter"], Text.same(s["filter"]))} for s in record["funnel"]],
        "flags": [FLAGS.get(f, Text.same(f)) for f in record["flags"]],
        "offers": len(frame),
    }


def way(scene: Scene) -> list[dict[str, Any]]:
    """Return how many went how far, small counts hidden."""
    records = scene.application_records()
    applied = pd.DataFrame(
        [
            {"scene": a.scene, "firm": a.firm, "eligible": float(bool(a.eligible)), "selected": float(bool(a.selected))}
            for a in records
        ],
        columns=["scene", "firm", "eligible", "selected"],
    )
    trials = pd.DataFrame(
        [
            {
                "scene": t.scene.public_id,
                "firm": t.firm,
                "started_on": t.started_on,
                "ended_on": t.ended_on,
                "outcome": t.outcome,
            }
            for t in scene.trials.select_related("scene", "application__organisation")
        ],
        columns=["scene", "firm", "started_on", "ended_on", "outcome"],
    )
    small = int(str(parameters(timezone.localdate())["small_cell"].value))
    found = trial_funnel(trials, applied, by="", small_cell=small, level=LEVEL)
    return [{**r, "name": STAGES[str(r["stage"])]} for r in found]
