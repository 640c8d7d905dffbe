"""The ledger in the browser: lines, one line in full, verification, anchor, export."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from biaochi.core.canonical import instant
from biaochi.core.ledger import DOES_NOT_PROVE, GENESIS, chain_digest
from biaochi.core.roles import Role
from biaochi.registry import documents, ledger
from biaochi.registry.acting import acting
from biaochi.registry.models.record import ExternalDigest, LedgerEntry
from biaochi.registry.models.work import ExportLog

_READERS = frozenset({Role.AUDITOR})
PAGE = 50


@require_http_methods(["GET", "POST"])
def browse(request: HttpRequest) -> HttpResponse:
    """Show the lines; auditors see all, others the head and how to check it."""
    actor = acting(request).actor
    context: dict[str, object] = {
        "head": ledger.head(),
        "does_not_prove": DOES_NOT_PROVE,
        "anchors": list(ExternalDigest.objects.all()[:5]),
        "reader": actor.role in _READERS,
    }
    if actor.role in _READERS:
        rows = LedgerEntry.objects.order_by("-seq")
        subject = request.GET.get("subject", "").strip()[:60]
        if subject:
            rows = rows.filter(subject=subject)
        pages = Paginator(rows, PAGE)
        try:
            page = pages.page(int(request.GET.get("page", "1")))
        except (ValueError, EmptyPage):
            page = pages.page(1)
        context |= {"page": page, "subject": subject}
        if request.method == "POST":
            context["verification"] = ledger.verify_database()
    return render(request, "web/ledger.html", context)


@require_GET
def entry(request: HttpRequest, seq: int) -> HttpResponse:
    """Show one line; whoever may see its subject from inside may see it."""
    found = LedgerEntry.objects.filter(seq=seq).first()
    actor = acting(request).actor
    if found is None:
        raise Http404
    if actor.role not in _READERS:
        obj = documents.find_object(found.subject, actor)
        if obj is None or not obj.seen_from_inside(actor):
            raise Http404
    body = json.dumps(found.content, ensure_ascii=False, indent=1)
    before = [] if found.seq == 1 else list(LedgerEntry.objects.filter(seq=found.seq - 1))
    prev = before[0].digest if before else GENESIS
    holds = prev == found.prev and chain_digest(found.prev, found.seq, found.body) == found.digest
    obj = documents.find_object(found.subject, actor)
    page = obj.get_absolute_url() if obj is not None else ""
    context = {"entry": found, "body": body, "holds": holds, "subject_page": page}
    return render(request, "web/ledger_entry.html", context)


@require_GET
def anchor(request: HttpRequest) -> HttpResponse:
    """Give the head of the chain, to be kept outside."""
    head = ledger.head()
    record = {
        "schema": "biaochi.ledger.anchor/1",
        "seq": head.seq if head else 0,
        "digest": head.digest if head else "",
        "at": instant(timezone.now()),
    }
    response = JsonResponse(record)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="biaochi-anchor-{timezone.localdate():%Y%m%d}.json"'
    )
    return response


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """Give the whole chain as JSON lines, to auditors."""
    who = acting(request)
    if who.role not in _READERS:
        raise PermissionDenied
    head = ledger.head()
    ExportLog.objects.create(
        person=who.person, role=who.role.value, path=request.path, format="jsonl", rows=head.seq if head else 0
    )

    def lines() -> Iterator[str]:
        for line in ledger.lines():
            yield line.to_json() + "\n"

    name = f"biaochi-ledger-{timezone.localdate():%Y%m%d}.jsonl"
    return StreamingHttpResponse(
        lines(),
        content_type="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
