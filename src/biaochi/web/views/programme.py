"""The programme page: the year at a glance for the role in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from biaochi.core.roles import Actor
from biaochi.core.text import Lang, Text
from biaochi.registry.acting import acting, page_language
from biaochi.registry.marks import lane_mark
from biaochi.registry.site import CalendarEntry, HomeFigure, MoneyRow, Site
from biaochi.web import feeds
from biaochi.web.kept import kept
from biaochi.web.sites import sites


@dataclass(frozen=True, slots=True)
class Lane:
    """The year of one mechanism: its drawing and its next day."""

    title: Text
    count: int
    next: CalendarEntry
    mark: SafeString


@require_GET
def programme(request: HttpRequest) -> HttpResponseBase:
    """Show the alarms, the year's deadlines as lanes, and the money by route."""
    who = acting(request)
    if who.membership is None:
        return redirect("login")
    now, actor, lang = timezone.now(), who.actor, page_language(request)
    lanes = kept("lanes", actor, now, lambda: feeds.calendar_lanes(actor, now), lang)
    alarms = kept("alarms", actor, now, lambda: alarms_of(actor, now), lang)
    money = kept("money", actor, now, lambda: money_of(actor, now), lang)
    entries = sorted((e for _, found in lanes for e in found), key=lambda e: (e.on, e.public_id))
    today = timezone.localtime(now).date()
    return render(
        request,
        "web/programme.html",
        {
            "answer": _answer(entries, alarms, lang),
            "alarms": alarms,
            "lanes": [_lane(site, found, today, lang) for site, found in lanes],
            "months": _months(today),
            "entries": entries[:40],
            "money": money,
            "keeps_money": any(s.money is not None for s in sites()),
            "granted": sum((m.granted for m in money), Decimal(0)),
            "paid": sum((m.paid for m in money), Decimal(0)),
            "feed": f"/calendar/{feeds.calendar_token(who.membership)}.ics",
        },
    )


def alarms_of(actor: Actor, now: datetime) -> list[tuple[Site, HomeFigure]]:
    """Return the figures that are alarms now."""
    figures = [(s, s.home_figure(actor, now)) for s in sites() if s.home_figure is not None]
    return [(s, f) for s, f in figures if f is not None and f.alarm]


def money_of(actor: Actor, now: datetime) -> list[MoneyRow]:
    """Return money by route of everything the actor may see."""
    return [row for s in sites() if s.money is not None for row in s.money(actor, now)]


def _lane(site: Site, found: list[CalendarEntry], today: date, lang: Lang) -> Lane:
    places = [((e.on - today).days / feeds.AHEAD.days, f"{e.on:%Y-%m-%d} {e.title.within(lang)}") for e in found]
    first = found[0]
    said = Text(
        f"{site.title.zh}：一年内 {len(found)} 个日子，最近 {first.on:%Y-%m-%d}",
        f"{site.title.en}: {len(found)} days within a year, the next on {first.on:%Y-%m-%d}",
    )
    return Lane(site.title, len(found), first, lane_mark(places, label=said.within(lang)))


def _months(today: date) -> list[tuple[str, Text]]:
    """Return the names of the twelve months ahead, each with its place on the axis in per cent."""
    names = [(today.month - 1 + i) % 12 + 1 for i in range(12)]
    return [(f"{100 * i / 12:.2f}", Text(f"{m}月", f"{date(2001, m, 1):%b}")) for i, m in enumerate(names)]


def _answer(entries: list[CalendarEntry], alarms: list[tuple[Site, HomeFigure]], lang: Lang) -> str:
    if not entries:
        days = Text("一年内没有到期的事项", "nothing falls due within a year")
    else:
        on = entries[0].on
        days = Text(
            f"一年内 {len(entries)} 个日子要紧，最近的是 {on:%Y-%m-%d}",
            f"{len(entries)} days matter within a year, the next is {on:%Y-%m-%d}",
        )
    raised = Text(f"{len(alarms)} 项报警", f"{len(alarms)} alarm{'' if len(alarms) == 1 else 's'}")
    quiet = Text("没有报警", "no alarm")
    told = raised if alarms else quiet
    return Text(f"{days.zh}；{told.zh}。", f"{days.en[0].upper()}{days.en[1:]}; {told.en}.").within(lang)
