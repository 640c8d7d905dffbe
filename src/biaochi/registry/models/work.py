"""What goes on around an object: documents, comments, notifications, jobs, exports, saved views."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from biaochi.core.text import Text
from biaochi.registry.identifiers import new_public_id
from biaochi.registry.models.people import Organisation, Person
from biaochi.registry.models.record import Decision


def document_id() -> str:
    """Return a new identifier of a document."""
    return new_public_id("DOC")


def job_id() -> str:
    """Return a new identifier of a job."""
    return new_public_id("J")


class Document(models.Model):
    """A file beside an object.  Stored under a random name, served only as an attachment."""

    class Visibility(models.TextChoices):
        """Who may read it, beside those who may read the object."""

        PUBLIC = "public", _("public")
        INTERNAL = "internal", _("those who handle the matter")

    public_id = models.CharField(max_length=20, unique=True, default=document_id, editable=False)
    subject = models.CharField(max_length=60, db_index=True)
    name = models.CharField(_("file name"), max_length=160)
    kind = models.CharField(max_length=20)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=80, unique=True)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.INTERNAL)
    uploaded_by = models.ForeignKey(Person, models.PROTECT)
    uploaded_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Comment(models.Model):
    """A remark on an object, seen by those who handle it."""

    subject = models.CharField(max_length=60, db_index=True)
    person = models.ForeignKey(Person, models.PROTECT)
    role = models.CharField(max_length=30)
    text = models.TextField(max_length=4000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return self.subject


class Notification(models.Model):
    """What a person is told.  ``informed_at`` is when the telling happened, apart from when it was decided."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="notifications")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="notifications", null=True, blank=True)
    subject = models.CharField(max_length=60, db_index=True)
    text_zh = models.TextField()
    text_en = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    tell_at = models.DateTimeField(default=timezone.now)
    informed_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "read_at"]),
            models.Index(fields=["informed_at", "tell_at"]),
            models.Index(fields=["mailed_at"]),
        ]

    def __str__(self) -> str:
        return self.text_zh

    @property
    def text(self) -> Text:
        """What is told, in both languages."""
        return Text(self.text_zh, self.text_en)


class Job(models.Model):
    """Long work in the background, with its progress."""

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    public_id = models.CharField(max_length=20, unique=True, default=job_id, editable=False)
    code = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED, db_index=True)
    progress = models.FloatField(default=0.0)
    message = models.TextField(blank=True)
    result = models.JSONField(null=True, blank=True)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.public_id} {self.code}"


class ExportLog(models.Model):
    """Every export: who took what, with which filters, how many rows."""

    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True)
    role = models.CharField(max_length=30)
    path = models.CharField(max_length=300)
    query = models.TextField(blank=True)
    format = models.CharField(max_length=10)
    rows = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.path


class SavedView(models.Model):
    """A list page with its filters, under a name."""

    person = models.ForeignKey(Person, models.CASCADE)
    path = models.CharField(max_length=300)
    query = models.TextField()
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "path", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name


class SearchEntry(models.Model):
    """The words under which an object is found; whether it is shown is asked of the object's own rule."""

    subject = models.CharField(max_length=60, unique=True)
    label = models.CharField(max_length=80, db_index=True)
    words = models.TextField()
    initials = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.subject


class SentMail(models.Model):
    """Mail of an installation without a mail server, kept to be read on a page."""

    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.subject


class OfficeParameter(models.Model):
    """An office's own value of a parameter, from a day on, with where it was laid down."""

    mechanism = models.CharField(max_length=30)
    code = models.CharField(max_length=80)
    value = models.JSONField()
    effective_on = models.DateField()
    citation = models.CharField(max_length=300)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True)
    set_by = models.ForeignKey(Person, models.PROTECT)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mechanism", "code", "effective_on"], name="one_value_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.mechanism}.{self.code}"


class ClockMark(models.Model):
    """How far the clock has come, so that it catches up in order after an outage."""

    code = models.CharField(max_length=60, primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.code} {self.until:%Y-%m-%d %H:%M}"
