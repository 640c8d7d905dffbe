"""The case as stored: what was applied for, the plan as written, and what follows when it moves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from biaochi.core.decision import Decision
from biaochi.core.parameters import Snapshot
from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.core.workflow import Event
from biaochi.exchange.jsonfile import to_json
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.source import Source
from biaochi.mechanisms.sandbox.decisions import ethics_settled, grant_waiver
from biaochi.mechanisms.sandbox.files import CaseFile, read_cases
from biaochi.mechanisms.sandbox.lifecycle import CASE
from biaochi.mechanisms.sandbox.model import Case, Floor, RuleChange
from biaochi.registry.models import Governed, Visibility
from biaochi.registry.transition import create, transition

if TYPE_CHECKING:
    from biaochi.mechanisms.sandbox.web.models.ethics import EthicsReview

ZONE = ZoneInfo(settings.TIME_ZONE)
SUPERVISED = ("admitted", "running", "suspended", "exit_review", "extended")
FROZEN = (*SUPERVISED, "plan_agreed", "graduated", "adjusted", "stopped", "wound_down", "aftercare", "closed")
OPEN_TO_ALL = (*SUPERVISED, "graduated", "adjusted", "stopped", "wound_down", "aftercare", "closed")
_SCHEMA = "biaochi.sandbox.cases/1"


@lru_cache(maxsize=64)
def rules_on(day: date) -> Snapshot:
    """Return the sandbox's parameters in force on a day."""
    return load_parameters("biaochi.mechanisms.sandbox").at(day)


@lru_cache(maxsize=256)
def _read(text: str) -> CaseFile:
    return read_cases(Source("case.json", text.encode()))


class SandboxCase(Governed):
    """A sandbox case."""

    workflow = CASE
    prefix = "SB"
    creators = (Role.FIRM,)
    visibility = Visibility(
        public_states=OPEN_TO_ALL, roles=(Role.REGULATOR, Role.ETHICS_MEMBER, Role.OFFICER), own=True
    )
    badges = {
        "running": "active",
        "suspended": "suspended",
        "exit_review": "manual_review",
        "extended": "active",
        "graduated": "met",
        "adjusted": "adjust",
        "stopped": "stop",
        "rejected": "unmet",
        "more_info": "returned",
    }
    resting = frozenset({"draft", "running", "admitted", "aftercare"})

    tracks = models.JSONField(default=list)
    floor = models.JSONField(default=list)
    eligibility = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    plan = models.JSONField(null=True, editable=False)
    simulation = models.JSONField(default=dict, editable=False)
    proposal = models.JSONField(null=True, editable=False)
    summary_zh = models.TextField(blank=True, editable=False)
    summary_en = models.TextField(blank=True, editable=False)
    extensions = models.PositiveIntegerField(default=0, editable=False)
    health = models.CharField(max_length=10, blank=True, editable=False)
    next_check_at = models.DateTimeField(null=True, db_index=True, editable=False)
    last_received = models.BigIntegerField(default=0, editable=False)

    class Meta:
        app_label = "sandbox"

    @property
    def review(self) -> EthicsReview | None:
        """The newest ethics review."""
        return self.ethics_reviews.order_by("-pk").first()

    def raw(self) -> dict[str, Any]:
        """Return the case exactly as ``cases.yaml`` would hold it; the plan as it was written."""
        review = self.review
        house = self.organisation
        content: dict[str, Any] = {
            "id": self.public_id,
            "state": self.state,
            "applicant": {"name": house.name_zh, "code": house.public_id} if house else None,
            "tracks": self.tracks,
            "eligibility": self.eligibility or None,
            "waivers": [w.raw() for w in self.waivers.exclude(state="revoked").order_by("code")],
            "safety_floor": self.floor,
            "ethics": {"answers": self.answers, **(review.raw() if review else {})},
        }
        return content if self.plan is None else {**content, "plan": self.plan}

    def to_file(self) -> CaseFile:
        """Return the case as a file of one, read and checked by the same reader as the command line's."""
        return _read(to_json({"schema": _SCHEMA, "timezone": str(ZONE), "cases": [self.raw()]}))

    def to_case(self) -> Case:
        """Return the case as the decisions know it."""
        return self.to_file().cases[0]

    def to_case_with(self, decided: Mapping[str, Any]) -> Case:
        """Return the case as it would be with a committee's decision that is just being made."""
        raw = self.raw()
        raw["ethics"] = {"answers": self.answers, **decided}
        return _read(to_json({"schema": _SCHEMA, "timezone": str(ZONE), "cases": [raw]})).cases[0]

    def to_domain(self) -> CaseFacts:
        """Return the facts the guards of the life cycle ask about; each is looked up when it is asked for."""
        return CaseFacts(self)

    def ethics_settled(self, case: Case) -> bool:
        """Whether ethics is settled as of the instant the case is asked about (overdue reviews: the clock's alarm)."""
        day = self.entered_at.astimezone(ZONE).date()
        decided = case.ethics.decided_on
        return ethics_settled(case, at=max(day, decided) if decided else day, parameters=rules_on(day))

    def rule_change(self) -> RuleChange | None:
        """Return the rule-change proposal."""
        held = self.proposal
        if not held:
            return None
        return RuleChange(held["clause"], held["text"], tuple(held["evidence"]), held["authority"])

    def written_plan(self, registered_at: str) -> dict[str, Any]:
        """Return the draft plan as it will be registered."""
        plan = dict(cast("Mapping[str, Any]", self.plan or {}))
        return {"registered_at": registered_at, **{k: v for k, v in plan.items() if k != "registered_at"}}

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Freeze the plan, grant, suspend and resume waivers, and open the ethics review with the move."""
        act = _ON_MOVE.get(event.transition)
        if act is not None:
            act(self, event, decision)


class WithTrial(models.Manager[Any]):
    """Objects of a case with the case and its organisation, which every rule asks for."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return objects joined with their case."""
        return super().get_queryset().select_related("trial__organisation")


