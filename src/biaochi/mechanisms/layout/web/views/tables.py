"""Pages of uploaded activity: the tables, declared against real for all regions and for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from biaochi.core.roles import Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout import report
from biaochi.mechanisms.layout.model.real import Standing, stand_against
from biaochi.mechanisms.layout.report.figures import real_heat_map, relatedness_quadrant
from biaochi.mechanisms.layout.web import readings
from biaochi.mechanisms.layout.web.models import ActivityTable, Concordance
from biaochi.registry.acting import acting, page_language
from biaochi.registry.marks import interval_mark

PLAN_STATES = {
    "declared": Text("已点名", "named"),
    "absent": Text("未点名", "not named"),
    "unknown": Text("不明", "unknown"),
}
DOES = {
    "sure": Text("已专业化", "specialised"),
    "perhaps": Text("可能已专业化", "perhaps specialised"),
    "not_yet": Text("尚未", "not yet"),
    "unseen": Text("表中没有统计", "not counted here"),
}
BADGES = {"sure": "met", "perhaps": "soon", "not_yet": "unknown", "unseen": "not_applicable"}
MOST = 4.0


def table_of(request: HttpRequest, public_id: str) -> ActivityTable:
    """Return an uploaded table the viewer may see, or 404."""
    found = ActivityTable.visible(acting(request).actor).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


class TablesPage(View):
    """The uploaded tables of the viewer's organisation."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them, and say where to upload one."""
        actor = acting(request).actor
        if not (actor.role is Role.AUDITOR or actor.role.decides):
            raise Http404
        context = {
            "tables": list(ActivityTable.visible(actor)),
            "may": actor.role in (Role.OFFICER, Role.ANALYST),
            "concordance": Concordance.of(actor.organisation) if actor.organisation else None,
        }
        return render(request, "layout/tables.html", context)


class RealPage(View):
    """Declared against real: all regions first, then one at a time, with what lies near it."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show what regions do beside what their plans name."""
        lang = page_language(request)
        uploaded = table_of(request, public_id)
        whole = request.GET.get("periods") == "all"
        reading = readings.real_reading(uploaded, whole=whole)
        plans = readings.plan_table()
        state = plans.stood(readings.newest(plans)).state
        against = stand_against(state, readings.real_of(reading))
        region = request.GET.get("region", "")
        common = {
            "uploaded": uploaded,
            "reading": reading,
            "whole": whole,
            "regions": [(r, readings.place_names().get(r, Text.same(r)).within(lang)) for r in reading["regions"]],
            "may_study": int(reading["periods"]) >= 3,
            "imputed": [plans.names[t].within(lang) for t in reading["imputed"] if t in plans.names],
            "n_regions": len(reading["regions"]),
        }
        if region in reading["regions"]:
            own = against[against["region"] == region]
            return render(request, "layout/real_region.html", common | self._region(reading, own, plans, region, lang))
        return render(request, "layout/real.html", common | self._all(uploaded, against, plans, lang))

    def _all(self, uploaded: ActivityTable, against: pd.DataFrame, plans: Any, lang: Lang) -> dict[str, Any]:
        places = readings.place_names()
        ours = _of_taxonomy(against, plans.names)
        by_region = [
            {**r, "name": places.get(str(r["region"]), Text.same(str(r["region"]))).within(lang)}
            for r in report.real_by(ours, "region")
        ]
        by_track = [
            {**r, "name": plans.names.get(str(r["track"]), Text.same(str(r["track"]))).within(lang)}
            for r in report.real_by(ours, "track")
        ]
        heard = {str(r["region"]) for r in by_region if r["named"]}
        known = ours[ours["region"].isin(heard)]
        return {
            "heading": report.real_heading(ours).within(lang),
            "by_region": [r for r in by_region if r["named"]],
            "without_plans": [r for r in by_region if not r["named"]],
            "by_track": [r for r in by_track if r["named"] and r["unseen"] != r["named"]],
            "uncounted": [r["name"] for r in by_track if r["named"] and r["unseen"] == r["named"]],
            "heat_map": real_heat_map(
                known if len(known) else ours, plans.names, places, lang, simulated=uploaded.simulated
            ),
        }

    def _region(
        self, reading: Mapping[str, Any], own: pd.DataFrame, plans: Any, region: str, lang: Lang
    ) -> dict[str, Any]:
        cells, listed = pd.DataFrame(reading["cells"]), pd.DataFrame(reading["listed"])
        mine = cells[cells["region"] == region]
        name = readings.place_names().get(region, Text.same(region))
        rows = [_row(r, plans.names, lang) for r in own.to_dict("records")]
        strong = [r for r in rows if not r["declared"] and r["does"] in ("sure", "perhaps")]
        return {
            "region": region,
            "name": name.within(lang),
            "heading": report.real_heading(_of_taxonomy(own, plans.names), name).within(lang),
            "known": bool((own["plan"] != "unknown").any()),
            "rows": [r for r in rows if r["declared"] and r["does"] != "unseen"],
            "uncounted": [r["track"] for r in rows if r["declared"] and r["does"] == "unseen"],
            "others": [r for r in strong if r["of_taxonomy"]],
            "classes": [r for r in strong if not r["of_taxonomy"]],
            "quadrant": relatedness_quadrant(mine, listed, lang, names=plans.names) if len(mine) else None,
        }


def _of_taxonomy(against: pd.DataFrame, names: Mapping[str, Text]) -> pd.DataFrame:
    """Return the rows of tracks that plans can name; classes a concordance starts from are none."""
    return against[against["track"].isin(names)]


def _row(row: Mapping[Any, Any], names: Mapping[str, Text], lang: Lang) -> dict[str, Any]:
    """Return one track of a region as a row: its plan, its quotient, the estimate with its interval, what follows."""
    track, quotient, centre = str(row["track"]), float(row["quotient"]), float(row["centre"])
    low, high = float(row["low"]), float(row["high"])
    if row["standing"] == Standing.UNSEEN.value:
        does = "unseen"
    elif quotient < 1:
        does = "not_yet"
    else:
        does = "sure" if row["sure"] else "perhaps"
    known = low == low and high == high
    ends = Text(f"{centre:.2f}（{low:.2f}–{high:.2f}）", f"{centre:.2f} ({low:.2f}–{high:.2f})").within(lang)
    label = Text(f"区位商 {ends}", f"quotient {ends}").within(lang)
    low, high, centre = min(low, MOST), min(high, MOST), min(centre, MOST)
    return {
        "track": names[track].within(lang) if track in names else track,
        "of_taxonomy": track in names,
        "declared": row["plan"] == "declared",
        "plan": PLAN_STATES[row["plan"]].within(lang),
        "share": "" if row["share"] != row["share"] else f"{100 * row['share']:.1f} %",
        "quotient": "–" if does == "unseen" else f"{quotient:.2f}",
        "interval": ends if known else "–",
        "mark": interval_mark(low, high, label=label, least=0, most=MOST, middle=centre) if known else "",
        "does": does,
        "word": DOES[does].within(lang),
        "badge": BADGES[does],
        "imputed": bool(row["imputed"]),
    }
