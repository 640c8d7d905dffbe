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
from biaochi.registry.hooks import TRIES
from biaochi.registry.models.keys import WebhookDelivery
from biaochi.registry.models.record import LedgerEntry
from biaochi.registry.models.work import ClockMark, ExportLog, Job, Notification
from biaochi.web import metrics
from biaochi.web.middleware import client_address

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
    if not settings.METRICS_OPEN and client_address(request) not in ("127.0.0.1", "::1"):
        raise Http404
    now = timezone.now()
    last = LedgerEntry.objects.order_by("-seq").values_list("seq", "at").first()
    ticked = ClockMark.objects.filter(code="clock").values_list("until", flat=True).first()
    waiting = WebhookDelivery.objects.filter(done_at__isnull=True)
    gauges = {
        "biaochi_ledger_lines": float(last[0]) if last else 0.0,
        "biaochi_ledger_age_seconds": (now - last[1]).total_seconds() if last else 0.0,
        "biaochi_clock_age_seconds": (now - ticked).total_seconds() if ticked else -1.0,
        "biaochi_webhooks_waiting": float(waiting.filter(tries__lt=TRIES).count()),
        "biaochi_webhooks_given_up": float(waiting.filter(tries__gte=TRIES).count()),
        "biaochi_mail_waiting": float(Notification.objects.filter(informed_at__isnull=False, mailed_at=None).count()),
        "biaochi_jobs_waiting": float(Job.objects.filter(state=Job.State.QUEUED).count()),
        "biaochi_jobs_failed": float(Job.objects.filter(state=Job.State.FAILED).count()),
    }
    return HttpResponse(
        metrics.text(gauges, settings.METRICS_FOLDER), content_type="text/plain; version=0.0.4; charset=utf-8"
    )
