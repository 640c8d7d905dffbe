"""Home, the stations, search, and the small switches of the header."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from biaochi.core.roles import Actor
from biaochi.core.text import Lang
from biaochi.registry import documents
from biaochi.registry.acting import SESSION_KEY, acting, page_language
from biaochi.registry.models.people import Person
from biaochi.registry.searching import search as find
from biaochi.registry.site import HomeFigure, Site, Station
from biaochi.web.kept import kept
from biaochi.web.recent import recent
from biaochi.web.sites import sites
from biaochi.web.todo import todo

_YEAR = 31_536_000
_NUMBERS = "零一二三四五六七八九十"


def safe_next(request: HttpRequest, wanted: str) -> str:
    """Return an address of this site, never one elsewhere."""
    allowed = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and allowed else "/"


@require_GET
def home(request: HttpRequest) -> HttpResponseBase:
    """Show the todo, the loop and the recent decisions of the role in force."""
    who = acting(request)
    if who.person is None:
        return redirect("portal")
    now = timezone.now()
    actor, lang = who.actor, page_language(request)
    waiting = kept("todo", actor, now, lambda: todo(actor, now), lang)
    context = {
        "heading": heading(len(waiting), now, lang),
        "todo": waiting[:12],
        "more": max(0, len(waiting) - 12),
        "soon": any(i.due_at is not None for i in waiting),
        "now": now,
        "loop": kept("loop", actor, now, lambda: loop(actor, now), lang),
        "recent": kept("recent", actor, now, lambda: recent(actor), lang),
    }
    return render(request, "web/home.html", context)


def heading(count: int, now: datetime, lang: Lang) -> str:
    """Return the home page's answer: the day, and how many things wait."""
    day = timezone.localtime(now)
    if lang == "en":
        date = f"{day.day} {day:%B}"
        if count == 0:
            return f"{date}: nothing waits for you"
        return f"{date}: one thing waits for you" if count == 1 else f"{date}: {count} things wait for you"
    said = f"{_chinese(day.month)}月{_chinese(day.day)}日"
    if count == 0:
        return f"{said}，没有事情等您决定"
    number = "两" if count == 2 else _chinese(count) if count < 100 else str(count)
    return f"{said}，{number}件事等您决定"


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _NUMBERS[ones]
    lead = "" if tens == 1 else _NUMBERS[tens]
    return f"{lead}十{_NUMBERS[ones] if ones else ''}"


def loop(actor: Actor, now: datetime) -> list[tuple[Station, Site | None, HomeFigure | None]]:
    """Return one live figure a station: an alarm if there is one, else the first mechanism that has a figure."""
    found: list[tuple[Station, Site | None, HomeFigure | None]] = []
    for station in Station:
        here = [s for s in sites() if s.station is station]
        figures = [(s, s.home_figure(actor, now)) for s in here if s.home_figure is not None]
        shown = [(s, f) for s, f in figures if f is not None]
        shown.sort(key=lambda pair: not pair[1].alarm)
        found.append((station, *shown[0]) if shown else (station, here[0] if here else None, None))
    return found


@require_GET
def station(request: HttpRequest, station: str) -> HttpResponse:
    """Show the mechanisms of one station with their pages."""
    if station not in set(Station):
        raise Http404
    actor = acting(request).actor
    here = [s for s in sites() if s.station == station]
    rooms = [
        {
            "site": s,
            "nav": [n for n in s.nav if not n.roles or actor.role in n.roles],
            "importers": [i for i in s.importers if actor.role in i.roles],
        }
        for s in here
    ]
    return render(request, "web/station.html", {"heading": Station(station).text, "rooms": rooms})


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Show what the viewer may see of what matches."""
    query, actor = request.GET.get("q", "")[:100], acting(request).actor
    found = kept("search", actor, timezone.now(), lambda: find(query, actor), query)
    exact = [o for o in found if o.public_id.casefold() == query.strip().casefold()]
    if exact:
        return HttpResponseRedirect(exact[0].get_absolute_url())
    return render(request, "web/search.html", {"search_query": query, "found": found})


@require_GET
def any_object(request: HttpRequest, public_id: str) -> HttpResponse:
    """Go to the page of an object by its public identifier."""
    found = documents.find_object(public_id, acting(request).actor)
    if found is None:
        raise Http404
    return HttpResponseRedirect(found.get_absolute_url())


@require_POST
def role(request: HttpRequest) -> HttpResponse:
    """Switch the role in force; the session gets a new key."""
    who = acting(request)
    wanted = request.POST.get("membership", "")
    if any(m.public_id == wanted for m in who.memberships):
        request.session.cycle_key()
        request.session[SESSION_KEY] = wanted
    return redirect("home")


@require_GET
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Set the language cookie."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    person = acting(request).person
    if person is not None and person.language != code:
        Person.objects.filter(pk=person.pk).update(language=code)
    translation.activate(code)
    response = HttpResponseRedirect(safe_next(request, request.GET.get("next", "")))
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=_YEAR, samesite="Lax", secure=settings.TLS)
    return response


@require_GET
def theme(request: HttpRequest) -> HttpResponse:
    """Set or clear the theme cookie."""
    wanted = request.GET.get("theme", "")
    response = HttpResponseRedirect(safe_next(request, request.GET.get("next", "")))
    if wanted in ("light", "dark"):
        response.set_cookie("theme", wanted, max_age=_YEAR, samesite="Lax", secure=settings.TLS)
    else:
        response.delete_cookie("theme")
    return response
