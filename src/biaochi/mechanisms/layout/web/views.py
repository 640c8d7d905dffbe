"""Pages of the layout that rest on declared plans."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from biaochi.core.text import Text
from biaochi.mechanisms.layout.report.figures import plan_heat_map, similarity_heat_map
from biaochi.mechanisms.layout.web import crowding_page, readings
from biaochi.registry.acting import page_language

FIRST_ROWS = 12


class CrowdingPage(View):
    """Which regions named the same tracks, and why their plans are alike."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the strip first, then what makes plans alike, then who named what."""
        lang = page_language(request)
        table = readings.plan_table()
        reading = readings.crowding_reading(table)
        rows = crowding_page.strip(reading, table.names, lang)
        declared = table.stood(readings.day_of(reading))
        context = {
            "reading": reading,
            "heading": Text.from_mapping(reading["heading"]).within(lang),
            "said": Text.from_mapping(reading["said"]).within(lang),
            "rows": rows[:FIRST_ROWS],
            "more": rows[FIRST_ROWS:],
            "demanded": bool(reading["places"]),
            "parts": crowding_page.alike(reading["parts"], lang),
            "excess": crowding_page.excess(reading["parts"]),
            "local": crowding_page.alike(reading["local"], lang),
            "local_excess": crowding_page.excess(reading["local"]),
            "heat_map": plan_heat_map(
                declared, table.names, lang, regions=reading["order"], tracks=reading["track_order"]
            ),
            "pairs": similarity_heat_map(readings.pairs_of(reading), "Jaccard", lang),
        }
        return render(request, "layout/crowding.html", context)
