"""Everything the registry stores."""

from biaochi.registry.models.governed import Governed, Standing, Visibility
from biaochi.registry.models.keys import ApiKey, IdempotentAnswer, Webhook, WebhookDelivery
from biaochi.registry.models.people import (
    Membership,
    OneTimeLink,
    Organisation,
    OrganisationGrade,
    Person,
    RecoveryCode,
)
from biaochi.registry.models.places import Region, Route, Track
from biaochi.registry.models.record import Decision, ExternalDigest, LedgerEntry, SealedValue
from biaochi.registry.models.work import (
    ClockMark,
    Comment,
    Document,
    ExportLog,
    Job,
    Notification,
    OfficeParameter,
    SavedView,
    SearchEntry,
    SentMail,
)

__all__ = [
    "ApiKey",
    "ClockMark",
    "Comment",
    "Decision",
    "Document",
    "ExportLog",
    "ExternalDigest",
    "Governed",
    "IdempotentAnswer",
    "Job",
    "LedgerEntry",
    "Membership",
    "Notification",
    "OfficeParameter",
    "OneTimeLink",
    "Organisation",
    "OrganisationGrade",
    "Person",
    "RecoveryCode",
    "Region",
    "Route",
    "SavedView",
    "SealedValue",
    "SearchEntry",
    "SentMail",
    "Standing",
    "Track",
    "Visibility",
    "Webhook",
    "WebhookDelivery",
]
