"""What is stored of scenes: scenes with their diligence log, applications, trials, and the offers of firms."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.errors import RefusedError
from biaochi.core.parameters import Snapshot
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.core.workflow import Event
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.scene import model
from biaochi.mechanisms.scene.decisions import check_diligence, check_scene
from biaochi.mechanisms.scene.lifecycle import APPLICATION, SCENE, TRIAL
from biaochi.mechanisms.scene.model import LogKind, Pay, ReviewVerdict, SceneKind, TrialOutcome
from biaochi.registry.models import Governed, Visibility
from biaochi.registry.transition import create

BEFORE_START = (LogKind.ALTERNATIVES, LogKind.CONFLICT, LogKind.RISK, LogKind.EXPERT, LogKind.BASIS)
HOLDING_SLOT = ("selected", "accepted")


def parameters(day: date) -> Snapshot:
    """Return the parameters of scenes in force on a day."""
    return load_parameters("biaochi.mechanisms.scene").at(day)


class Scene(Governed):
    """A scene: a real need with a place to try answers to it, the rule that chooses, and how success is measured."""

    workflow = SCENE
    prefix = "SC"
    creators = (Role.SCENE_OWNER,)
    visibility = Visibility(
        public_states=("listed", "open", "selecting", "trial", "evaluated", "scaled"),
        roles=(Role.OFFICER, Role.COMPETITION_REVIEWER),
    )
    badges = {"draft": "draft", "open": "open", "evaluated": "met", "scaled": "met"}
    resting = frozenset({"trial"})

    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in SceneKind], default="niche")
    track = models.CharField(max_length=40, blank=True)
    problem = models.TextField(max_length=4000)
    offers = models.TextField(max_length=4000, blank=True)
    access = models.TextField(max_length=1000, blank=True)
    safety = models.TextField(max_length=1000, blank=True)
    data_terms = models.TextField(max_length=1000, blank=True)
    ip_terms = models.TextField(max_length=1000, blank=True)
    pay = models.CharField(max_length=10, choices=[(p.value, p.value) for p in Pay], default="paid")
    slots = models.PositiveSmallIntegerField(default=1)
    reserved = models.PositiveSmallIntegerField(default=0)
    trl_min = models.FloatField(null=True, blank=True)
    trl_max = models.FloatField(null=True, blank=True)
    opens_on = models.DateField()
    closes_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    rule = models.JSONField(default=dict)
    rule_on = models.DateField(editable=False, null=True)
    metrics = models.CharField(max_length=400, blank=True)
    target = models.FloatField(null=True, blank=True)
    higher_is_better = models.BooleanField(default=True)
    scale_up = models.TextField(max_length=1000, blank=True)
    review_verdict = models.CharField(max_length=10, blank=True, editable=False)
    review_on = models.DateField(null=True, editable=False)

    class Meta:
        app_label = "scene"

    def to_scene(self) -> model.Scene:
        """Return the scene as the pure rooms know it."""
        return model.Scene(
            self.public_id,
            owner=self.organisation.public_id if self.organisation else "",
            kind=SceneKind(self.kind),
            track=self.track,
            region=self.region_id or "",
            problem=self.problem,
            offers=self.offers,
            access=self.access,
            safety=self.safety,
            data_terms=self.data_terms,
            ip_terms=self.ip_terms,
            pay=Pay(self.pay),
            slots=self.slots,
            trl_min=self.trl_min,
            trl_max=self.trl_max,
            opens_on=self.opens_on,
            closes_on=self.closes_on,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            rule=tuple((k, Decimal(v)) for k, v in self.rule.items()),
            rule_on=self.rule_on,
            metrics=self.metrics,
            review_verdict=ReviewVerdict(self.review_verdict) if self.review_verdict else None,
            review_on=self.review_on,
            scale_up=self.scale_up,
            reserved=self.reserved,
        )

    def log_entries(self) -> list[model.LogEntry]:
        """Return the diligence log as the pure rooms know it."""
        return [model.LogEntry(self.public_id, LogKind(e.kind), e.at) for e in self.log.all()]

    def application_records(self) -> list[model.Application]:
        """Return the applications as the pure rooms know them."""
        return [a.to_record() for a in self.applications.select_related("organisation")]

    def record_check(self, at: date) -> Decision:
        """Return whether the record is complete, criterion by criterion."""
        return check_scene(
            self.to_scene(),
            at=at,
            parameters=parameters(at),
            applications=self.application_records() if self.pk else [],
            log=self.log_entries() if self.pk else [],
        )

    def to_domain(self) -> model.SceneFacts:
        """Return the scene as its life cycle's guards see it."""
        today = timezone.localdate()
        said = {r.rule: r.verdict for r in self.record_check(today).reasons}
        log = (
            check_diligence(self.to_scene(), self.log_entries(), applications=self.application_records(), at=today)
            if self.pk
            else ()
        )
        complete = [c for c in log if c.kind in BEFORE_START]
        return model.SceneFacts(
            self.organisation.public_id if self.organisation else "",
            self.creator.public_id if self.creator else "",
            said["review"] is Verdict.MET,
            said["rule"] is Verdict.MET,
            said["metrics"] is Verdict.MET and self.target is not None,
            bool(complete) and all(c.present and c.in_time is not False for c in complete),
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Keep the review's verdict; a draft taken back loses it; the start makes one trial an accepted firm."""
        if event.transition == "review" and decision is not None:
            self.review_verdict, self.review_on = decision.outcome, timezone.localdate(event.at)
        elif event.transition == "return":
            self.review_verdict, self.review_on = "", None
        elif event.transition == "start":
            self._start_trials(event)

    def _start_trials(self, event: Event) -> None:
        accepted = list(self.applications.filter(state="accepted").select_related("organisation"))
        if not accepted:
            raise RefusedError("no_firm", Text("还没有接受名额的企业", "no firm has accepted a slot yet"))
        for application in accepted:
            trial = Trial(
                title_zh=f"试用：{self.title_zh}"[:200],
                title_en=f"Trial: {self.title_en}"[:200],
                scene=self,
                application=application,
                region=self.region,
                started_on=timezone.localdate(event.at),
                simulated=self.simulated,
            )
            create(trial, event.actor, now=event.at)


class DiligenceEntry(models.Model):
    """One entry of the diligence log; never changed, its time is the server's."""

    scene = models.ForeignKey(Scene, models.CASCADE, related_name="log")
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in LogKind])
    text = models.TextField(max_length=4000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "scene"
        ordering = ("at", "pk")


class SceneApplication(Governed):
    """One firm's application to one scene."""

    workflow = APPLICATION
    prefix = "SA"
    creators = (Role.FIRM,)
    visibility = Visibility(roles=(Role.OFFICER,))
    badges = {
        "submitted": "submitted",
        "selected": "met",
        "accepted": "met",
        "not_selected": "unmet",
        "ineligible": "unmet",
    }

    scene = models.ForeignKey(Scene, models.PROTECT, related_name="applications")
    capability = models.TextField(max_length=4000)
    startup = models.BooleanField(default=False)
    startup_confirmed = models.BooleanField(default=False, editable=False)
    points = models.JSONField(default=dict, editable=False)
    admitted_by = models.CharField(max_length=40, blank=True, editable=False)
    decided_on = models.DateField(null=True, editable=False)

    class Meta:
        app_label = "scene"
        constraints = (models.UniqueConstraint(fields=("scene", "organisation"), name="scene_application_once"),)

    @classmethod
    def visible_condition(cls, actor: Actor) -> Q:
        """Add the owner of the scene, who chooses."""
        found = super().visible_condition(actor)
        if actor.role is Role.SCENE_OWNER and actor.organisation:
            found |= Q(scene__organisation__public_id=actor.organisation)
        return found

    def seen_from_inside(self, actor: Actor) -> bool:
        """Add the owner of the scene."""
        return super().seen_from_inside(actor) or _owns(self.scene, actor)

    def to_record(self) -> model.Application:
        """Return the application as the pure rooms know it; who is told is told at once."""
        selected = (
            True if self.state in (*HOLDING_SLOT, "declined") else False if self.state == "not_selected" else None
        )
        return model.Application(
            self.scene.public_id,
            self.organisation.public_id if self.organisation else "",
            timezone.localdate(self.created_at),
            None if self.state == "submitted" else self.state != "ineligible",
            selected=selected,
            decided_on=self.decided_on,
            informed_on=self.decided_on,
        )

    def to_domain(self) -> model.ApplicationFacts:
        """Return the application as its life cycle sees it."""
        return model.ApplicationFacts(
            self.organisation.public_id if self.organisation else "",
            self.scene.organisation.public_id if self.scene.organisation else "",
            self.admitted_by,
        )

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Only the owner decides; points are kept on admission; a slot is given once, whoever else is writing."""
        if event.actor.role is Role.SCENE_OWNER and not _owns(self.scene, event.actor):
            raise RefusedError("not_owner", Text("只有场景业主可以决定", "only the owner of the scene decides"))
        if event.transition == "admit":
            self.admitted_by = event.actor.person
            if decision is not None:
                self.points = {r.rule: r.seen for r in decision.reasons}
                self.startup_confirmed = bool(decision.facts.get("startup"))
        elif event.transition == "select":
            scene = Scene.objects.select_for_update().get(pk=self.scene_id)
            _all_heard(scene)
            taken = scene.applications.filter(state__in=HOLDING_SLOT).exclude(pk=self.pk).count()
            if taken >= scene.slots:
                raise RefusedError("no_slot", Text("名额已满", "every slot is taken"))
        if event.transition in ("exclude", "select", "pass_over"):
            self.decided_on = timezone.localdate(event.at)


class Trial(Governed):
    """One trial of one firm in one scene, measured against the target set beforehand."""

    workflow = TRIAL
    prefix = "ST"
    creators = (Role.SCENE_OWNER,)
    visibility = Visibility(public_states=("outcome",), roles=(Role.OFFICER, Role.REVIEWER))
    badges = {"running": "active", "paused": "paused", "verified": "met", "outcome": "met"}

    scene = models.ForeignKey(Scene, models.PROTECT, related_name="trials")
    application = models.OneToOneField(SceneApplication, models.PROTECT, related_name="trial")
    started_on = models.DateField()
    ended_on = models.DateField(null=True, editable=False)
    value = models.FloatField(null=True, editable=False)
    outcome = models.CharField(max_length=20, blank=True, editable=False)
    reported_by = models.CharField(max_length=40, blank=True, editable=False)

    class Meta:
        app_label = "scene"

    @classmethod
    def visible_condition(cls, actor: Actor) -> Q:
        """Add the firm that is tried."""
        found = super().visible_condition(actor)
        if actor.role is Role.FIRM and actor.organisation:
            found |= Q(application__organisation__public_id=actor.organisation)
        return found

    @property
    def firm(self) -> str:
        """Public identifier of the firm's organisation."""
        house = self.application.organisation
        return house.public_id if house else ""

    def to_trial(self, outcome: str = "") -> model.Trial:
        """Return the trial as the pure rooms know it."""
        said = outcome or self.outcome
        return model.Trial(
            self.scene.public_id,
            self.firm,
            self.started_on,
            self.ended_on,
            self.value,
            self.scene.target,
            TrialOutcome(said) if said else None,
            higher_is_better=self.scene.higher_is_better,
        )

    def to_domain(self) -> model.TrialFacts:
        """Return the trial as its life cycle sees it."""
        owner = self.scene.organisation
        return model.TrialFacts(self.firm, owner.public_id if owner else "", self.reported_by)

    def on_move(self, event: Event, decision: Decision | None) -> None:
        """Keep what was measured and what was concluded; nobody but the two parties reports."""
        parties = (self.firm, self.scene.organisation.public_id if self.scene.organisation else "")
        if event.actor.role in (Role.FIRM, Role.SCENE_OWNER) and event.actor.organisation not in parties:
            raise RefusedError("not_party", Text("不是本次试用的一方", "you are no party to this trial"))
        if event.transition == "report" and decision is not None:
            self.reported_by, self.ended_on = event.actor.person, timezone.localdate(event.at)
            self.value = float(str(decision.facts["value"]))
        elif event.transition == "conclude" and decision is not None:
            self.outcome = decision.outcome


class FirmOffer(models.Model):
    """What a firm can do, as uploaded; matched against scenes."""

    organisation = models.CharField(max_length=40)
    firm = models.CharField(max_length=60)
    content = models.JSONField(default=dict)

    class Meta:
        app_label = "scene"
        constraints = (models.UniqueConstraint(fields=("organisation", "firm"), name="scene_offer_once"),)


class BroughtEvidence(models.Model):
    """A result another mechanism brought, for the owner who chooses."""

    owner = models.CharField(max_length=40)
    firm = models.CharField(max_length=60, blank=True)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    origin = models.CharField(max_length=60)
    at = models.DateTimeField()
    payload = models.JSONField(default=dict)

    class Meta:
        app_label = "scene"
        ordering = ("-at",)


def _all_heard(scene: Scene) -> None:
    """Nobody is selected before everybody could apply and every application was judged."""
    if scene.state != "selecting":
        raise RefusedError(
            "still_open", Text("申请截止后才能选定企业", "firms are selected once applications are closed")
        )
    waiting = scene.applications.filter(state="submitted").count()
    if waiting:
        raise RefusedError(
            "not_all_judged",
            Text(
                f"还有 {waiting} 份申请没有判定是否符合条件",
                f"{waiting} applications are not yet judged eligible or not",
            ),
        )


def _owns(scene: Scene, actor: Actor) -> bool:
    house = scene.organisation
    return actor.role is Role.SCENE_OWNER and house is not None and house.public_id == actor.organisation
