"""The page of outlooks taken over from foresight: when a track may be ready, for weighing when to enter."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views import View

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.mechanisms.layout.web import marks, readings
from biaochi.mechanisms.layout.web.forms import OutlookForm
from biaochi.mechanisms.layout.web.models import TrackOutlook
from biaochi.registry.acting import acting, page_language


class OutlooksPage(View):
    """Which track may be ready when; an officer says which track an outlook speaks of."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List the outlooks, newest first, for those who work with them."""
        actor = acting(request).actor
        if not (actor.role.decides or actor.role is Role.AUDITOR):
            raise Http404
        lang = page_language(request)
        names = readings.plan_table().names
        rows = []
        for outlook in TrackOutlook.objects.all()[:100]:
            title = Text(outlook.title_zh, outlook.title_en).within(lang)
            name = names[outlook.track].within(lang) if outlook.track in names else ""
            years = [
                {
                    "year": year,
                    "share": f"{100 * p:.0f} %",
                    "mark": marks.part(p, 0.0, 1.0, label=f"{name or title} {year}: {100 * p:.0f} %"),
                }
                for year, p in outlook.by_year
            ]
            rows.append({"outlook": outlook, "title": title, "name": name, "years": years})
        context = {"rows": rows, "may": actor.role is Role.OFFICER, "form": OutlookForm()}
        return render(request, "layout/outlooks.html", context)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Keep which track an outlook speaks of."""
        if acting(request).actor.role is not Role.OFFICER:
            raise PermissionDenied
        outlook = get_object_or_404(TrackOutlook, origin=request.POST.get("outlook", "")[:40])
        form = OutlookForm(request.POST)
        if form.is_valid():
            outlook.track = form.cleaned_data["track"]
            outlook.save(update_fields=["track"])
        return HttpResponseRedirect(reverse("layout:outlooks"))
