"""Pages of regions' menus: computed, sent for reference, answered by the region, held against what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction as database
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.layout.decisions import decide_answer
from biaochi.mechanisms.layout.model import ChoiceKind
from biaochi.mechanisms.layout.report.words import EVENTS
from biaochi.mechanisms.layout.web import readings
from biaochi.mechanisms.layout.web.forms import AddressForm, AnswerForm
from biaochi.mechanisms.layout.web.menu_making import receivers, refreshed
from biaochi.mechanisms.layout.web.models import ActivityTable, Menu, MenuAnswer, TrackOutlook
from biaochi.mechanisms.layout.web.views.moving import RecordingPage
from biaochi.mechanisms.layout.web.views.study import item_row
from biaochi.registry.acting import acting
from biaochi.registry.transition import record
from biaochi.registry.views import Item, ListColumn, ListFilter, ListView, Section


class MenuList(ListView):
    """All menus the viewer may see."""

    model = Menu
    heading = Text("各地的菜单", "Menus of regions")
    columns = (
        ListColumn("receiver", Text("送给", "goes to"), lambda m: m.receiver.title if m.receiver else None),
        ListColumn("items", Text("建议", "suggestions"), lambda m: len(m.items), numeric=True),
        ListColumn("event", Text("口径", "entry"), lambda m: EVENTS.get(m.event)),
    )
    filters = (ListFilter("event", Text("口径", "entry"), "event", lambda: list(EVENTS.items())),)
    related = ("receiver",)


class MenuPage(RecordingPage):
    """One region's menu."""

    model = Menu
    related = ("receiver", "table")

    def answer(self, obj: Menu, actor: Actor, lang: Lang) -> str:
        """Return what the menu is, and what became of it."""
        n = len(obj.items)
        firm = sum(i["tier"] == "firm" for i in obj.items)
        offered = Text(f"{n} 条有理由的建议，其中 {firm} 条稳定", f"{n} suggestions with reasons, {firm} of them firm")
        order = Text("这不是任务，由地区自己决定。", "No order: the region decides.")
        if obj.state in ("answered", "reviewed"):
            counted = {k: sum(c.kind is k for c in obj.choices()) for k in ChoiceKind}
            zh = "，".join(f"{k.text.zh} {v} 条" for k, v in counted.items() if v)
            en = ", ".join(f"{v} {k.text.en}" for k, v in counted.items() if v)
            offered = Text(f"{offered.zh}；地区答复：{zh}", f"{offered.en}; the region answered: {en}")
        return Text(f"{offered.zh}。{order.zh}", f"{offered.en}. {order.en}").within(lang)

    def facts(self, obj: Menu, actor: Actor, lang: Lang) -> Sequence[Item]:
        """Return where it comes from and where it goes."""
        place = readings.place_names().get(obj.place, Text.same(obj.place))
        return [
            Item(Text("地区", "region"), place),
            Item(Text("送给", "goes to"), obj.receiver.title if obj.receiver else None),
            Item(Text("依据的活动表", "table it rests on"), obj.table.file),
            Item(Text("口径", "entry"), EVENTS.get(obj.event)),
            Item(Text("答复期限", "answer due"), obj.due_at if obj.state == "issued" else None),
        ]

    def sections(self, obj: Menu, actor: Actor, lang: Lang) -> Sequence[Section]:
        """Return what is to be done now, the items with the answers, what came of them."""
        names = readings.plan_table().names
        found = []
        if obj.state == "computed" and _issues(obj, actor):
            offices = receivers(actor)
            chosen = _key(obj.receiver.public_id, obj.region_id or "") if obj.receiver else ""
            choices = [
                (_key(h.public_id, r.code), f"{h.title.within(lang)} · {r.title.within(lang)}") for h, r in offices
            ]
            form = AddressForm(offices=choices, initial={"receiver": chosen})
            context: dict[str, Any] = {"menu": obj, "act": "address", "form": form}
            found.append(Section(Text("送给谁", "Who it goes to"), "layout/menu_asked.html", context, now=True))
        if obj.state == "issued" and _answers(obj, actor):
            answering = AnswerForm(on_menu=[i["track"] for i in obj.items])
            context = {"menu": obj, "act": "answer", "form": answering}
            note = Text(
                "逐条答复，可改，直到按“答复”为止。", "Track by track; it may be changed until the menu is answered."
            )
            found.append(Section(Text("逐条答复", "Answer"), "layout/menu_asked.html", context, note=note, now=True))
        ready = {o.track: o for o in TrackOutlook.objects.exclude(track="")}
        answers = {a.track: a for a in obj.answers.all()} if obj.state != "computed" else {}
        came = what_came(obj) if obj.state in ("answered", "reviewed") else {}
        rows = [
            {**item_row(i, names, ready, lang), "said": answers.get(i["track"]), "came": came.get(i["track"])}
            for i in obj.items
        ]
        on_menu = {i["track"] for i in obj.items}
        others = [
            {"track": names[t].within(lang) if t in names else t, "said": a, "came": came.get(t)}
            for t, a in answers.items()
            if t not in on_menu
        ]
        words = {k.value: k.text.within(lang) for k in ChoiceKind}
        context = {"rows": rows, "others": others, "words": words, "answered": bool(answers), "came": bool(came)}
        note = Text(
            "先按稳定程度、再按赛道分类排列，从不按概率。", "By stability, then by taxonomy; never by probability."
        )
        found.append(Section(Text("菜单", "Menu"), "layout/menu_items.html", context, note=note))
        return found

    def decide(self, obj: Menu, move: str, actor: Actor, data: Mapping[str, Any], now: datetime) -> Decision | None:
        """Return a region's answers as the decision that is kept; a menu taken back is computed anew."""
        if move == "answer":
            names = readings.plan_table().names
            on_menu = [i["track"] for i in obj.items]
            return decide_answer(obj.choices(), on_menu, at=timezone.localdate(now), names=names)
        if move == "recompute":
            problem, items, basis = refreshed(obj)
            Menu.objects.filter(pk=obj.pk, state="issued").update(problem=problem, items=items, basis=basis)
        return None


