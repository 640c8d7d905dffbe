"""Long work in the background: queued with the transaction that asks for it, run by a worker, progress kept.

The queue is django-tasks' database backend; :class:`~biaochi.registry.models.Job` holds what a page shows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from biaochi.core.errors import BiaochiError
from biaochi.exchange.parameter_files import office_values
from biaochi.registry import office
from biaochi.registry.models.people import Person
from biaochi.registry.models.work import Job

log = logging.getLogger("biaochi.jobs")
JSON = Mapping[str, Any]


@dataclass(frozen=True)
class Progress:
    """Where a running job tells how far it is."""

    public_id: str

    def tell(self, share: float, message: str = "") -> None:
        """Store the share done (0..1) and what is being done."""
        Job.objects.filter(public_id=self.public_id).update(progress=min(1.0, max(0.0, share)), message=message[:500])


_KNOWN: dict[str, Callable[[Progress, JSON], JSON]] = {}


def register(code: str, work: Callable[[Progress, JSON], JSON]) -> None:
    """Make a kind of work known under a code; the composition root does this for every mechanism."""
    _KNOWN[code] = work


def enqueue(code: str, arguments: JSON, person: Person | None = None) -> Job:
    """Queue work; it starts only if the surrounding transaction is committed."""
    if code not in _KNOWN:
        raise KeyError(f"no job {code!r} is known")
    with transaction.atomic():
        job = Job.objects.create(code=code, arguments=dict(arguments), person=person)
        run_job.enqueue(job.public_id)
    return job


@task()
def run_job(public_id: str) -> None:
    """Run one job; what it raises becomes its message."""
    job = Job.objects.filter(public_id=public_id, state=Job.State.QUEUED).first()
    if job is None:
        return
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, started_at=timezone.now())
    ended: dict[str, Any] = {"state": Job.State.DONE, "progress": 1.0}
    try:
        with office_values(office.added_values):
            ended["result"] = dict(_KNOWN[job.code](Progress(public_id), job.arguments))
    except BiaochiError as error:
        ended = {"state": Job.State.FAILED, "message": str(error)[:2000]}
    except Exception:
        log.exception("job %s failed", job.code)
        ended = {"state": Job.State.FAILED, "message": "internal error; see the log"}
    Job.objects.filter(pk=job.pk).update(ended_at=timezone.now(), **ended)