class CaseFacts:
    """A case as the guards of its life cycle see it."""

    def __init__(self, case: SandboxCase) -> None:
        self._case = case
        self.created_by = case.creator.public_id if case.creator else ""
        self.applicant_organisation = case.organisation.public_id if case.organisation else ""
        self.extensions = case.extensions

    @cached_property
    def _read(self) -> Case:
        return self._case.to_case()

    @property
    def floor_kept(self) -> bool:
        """Whether all five floor items are kept."""
        return set(self._case.floor) == {f.value for f in Floor}

    @property
    def has_feed(self) -> bool:
        """Whether the plan names a feed."""
        return bool((self._case.plan or {}).get("feeds"))

    @property
    def plan_registered(self) -> bool:
        """Whether there is a plan with guardrails."""
        return bool((self._case.plan or {}).get("guardrails"))

    @cached_property
    def ethics_cleared(self) -> bool:
        """Whether nothing in ethics is unmet or unanswered."""
        return self._case.ethics_settled(self._read)

    @cached_property
    def waiver_in_force(self) -> bool:
        """Whether a waiver is active, or suspended with the case."""
        return self._case.waivers.filter(state__in=("active", "suspended")).exists()

    @property
    def rule_change_proposal(self) -> bool:
        """Whether the proposal is complete."""
        proposal = self._case.rule_change()
        return proposal is not None and proposal.complete

    @property
    def public_summary(self) -> bool:
        """Whether the public summary is written in both languages."""
        return bool(self._case.summary_zh.strip() and self._case.summary_en.strip())


def _agree(case: SandboxCase, event: Event, decision: Decision | None) -> None:
    if decision is not None:
        case.plan = case.written_plan(str(decision.facts["registered_at"]))


