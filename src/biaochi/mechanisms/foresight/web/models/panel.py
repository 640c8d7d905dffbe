"""The panel: who was asked, the seats under pseudonyms, what one seat says; nothing joins a person to a seat."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.mechanisms.foresight.lifecycle import PARTICIPATION
from biaochi.mechanisms.foresight.model import Participation
from biaochi.registry import played
from biaochi.registry.models import Person


class Invitation(models.Model):
    """A person was asked; whether a seat was taken is known, which one is not."""

    study = models.ForeignKey("foresight.Study", models.CASCADE, related_name="invitations")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    group = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=20, default="invited")

    class Meta:
        app_label = "foresight"
        constraints = (models.UniqueConstraint(fields=("study", "person"), name="foresight_invited_once"),)

    def __str__(self) -> str:
        return f"{self.study_id}:{self.state}"


class Seat(models.Model):
    """A place on the panel of one study under a pseudonym; no person, no time."""

    id = models.UUIDField(primary_key=True, default=played.new_uuid, editable=False)
    study = models.ForeignKey("foresight.Study", models.CASCADE, related_name="seats")
    pseudonym = models.CharField(max_length=12)
    group = models.CharField(max_length=40, blank=True)
    key_digest = models.CharField(max_length=64, blank=True, db_index=True)
    state = models.CharField(max_length=20, default="invited")

    class Meta:
        app_label = "foresight"
        constraints = (models.UniqueConstraint(fields=("study", "pseudonym"), name="foresight_pseudonym_once"),)

    def __str__(self) -> str:
        return self.pseudonym

    def move(self, code: str, actor: Actor | None = None) -> None:
        """Move the participation as its life cycle allows, without a line that would tell when.

        Raises
        ------
        RefusedError
        """
        mover = actor or Actor(self.pseudonym, Role.REVIEWER)
        now = timezone.now()
        subject = Participation(self.study.public_id, self.pseudonym, self.state, now, self.group)
        self.state = PARTICIPATION.apply(subject, code, mover, now).target


class Sheet(models.Model):
    """What one seat says in one round: item → columns of the answer."""

    id = models.UUIDField(primary_key=True, default=played.new_uuid, editable=False)
    seat = models.ForeignKey(Seat, models.CASCADE, related_name="sheets")
    round = models.PositiveSmallIntegerField()
    content = models.JSONField(default=dict)
    submitted = models.BooleanField(default=False)

    class Meta:
        app_label = "foresight"
        constraints = (models.UniqueConstraint(fields=("seat", "round"), name="foresight_sheet_once"),)

    def __str__(self) -> str:
        return f"{self.seat_id}:{self.round}"


class Remark(models.Model):
    """What somebody of the panel said of an item between two rounds: no seat, no person, no time."""

    id = models.UUIDField(primary_key=True, default=played.new_uuid, editable=False)
    item = models.ForeignKey("foresight.StudyItem", models.CASCADE, related_name="remarks")
    round = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=2000)

    class Meta:
        app_label = "foresight"

    def __str__(self) -> str:
        return f"{self.item_id}:{self.round}"
