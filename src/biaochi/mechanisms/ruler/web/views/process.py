"""The process indicators on the site: value, interval, cases, grade B and the ledger numbers behind each."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.mechanisms.ruler.web import process, readings
from biaochi.mechanisms.ruler.web.models import Submission
from biaochi.mechanisms.ruler.web.profile_page import STATES, fixed
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models import Region

MOST = 60


class ProcessPage(View):
    """What the ledgers fed: the public sees what is published, an office also what waits."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the newest reading of each indicator."""
        actor, lang = acting(request).actor, page_language(request)
        found = process.fed_framework()
        rows: list[dict[str, Any]] = []
        if found is not None:
            framework, tree = found
            mine = Submission.visible(actor, Submission.objects.filter(framework=framework))
            names = dict(readings.units_of(framework))
            shown = process.shown(framework, tree, list(mine.exclude(state="returned")))
            regions = {r.code: r.title for r in Region.objects.filter(code__in={s.unit for s in shown})}
            rows = [
                {
                    "shown": s,
                    "place": (names.get(s.unit) or regions.get(s.unit) or Text.same(s.unit)).within(lang),
                    "value": fixed(s.value, 1),
                    "interval": "" if s.low is None or s.high is None else f"{fixed(s.low)}–{fixed(s.high)}",
                    "state": STATES[s.status].within(lang) if s.value is None and s.status in STATES else "",
                    "ledger": s.ledger[:MOST],
                    "more": max(0, len(s.ledger) - MOST),
                    "published": s.submission.state in ("published", "revised"),
                }
                for s in shown
            ]
        published = sum(r["published"] for r in rows)
        answer = Text(
            f"台账喂出 {len(rows)} 个读数，{published} 个已发布" if rows else "台账还没有喂出读数",
            f"{len(rows)} readings fed by ledgers, {published} published"
            if rows
            else "No reading is fed by ledgers yet",
        )
        context = {
            "rows": rows,
            "answer": answer.within(lang),
            "framework": found[0] if found else None,
            "officer": actor.role is Role.OFFICER,
            "opens": actor.role is Role.AUDITOR,
        }
        return render(request, "ruler/process.html", context)
