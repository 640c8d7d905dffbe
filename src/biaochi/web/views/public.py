"""The public portal: what is open, what was decided and why, and each mechanism's public section."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from biaochi.core.text import Lang
from biaochi.registry.acting import PUBLIC, page_language
from biaochi.registry.site import PortalEntry
from biaochi.web.kept import kept
from biaochi.web.recent import recent
from biaochi.web.sites import sites


def open_entries(now: datetime) -> list[PortalEntry]:
    """Return everything that is open to the public, the earliest closing first."""
    entries = [e for s in sites() if s.portal_open is not None for e in s.portal_open(now)]
    return sorted(entries, key=lambda e: (e.due_on is None, e.due_on or now.date(), e.public_id))


@require_GET
def portal(request: HttpRequest) -> HttpResponse:
    """Show the public portal."""
    now = timezone.now()
    lang = page_language(request)
    entries = kept("open", PUBLIC, now, lambda: open_entries(now), lang)
    decided = kept("decided", PUBLIC, now, lambda: recent(PUBLIC, limit=20), lang)
    sections = [(s, section) for s in sites() for section in s.portal_sections]
    return render(
        request,
        "web/portal.html",
        {
            "entries": entries,
            "decided": decided,
            "answer": _answer(len(entries), len(decided), lang),
            "sections": [{"site": s, "section": x, "data": x.context()} for s, x in sections],
        },
    )


def _answer(open_now: int, decided: int, lang: Lang) -> str:
    if lang == "zh":
        first = f"正在开放 {open_now} 项" if open_now else "目前没有正在开放的事项"
        return f"{first}；下列 {decided} 个决定均附理由，包括未入选与停止的。" if decided else f"{first}。"
    first = f"{open_now} open now" if open_now else "Nothing is open at present"
    return (
        f"{first}; the {decided} decisions below all give their reasons, refusals and stops included."
        if decided
        else f"{first}."
    )
