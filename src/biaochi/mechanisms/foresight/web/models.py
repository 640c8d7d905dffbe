"""What is stored of foresight: studies with their items, sealed seats and sheets, questions, functions with routes.

Who was invited is known; who said what is not.  An invitation names a person; a seat has a pseudonym and a digest of a
code only the expert holds; nothing joins the two.  Seats and sheets are made in random order before anybody answers,
carry no time, and leave no line in the ledger but one digest of all of them when a round closes.
"""

from __future__ import annotations

import random
import secrets
import uuid
from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property

from biaochi.core.canonical import digest
from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Event
from biaochi.mechanisms.foresight.lifecycle import PARTICIPATION, QUESTION, STUDY
from biaochi.mechanisms.foresight.model import (
    ConsensusRule,
    Item,
    Outcome,
    Participation,
    QuestionFacts,
    StudyFacts,
    StudyRules,
)
from biaochi.registry.identifiers import new_public_id
from biaochi.registry.models import Governed, Person, Visibility
from biaochi.registry.transition import create, record

MEASURES = (
    ("top_share", Text("最高档比例不低于", "share of the top box at least")),
    ("iqr_share", Text("四分位距占量程不高于", "interquartile range, share of the scale, at most")),
)
TYPES = (
    ("likert", Text("评分", "rating")),
    ("probability", Text("概率", "probability")),
    ("year", Text("实现年份", "year of realisation")),
    ("quantiles", Text("分位数", "quantiles")),
    ("choice", Text("选择", "choice")),
)
OUTCOMES = (
    (Outcome.REALISED.value, Text("已实现", "realised")),
    (Outcome.PARTIAL.value, Text("部分实现", "partly realised")),
    (Outcome.NOT_YET.value, Text("未实现", "not yet")),
)
_CHANCE = random.SystemRandom()


class Study(Governed):
    """A survey of experts in rounds, with the rules it stops by."""

    workflow = STUDY
    prefix = "FS"
    creators = (Role.OFFICER,)
    visibility = Visibility(
        public_states=(
            "frozen",
            "round_open",
            "round_closed",
            "feedback_open",
            "concluded",
            "awaiting",
            "resolved",
        ),
        roles=(Role.OFFICER,),
        own=False,
    )
    badges = {"round_open": "open", "resolved": "met", "cancelled": "not_applicable"}
    resting = frozenset({"awaiting"})

    purpose = models.TextField(max_length=2000)
    consensus_measure = models.CharField(max_length=20, choices=[(c, t.zh) for c, t in MEASURES], default="top_share")
    consensus_threshold = models.FloatField(null=True)
    year_range = models.FloatField(null=True)
    stability_threshold = models.FloatField(null=True)
    round_limit = models.PositiveSmallIntegerField(null=True)
    partial = models.CharField(max_length=20, default="does_not_count")
    subgroup_minimum = models.PositiveSmallIntegerField(default=5)
    survey_year = models.PositiveSmallIntegerField(default=0, editable=False)
    round = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        app_label = "foresight"

    @property
    def rules(self) -> StudyRules:
        """The rules as set beforehand."""
        general = (
            ConsensusRule(
                "iqr_share" if self.consensus_measure == "iqr_share" else "top_share", self.consensus_threshold
            )
            if self.consensus_threshold is not None
            else None
        )
        return StudyRules(
            general,
            {"year": ConsensusRule("iqr", self.year_range)} if self.year_range is not None else {},
            "share_changed",
            self.stability_threshold,
            self.round_limit,
            "counts" if self.partial == "counts" else "does_not_count",
            self.survey_year or None,
            self.subgroup_minimum,
        )

    @cached_property
    def asked(self) -> list[StudyItem]:
        """Its items, asked of the database once a page."""
        return list(self.items.all())

    def to_domain(self) -> StudyFacts:
        """Return the study as its life cycle's guards see it."""
        return StudyFacts(
            self.creator.public_id if self.creator else "",
            self.rules,
            self.items.count() if self.pk else 0,
            self.round,
            self.questions.exclude(state__in=("confirmed", "void")).count() if self.pk else 0,
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Open and close sheets with the round; turn what was asked into questions."""
        if event.transition == "freeze":
            self.survey_year = timezone.localtime(event.at).year
            self.items.update(state="active")
        elif event.transition == "open_round":
            self._open_sheets()
        elif event.transition == "close_round":
            self._close_sheets(event)
        elif event.transition == "await_outcomes":
            self._ask_later(event)

    def _open_sheets(self) -> None:
        """One blank sheet a seat, in random order; the next round starts from what was said in the last."""
        if self.round == 0:
            _make_seats(self)
        before = {
            s.seat_id: s.content for s in Sheet.objects.filter(seat__study=self, round=self.round, submitted=True)
        }
        self.round += 1
        seats = list(self.seats.exclude(state="withdrawn"))
        _CHANCE.shuffle(seats)
        for seat in seats:
            if seat.state == "submitted":
                seat.move("reopen", Actor("clock", Role.CLOCK))
        Seat.objects.bulk_update(seats, ["state"])
        Sheet.objects.bulk_create([Sheet(seat=s, round=self.round, content=before.get(s.pk, {})) for s in seats])

    def _close_sheets(self, event: Event) -> None:
        """Drop what was not submitted, and put one digest of everything that was into the ledger."""
        sheets = list(Sheet.objects.filter(seat__study=self, round=self.round).select_related("seat"))
        for sheet in sheets:
            if not sheet.submitted:
                sheet.content = {}
                if sheet.seat.state in ("invited", "accepted"):
                    sheet.seat.move("lapse", Actor("clock", Role.CLOCK))
        Sheet.objects.bulk_update(sheets, ["content"])
        Seat.objects.bulk_update([s.seat for s in sheets], ["state"])
        said = sorted((s.seat.pseudonym, s.content) for s in sheets if s.submitted)
        facts: dict[str, Any] = {"round": self.round, "sheets": len(said), "sha256": digest([list(p) for p in said])}
        found = Decision("answers_sealed", (), timezone.localdate(event.at), facts=facts)
        record(self, "answers_sealed", event.actor, "", found, now=event.at)

    def _ask_later(self, event: Event) -> None:
        for item in self.items.filter(type="year"):
            if item.due_on is None:
                continue
            question = Question(
                study=self,
                item=item,
                due_on=item.due_on,
                title_zh=item.name_zh,
                title_en=item.name_en,
                simulated=self.simulated,
                region=self.region,
            )
            create(question, event.actor, now=event.at)

    def panel(self) -> frozenset[str]:
        """Return everybody who took a seat: who may have answered, never which seat is whose."""
        return frozenset(self.invitations.filter(state="accepted").values_list("person__public_id", flat=True))


class StudyItem(models.Model):
    """One question of a study; what it asks cannot change once the study is frozen."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="items")
    code = models.SlugField(max_length=40)
    type = models.CharField(max_length=20, choices=[(c, t.zh) for c, t in TYPES])
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    low = models.FloatField(null=True, blank=True)
    high = models.FloatField(null=True, blank=True)
    options = models.CharField(max_length=400, blank=True)
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=20, default="proposed", editable=False)

    class Meta:
        app_label = "foresight"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("study", "code"), name="foresight_item_once"),)

    def __str__(self) -> str:
        return f"{self.study_id}:{self.code}"

    @property
    def title(self) -> Text:
        """What it asks."""
        return Text(self.name_zh, self.name_en)

    @property
    def kind(self) -> Text:
        """Its type in words."""
        return dict(TYPES)[self.type]

    @property
    def choices(self) -> list[str]:
        """The options of a choice."""
        return [o.strip() for o in self.options.replace("；", ";").split(";") if o.strip()]

    def to_domain(self) -> Item:
        """Return the item as the pure rooms know it."""
        kind: Any = self.type
        return Item(self.code, "1", self.title, kind, self.low, self.high, state=self.state)


