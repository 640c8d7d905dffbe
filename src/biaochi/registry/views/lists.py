"""The one list page: search, filters kept in the address, saved views, export of exactly what is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

import pandas as pd
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.exchange.tables import to_csv
from biaochi.exchange.workbook import to_workbook
from biaochi.registry import bulk
from biaochi.registry.acting import acting, page_language
from biaochi.registry.models.governed import Governed
from biaochi.registry.models.work import ExportLog, SavedView
from biaochi.registry.shown import exported, shown

PAGE = 50
EXPORT_LIMIT = 100_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column of a list: its code in exports, its title, how its value is taken from an object.

    ``badge`` takes the code that chooses glyph and colour; ``numeric`` aligns at the end.
    """

    code: str
    title: Text
    value: Callable[[Any], object]
    numeric: bool = False
    badge: Callable[[Any], str] | None = None


@dataclass(frozen=True, slots=True)
class ListFilter:
    """A choice above the list, kept in the address.

    ``lookup`` is the field of the query; ``choices`` gives values and their names.
    """

    code: str
    title: Text
    lookup: str
    choices: Callable[[], Sequence[tuple[str, Text]]]


@dataclass(frozen=True)
class Shown:
    """One row as drawn: the object, its cells, and the codes of badges."""

    obj: Governed
    cells: Sequence[tuple[ListColumn, str, str]]


