"""Journeys on the site: what is ready to become evidence elsewhere, and taking it over."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from biaochi.core.errors import RefusedError
from biaochi.registry.acting import acting, page_language
from biaochi.web.journeys import JOURNEYS
from biaochi.web.process import HOUSE
from biaochi.web.sites import sites


@require_http_methods(["GET", "POST"])
def journeys(request: HttpRequest) -> HttpResponse:
    """Show what the role in force may take over; take one over."""
    who = acting(request)
    if who.person is None or not who.role.decides:
        raise Http404
    ends = [*sites(), HOUSE]
    if request.method == "POST":
        chosen = next((j for j in JOURNEYS if j.code == request.POST.get("journey", "")), None)
        if chosen is None:
            raise Http404
        try:
            address = chosen.take(ends, request.POST.get("offer", ""), who.actor)
        except RefusedError as error:
            messages.error(request, error.text.within(page_language(request)))
            return HttpResponseRedirect(request.path)
        messages.success(request, _("Taken over; its origin is in the ledger."))
        return HttpResponseRedirect(address)
    now = timezone.now()
    mine = [j for j in JOURNEYS if who.role in j.roles and j.open(ends)]
    shown = [
        (j, [{"offer": o, "key": j.key(o), "taken": taken} for o, taken in j.offers(ends, who.actor, now)])
        for j in mine
    ]
    return render(request, "web/journeys.html", {"shown": shown})
