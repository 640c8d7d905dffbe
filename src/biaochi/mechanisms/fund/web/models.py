"""What is stored of the fund: programmes, reviews with the board's decision, computed readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.fund.lifecycle import PROGRAMME, REVIEW
from biaochi.mechanisms.fund.model import PastDecision
from biaochi.methods.allocation import Programme as Model
from biaochi.registry.models import Governed, Visibility

VERSION = 1


@dataclass(frozen=True)
class ProgrammeFacts:
    """A programme as its life cycle sees it."""

    file_sound: bool
    has_whatif: bool


@dataclass(frozen=True)
class ReviewFacts:
    """A review as its life cycle sees it; ``chosen`` is empty until the board has decided."""

    packet_issued: bool
    deviation_explained: bool


class Reading(models.Model):
    """A computed result, kept under the digest of everything it was computed from."""

    kind = models.CharField(max_length=20)
    basis = models.CharField(max_length=64)
    content = models.JSONField()
    job = models.CharField(max_length=40, blank=True)
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "fund"
        constraints = (models.UniqueConstraint(fields=("kind", "basis"), name="fund_reading_once"),)

    @classmethod
    def kept(cls, kind: str, basis: str) -> Any:
        """Return what is kept under this basis, or ``None``."""
        row = cls.objects.filter(kind=kind, basis=basis).first()
        return row.content if row else None


class Programme(Governed):
    """A staged programme of routes and teams, as its file says."""

    workflow = PROGRAMME
    prefix = "FP"
    creators = (Role.FUND_MANAGER, Role.OFFICER)
    visibility = Visibility(public_states=("open", "closed"), roles=(Role.FUND_MANAGER, Role.OFFICER))
    badges: ClassVar[Mapping[str, str]] = {"open": "active", "simulated": "met"}
    resting = frozenset({"open"})

    document = models.JSONField(editable=False)

    class Meta:
        app_label = "fund"

    @property
    def basis(self) -> str:
        """Digest of the programme as it stands."""
        return digest([VERSION, self.document])

    def programme(self) -> Model:
        """Return the programme as the methods know it."""
        return Model.from_json(self.document)

    def to_domain(self) -> ProgrammeFacts:
        """Return what the guards ask: the file was read without a fault, and rules were compared on this very file."""
        return ProgrammeFacts(True, Reading.kept("whatif", self.basis) is not None)


class Review(Governed):
    """One review of a programme: the packet's programme frozen, then what the board decided on each team."""

    workflow = REVIEW
    prefix = "FV"
    creators = (Role.FUND_MANAGER, Role.OFFICER)
    visibility = Visibility(public_states=("informed",), roles=(Role.FUND_MANAGER, Role.OFFICER))
    badges: ClassVar[Mapping[str, str]] = {"decided": "met", "issued": "manual_review", "informed": "met"}
    scope_fields = ("programme__public_id",)

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="reviews", editable=False)
    round = models.PositiveIntegerField(editable=False)
    document = models.JSONField(editable=False)
    past = models.JSONField(default=list, editable=False)
    advised = models.JSONField(default=dict, editable=False)
    forecasts = models.JSONField(default=dict, editable=False)
    chosen = models.JSONField(default=dict, editable=False)
    reasons = models.JSONField(default=dict, editable=False)

    class Meta:
        app_label = "fund"

    @property
    def basis(self) -> str:
        """Digest of the programme the packet rests on; how past forecasts fared is worked out beside it."""
        return digest([VERSION, self.document])

    def model(self) -> Model:
        """Return the programme as it stood when the review was prepared."""
        return Model.from_json(self.document)

    def to_domain(self) -> ReviewFacts:
        """Return what the guards ask: the packet exists, and every departure has its reason."""
        apart = [t for t, v in self.chosen.items() if v != self.advised.get(t)]
        return ReviewFacts(
            Reading.objects.filter(kind="packet", basis=self.basis).exists(),
            all(str(self.reasons.get(t, "")).strip() for t in apart),
        )

    @classmethod
    def of(cls, programme: Programme) -> models.QuerySet[Self]:
        """Return a programme's reviews, the latest first."""
        return cls.objects.filter(programme=programme).order_by("-round", "-pk")


class TakenOutlook(models.Model):
    """An outlook of routes taken over from foresight, waiting for its user to add stages and money and to confirm."""

    subject = models.CharField(max_length=60)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    payload = models.JSONField()
    organisation = models.CharField(max_length=40)
    taken_at = models.DateTimeField(default=timezone.now)
    programme = models.ForeignKey(Programme, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        app_label = "fund"

    @property
    def title(self) -> Text:
        """Its title in both languages."""
        return Text(self.title_zh, self.title_en)

    @classmethod
    def of(cls, actor: Actor) -> models.QuerySet[Self]:
        """Return the outlooks the actor's house took over."""
        return cls.objects.filter(organisation=actor.organisation) if actor.organisation else cls.objects.none()


def past_decisions(programme: Programme) -> list[dict[str, Any]]:
    """Return what earlier reviews forecast and decided, and what the observations say came of it."""
    seen = {(o["round"], o["team"]): o for o in programme.document.get("observations", [])}
    found = []
    for review in Review.objects.filter(programme=programme, state__in=("decided", "informed")).order_by("round"):
        for team, decided in review.chosen.items():
            observed = seen.get((review.round, team))
            known = observed is not None and observed.get("outcome") in ("pass", "miss")
            found.append(
                {
                    "at": timezone.localdate(review.entered_at).isoformat(),
                    "team": team,
                    "forecast": review.forecasts.get(team),
                    "recommended": review.advised.get(team, ""),
                    "decided": decided,
                    "reason": review.reasons.get(team, ""),
                    "outcome": int(observed["outcome"] == "pass") if observed is not None and known else None,
                }
            )
    return found


def as_past(rows: list[dict[str, Any]]) -> list[PastDecision]:
    """Return stored past decisions as the decisions room knows them."""
    return [PastDecision(**{**r, "at": date.fromisoformat(r["at"])}) for r in rows]


def may_see(actor: Actor) -> bool:
    """Whether the actor prepares or decides reviews."""
    return actor.role in (Role.FUND_MANAGER, Role.OFFICER)
