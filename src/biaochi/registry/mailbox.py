"""Mail of an installation without a mail server: kept in the database, to be read on a page."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from biaochi.registry.models.work import SentMail


class MailboxBackend(BaseEmailBackend):
    """Stores what would be sent."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store each message once for each address."""
        kept = [
            SentMail(to=address, subject=str(m.subject)[:200], body=str(m.body))
            for m in email_messages
            for address in m.recipients()
        ]
        SentMail.objects.bulk_create(kept)
        return len(email_messages)
