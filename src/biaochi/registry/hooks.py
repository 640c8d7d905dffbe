"""Telling machines: a signed message to each webhook whose owner may see the object that moved.

``X-Biaochi-Signature: sha256=<hex HMAC-SHA256 of the body>``.  A message is tried eight times with growing pauses.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import socket
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from biaochi.core.canonical import instant
from biaochi.core.workflow import Event
from biaochi.registry.models.governed import Governed
from biaochi.registry.models.keys import Webhook, WebhookDelivery
from biaochi.registry.models.record import Decision
from biaochi.registry.sealing import decrypt

TRIES = 8
_TIMEOUT = 10


def signature(secret: str, body: bytes) -> str:
    """Return the header that proves where a message comes from.

    Examples
    --------
    >>> signature("key", b"{}")[:16]
    'sha256=a777724d9'
    """
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def queue(row: Governed, event: Event, decision: Decision) -> int:
    """Queue a message for each active webhook whose owner may see the object; it holds no reason and no person."""
    queued = []
    for hook in Webhook.objects.filter(active=True).select_related("person", "organisation"):
        kind = type(row)
        if not kind.visible(hook.actor, kind._default_manager.filter(pk=row.pk)).exists():
            continue
        inside = row.seen_from_inside(hook.actor)
        state = row.workflow.state(event.target)
        body = {
            "event": "state_changed",
            "object": row.public_id,
            "kind": row._meta.label_lower,
            "decision": decision.public_id,
            "at": instant(event.at),
            "state": event.target if inside else None,
            "state_public": state.public.to_dict(),
        }
        queued.append(WebhookDelivery(webhook=hook, body=json.dumps(body, ensure_ascii=False), next_at=event.at))
    WebhookDelivery.objects.bulk_create(queued)
    return len(queued)


def deliver(now: datetime) -> int:
    """Send what is due; return how many were taken."""
    due = WebhookDelivery.objects.filter(done_at__isnull=True, next_at__lte=now, tries__lt=TRIES, webhook__active=True)
    taken = 0
    for delivery in due.select_related("webhook").order_by("pk")[:100]:
        status = send(delivery.webhook.url, delivery.body.encode(), decrypt(delivery.webhook.secret_cipher))
        delivery.tries += 1
        delivery.status = status
        if 200 <= status < 300:
            delivery.done_at = now
            taken += 1
        delivery.next_at = now + timedelta(minutes=2**delivery.tries)
        delivery.save()
    return taken


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def send(url: str, body: bytes, secret: str) -> int:
    """Post one message; return the status, 0 when nobody answered or the address is not allowed."""
    if not allowed(url):
        return 0
    request = urllib.request.Request(
        url, data=body, headers={"Content-Type": "application/json", "X-Biaochi-Signature": signature(secret, body)}
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def allowed(url: str) -> bool:
    """Whether a webhook may go there: https, and no address inside our own network (unless the office allows it)."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        return False
    if not parts.hostname or parts.username:
        return False
    if settings.WEBHOOKS_INSIDE:
        return parts.scheme in ("http", "https")
    if parts.scheme != "https":
        return False
    try:
        found = {info[4][0] for info in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)}
    except (OSError, ValueError):
        return False
    return all(ipaddress.ip_address(str(a).split("%")[0]).is_global for a in found)
