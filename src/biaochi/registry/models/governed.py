"""The base of everything a mechanism stores and moves through a life cycle.

A mechanism's model inherits :class:`Governed`, names its ``workflow`` (from its ``lifecycle`` room), its
``visibility`` and who may create it.  The state changes only through :mod:`biaochi.registry.transition`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from biaochi.core.decision import Decision as CoreDecision
from biaochi.core.region import NATION
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Event, State, Workflow
from biaochi.registry.identifiers import new_public_id
from biaochi.registry.models.people import Organisation, Person

NOBODY = Q(pk__in=[])
EVERYTHING = Q()


@dataclass(frozen=True, slots=True)
class Visibility:
    """Who sees which objects of a model; whoever is not named sees none.

    Parameters
    ----------
    public_states : tuple of str
        States in which everybody sees the object.
    roles : tuple of Role
        Roles that see every object within their scope.
    own : bool
        Whether people of the object's organisation (and its creator) see it.
    auditor : bool
        Whether auditors see every object; false only for what is sealed even to them.
    """

    public_states: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    own: bool = True
    auditor: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """The facts every stored object has, as public identifiers."""

    public_id: str
    state: str
    entered_at: datetime
    creator: str
    organisation: str
    region: str


class Standing:
    """An object as its workflow sees it: the facts every object has, then its own (from ``to_domain``)."""

    def __init__(self, case: Case, facts: object) -> None:
        self._case = case
        self._facts = facts

    @property
    def state(self) -> str:
        """State the object is in."""
        return self._case.state

    @property
    def entered_at(self) -> datetime:
        """When that state was entered."""
        return self._case.entered_at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._case if hasattr(self._case, name) else self._facts, name)


def scope_condition(actor: Actor, scope_fields: Iterable[str] = ()) -> Q:
    """Return which objects lie within an actor's scope.

    A six-digit scope is a region and everything below it; any other names one object, or one that an object of the
    model points to by ``scope_fields``.
    """
    scope = actor.scope
    if not scope or scope == NATION or actor.role is Role.CLOCK:
        return EVERYTHING
    if len(scope) == 6 and scope.isdigit():
        stem = scope[:2] if scope.endswith("0000") else scope[:4] if scope.endswith("00") else scope
        return Q(region__code__startswith=stem)
    found = Q(public_id=scope)
    for field in scope_fields:
        found |= Q(**{field: scope})
    return found


class Governed(models.Model):
    """An object with a life cycle: public identifier, state, version, and who it belongs to."""

    workflow: ClassVar[Workflow]
    prefix: ClassVar[str]
    creators: ClassVar[tuple[Role, ...]] = ()
    visibility: ClassVar[Visibility | None] = None
    scope_fields: ClassVar[tuple[str, ...]] = ()
    sealed_moves: ClassVar[frozenset[str]] = frozenset()
    """Moves whose written reason is confidential: it enters the ledger as a salted hash."""
    inner_moves: ClassVar[frozenset[str]] = frozenset()
    """Moves whose decisions only those who handle the matter ever read, such as single reviews."""
    badges: ClassVar[Mapping[str, str]] = {}
    """State → code of the badge that chooses glyph and colour, such as ``met``, ``unmet``, ``manual_review``."""
    resting: ClassVar[frozenset[str]] = frozenset()
    """States in which nothing waits: moves without deadline from them, or from public states, are no todo."""

    creator_id: int | None
    organisation_id: int | None
    region_id: str | None

    public_id = models.CharField(max_length=40, unique=True, editable=False)
    title_zh = models.CharField(_("title in Chinese"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200)
    state = models.CharField(max_length=40, db_index=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    entered_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)
    creator = models.ForeignKey(Person, models.PROTECT, null=True, editable=False, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, editable=False, related_name="+")
    region = models.ForeignKey(
        "registry.Region", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("region")
    )
    simulated = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.public_id} {self.title_zh}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the object; a new one gets its identifier and its first state."""
        if not self.public_id:
            self.public_id = new_public_id(self.prefix)
        if not self.state:
            self.state = self.workflow.initial
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Return the address of the object's page."""
        return reverse(f"{self._meta.app_label}:{self._meta.model_name}", args=[self.public_id])

    @property
    def title(self) -> Text:
        """Its title in both languages."""
        return Text.from_mapping({"zh": self.title_zh, "en": self.title_en})

    @property
    def current(self) -> State:
        """The state with its names."""
        return self.workflow.state(self.state)

    @classmethod
    def badge_of(cls, state: str) -> str:
        """Return the badge code of a state: the declared one, else active, or a dash where nothing follows."""
        declared = cls.badges.get(state)
        if declared is not None:
            return declared
        return "not_applicable" if any(s.code == state and s.final for s in cls.workflow.states) else "active"

    @property
    def due_at(self) -> datetime | None:
        """The earliest deadline of the present state."""
        return self.workflow.due_at(self)

    def case(self) -> Case:
        """Return the facts every object has."""
        return Case(
            self.public_id,
            self.state,
            self.entered_at,
            self.creator.public_id if self.creator else "",
            self.organisation.public_id if self.organisation else "",
            self.region_id or "",
        )

    def to_domain(self) -> object:
        """Return the object as its mechanism's pure rooms know it; models with facts of their own override this."""
        return self.case()

    def subject(self) -> Standing:
        """Return the object as its workflow sees it."""
        return Standing(self.case(), self.to_domain())

    def on_move(self, event: Event, decision: CoreDecision | None) -> None:
        """Change what else the move changes, in the same transaction, before the row is saved."""

    def search_words(self) -> Iterable[str]:
        """Return the texts under which the object is found."""
        yield from (self.public_id, self.title_zh, self.title_en)
        if self.organisation:
            yield from (self.organisation.name_zh, self.organisation.name_en)

    @classmethod
    def scope_of(cls, actor: Actor) -> Q:
        """Return which objects lie within an actor's scope."""
        return scope_condition(actor, cls.scope_fields)

    @classmethod
    def visible(cls, actor: Actor, queryset: models.QuerySet[Self]) -> models.QuerySet[Self]:
        """Return what an actor may see of a queryset; the one rule that pages, lists, counts, exports and API ask.

        Override it only to take more away or to join other tables; never filter elsewhere.
        """
        return queryset.filter(cls.visible_condition(actor))

    @classmethod
    def visible_condition(cls, actor: Actor) -> Q:
        """Return the condition of :meth:`visible` that follows from ``visibility``."""
        rule = cls.visibility
        if rule is None:
            return NOBODY
        if actor.role is Role.CLOCK or (actor.role is Role.AUDITOR and rule.auditor):
            return EVERYTHING
        found = Q(state__in=rule.public_states)
        if actor.role in rule.roles:
            found |= cls.scope_of(actor) & Q(pk__isnull=False)
        if rule.own and actor.organisation and actor.role.decides:
            found |= Q(organisation__public_id=actor.organisation)
        if rule.own and actor.role.decides:
            found |= Q(creator__public_id=actor.person)
        return found

    def within_scope(self, actor: Actor) -> bool:
        """Whether the object lies within the actor's scope; asked of the database once for each loaded object."""
        known: dict[Actor, bool] = self.__dict__.setdefault("_within", {})
        if actor not in known:
            known[actor] = type(self)._default_manager.filter(self.scope_of(actor), pk=self.pk).exists()
        return known[actor]

    def seen_from_inside(self, actor: Actor) -> bool:
        """Whether the actor sees internal names, comments and every decision, or only what the public sees."""
        if actor.role in (Role.CLOCK, Role.AUDITOR):
            return True
        rule = self.visibility
        if rule is None or not actor.role.decides:
            return False
        if actor.role in rule.roles:
            return self.within_scope(actor)
        own = self.organisation is not None and self.organisation.public_id == actor.organisation
        return rule.own and actor.role is not Role.FIRM and own


def governed_models() -> tuple[type[Governed], ...]:
    """Return every stored model with a life cycle, in the order of the installed mechanisms."""
    return tuple(model for model in apps.get_models() if issubclass(model, Governed))
