"""The calendar of pilot zones."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.text import Text
from biaochi.mechanisms.layout.web import readings, zone_calendar
from biaochi.mechanisms.layout.web.models import Zone
from biaochi.registry.acting import acting, page_language

MOST = 200


class ZoneCalendar(View):
    """Where every zone stands in time, and what comes next."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the soonest day first."""
        lang, actor, today = page_language(request), acting(request).actor, timezone.localdate()
        rows = Zone.objects.select_related("organisation", "region", "creator").order_by("pk")
        zones = list(Zone.visible(actor, rows)[:MOST])
        found = zone_calendar.lines(zones, actor, lang, today)
        late = sum(line.late for line in found)
        coming = next((line for line in found if line.due is not None and line.due >= today), None)
        parts_zh, parts_en = [f"{len(zones)} 处先导区"], [f"{len(zones)} pilot zones"]
        if late:
            parts_zh.append(f"{late} 处已逾期")
            parts_en.append(f"{late} overdue")
        if coming is not None and coming.waits is not None:
            parts_zh.append(f"最近的是{coming.zone.title.zh}：{coming.due} {coming.waits.zh}")
            parts_en.append(f"next: {coming.zone.title.en}, {coming.waits.en} {coming.due}")
        heading = Text("，".join(parts_zh), ", ".join(parts_en))
        context = {
            "lines": found,
            "axis": zone_calendar.axis(zones, actor, today),
            "heading": heading.within(lang),
            "late": late,
            "planned": zone_calendar.planned(readings.rules(), zones),
        }
        return render(request, "layout/zone_calendar.html", context)
