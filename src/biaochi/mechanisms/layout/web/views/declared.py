"""Pages that rest on declared plans: crowding, the plan browser, plan documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

import pandas as pd
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Lang, Text
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.layout.decisions import decide_document
from biaochi.mechanisms.layout.report.figures import plan_heat_map, similarity_heat_map
from biaochi.mechanisms.layout.web import crowding_page, readings
from biaochi.mechanisms.layout.web.forms import COVERAGES, CodingForm, DocumentForm
from biaochi.mechanisms.layout.web.models import PlanDocument
from biaochi.mechanisms.layout.web.views.moving import RecordingPage
from biaochi.registry.acting import page_language
from biaochi.registry.views import CreateView, Item, ListColumn, ListView, Section

FIRST_ROWS = 12
PAGE = 50
EVIDENCE = {"seen": Text("见过原文", "seen"), "memory": Text("凭记忆，待核", "recalled, unverified")}


class CrowdingPage(View):
    """Which regions named the same tracks, and why their plans are alike."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the strip first, then what makes plans alike, then who named what."""
        lang = page_language(request)
        table = readings.plan_table()
        reading = readings.crowding_reading(table)
        rows = crowding_page.strip(reading, table.names, lang)
        declared = table.stood(readings.day_of(reading))
        places = readings.place_names()
        pairs = readings.pairs_of(reading)
        for end in ("a", "b"):
            pairs[end] = [places[r].within(lang) if r in places else r for r in pairs[end]]
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
                declared, table.names, lang, regions=reading["order"], tracks=reading["track_order"], places=places
            ),
            "pairs": similarity_heat_map(pairs, "Jaccard", lang),
        }
        return render(request, "layout/crowding.html", context)


class PlansPage(View):
    """Which region named which track, with which wording, in which document."""

    FILTERS = ("region", "track", "evidence", "coverage", "level")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the rows that match, or hand them out as CSV."""
        lang = page_language(request)
        table = readings.plan_table()
        asked = {k: request.GET.get(k, "")[:60] for k in self.FILTERS}
        rows = table.rows
        for column, value in asked.items():
            if value:
                rows = rows[rows[column] == value]
        if request.GET.get("format") == "csv":
            answer = HttpResponse(to_csv(rows.drop(columns="row")), content_type="text/csv; charset=utf-8")
            answer["Content-Disposition"] = 'attachment; filename="plans.csv"'
            return answer
        page = Paginator(rows.to_dict("records"), PAGE).get_page(request.GET.get("page"))
        lines = [
            {
                **{str(k): v for k, v in row.items()},
                "name": table.names.get(str(row["track"]), Text.same(str(row["track"]))).within(lang),
                "proof": EVIDENCE.get(str(row["evidence"]), Text.same(str(row["evidence"]))).within(lang),
                "cover": COVERAGES[row["coverage"]].within(lang),
            }
            for row in page.object_list
        ]
        kept = urlencode({k: v for k, v in asked.items() if v})
        context = {
            "lines": lines,
            "page": page,
            "asked": asked,
            "address": kept,
            "count": len(rows),
            "documents": rows["source"].nunique(),
            "regions": sorted(table.rows["region"].unique()),
            "tracks": [(c, t.within(lang)) for c, t in table.names.items()],
            "evidence": [(c, t.within(lang)) for c, t in EVIDENCE.items()],
            "coverages": [(c.value, t.within(lang)) for c, t in COVERAGES.items()],
            "named": self._named(table.rows, asked["track"], table.names, lang),
        }
        return render(request, "layout/plans.html", context)

    @staticmethod
    def _named(rows: pd.DataFrame, track: str, names: Mapping[str, Text], lang: Lang) -> str:
        """Return, for one track, how many regions of each kind ever named it."""
        if track not in names:
            return ""
        found = rows[rows["track"] == track]
        n, name = found["region"].nunique(), names[track].within(lang)
        return Text(f"{n} 处点名过{name}", f"{n} regions have named {name}").within(lang)


class DocumentList(ListView):
    """Plan documents on their way into the table."""

    model = PlanDocument
    heading = Text("规划文件", "Plan documents")
    columns = (
        ListColumn("place", Text("地区", "region"), lambda d: d.place),
        ListColumn("dated", Text("日期", "date"), lambda d: d.dated),
        ListColumn("source", Text("文件", "document"), lambda d: d.source),
    )
    create_url = "layout:plandocument_new"


class NewDocument(CreateView):
    """A document that was found."""

    model = PlanDocument
    form_class = DocumentForm
    heading = Text("登记规划文件", "Record a plan document")
    consequence = Text(
        "由一人编码，另一人独立复核，一致后发布，才计入拥挤度。",
        "One person codes it, another codes it on their own; when they agree it is published and counts.",
    )


class DocumentPage(RecordingPage):
    """One plan document."""

    model = PlanDocument
    move_forms: ClassVar = {"code": CodingForm, "code_again": CodingForm}

    def answer(self, obj: PlanDocument, actor: Actor, lang: Lang) -> str:
        """Return what the document is and how far its coding is."""
        known = {
            "found": Text("尚未编码", "not coded yet"),
            "coded": Text("已由一人编码，等另一人独立复核", "coded by one person; another codes on their own"),
        }
        text = known.get(obj.state)
        if text is None:
            n = len(obj.first or {})
            text = Text(f"点名 {n} 条赛道，两人均已编码", f"names {n} tracks, coded by two people")
        return text.within(lang) + ("。" if lang == "zh" else ".")

    def facts(self, obj: PlanDocument, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return where it comes from."""
        return [
            Item(Text("地区", "region"), obj.place),
            Item(Text("文件", "document"), obj.source),
            Item(Text("日期", "date"), obj.dated),
            Item(Text("清单", "list"), COVERAGES[obj.coverage]),  # type: ignore[index]
            Item(Text("见过原文", "text seen"), obj.seen),
        ]

    def sections(self, obj: PlanDocument, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return both codings beside each other, once both are in."""
        if not obj.first or not obj.shows_coding_to(actor):
            return ()
        names, second = readings.plan_table().names, obj.second
        codes = [c for c in names if c in obj.first or c in (second or {})]
        rows = [
            {
                "name": names[c].within(lang),
                "first": obj.first.get(c, ""),
                "second": (second or {}).get(c, ""),
                "alike": (c in obj.first) == (c in (second or {})),
            }
            for c in codes
        ]
        both = second is not None
        return [Section(Text("编码", "Coding"), "layout/coding.html", {"rows": rows, "both": both}, now=True)]

    def decide(
        self, obj: PlanDocument, move: str, actor: Actor, data: Mapping[str, Any], now: datetime
    ) -> Decision | None:
        """Store the coding that goes with a move; publication rests on two codings that agree."""
        tracks = list(readings.plan_table().names)
        at, parameters = timezone.localdate(now), readings.rules()
        if move == "code":
            PlanDocument.objects.filter(pk=obj.pk, state="found").update(first=data["coding"])
        elif move == "code_again":
            if actor.person == obj.coder:
                raise RefusedError("second_coder", Text("须由另一人编码", "another person must code"))
            obj.second, obj.second_coder = data["coding"], actor.person
            decision = decide_document(obj.coded(), tracks, at=at, parameters=parameters)
            agreed = decision.outcome in ("publish", "manual_review")
            PlanDocument.objects.filter(pk=obj.pk, state="coded").update(second=data["coding"], agreed=agreed)
            return decision
        elif move == "publish":
            return decide_document(obj.coded(), tracks, at=at, parameters=parameters).require(
                "publish", "manual_review"
            )
        return None
