"""Machines: API keys, idempotency of writes, webhooks and their deliveries."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.registry.identifiers import new_public_id
from biaochi.registry.models.people import Organisation, Person


def key_id() -> str:
    """Return a new identifier of an API key."""
    return new_public_id("K")


def hook_id() -> str:
    """Return a new identifier of a webhook."""
    return new_public_id("WH")


class ApiKey(models.Model):
    """A key of one organisation for one purpose.  Only its hash is stored; the key itself is shown once."""

    public_id = models.CharField(max_length=20, unique=True, default=key_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="api_keys")
    person = models.ForeignKey(Person, models.CASCADE)
    role = models.CharField(max_length=30)
    scope = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=80)
    scopes = models.JSONField(default=list)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.public_id} {self.purpose}"

    def works(self, now: datetime) -> bool:
        """Whether the key may be used."""
        return self.revoked_at is None and now < self.expires_at and self.person.is_active

    @property
    def actor(self) -> Actor:
        """Who acts when the key is used."""
        return Actor(self.person.public_id, Role(self.role), self.organisation.public_id, self.scope)


class IdempotentAnswer(models.Model):
    """The answer to a write with an idempotency key, given again when the write is repeated."""

    caller = models.CharField(max_length=20)
    key = models.CharField(max_length=100)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key


class Webhook(models.Model):
    """An address of an organisation that is told of state changes of what it may see."""

    public_id = models.CharField(max_length=20, unique=True, default=hook_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="webhooks")
    person = models.ForeignKey(Person, models.CASCADE)
    role = models.CharField(max_length=30)
    scope = models.CharField(max_length=40, blank=True)
    url = models.URLField(max_length=400)
    secret_cipher = models.TextField()
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.public_id

    @property
    def actor(self) -> Actor:
        """In whose eyes the webhook sees."""
        return Actor(self.person.public_id, Role(self.role), self.organisation.public_id, self.scope)


class WebhookDelivery(models.Model):
    """One message to one webhook: tried until it is taken, with growing pauses, eight times."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    body = models.TextField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now, db_index=True)
    done_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.webhook_id}"
