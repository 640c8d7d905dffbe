"""A survey of experts with the rules it stops by, and what it asks."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property

from biaochi.core.canonical import digest
from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Event
from biaochi.mechanisms.foresight.lifecycle import STUDY
from biaochi.mechanisms.foresight.model import ConsensusRule, Design, Item, StudyFacts, StudyRules
from biaochi.mechanisms.foresight.web.models.panel import Seat, Sheet
from biaochi.mechanisms.foresight.web.models.question import Question
from biaochi.registry import played
from biaochi.registry.models import Governed, Visibility
from biaochi.registry.transition import create, record

DESIGNS = (
    (Design.ROUNDS.value, Text("分轮德尔菲", "rounds (Delphi)")),
    (Design.REAL_TIME.value, Text("实时征询，按日期截取", "real time, with dated cuts")),
    (Design.IDEA.value, Text("IDEA：各自作答、讨论、再各自作答", "IDEA: private, discuss, private")),
)
MEASURES = (
    ("top_share", Text("最高档比例不低于", "share of the top box at least")),
    ("iqr_share", Text("四分位距占量程不高于", "interquartile range, share of the scale, at most")),
)
TYPES = (
    ("likert", Text("评分", "rating")),
    ("probability", Text("概率", "probability")),
    ("year", Text("实现年份", "year of realisation")),
    ("quantiles", Text("分位数", "quantiles")),
    ("interval", Text("区间与把握（IDEA）", "interval with confidence (IDEA)")),
    ("rank", Text("排序（与其他排序题一起）", "rank (together with the other rank items)")),
    ("choice", Text("选择", "choice")),
)


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

    design = models.CharField(max_length=20, default=Design.ROUNDS.value, choices=[(c, t.zh) for c, t in DESIGNS])
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
            Design(self.design),
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
        elif event.transition == "cut":
            self._cut(event)
        elif event.transition == "conclude_real_time":
            Sheet.objects.filter(seat__study=self, round=self.round).delete()
            self.round -= 1
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
        played.chance().shuffle(seats)
        for seat in seats:
            if seat.state == "submitted":
                seat.move("reopen", Actor("clock", Role.CLOCK))
        Seat.objects.bulk_update(seats, ["state"])
        Sheet.objects.bulk_create([Sheet(seat=s, round=self.round, content=before.get(s.pk, {})) for s in seats])

    def _close_sheets(self, event: Event) -> None:
        """Drop what was not submitted, and seal the rest."""
        sheets = list(Sheet.objects.filter(seat__study=self, round=self.round).select_related("seat"))
        for sheet in sheets:
            if not sheet.submitted:
                sheet.content = {}
                if sheet.seat.state in ("invited", "accepted"):
                    sheet.seat.move("lapse", Actor("clock", Role.CLOCK))
        Sheet.objects.bulk_update(sheets, ["content"])
        Seat.objects.bulk_update([s.seat for s in sheets], ["state"])
        self._seal(sheets, event)

    def _cut(self, event: Event) -> None:
        """Keep the answers as they stand today, and go on from a copy of every sheet."""
        sheets = list(Sheet.objects.filter(seat__study=self, round=self.round).select_related("seat"))
        self._seal(sheets, event)
        self.round += 1
        played.chance().shuffle(sheets)
        Sheet.objects.bulk_create(
            [Sheet(seat=s.seat, round=self.round, content=s.content, submitted=s.submitted) for s in sheets]
        )

    def _seal(self, sheets: list[Sheet], event: Event) -> None:
        """Put one digest of everything that was submitted into the ledger."""
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


def _make_seats(study: Study) -> None:
    """Make as many seats as invitations stand; a group too small to be shown is not written down at all."""
    groups = list(study.invitations.exclude(state="declined").values_list("group", flat=True))
    kept = [g if groups.count(g) >= study.subgroup_minimum else "" for g in groups]
    played.chance().shuffle(kept)
    names: set[str] = set()
    while len(names) < len(kept):
        names.add(f"E-{played.chance().randbytes(2).hex().upper()}")
    order = sorted(names)
    played.chance().shuffle(order)
    Seat.objects.bulk_create([Seat(study=study, pseudonym=n, group=g) for n, g in zip(order, kept, strict=True)])