class Invitation(models.Model):
    """A person was asked; whether a seat was taken is known, which one is not."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="invitations")
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

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, models.CASCADE, related_name="seats")
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

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seat = models.ForeignKey(Seat, models.CASCADE, related_name="sheets")
    round = models.PositiveSmallIntegerField()
    content = models.JSONField(default=dict)
    submitted = models.BooleanField(default=False)

    class Meta:
        app_label = "foresight"
        constraints = (models.UniqueConstraint(fields=("seat", "round"), name="foresight_sheet_once"),)

    def __str__(self) -> str:
        return f"{self.seat_id}:{self.round}"


def _make_seats(study: Study) -> None:
    """Make as many seats as invitations stand; a group too small to be shown is not written down at all."""
    groups = list(study.invitations.exclude(state="declined").values_list("group", flat=True))
    kept = [g if groups.count(g) >= study.subgroup_minimum else "" for g in groups]
    _CHANCE.shuffle(kept)
    names: set[str] = set()
    while len(names) < len(kept):
        names.add(f"E-{secrets.token_hex(2).upper()}")
    order = list(names)
    _CHANCE.shuffle(order)
    Seat.objects.bulk_create([Seat(study=study, pseudonym=n, group=g) for n, g in zip(order, kept, strict=True)])


class Question(Governed):
    """Something a panel was asked that will come true or not; settled by two people who were not on the panel."""

    workflow = QUESTION
    prefix = "FQ"
    creators = (Role.OFFICER, Role.CLOCK)
    visibility = Visibility(
        public_states=("open", "due", "confirmed", "void"), roles=(Role.OFFICER, Role.REVIEWER), own=False
    )
    badges = {"confirmed": "met", "disputed": "manual_review", "void": "not_applicable"}

    study = models.ForeignKey(Study, models.PROTECT, related_name="questions")
    item = models.ForeignKey(StudyItem, models.PROTECT, related_name="+")
    due_on = models.DateField()
    outcome = models.CharField(max_length=20, blank=True, choices=[(c, t.zh) for c, t in OUTCOMES])
    realised_on = models.DateField(null=True, blank=True)
    evidence = models.TextField(blank=True, max_length=2000)
    proposed_by = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        app_label = "foresight"

    def to_domain(self) -> QuestionFacts:
        """Return the question as its life cycle's guards see it."""
        return QuestionFacts(
            self.due_on,
            Outcome(self.outcome) if self.outcome else None,
            self.realised_on,
            self.evidence,
            self.proposed_by,
            self.study.panel(),
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Take the outcome from the decision that proposes it, and remember who did."""
        if event.transition != "propose":
            return
        if decision is None or decision.outcome != "propose":
            raise RefusedError("has_outcome", Text("须写明结果与依据", "an outcome with its evidence must be given"))
        self.proposed_by = event.actor.person
        self.outcome, self.evidence = str(decision.facts["outcome"]), str(decision.facts["evidence"])
        day = str(decision.facts["realised_on"])
        self.realised_on = date.fromisoformat(day) if day else None


class FunctionOfRoutes(models.Model):
    """One function with its routes as an office wrote it, and the outlook computed from it."""

    public_id = models.CharField(max_length=40, unique=True, editable=False)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    document = models.TextField()
    as_of = models.DateField(default=timezone.localdate)
    content = models.JSONField(null=True, editable=False)
    simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "foresight"
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.public_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it; a new one gets its identifier."""
        if not self.public_id:
            self.public_id = new_public_id("FR")
        super().save(*args, **kwargs)

    @property
    def title(self) -> Text:
        """Its title."""
        return Text(self.title_zh, self.title_en)