class ListView(View):
    """The list of one model.

    Attributes
    ----------
    model : type of Governed
        What is listed; its ``visible`` rule decides which rows exist for the viewer, also for counts and exports.
    heading : Text
        The heading; ``answer`` may say more.
    columns : sequence of ListColumn
        After the title, which is always first.
    filters : sequence of ListFilter
        Beside the state, which is always there.
    related : tuple of str
        What ``select_related`` needs for the columns.
    ordering : tuple of str
        Order of rows.
    create_url : str
        URL name of the creation page, shown to roles that may create.
    """

    model: ClassVar[type[Governed]]
    heading: ClassVar[Text]
    columns: ClassVar[Sequence[ListColumn]] = ()
    filters: ClassVar[Sequence[ListFilter]] = ()
    related: ClassVar[tuple[str, ...]] = ()
    ordering: ClassVar[tuple[str, ...]] = ("-created_at", "-pk")
    create_url: ClassVar[str] = ""
    template_name: ClassVar[str] = "registry/list.html"
    note: ClassVar[Text | None] = None

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the list, or export it."""
        actor = acting(request).actor
        lang = page_language(request)
        rows = self.rows(actor, request.GET)
        wanted = request.GET.get("format", "")
        if wanted in ("csv", "xlsx"):
            return self._export(request, rows, actor, lang, wanted)
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        inside = actor.role not in (Role.PUBLIC, Role.ANALYST, Role.FIRM)
        drawn = [Shown(obj, self._cells(obj, lang, inside)) for obj in page.object_list]
        return render(
            request,
            self.template_name,
            {
                "view": self,
                "heading": self.heading,
                "note": self.note,
                "answer": self.answer(actor, page.paginator.count, lang),
                "page": page,
                "rows": drawn,
                "columns": self._columns(inside),
                "controls": self._controls(request.GET, inside, lang),
                "q": request.GET.get("q", ""),
                "address": _address(request.GET),
                "saved": self._saved(request),
                "may_create": bool(self.create_url) and actor.role in self.model.creators,
                "bulk_moves": bulk.moves_of(self.model, actor) if drawn else (),
                "extra": self.extra(request, actor, lang),
            },
        )

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Make one move on several rows; save the present filters under a name, or forget one."""
        person = acting(request).person
        if person is None:
            return HttpResponse(status=403)
        if "bulk" in request.POST:
            return self._bulk(request)
        forget = request.POST.get("forget")
        if forget:
            SavedView.objects.filter(pk=forget if forget.isdigit() else 0, person=person).delete()
            return HttpResponseRedirect(request.path)
        name = request.POST.get("name", "").replace("\x00", "").strip()[:60]
        query = _address(QueryDict(request.POST.get("query", "")[:2000]))
        if name:
            SavedView.objects.update_or_create(person=person, path=request.path, name=name, defaults={"query": query})
        return HttpResponseRedirect(f"{request.path}?{query}")

    def _bulk(self, request: HttpRequest) -> HttpResponseBase:
        """Make a move on each chosen row, one decision each; tell which were refused and why."""
        actor, lang = acting(request).actor, page_language(request)
        found = bulk.move_all(self.model, request.POST, actor)
        if found is None:
            return HttpResponse(status=403)
        if found.done:
            messages.success(
                request, _("%(count)s done, each with its own line of the ledger.") % {"count": found.done}
            )
        for public_id, text in found.refused:
            messages.error(request, f"{public_id}: {text.within(lang)}")
        query = _address(QueryDict(request.POST.get("query", "")[:2000]))
        return HttpResponseRedirect(f"{request.path}?{query}" if query else request.path)

    def answer(self, actor: Actor, count: int, lang: Lang) -> str:
        """Return the sentence under the heading; the count is of what the viewer may see."""
        return f"共 {count} 项。" if lang == "zh" else f"{count} in all."

    def extra(self, request: HttpRequest, actor: Actor, lang: Lang) -> Mapping[str, Any]:
        """Return what a template of one's own needs beside the list."""
        return {}

    def rows(self, actor: Actor, wanted: QueryDict) -> QuerySet[Any]:
        """Return the rows the viewer may see and asked for."""
        found = self.model.visible(actor, self.model._default_manager.all())
        needle = wanted.get("q", "").strip()[:100]
        if needle:
            found = found.filter(self._match(needle))
        state = wanted.get("state", "")
        if state:
            found = found.filter(state=state)
        for chosen in self.filters:
            value = wanted.get(chosen.code, "")
            if value in {v for v, _ in chosen.choices()}:
                found = found.filter(**{chosen.lookup: value})
        if wanted.get("simulated") in ("0", "1"):
            found = found.filter(simulated=wanted["simulated"] == "1")
        return found.select_related("organisation", "region", *self.related).order_by(*self.ordering).distinct()

    def _match(self, needle: str) -> Q:
        return (
            Q(public_id__icontains=needle)
            | Q(title_zh__icontains=needle)
            | Q(title_en__icontains=needle)
            | Q(organisation__name_zh__icontains=needle)
        )

    def _columns(self, inside: bool) -> list[ListColumn]:
        flow = self.model.workflow

        def name(obj: Governed) -> Text:
            state = flow.state(obj.state)
            return state.name if inside else state.public

        def due(obj: Governed) -> object:
            return obj.due_at if inside else None

        last = [ListColumn("due_at", Text("时限", "Due"), due)] if inside else []
        state = ListColumn("state", Text("状态", "State"), name, badge=lambda o: self.badge(o))
        return [*self.columns, state, *last]

    def badge(self, obj: Any) -> str:
        """Return the code that chooses the glyph of an object's state; mechanisms may say more."""
        return str(obj.badge_of(obj.state))

    def _cells(self, obj: Governed, lang: Lang, inside: bool) -> list[tuple[ListColumn, str, str]]:
        return [
            (column, shown(column.value(obj), lang), column.badge(obj) if column.badge else "")
            for column in self._columns(inside)
        ]

    def _controls(self, wanted: QueryDict, inside: bool, lang: Lang) -> list[Mapping[str, Any]]:
        states = [(s.code, (s.name if inside else s.public).within(lang)) for s in self.model.workflow.states]
        controls: list[Mapping[str, Any]] = [
            {"code": "state", "title": Text("状态", "State"), "choices": states, "value": wanted.get("state", "")}
        ]
        for chosen in self.filters:
            choices = [(value, name.within(lang)) for value, name in chosen.choices()]
            controls.append(
                {"code": chosen.code, "title": chosen.title, "choices": choices, "value": wanted.get(chosen.code, "")}
            )
        return controls

    def _saved(self, request: HttpRequest) -> Sequence[SavedView]:
        person = acting(request).person
        return list(SavedView.objects.filter(person=person, path=request.path).order_by("name")) if person else []

    def _export(
        self, request: HttpRequest, rows: QuerySet[Any], actor: Actor, lang: Lang, wanted: str
    ) -> HttpResponseBase:
        inside = actor.role not in (Role.PUBLIC, Role.ANALYST, Role.FIRM)
        columns = self._columns(inside)
        records = []
        for obj in rows[:EXPORT_LIMIT]:
            title = obj.title.within(lang)
            cells = {c.code: exported(c.value(obj), lang) for c in columns}
            records.append({"public_id": obj.public_id, "title": title, **cells})
        names = ["public_id", "title", *(c.code for c in columns)]
        frame = pd.DataFrame(records, columns=names)
        ExportLog.objects.create(
            person=acting(request).person,
            role=actor.role.value,
            path=request.path,
            query=_address(request.GET),
            format=wanted,
            rows=len(frame),
        )
        stem = f"{self.model._meta.model_name}-{timezone.localdate():%Y%m%d}"
        if wanted == "csv":
            content: bytes = to_csv(frame).encode("utf-8-sig")
            kind = "text/csv; charset=utf-8"
        else:
            content, kind = to_workbook({str(self.model._meta.model_name): frame}), XLSX
        return HttpResponse(
            content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{stem}.{wanted}"'}
        )


def _address(wanted: QueryDict) -> str:
    """Return the filters as an address, without page and format."""
    return urlencode([(k, v) for k, v in sorted(wanted.items()) if k not in ("page", "format") and v])