def _admit(case: SandboxCase, event: Event, decision: Decision | None) -> None:
    """Grant what is still proposed; a waiver that waits for a person refuses the admission."""
    day = event.at.astimezone(ZONE).date()
    for waiver in case.waivers.filter(state="proposed").order_by("code"):
        granted = grant_waiver(waiver.to_waiver(), at=day, parameters=rules_on(day)).require("grant")
        transition(waiver, "grant", event.actor, event.reason, granted, now=event.at)
    case.next_check_at = event.at


def _hold(case: SandboxCase, event: Event, decision: Decision | None) -> None:
    for waiver in case.waivers.filter(state="active"):
        transition(waiver, "suspend", event.actor, event.reason, now=event.at)


def _resume(case: SandboxCase, event: Event, decision: Decision | None) -> None:
    day = event.at.astimezone(ZONE).date()
    for waiver in case.waivers.filter(state="suspended", start_on__lte=day, end_on__gte=day):
        transition(waiver, "resume", event.actor, event.reason, now=event.at)
    case.next_check_at = event.at


def _watch(case: SandboxCase, event: Event, decision: Decision | None) -> None:
    case.next_check_at = event.at


def _extend(case: SandboxCase, event: Event, decision: Decision | None) -> None:
    case.extensions += 1
    case.next_check_at = event.at


def _leave(case: SandboxCase, event: Event, decision: Decision | None) -> None:
    reason = event.reason or Text("案例出箱", "the case left the sandbox").zh
    for waiver in case.waivers.filter(state__in=("proposed", "granted", "active", "suspended")):
        transition(waiver, "revoke", event.actor, reason, now=event.at)
    case.next_check_at = None


def _to_ethics(case: SandboxCase, event: Event, decision: Decision | None) -> None:
    review = _review_kind()(
        trial=case,
        title_zh=f"伦理审查：{case.title_zh}"[:200],
        title_en=f"Ethics review: {case.title_en}"[:200],
        region=case.region,
        simulated=case.simulated,
    )
    create(review, event.actor, now=event.at)


def _review_kind() -> type[EthicsReview]:
    return cast("type[EthicsReview]", SandboxCase._meta.get_field("ethics_reviews").related_model)


_ON_MOVE = {
    "agree_plan": _agree,
    "admit": _admit,
    "start": _watch,
    "suspend": _hold,
    "to_exit": _hold,
    "resume": _resume,
    "continue": _resume,
    "extend": _extend,
    "to_ethics": _to_ethics,
    "graduate": _leave,
    "adjust": _leave,
    "stop": _leave,
    "wind_down": _leave,
}


class Amendment(models.Model):
    """A reasoned change of a registered plan: asked for by one person, approved by another, never backwards."""

    trial = models.ForeignKey(SandboxCase, models.CASCADE, related_name="amendments")
    code = models.CharField(max_length=20)
    effective_at = models.DateTimeField()
    reason = models.TextField(max_length=4000)
    changes = models.JSONField()
    requested_by = models.CharField(max_length=40)
    requested_at = models.DateTimeField()
    approved_by = models.CharField(max_length=40, blank=True)

    class Meta:
        app_label = "sandbox"
        constraints = (models.UniqueConstraint(fields=("trial", "code"), name="sandbox_amendment_once"),)

    def written(self, approved_by: str) -> dict[str, Any]:
        """Return the amendment as the plan holds it."""
        return {
            "id": self.code,
            "effective_at": self.effective_at.astimezone(ZONE).isoformat(timespec="minutes"),
            "reason": self.reason,
            "approved_by": approved_by,
            "changes": self.changes,
        }

    @property
    def changed(self) -> str:
        """The changes as one line of JSON."""
        return json.dumps(self.changes, ensure_ascii=False)


def local_minute(at: datetime) -> str:
    """Return an instant as a plan writes it: local time with its offset, to the second."""
    return at.astimezone(ZONE).isoformat(timespec="seconds")
