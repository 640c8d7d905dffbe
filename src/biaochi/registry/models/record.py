"""What was decided: decisions, the ledger's chain, sealed texts and outside anchors.

Decisions and ledger entries are append-only; triggers of the database refuse any change
(:mod:`biaochi.registry.append_only`).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, cast

from django.db import models
from django.utils import timezone

from biaochi.core.ledger import ChainLine
from biaochi.registry.identifiers import new_public_id
from biaochi.registry.sealing import SEALED


def decision_id() -> str:
    """Return a new identifier of a decision."""
    return new_public_id("D")


class LedgerEntry(models.Model):
    """One line of the chain.  Every column beside ``body`` repeats it for searching and is checked against it."""

    seq = models.BigIntegerField(primary_key=True)
    prev = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    body = models.TextField()
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=40)
    role = models.CharField(max_length=30)
    subject = models.CharField(max_length=60, db_index=True)
    transition = models.CharField(max_length=60)

    class Meta:
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.subject} {self.transition}"

    @property
    def line(self) -> ChainLine:
        """The line as the chain knows it."""
        return ChainLine(self.seq, self.prev, self.digest, self.body)

    @property
    def content(self) -> dict[str, Any]:
        """The body as data."""
        return cast("dict[str, Any]", json.loads(self.body))

    @property
    def reason(self) -> str:
        """The written reason, or the hash of a sealed one."""
        return str(self.content["reason"])


class Decision(models.Model):
    """A decision on an object: what moved, from where to where, why, and when it was decided."""

    public_id = models.CharField(max_length=20, unique=True, default=decision_id, editable=False)
    entry = models.OneToOneField(LedgerEntry, models.PROTECT, related_name="decision_row")
    label = models.CharField(max_length=80)
    subject = models.CharField(max_length=60, db_index=True)
    transition = models.CharField(max_length=60)
    source = models.CharField(max_length=40, blank=True)
    target = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=60, blank=True)
    actor = models.CharField(max_length=40)
    role = models.CharField(max_length=30)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-entry_id"]
        indexes = [models.Index(fields=["label", "-decided_at"])]

    def __str__(self) -> str:
        return f"{self.public_id} {self.transition}"

    @property
    def content(self) -> dict[str, Any]:
        """The decision with its reasons as plain records; empty when the move carried none."""
        return cast("dict[str, Any]", self.entry.content["decision"] or {})

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """The reasons, in the order they were given."""
        return cast("list[dict[str, Any]]", self.content.get("reasons", []))

    @property
    def written(self) -> str:
        """The written reason, or the hash of a sealed one."""
        return self.entry.reason

    @property
    def is_sealed(self) -> bool:
        """Whether the written reason entered the ledger as a hash."""
        return self.written.startswith(SEALED)

    @property
    def informed_at(self) -> datetime | None:
        """When the first person concerned was told; deciding and telling are two facts."""
        told = [n.informed_at for n in self.notifications.all() if n.informed_at is not None]
        return min(told) if told else None


class SealedValue(models.Model):
    """The text behind a salted hash in the ledger.  Erasing it (text and salt) leaves the chain whole."""

    digest = models.CharField(max_length=64, primary_key=True)
    salt = models.CharField(max_length=32, blank=True)
    text = models.TextField(blank=True)
    subject = models.CharField(max_length=60, db_index=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.digest[:12]


class ExternalDigest(models.Model):
    """A head of the chain that was given out, so that a copy is kept outside."""

    seq = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    given_at = models.DateTimeField(default=timezone.now)
    given_to = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering = ["-seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.digest[:12]}"
