"""Pages that rest on an uploaded activity table: declared against real, the quadrant, back-test, menus, frontier."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from biaochi.core.roles import Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout.report.figures import frontier_figure, relatedness_quadrant, reliability_figure
from biaochi.mechanisms.layout.web import readings
from biaochi.mechanisms.layout.web.models import ActivityTable
from biaochi.registry.acting import acting, page_language
from biaochi.registry.jobs import enqueue
from biaochi.registry.models import Job

JOB = "layout.study"
TIERS = {
    "firm": Text("稳定", "firm"),
    "optional": Text("可选", "optional"),
    "open": Text("开放", "open"),
}
BADGES = {"firm": "met", "optional": "soon", "open": "unknown"}
PLAN_STATES = {
    "declared": Text("已点名", "named"),
    "absent": Text("未点名", "not named"),
    "unknown": Text("不明", "unknown"),
}


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
        tables = list(ActivityTable.visible(actor))
        may = actor.role in (Role.OFFICER, Role.ANALYST)
        return render(request, "layout/tables.html", {"tables": tables, "may": may})


class RealPage(View):
    """Declared against real, for one region at a time; and what lies near and is complex."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show what a region does beside what its plans name."""
        lang = page_language(request)
        uploaded = table_of(request, public_id)
        reading = readings.real_reading(uploaded)
        cells, tracks = pd.DataFrame(reading["cells"]), pd.DataFrame(reading["tracks"])
        regions = list(dict.fromkeys(str(r) for r in cells["region"]))
        region = request.GET.get("region", "")
        if region not in regions:
            region = regions[0]
        plans = readings.plan_table()
        declared = plans.stood(readings.newest(plans))
        rows = _against(reading, declared.state, plans.names, region, lang)
        own = cells[cells["region"] == region]
        context = {
            "uploaded": uploaded,
            "reading": reading,
            "said": Text(
                f"{len(regions)} 个地区，{reading['period']}", f"{len(regions)} regions, {reading['period']}"
            ).within(lang),
            "region": region,
            "regions": regions,
            "rows": rows,
            "heading": _heading(region, rows, lang, known=region in declared.state.index),
            "known": region in declared.state.index,
            "quadrant": relatedness_quadrant(own, tracks, lang) if len(own) else None,
            "may_study": int(reading["periods"]) >= 3,
        }
        return render(request, "layout/real.html", context)


def _against(
    reading: Mapping[str, Any], state: pd.DataFrame, names: Mapping[str, Text], region: str, lang: Lang
) -> list[dict[str, Any]]:
    """Return every track the region does or names: its share, its quotient, its plan."""
    real = {str(r["track"]): r for r in reading["real"] if r["region"] == region}
    named = {}
    if region in state.index:
        named = {str(t): str(s) for t, s in state.loc[region].items()}
    order = [*names, *(t for t in real if t not in names)]
    rows = []
    for code in order:
        done, plan = real.get(code), named.get(code, "unknown")
        if done is None and plan != "declared":
            continue
        lq = None if done is None else done["lq"]
        rows.append(
            {
                "track": names[code].within(lang) if code in names else code,
                "share": None if done is None or done["share"] is None else f"{100 * done['share']:.1f} %",
                "lq": lq,
                "active": lq is not None and lq >= 1,
                "plan": PLAN_STATES[plan].within(lang),
                "declared": plan == "declared",
            }
        )
    return rows


def _heading(region: str, rows: list[dict[str, Any]], lang: Lang, *, known: bool) -> str:
    named = [r for r in rows if r["declared"]]
    backed = sum(r["active"] for r in named)
    strong = sum(r["active"] and not r["declared"] for r in rows)
    if not known:
        return Text(
            f"{region}有 {strong} 条已专业化的赛道；规划点名什么，不明",
            f"{region} is specialised in {strong} tracks; what its plans name is unknown",
        ).within(lang)
    return Text(
        f"{region}点名 {len(named)} 条赛道，其中 {backed} 条已有专业化基础；另有 {strong} 条强项没有点名",
        f"{region} names {len(named)} tracks, {backed} of them already specialised; {strong} more strengths go unnamed",
    ).within(lang)


