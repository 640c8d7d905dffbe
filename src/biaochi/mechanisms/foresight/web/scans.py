"""Keeping a scan for rising terms."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from biaochi.core.canonical import digest
from biaochi.core.roles import Actor
from biaochi.mechanisms.foresight.web import readings
from biaochi.mechanisms.foresight.web.models import TermScan
from biaochi.registry import ledger


def keep_scan(scan: TermScan, actor: Actor, now: datetime) -> None:
    """Store a scan with what it found and its line in the ledger."""
    with transaction.atomic():
        scan.save()
        readings.scan(scan)
        ledger.append(
            actor=actor,
            at=now,
            subject=scan.public_id,
            transition_code="signals_kept",
            reason="",
            decision={"outcome": "signals_kept", "sha256": digest(scan.content)},
        )
