"""Pages of rising terms: how such terms fared before, then what rises now."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from biaochi.core.errors import RefusedError, UsageError
from biaochi.core.roles import Role
from biaochi.mechanisms.foresight.web import readings, signal_page
from biaochi.mechanisms.foresight.web.forms import ScanForm
from biaochi.mechanisms.foresight.web.models import TermScan
from biaochi.mechanisms.foresight.web.scans import keep_scan
from biaochi.registry.acting import acting, page_language

FIRST = 12


class ScansPage(View):
    """Every scan for rising terms."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the list."""
        scans = list(TermScan.objects.all()[:100])
        may = acting(request).role is Role.OFFICER
        return render(request, "foresight/scans.html", {"scans": scans, "may": may})


class ScanPage(View):
    """One scan: the back-test first, then the terms."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show what rose, and what became of such terms."""
        lang = page_language(request)
        scan = get_object_or_404(TermScan, public_id=public_id)
        watched = readings.scan(scan)
        rows = signal_page.signal_rows(watched, lang)
        context = {
            "scan": scan,
            "heading": signal_page.scan_heading(watched, lang),
            "answer": signal_page.scan_sentence(watched, lang),
            "tested": signal_page.backtest_rows(watched, lang),
            "rows": rows[:FIRST],
            "more": rows[FIRST:],
        }
        return render(request, "foresight/scan.html", context)


class ScanDownload(View):
    """The table behind a scan."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponseBase:
        """Give the table as it was kept."""
        scan = get_object_or_404(TermScan, public_id=public_id)
        headers = {"Content-Disposition": f'attachment; filename="{scan.public_id}-terms.csv"'}
        data = scan.document.encode("utf-8-sig")
        return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=headers)


class NewScan(View):
    """A scan from a table of terms."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        self._may(request)
        return self._page(request, ScanForm(), 200)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Find the rising terms once, keep them, and put their digest into the ledger."""
        self._may(request)
        form = ScanForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form, 422)
        scan: TermScan = form.save(commit=False)
        scan.document = form.cleaned_data["file"]
        try:
            keep_scan(scan, acting(request).actor, timezone.now())
        except (UsageError, RefusedError) as error:
            form.add_error("file", error.text.within(page_language(request)))
            return self._page(request, form, 422)
        return HttpResponseRedirect(reverse("foresight:scan", args=[scan.public_id]))

    def _may(self, request: HttpRequest) -> None:
        if acting(request).role is not Role.OFFICER:
            raise PermissionDenied

    def _page(self, request: HttpRequest, form: ScanForm, status: int) -> HttpResponse:
        return render(request, "foresight/scan_new.html", {"form": form}, status=status)
