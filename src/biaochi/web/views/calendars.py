"""The calendar page and the feeds."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from biaochi.registry.acting import PUBLIC, acting, page_language
from biaochi.registry.site import CalendarEntry
from biaochi.web import feeds
from biaochi.web.kept import kept
from biaochi.web.recent import recent
from biaochi.web.views.public import open_entries


def _origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the year's deadlines of the role in force."""
    who = acting(request)
    if who.membership is None:
        return redirect("login")
    actor, now = who.actor, timezone.now()
    entries = kept("calendar", actor, now, lambda: feeds.calendar_entries(actor, now), page_language(request))
    address = f"/calendar/{feeds.calendar_token(who.membership)}.ics"
    return render(request, "web/calendar.html", {"entries": entries, "feed": address})


@require_GET
def own_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Give the deadlines of one membership to a calendar program."""
    membership = feeds.membership_of(token)
    if membership is None:
        raise Http404
    now = timezone.now()
    lang = "zh" if membership.person.language.startswith("zh") else "en"
    text = feeds.ical(feeds.calendar_entries(membership.actor, now), lang, _origin(request), now)  # type: ignore[arg-type]
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")


@require_GET
def public_feed(request: HttpRequest) -> HttpResponse:
    """Give the closing days of what is open to everybody."""
    now = timezone.now()
    entries = [CalendarEntry(e.public_id, e.title, e.due_on, e.url) for e in open_entries(now) if e.due_on is not None]
    return HttpResponse(
        feeds.ical(entries, page_language(request), _origin(request), now), content_type="text/calendar; charset=utf-8"
    )


@require_GET
def atom(request: HttpRequest) -> HttpResponse:
    """Give the public decisions as a feed."""
    body = feeds.atom(recent(PUBLIC, limit=50), page_language(request), _origin(request), timezone.now())
    return HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
