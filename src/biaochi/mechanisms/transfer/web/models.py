"""What is stored of transfer: projects, and what each passage through a stage shows."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.evidence import EvidenceGrade
from biaochi.core.roles import Role
from biaochi.core.workflow import Event
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.transfer import model
from biaochi.mechanisms.transfer.decisions import pass_gate
from biaochi.mechanisms.transfer.lifecycle import PROJECT
from biaochi.mechanisms.transfer.model import PassageOutcome, ProjectFacts, Stage
from biaochi.registry.models import Governed, Visibility


class Project(Governed):
    """A result on its way from the laboratory to production."""

    workflow = PROJECT
    prefix = "TP"
    creators = (Role.FIRM,)
    visibility = Visibility(roles=(Role.OFFICER,))
    badges = {s.value: "active" for s in Stage} | {"production": "met"}
    resting = frozenset(s.value for s in Stage)

    track = models.CharField(max_length=40, blank=True)
    summary = models.TextField(max_length=4000)

    class Meta:
        app_label = "transfer"

    def passage(self) -> StagePassage | None:
        """Return the passage of the present stage, or of the last one."""
        return self.passages.order_by("-pk").first() if self.pk else None

    def gate(self) -> Decision | None:
        """Return whether the present passage shows what its gate asks; ``None`` before anything is shown."""
        found = self.passage()
        if found is None:
            return None
        today = timezone.localdate()
        return pass_gate(
            found.to_passage(), at=today, parameters=load_parameters("biaochi.mechanisms.transfer").at(today)
        )

    def to_domain(self) -> ProjectFacts:
        """Return the project as its life cycle's guards see it."""
        decision, found = self.gate(), self.passage()
        met = decision is not None and found is not None and found.stage == self.state and decision.outcome == "met"
        owner = self.organisation.public_id if self.organisation else ""
        return ProjectFacts(owner, self.creator.public_id if self.creator else "", met)

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Close the passage that ends with the move; what it showed is never changed afterwards."""
        outcome = {"fail": PassageOutcome.FAILED, "stop": PassageOutcome.STOPPED}.get(
            event.transition, PassageOutcome.PASSED
        )
        self.passages.filter(outcome=PassageOutcome.OPEN.value).update(
            outcome=outcome.value, left_on=timezone.localdate(event.at)
        )


class StagePassage(models.Model):
    """One stage of one project: when, and what was shown at its end."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="passages")
    stage = models.CharField(max_length=20, choices=[(s.value, s.value) for s in Stage])
    entered_on = models.DateField()
    left_on = models.DateField(null=True)
    outcome = models.CharField(max_length=10, default=PassageOutcome.OPEN.value)
    trl = models.FloatField(null=True)
    mrl = models.FloatField(null=True)
    cost = models.FloatField(null=True)
    yield_share = models.FloatField(null=True)
    safety_file = models.BooleanField(null=True)
    grade = models.CharField(max_length=1, blank=True)
    next_money = models.CharField(max_length=200, blank=True)
    platform = models.CharField(max_length=200, blank=True)
    standard = models.CharField(max_length=200, blank=True)

    class Meta:
        app_label = "transfer"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("project", "stage"), name="transfer_stage_once"),)

    def to_passage(self) -> model.Passage:
        """Return the passage as the pure rooms know it."""
        return model.Passage(
            self.project.public_id,
            self.project.track,
            Stage(self.stage),
            self.entered_on,
            self.left_on,
            PassageOutcome(self.outcome),
            self.trl,
            self.mrl,
            self.cost,
            self.yield_share,
            self.safety_file,
            EvidenceGrade(self.grade) if self.grade else None,
            self.next_money,
            self.platform,
            self.standard,
        )
