"""Documents, always as attachments; and the health of the service."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from biaochi.registry import documents
from biaochi.registry.acting import acting
from biaochi.registry.models.record import LedgerEntry
from biaochi.registry.models.work import ExportLog, Job
from biaochi.web import metrics

_migrated = False


@require_GET
def document(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Give a document the viewer may read."""
    who = acting(request)
    found = documents.find(public_id, who.actor)
    if found is None:
        raise Http404
    place = Path(settings.DOCUMENT_ROOT) / found.stored_as
    if not place.is_file():
        raise Http404
    ExportLog.objects.create(person=who.person, role=who.role.value, path=request.path, format=found.kind, rows=0)
    response = FileResponse(place.open("rb"), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration."""
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception:
        return HttpResponse("database unavailable\n", content_type="text/plain", status=503)
    if not _migrated:
        return HttpResponse("migrations pending\n", content_type="text/plain", status=503)
    return HttpResponse("ready\n", content_type="text/plain")


@require_GET
def prometheus(request: HttpRequest) -> HttpResponse:
    """Counters for Prometheus; only for the machine itself unless ``BIAOCHI_METRICS_OPEN`` says otherwise."""
    if not settings.METRICS_OPEN and request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1"):
        raise Http404
    last = LedgerEntry.objects.order_by("-seq").values_list("seq", "at").first()
    gauges = {
        "biaochi_ledger_lines": float(last[0]) if last else 0.0,
        "biaochi_ledger_age_seconds": (timezone.now() - last[1]).total_seconds() if last else 0.0,
        "biaochi_jobs_waiting": float(Job.objects.filter(state=Job.State.QUEUED).count()),
        "biaochi_jobs_failed": float(Job.objects.filter(state=Job.State.FAILED).count()),
    }
    return HttpResponse(metrics.text(gauges), content_type="text/plain; version=0.0.4; charset=utf-8")