class MenuAct(View):
    """What is recorded between moves: where a menu goes, what a region answers to one track."""

    def post(self, request: HttpRequest, public_id: str, act: str) -> HttpResponseBase:
        """Record one of them."""
        actor = acting(request).actor
        rows = Menu.objects.select_related("receiver", "region", "organisation").filter(public_id=public_id)
        menu = Menu.visible(actor, rows).first()
        if menu is None or act not in ("address", "answer"):
            raise Http404
        handler = self._address if act == "address" else self._answer
        faults = handler(request, menu, actor)
        if faults:
            return render(
                request, "layout/faults.html", {"back": menu.get_absolute_url(), "faults": faults}, status=422
            )
        return HttpResponseRedirect(menu.get_absolute_url())

    def _address(self, request: HttpRequest, menu: Menu, actor: Actor) -> list[str]:
        if menu.state != "computed" or not _issues(menu, actor):
            raise PermissionDenied
        offices = {_key(h.public_id, r.code): (h, r) for h, r in receivers(actor)}
        form = AddressForm(request.POST, offices=[(k, k) for k in offices])
        if not form.is_valid():
            return [str(m) for found in form.errors.values() for m in found]
        house, region = offices[form.cleaned_data["receiver"]]
        with database.atomic():
            Menu.objects.filter(pk=menu.pk, state="computed").update(receiver=house, region=region)
            record(menu, "addressed", actor, f"{house.name_zh} · {region.name_zh}")
        return []

    def _answer(self, request: HttpRequest, menu: Menu, actor: Actor) -> list[str]:
        if menu.state != "issued" or not _answers(menu, actor):
            raise PermissionDenied
        form = AnswerForm(request.POST, on_menu=[i["track"] for i in menu.items])
        if not form.is_valid():
            return [str(m) for found in form.errors.values() for m in found]
        data = form.cleaned_data
        with database.atomic():
            locked = Menu.objects.select_for_update().get(pk=menu.pk)
            if locked.state != "issued":
                raise PermissionDenied
            values = {"kind": data["kind"], "reason": data["reason"], "person": actor.person, "at": timezone.now()}
            MenuAnswer.objects.update_or_create(menu=menu, track=data["track"], defaults=values)
            name = readings.plan_table().names.get(data["track"], Text.same(data["track"]))
            word = ChoiceKind(data["kind"]).text
            record(menu, "track_answered", actor, f"{name.zh}：{word.zh}。{data['reason']}")
        return []


def what_came(menu: Menu) -> dict[str, tuple[float | None, float | None, str]]:
    """Return, for every track answered, the quotient when the menu was made and in a later table, and of which period.

    Only tables of the organisation that made the menu are read; without a later period there is nothing to show.
    """
    then = readings.real_reading(menu.table)
    later = None
    for table in ActivityTable.objects.filter(organisation=menu.table.organisation).exclude(pk=menu.table_id)[:20]:
        reading = readings.real_reading(table)
        newest = then if later is None else later
        if reading["period"] > newest["period"] and menu.place in reading["regions"]:
            later = reading
    if later is None:
        return {}
    return {
        a.track: (_quotient(then, menu.place, a.track), _quotient(later, menu.place, a.track), str(later["period"]))
        for a in menu.answers.all()
    }


def _quotient(reading: Mapping[str, Any], region: str, track: str) -> float | None:
    if region not in reading["regions"] or track not in reading["tracks"]:
        return None
    value = reading["quotient"][reading["regions"].index(region)][reading["tracks"].index(track)]
    return None if value is None else float(value)


def _issues(menu: Menu, actor: Actor) -> bool:
    own = menu.organisation is not None and menu.organisation.public_id == actor.organisation
    return actor.role is Role.OFFICER and own and menu.within_scope(actor)


def _answers(menu: Menu, actor: Actor) -> bool:
    theirs = menu.receiver is not None and menu.receiver.public_id == actor.organisation
    return actor.role is Role.OFFICER and theirs and menu.within_scope(actor)


def _key(house: str, region: str) -> str:
    return f"{house}:{region}"
