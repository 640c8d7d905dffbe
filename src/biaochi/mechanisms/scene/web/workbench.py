"""The match workbench: all open scenes and all offers at once, what a reserve would cost, as a suggestion only."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.canonical import digest
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.scene.decisions import MatchSettings, assignment_record, match_scenes
from biaochi.mechanisms.scene.report import FLAGS
from biaochi.mechanisms.scene.web.matching import TOP, concepts_of_tracks, offers_frame, shares
from biaochi.mechanisms.scene.web.models import Scene, parameters
from biaochi.registry.acting import acting

OPEN = ("listed", "open", "selecting")
MOST_SCENES = 200
SHARES = ("0", "0.25", "0.5", "1")
WAYS = {"flow": Text("总分最高", "highest total"), "stable": Text("双方稳定", "stable for both sides")}
PRICES = {
    "startup_share": Text("初创企业比例", "share of start-ups"),
    "group_share": Text("单一集团上限", "cap on one group"),
    "capacity": Text("企业的承接能力", "capacity of firms"),
}


class WorkbenchPage(View):
    """Which firm could try which scene if all slots were given at once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the suggestion for a way of assigning and a share of start-ups."""
        actor = acting(request).actor
        if actor.role not in (Role.OFFICER, Role.SCENE_OWNER):
            raise PermissionDenied
        way = request.GET.get("way", "flow")
        way = way if way in WAYS else "flow"
        default = f"{float(str(parameters(timezone.localdate())['startup_share'].value)):g}"
        share = request.GET.get("share", default)
        share = share if share in (*SHARES, default) else default
        context: dict[str, Any] = {
            "ways": list(WAYS.items()),
            "way": way,
            "share": share,
            "shares": [(s, f"{float(s):.0%}") for s in sorted({*SHARES, default}, key=float)],
        }
        return render(request, "scene/workbench.html", context | suggested(actor, way, float(share)))


def suggested(actor: Actor, way: str, share: float) -> dict[str, Any]:
    """Return scenes with the firms suggested for their slots, and what the share of start-ups costs."""
    rows = (
        Scene.visible(actor, Scene.objects.filter(state__in=OPEN)).select_related("organisation").order_by("closes_on")
    )
    scenes = {s.public_id: s for s in rows[:MOST_SCENES]}
    offers = offers_frame().drop_duplicates("firm").reset_index(drop=True)
    if not scenes or not len(offers):
        return {"scenes": [], "offers": len(offers), "open": len(scenes)}
    pure = [s.to_scene() for s in scenes.values()]
    key = "scene-workbench:" + digest([[str(s) for s in pure], offers.astype(str).to_dict("records"), way, share])
    kept = cache.get(key)
    if kept is None:
        found = match_scenes(pure, offers, concepts_of_tracks(), MatchSettings(shares(), TOP))
        record = assignment_record(way, found.pairs, pure, offers, None, share or None, None, np.random.default_rng(0))
        kept = (record, found.pairs[["scene", "firm", "score", "terms"]].to_dict("records"), found.scenes)
        cache.set(key, kept, 3600)
    record, pairs, told = kept
    young = {str(f) for f, s in zip(offers["firm"], offers["startup"], strict=True) if s == 1}
    return _shown(scenes, young, record, pairs, told) | {"offers": len(offers)}


def _shown(
    scenes: Mapping[str, Scene],
    young: Set[str],
    record: Mapping[str, Any],
    pairs: list[dict[str, Any]],
    told: list[dict[str, Any]],
) -> dict[str, Any]:
    given = {(p["scene"], p["firm"]) for p in record["pairs"]}
    flags = {t["scene"]: [FLAGS.get(f, Text.same(f)) for f in t["flags"]] for t in told}
    return {
        "scenes": [
            {
                "scene": scene,
                "flags": flags.get(code, []),
                "firms": [
                    {**p, "startup": p["firm"] in young}
                    for p in pairs
                    if p["scene"] == code and (code, p["firm"]) in given
                ],
            }
            for code, scene in scenes.items()
        ],
        "open": len(scenes),
        "pairs": len(given),
        "unfilled": sum(u["slots"] for u in record["unfilled"]),
        "value": record["value"],
        "startups": record["startup_share"],
        "blocking": record["blocking_pairs"],
        "prices": [
            {"name": PRICES.get(p["constraint"], Text.same(p["constraint"])), "lost": p["lost"]}
            for p in record["price"]
        ],
    }
