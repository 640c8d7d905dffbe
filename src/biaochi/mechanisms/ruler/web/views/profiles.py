"""The units at a glance, and one unit's profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.ruler.files import Bundle
from biaochi.mechanisms.ruler.model import AGAINST
from biaochi.mechanisms.ruler.web import changes, first_screen, profile_page, readings, words
from biaochi.mechanisms.ruler.web.models import Framework
from biaochi.mechanisms.ruler.web.profile_page import fixed
from biaochi.mechanisms.ruler.web.views.method import card_items
from biaochi.methods.composite import strengths
from biaochi.registry.acting import page_language

REFERENCES: Mapping[str, Text] = {
    "peers": Text("同类", "peers"),
    "past": Text("自身上一期", "own past"),
    "frontier": Text("前沿（第 95 百分位）", "frontier (95th percentile)"),
    "target": Text("目标", "targets"),
}


class UnitsPage(View):
    """Every unit at a glance: tier intervals by code; ranks only on request."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the units of the framework in force."""
        lang = page_language(request)
        framework = readings.adopted()
        if framework is None:
            return render(request, "ruler/none.html", {"lang": lang})
        files = readings.bundle(framework)
        if not files.observations.data.strip().count(b"\n"):
            return render(request, "ruler/none.html", {"lang": lang, "framework": framework})
        found = readings.audit_reading(framework, files)
        names = readings.built(files).names
        units = sorted(u["unit"] for u in found["tiers"]["units"])
        ranks = {i["unit"]: (i["rank_lo"], i["rank_hi"]) for i in found["intervals"]}
        return render(
            request,
            "ruler/units.html",
            {
                "framework": framework,
                "answer": Text.from_mapping(found["said"]).within(lang),
                "period": found["period"],
                "tiers": profile_page.tier_rows(found, units, "", names, lang),
                "ranks": ranks if request.GET.get("ranks") == "1" else None,
                "gate": found["gate"],
            },
        )


class ProfilePage(View):
    """One unit: where it stands, what its gap is made of, what moves it, what is too early."""

    def get(self, request: HttpRequest, unit: str) -> HttpResponse:
        """Show the profile against the reference asked for."""
        lang = page_language(request)
        framework = readings.adopted()
        if framework is None:
            raise Http404
        files = readings.bundle(framework)
        names = readings.built(files).names
        if unit not in names:
            raise Http404
        against = request.GET.get("against", "peers")
        if against not in AGAINST:
            against = "peers"
        reading = readings.profile_reading(framework, files, unit, against)
        found = readings.audit_reading(framework, files)
        like = [p["unit"] for p in reading["peers"]]
        steps, total = profile_page.gap(reading, lang)
        interval = next((i for i in found["intervals"] if i["unit"] == unit), None)
        context = {
            "framework": framework,
            "unit": unit,
            "name": names[unit],
            "units": [(code, names[code]) for code in sorted(names)],
            "against": against,
            "references": REFERENCES,
            "reference_name": REFERENCES[against],
            "heading": first_screen.heading(reading, names[unit], profile_page.tier_count(found), against, lang),
            "answer": first_screen.answer(reading, lang),
            "facts": first_screen.facts(reading, profile_page.tier_count(found), against, lang),
            "period": reading["period"],
            "rows": profile_page.rows(reading, lang),
            "steps": steps,
            "total": total,
            "levers": profile_page.levers(reading, lang),
            "tiers": profile_page.tier_rows(found, [unit, *like], unit, names, lang),
            "trajectory": profile_page.trajectory(reading, names[unit], lang),
            "change": _change(framework, files, unit, lang),
            "strengths": _strengths(files, unit, reading["period"], lang) if request.GET.get("ranks") == "1" else None,
            "rank": interval if request.GET.get("ranks") == "1" else None,
            "card": card_items(framework, files),
        }
        return render(request, "ruler/profile.html", context)


def _change(framework: Framework, files: Bundle, unit: str, lang: Lang) -> dict[str, Any] | None:
    """Return what made the unit's score change since the last earlier state; the four parts add up."""
    found = changes.last_reading(framework, files, timezone.localdate())
    line = next((u for u in found["units"] if u["unit"] == unit), None) if found else None
    if line is None or found is None:
        return None
    return {
        "then": found["then"],
        "day": found["then"].partition("@")[2],
        "before": fixed(line["right"]),
        "before_period": line["right_period"],
        "after": fixed(line["left"]),
        "after_period": line["left_period"],
        "parts": [(words.CAUSES[p].within(lang), fixed(line[p], 2, sign=True)) for p in words.CAUSES],
        "total": fixed(line["total"], 2, sign=True),
    }


def _strengths(files: Bundle, unit: str, period: str, lang: Lang) -> list[dict[str, Any]]:
    """Return on which indicators the unit ranks highest and lowest, by raw values; only when ranks are asked for."""
    composite = readings.built(files).composite
    table = strengths(composite, unit, period, n=3).drop_duplicates("indicator")
    tree = composite.dataset.framework
    return [
        {"name": tree.by_code[str(line["indicator"])].name.within(lang), "rank": line["rank"], "of": line["of"]}
        for line in table.to_dict("records")
    ]
