"""What every page knows: who acts, language, theme, stations, unread messages, the ledger's head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from biaochi.core.text import Text
from biaochi.registry import ledger
from biaochi.registry.acting import Acting, page_language
from biaochi.registry.models.work import Notification
from biaochi.registry.site import Station
from biaochi.web.sites import sites

THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the main navigation."""

    title: Text
    url: str
    current: bool = False
    exact: bool = False


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the context of every page."""
    acting = getattr(request, "acting", None) or Acting(None)
    theme = request.COOKIES.get("theme", "")
    here = request.get_full_path() if request.method == "GET" else request.path
    match = request.resolver_match
    app = match.app_name if match else ""
    station = _station(app, match.kwargs.get("station", "") if match else "")
    return {
        "acting": acting,
        "page_lang": page_language(request),
        "theme": theme if theme in THEMES else "",
        "here": here[:500],
        "demo": settings.DEMO,
        "stations": _navigation(request, acting, station),
        "list_station": _link_to(station),
        "station_title": _mechanism_title(app),
        "list_url": reverse("station", args=[station.value]) if station else "",
        "unread": _unread(acting),
        "ledger_head": ledger.head(),
    }


def _station(app: str, named: str) -> Station | None:
    if named in set(Station):
        return Station(named)
    return next((s.station for s in sites() if s.code == app), None) if app else None


def _mechanism_title(app: str) -> Text:
    return next((s.title for s in sites() if s.code == app), Text("标尺", "Biaochi"))


def _link_to(station: Station | None) -> Link | None:
    return Link(station.text, reverse("station", args=[station.value])) if station else None


def _navigation(request: HttpRequest, acting: Acting, station: Station | None) -> list[Link]:
    first = ("home", Text("首页", "Home")) if acting.person else ("portal", Text("公开门户", "Public portal"))
    name = request.resolver_match.view_name if request.resolver_match else ""
    links = [Link(first[1], reverse(first[0]), name == first[0], True)]
    for s in Station:
        current = s is station
        links.append(Link(s.text, reverse("station", args=[s.value]), current, current and name == "station"))
    links.append(Link(Text("台账", "Ledger"), reverse("ledger"), name.startswith("ledger"), name == "ledger"))
    return links


def _unread(acting: Acting) -> int:
    if acting.person is None:
        return 0
    return Notification.objects.filter(person=acting.person, read_at__isnull=True, informed_at__isnull=False).count()
