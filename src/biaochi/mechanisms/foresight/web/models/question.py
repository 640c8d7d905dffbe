"""Something a panel was asked that will come true or not; settled by two people who were not on the panel."""

from __future__ import annotations

from datetime import date

from django.db import models

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.core.workflow import Event
from biaochi.mechanisms.foresight.lifecycle import QUESTION
from biaochi.mechanisms.foresight.model import Outcome, QuestionFacts
from biaochi.registry.models import Governed, Visibility

OUTCOMES = (
    (Outcome.REALISED.value, Text("已实现", "realised")),
    (Outcome.PARTIAL.value, Text("部分实现", "partly realised")),
    (Outcome.NOT_YET.value, Text("未实现", "not yet")),
)


class Question(Governed):
    """Something a panel was asked that will come true or not; settled by two people who were not on the panel."""

    workflow = QUESTION
    prefix = "FQ"
    creators = (Role.OFFICER, Role.CLOCK)
    visibility = Visibility(
        public_states=("open", "due", "confirmed", "void"), roles=(Role.OFFICER, Role.REVIEWER), own=False
    )
    badges = {"confirmed": "met", "disputed": "manual_review", "void": "not_applicable"}

    study = models.ForeignKey("foresight.Study", models.PROTECT, related_name="questions")
    item = models.ForeignKey("foresight.StudyItem", models.PROTECT, related_name="+")
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