class StudyPage(View):
    """Would forecasts have been right; the menus; what differing costs."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show the kept reading, or how far its job is."""
        lang = page_language(request)
        uploaded = table_of(request, public_id)
        reading = readings.study_reading(uploaded)
        if reading is None:
            job = Job.objects.filter(public_id=uploaded.job).first() if uploaded.job else None
            waiting = job is not None and job.state in (Job.State.QUEUED, Job.State.RUNNING)
            may = acting(request).actor.role in (Role.OFFICER, Role.ANALYST)
            context = {"uploaded": uploaded, "job": job, "waiting": waiting, "may": may}
            return render(request, "layout/study_wait.html", context)
        return render(request, "layout/study.html", self._context(request, uploaded, reading, lang))

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Queue the computation, once."""
        uploaded = table_of(request, public_id)
        if acting(request).actor.role not in (Role.OFFICER, Role.ANALYST) or not readings.enough_windows(uploaded):
            raise PermissionDenied
        waiting = Job.objects.filter(public_id=uploaded.job, state__in=(Job.State.QUEUED, Job.State.RUNNING))
        if readings.study_reading(uploaded) is None and not waiting.exists():
            uploaded.job = enqueue(JOB, {"table": uploaded.public_id}, acting(request).person).public_id
            uploaded.save(update_fields=["job"])
        return HttpResponseRedirect(reverse("layout:study", args=[uploaded.public_id]))

    def _context(
        self, request: HttpRequest, uploaded: ActivityTable, reading: Mapping[str, Any], lang: Lang
    ) -> dict[str, Any]:
        back, plan = reading["backtest"], reading["plan"]
        names = readings.plan_table().names
        menus = plan["menus"] if plan else []
        regions = [m["region"] for m in menus]
        region = request.GET.get("region", "")
        if region not in regions:
            region = regions[0] if regions else ""
        items: list[Mapping[str, Any]] = next((m["items"] for m in menus if m["region"] == region), [])
        scores = [s for s in back["scores"] if s["origin"] == "all"]
        reliability = pd.DataFrame(back["reliability"], columns=["model", "low", "high", "n", "forecast", "frequency"])
        return {
            "uploaded": uploaded,
            "backtest": back,
            "scores": scores,
            "skill": [s for s in back["skill"] if s["metric"] == "auc"][:8],
            "backtest_said": Text.from_mapping(reading["backtest_said"]).within(lang),
            "reliability": reliability_figure(reliability, back["chosen"]["model"], lang) if len(reliability) else None,
            "plan": plan,
            "plan_said": Text.from_mapping(reading["plan_said"]).within(lang) if plan else "",
            "frontier": frontier_figure(plan["frontier"], lang) if plan and plan["frontier"] else None,
            "steps": _steps(plan["frontier"], reading["own"], lang) if plan else [],
            "region": region,
            "regions": regions,
            "items": [_shown(i, names, lang) for i in items],
        }


def _steps(frontier: list[Mapping[str, Any]], own: Mapping[str, Any], lang: Lang) -> list[dict[str, Any]]:
    """Return each region for itself, then each price: what is lost against that, what overcapacity is avoided."""
    alone = Text("各自选择", "each for itself").within(lang)
    return [
        {**own, "price": alone, "lost": 0.0, "avoided": 0},
        *(
            {**row, "lost": own["expected"] - row["expected"], "avoided": own["overload"] - row["overload"]}
            for row in frontier
        ),
    ]


def _shown(item: Mapping[str, Any], names: Mapping[str, Text], lang: Lang) -> dict[str, Any]:
    low, high = item["low"], item["high"]
    known = low is not None and high is not None and not math.isnan(low)
    return {
        "track": names[item["track"]].within(lang) if item["track"] in names else item["track"],
        "tier": TIERS[item["tier"]].within(lang),
        "badge": BADGES[item["tier"]],
        "p": item["p"],
        "interval": f"{low:.2f}–{high:.2f}" if known else "",
        "frequency": f"{100 * item['frequency']:.0f} %" if item["frequency"] is not None else "–",
        "reasons": [r[lang] for r in item["reasons"]],
    }
