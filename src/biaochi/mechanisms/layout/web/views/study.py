"""The page of a study: what differing costs, certificates, menus, whether forecasts would have been right."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Role
from biaochi.core.text import Lang, Text
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.layout.report.figures import reliability_figure, trade_figure
from biaochi.mechanisms.layout.report.words import (
    EVENTS,
    FEATURES,
    KINDS,
    MODELS,
    PROBLEMS,
    TIER_BADGES,
    TIERS,
    constraint_name,
)
from biaochi.mechanisms.layout.web import marks, readings
from biaochi.mechanisms.layout.web.menu_making import make_menus
from biaochi.mechanisms.layout.web.models import ActivityTable, Menu, TrackOutlook
from biaochi.mechanisms.layout.web.views.tables import table_of
from biaochi.registry.acting import acting, page_language
from biaochi.registry.jobs import enqueue
from biaochi.registry.marks import interval_mark
from biaochi.registry.models import Job

JOB = "layout.study"
WORKING = (Job.State.QUEUED, Job.State.RUNNING)


class StudyPage(View):
    """Would forecasts have been right; what differing costs; the menus."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show the kept reading, or how far its job is."""
        uploaded = table_of(request, public_id)
        return self._shown(request, uploaded)

    def post(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Queue the computation once, keep limits, or make the menus of all regions."""
        uploaded = table_of(request, public_id)
        actor = acting(request).actor
        own = actor.organisation == uploaded.organisation
        if actor.role not in (Role.OFFICER, Role.ANALYST) or not own or not readings.enough_windows(uploaded):
            raise PermissionDenied
        event = _event(request.POST.get("event", ""))
        act = request.POST.get("act", "compute")
        if act == "limits":
            text = request.POST.get("limits", "").replace("\x00", "")[:100_000]
            faults = Faults()
            readings.checked_limits(uploaded, text, faults)
            if len(faults):
                return self._shown(request, uploaded, faults=faults, written=text, status=422)
            uploaded.limits = text.strip()
            uploaded.save(update_fields=["limits"])
        elif act == "menus":
            if actor.role is not Role.OFFICER:
                raise PermissionDenied
            try:
                make_menus(uploaded, event, actor)
            except RefusedError as error:
                said = [error.text.within(page_language(request))]
                context = {"back": reverse("layout:study", args=[uploaded.public_id]), "faults": said}
                return render(request, "layout/faults.html", context, status=422)
            return HttpResponseRedirect(reverse("layout:menu_list"))
        elif readings.study_reading(uploaded, event) is None and not _job(uploaded, event, running=True):
            enqueue(JOB, {"table": uploaded.public_id, "event": event}, acting(request).person)
        return HttpResponseRedirect(
            f"{reverse('layout:study', args=[uploaded.public_id])}?{urlencode({'event': event})}"
        )

    def _shown(
        self,
        request: HttpRequest,
        uploaded: ActivityTable,
        *,
        faults: Faults | None = None,
        written: str | None = None,
        status: int = 200,
    ) -> HttpResponse:
        lang = page_language(request)
        event = _event(request.GET.get("event", request.POST.get("event", "")))
        actor = acting(request).actor
        may = actor.role in (Role.OFFICER, Role.ANALYST) and actor.organisation == uploaded.organisation
        common = {
            "uploaded": uploaded,
            "event": event,
            "events": [(code, text.within(lang)) for code, text in EVENTS.items()],
            "may": may,
            "may_menus": may and actor.role is Role.OFFICER,
            "limits": uploaded.limits if written is None else written,
            "faults": [] if faults is None else [_fault(f, lang) for f in faults.all()],
        }
        reading = readings.study_reading(uploaded, event)
        if reading is None:
            job = _job(uploaded, event)
            waiting = job is not None and job.state in WORKING
            return render(request, "layout/study_wait.html", {**common, "job": job, "waiting": waiting}, status=status)
        context = common | _context(request, uploaded, reading, lang)
        return render(request, "layout/study.html", context, status=status)


def _event(text: str) -> str:
    return text if text in readings.EVENTS else readings.EVENTS[0]


def _job(uploaded: ActivityTable, event: str, *, running: bool = False) -> Job | None:
    rows = Job.objects.filter(code=JOB, arguments__table=uploaded.public_id, arguments__event=event)
    if running:
        rows = rows.filter(state__in=WORKING)
    return rows.order_by("-pk").first()


def _fault(fault: Any, lang: Lang) -> str:
    said, fix = fault.message.within(lang), fault.fix.within(lang)
    place = f"{fault.column} " if fault.column else ""
    seen = "" if fault.seen in ("", None) else f" [{fault.seen}]"
    return f"{place}{said}{seen}{'：' if lang == 'zh' else ': '}{fix}"


def _context(request: HttpRequest, uploaded: ActivityTable, reading: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    back, plans = reading["backtest"], reading["plans"]
    names = readings.plan_table().names
    problem = request.GET.get("problem", "p0")
    if problem not in plans:
        problem = next(iter(plans), "p0")
    plan = plans.get(problem)
    menus = plan["menus"] if plan else []
    regions = [m["region"] for m in menus]
    region = request.GET.get("region", "")
    if region not in regions:
        region = regions[0] if regions else ""
    items: list[Mapping[str, Any]] = next((m["items"] for m in menus if m["region"] == region), [])
    ready = {o.track: o for o in TrackOutlook.objects.exclude(track="")}
    heading = Text.from_mapping(plan["heading"] if plan else reading["backtest_said"]).within(lang)
    reliability = pd.DataFrame(back["reliability"], columns=["model", "low", "high", "n", "forecast", "frequency"])
    chosen = back["chosen"]["model"]
    return {
        "reading": reading,
        "heading": heading,
        "plan": plan,
        "problem": problem,
        "problems": [problem_row(code, plans[code], reading["own"], lang) for code in plans],
        "joint": reading["joint"],
        "trade": trade_figure(reading["steps"], lang, simulated=uploaded.simulated) if plan else None,
        "steps": [step_row(s, lang) for s in reading["steps"]],
        "cap": reading["cap"],
        "region": region,
        "place": readings.place_names().get(region, Text.same(region)).within(lang) if region else "",
        "regions": [(r, readings.place_names().get(r, Text.same(r)).within(lang)) for r in regions],
        "items": [item_row(i, names, ready, lang) for i in items],
        "made": Menu.objects.filter(table=uploaded, event=reading["event"]).count(),
        "chosen": MODELS[chosen].within(lang) if chosen else "",
        "learner": bool(chosen) and back["chosen"]["reason"] == "best_log_score",
        "scores": [score_row(s, chosen, lang) for s in back["scores"] if s["origin"] == "all"],
        "skill": [skill_row(s, lang) for s in back["skill"] if s["metric"] == "auc"],
        "reliability": reliability_figure(reliability, chosen, lang, name=MODELS[chosen]) if len(reliability) else None,
    }


def problem_row(code: str, plan: Mapping[str, Any], own: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """Return one problem with what it comes to and its certificate."""
    name, meaning = PROBLEMS[code]
    proof = plan["certificate"]
    solved = not plan["infeasible"]
    gap = proof["gap"]
    if not solved:
        first = plan["infeasible"][0]
        name = constraint_name(first["constraint"], readings.plan_table().names)
        word = Text(f"约束相互矛盾：{name.zh}", f"the limits contradict: {name.en}")
    elif gap is not None and gap <= 1e-6:
        word = Text("已证最优", "proven best")
    else:
        word = Text(f"离上界至多 {100 * gap:.2g}%", f"within {100 * gap:.2g} % of the bound")
    seen = plan["seen"]
    return {
        "code": code,
        "name": name.within(lang),
        "meaning": meaning.within(lang),
        "solved": solved,
        "proof": word.within(lang),
        "value": proof["value"],
        "bound": proof["bound"],
        "seconds": proof["seconds"],
        "lost": own["expected"] - seen["expected"] if solved else None,
        "avoided": own["overload"] - seen["overload"] if solved else None,
        "tracks": seen["tracks"] if solved else None,
        "most": seen["max_regions"] if solved else None,
    }


def step_row(step: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """Return one point of the frontier as a row."""
    word = KINDS[step["kind"]].within(lang)
    return {**step, "word": word, "label": word if step["kind"] != "price" else f"λ = {step['price']:.3f}"}


def item_row(
    item: Mapping[str, Any], names: Mapping[str, Text], ready: Mapping[str, TrackOutlook], lang: Lang
) -> dict[str, Any]:
    """Return one suggestion with its frequency and chance as marks, its reasons, and when the track may be ready."""
    low, high, p, often = item["low"], item["high"], item["p"], item["frequency"]
    known = low is not None and high is not None and not math.isnan(low)
    text = f"{p:.2f}" + (f" ({low:.2f}–{high:.2f})" if known else "")
    chance = Text(f"进入概率 {text}", f"chance of entry {text}").within(lang)
    share = "–" if often is None else f"{100 * often:.0f} %"
    stable = Text(f"重抽样中 {share} 入选", f"suggested in {share} of refits").within(lang)
    outlook = ready.get(item["track"])
    return {
        "code": item["track"],
        "track": names[item["track"]].within(lang) if item["track"] in names else item["track"],
        "tier": TIERS[item["tier"]].within(lang),
        "badge": TIER_BADGES[item["tier"]],
        "frequency": share,
        "stable": "" if often is None else marks.part(often, 0.0, 1.0, label=stable),
        "p": text,
        "chance": interval_mark(low, high, label=chance, least=0, most=1, middle=p) if known else "",
        "reasons": [r[lang] for r in item["reasons"] if r["code"] not in ("stability", "chance", "region_decides")],
        "drivers": [
            f"{FEATURES[d['feature']].within(lang)} {d['log_odds']:+.2f}"
            for d in item["drivers"]
            if d["feature"] in FEATURES
        ],
        "outlook": outlook,
        "ready": [(y, f"{100 * v:.0f} %") for y, v in outlook.by_year] if outlook else [],
    }


def score_row(score: Mapping[str, Any], chosen: str | None, lang: Lang) -> dict[str, Any]:
    """Return the scores of one model."""
    return {**score, "name": MODELS[score["model"]].within(lang), "used": score["model"] == chosen}


def skill_row(gain: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """Return a learner's gain over a baseline with its interval as a mark."""
    name = f"{MODELS[gain['model']].within(lang)} − {MODELS[gain['baseline']].within(lang)}"
    low, high, middle = gain["low"], gain["high"], gain["estimate"]
    text = f"{middle:+.3f} ({low:+.3f} – {high:+.3f})"
    wide = max(0.1, abs(low), abs(high))
    mark = interval_mark(low, high, label=f"{name}: {text}", least=-wide, most=wide, middle=middle, ticks=2)
    return {"name": name, "text": text, "mark": mark, "sure": low > 0}
