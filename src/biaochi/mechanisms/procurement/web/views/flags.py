"""Red flags with their coverage: of the purchases on this site, and of an uploaded file that is not kept."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from biaochi.core.errors import InputError
from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.exchange.register import Unrecorded
from biaochi.exchange.source import Source
from biaochi.mechanisms.procurement.decisions import RedFlags, red_flags
from biaochi.mechanisms.procurement.files import Releases
from biaochi.mechanisms.procurement.report.ocds import compile_releases
from biaochi.mechanisms.procurement.report.words import EXCLUDED, FLAG, GROUP
from biaochi.mechanisms.procurement.web.models import CoPurchase
from biaochi.mechanisms.procurement.web.models.purchase import AWARDED
from biaochi.mechanisms.procurement.web.views.acting import package_of
from biaochi.mechanisms.procurement.web.views.purchases import PREFETCH
from biaochi.registry.acting import acting, page_language

MOST, SHOWN, OWN = 5_000_000, 500, 500


class FlagsPage(View):
    """Red flags; a flag is a reason to look, and what could not be computed is counted."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the flags of the site's own purchases whose result is public; bids count only for who may read them."""
        reads = acting(request).role in (Role.REGULATOR, Role.AUDITOR)
        rows = CoPurchase.objects.filter(state__in=AWARDED).prefetch_related(*PREFETCH).select_related("organisation")
        packages: list[Any] = [package_of(p, offers=reads)["releases"] for p in rows.order_by("pk")[:OWN]]
        found = red_flags(compile_releases(p) for p in packages if p) if packages else None
        return render(
            request, "procurement/flags.html", {**shown(found), "own": True, "bids": reads, "count": len(packages)}
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Compute the flags of a file."""
        lang = page_language(request)
        upload = request.FILES.get("file")
        if upload is None or not hasattr(upload, "size") or not upload.size or upload.size > MOST:
            told = Text("请选择 5 MB 以内的文件", "choose a file of at most 5 MB").within(lang)
            return render(request, "procurement/flags.html", {"faults": [told]}, status=422)
        releases = Releases(Unrecorded(), Source(str(upload.name), upload.read()))
        try:
            found = red_flags(releases)
        except InputError as error:
            told_all = [f.line(lang) for f in error.faults][:50]
            return render(request, "procurement/flags.html", {"faults": told_all}, status=422)
        return render(request, "procurement/flags.html", {**shown(found), "count": releases.count})


def shown(found: RedFlags | None) -> dict[str, Any]:
    """Return results and coverage with every code in words."""
    if found is None:
        return {}
    results = [
        {
            "group": GROUP.get(group, Text.same(group)),
            "who": who,
            "code": code,
            "name": FLAG.get(code, Text.same(code)),
            "value": value,
        }
        for group, subjects in found.results.items()
        for who, codes in subjects.items()
        for code, value in codes.items()
    ]
    coverage = [
        {
            "code": code,
            "name": FLAG.get(code, Text.same(code)),
            "computed": c["computed"],
            "excluded": [(EXCLUDED.get(why, Text.same(why)), n) for why, n in _reasons(c["excluded"])],
        }
        for code, c in found.coverage.items()
    ]
    return {"found": found, "results": results[:SHOWN], "coverage": coverage, "all": len(results)}


def _reasons(excluded: object) -> list[tuple[str, int]]:
    return list(excluded.items()) if isinstance(excluded, dict) else []
