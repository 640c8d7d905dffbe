"""What changed between two states of the index, cause by cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.text import Lang, Text
from biaochi.mechanisms.ruler.model import RevisionReason
from biaochi.mechanisms.ruler.web import changes, readings, words
from biaochi.mechanisms.ruler.web.profile_page import fixed
from biaochi.registry.acting import page_language

PARTS = tuple(words.CAUSES)


class ChangesPage(View):
    """Today's index against an earlier state: performance, goalposts, revision and method, adding up for each unit."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the changes since the state asked for."""
        lang = page_language(request)
        framework = readings.adopted()
        if framework is None:
            raise Http404
        today = timezone.localdate()
        files = readings.bundle(framework)
        now = changes.State(framework, files.as_of or today, files)
        found = changes.states(framework, today)
        wanted = request.GET.get("then", "")
        then = next((s for s in found if s.code == wanted), found[0] if found else None)
        context: dict[str, Any] = {"framework": framework, "now": now, "then": then, "states": found}
        if then is not None:
            reading = changes.reading(now, then)
            names = readings.built(files).names
            context |= {
                "rows": [_row(line, names, lang) for line in reading["units"]],
                "answer": _answer(reading["units"]).within(lang),
                "cells": _cells(reading["cells"], framework, names, lang),
                "steps": [
                    {"name": words.STEPS[s["step"]], "before": s["before"], "after": s["after"]}
                    for s in reading["steps"]
                ],
                "nodes": [
                    {"node": n["node"], "field": words.FIELDS[n["field"]], "before": n["before"], "after": n["after"]}
                    for n in reading["nodes"]
                ],
                "causes": words.CAUSES.values(),
            }
        return render(request, "ruler/changes.html", context)


def _row(line: Mapping[str, Any], names: Mapping[str, Text], lang: Lang) -> dict[str, Any]:
    unit = line["unit"]
    return {
        "unit": unit,
        "name": names.get(unit, Text.same(unit)).within(lang),
        "before": fixed(line["right"], 1),
        "before_period": line["right_period"],
        "after": fixed(line["left"], 1),
        "after_period": line["left_period"],
        "parts": [(words.CAUSES[p].within(lang), fixed(line[p], 2, sign=True)) for p in PARTS],
        "total": fixed(line["total"], 2, sign=True),
    }


def _answer(units: Sequence[Mapping[str, Any]]) -> Text:
    """Say which cause moved the scores most, and which did not move them at all."""
    if not units:
        return Text("两个状态没有共同计分的单位。", "The two states score no unit in common.")
    size = {p: sum(abs(u[p] or 0.0) for u in units) / len(units) for p in PARTS}
    most = max(size, key=lambda p: size[p])
    if size[most] < 1e-9:
        return Text("各地得分都没有变。", "No score changed.")
    still = [p for p in PARTS if size[p] < 1e-9]
    zh = "、".join(words.CAUSES[p].zh for p in still)
    en = " and ".join(words.CAUSES[p].en for p in still)
    return Text(
        f"变动主要来自{words.CAUSES[most].zh}：平均每地 {size[most]:.1f} 分" + (f"；{zh}没有影响。" if still else "。"),
        f"Scores moved mostly by {words.CAUSES[most].en}: {size[most]:.1f} points a unit on average"
        + (f"; {en} moved nothing." if still else "."),
    )


def _cells(
    cells: Sequence[Mapping[str, Any]], framework: Any, names: Mapping[str, Text], lang: Lang
) -> list[dict[str, Any]]:
    reasons = changes.published_reasons(framework)
    found = []
    for cell in cells[:200]:
        reason = reasons.get((cell["unit"], cell["indicator"], cell["period"]), "")
        found.append(
            {
                **cell,
                "name": names.get(cell["unit"], Text.same(cell["unit"])).within(lang),
                "reason": RevisionReason(reason).text.within(lang) if reason else "",
            }
        )
    return found
