"""Permissions over every room that is installed: every role × life cycle × state × move, and every way to see.

One object of each model, taken from the demonstration, is put into each state of its life cycle.  What each role may see
and do there is written out anew from the model's declarations, and held against the rule of sight, the transition service,
the buttons of the page, the moves of the API, lists, counts, exports and search.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError
from django.db import transaction as database
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.workflow import Transition
from biaochi.registry import callers, documents
from biaochi.registry.acting import SESSION_KEY, Acting
from biaochi.registry.identifiers import new_public_id
from biaochi.registry.models import Governed, Membership, Organisation, Person
from biaochi.registry.searching import index, search
from biaochi.registry.transition import transition
from biaochi.web.api.shapes import object_out
from biaochi.web.sites import sites

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("rooms")]
MODELS = [model for site in sites() for model in site.models]
STANDING = {"wrong_role", "same_person", "same_organisation", "other_organisation", "wrong_state", "not_found"}
# An object that was put into a state lacks what its way there would have left; a move that trips over that was let in.
MISSING_FACTS = (LookupError, AttributeError, TypeError, ValueError, ObjectDoesNotExist)
SEALED_STATES = {"draft", "sealed", "withdrawn"}
ROLES = [r for r in Role if r is not Role.CLOCK]


@dataclass(frozen=True)
class Seat:
    """An actor of one role: of the object's own house or another, and perhaps the one who made the object."""

    actor: Actor
    own: bool
    creator: bool
    membership: Membership | None

    def __str__(self) -> str:
        return f"{self.actor.role.value}{' own' if self.own else ''}{' creator' if self.creator else ''}"


def sees(obj: Governed, state: str, seat: Seat) -> bool:
    """What the declarations say: public states to everybody, the rest to the roles named and to the house concerned."""
    rule, role = obj.visibility, seat.actor.role
    assert rule is not None
    if state in rule.public_states:
        return True
    if role is Role.AUDITOR:
        return rule.auditor
    return role in rule.roles or (rule.own and role.decides and (seat.own or seat.creator))


def stands(facts: Any, move: Transition, seat: Seat) -> bool:
    """Whether role, person and house allow a move, guards aside."""
    actor = seat.actor
    return (
        actor.role in move.roles
        and actor.role.decides
        and not any(actor.person == getattr(facts, a) for a in move.not_by)
        and not any(actor.organisation and actor.organisation == getattr(facts, a) for a in move.not_from)
        and (not move.own or actor.organisation == getattr(facts, move.own))
    )


@pytest.fixture
def seats() -> Callable[[Governed], list[Seat]]:
    """Return a maker of one actor a role for an object: of its house, of another, and its creator in each deciding role."""
    away = Organisation.objects.create(kind="enterprise", name_zh="别处", name_en="Elsewhere", simulated=True)

    def member(role: Role, house: Organisation | None, person: Person | None = None) -> Membership:
        number = Person.objects.count()
        who = person or Person.objects.create_person(f"seat-{role.value}-{number}", f"示例 {number}", simulated=True)
        return Membership.objects.create(person=who, role=role.value, organisation=house)

    def make(obj: Governed) -> list[Seat]:
        found = [Seat(Actor("", Role.PUBLIC), False, False, None)]
        single = {r for t in obj.workflow.transitions if t.not_by for r in t.roles} | set(obj.creators)
        named = concerned(type(obj))
        for role in ROLES:
            if role is Role.PUBLIC:
                continue
            for house, own in ((obj.organisation, True), (away, False)):
                if own and (house is None or not role.decides):
                    continue
                if not own and role.decides and role not in named and obj.organisation is not None:
                    continue  # a role no rule names sees no more from another house than from the object's own
                held = member(role, house)
                found.append(Seat(held.actor, own, False, held))
            if role in single and obj.creator is not None:
                held = member(role, away, obj.creator)
                found.append(Seat(held.actor, False, True, held))
        return found

    return make


def concerned(model: type[Governed]) -> set[Role]:
    """Return the roles that the declarations of a model name."""
    rule = model.visibility
    return (
        {r for t in model.workflow.transitions for r in t.roles} | set(model.creators) | set(rule.roles if rule else ())
    )


def sample(model: type[Governed]) -> Any:
    """Return the demonstration's first object of a model, the one with a house and a creator if there is one."""
    rows = model._default_manager.select_related("organisation", "region", "creator").order_by("pk")
    return rows.exclude(organisation=None).exclude(creator=None).first() or rows.first() or made(model)


def made(model: type[Governed]) -> Any:
    """Make an object of a model the demonstration has none of, beside the first of what it belongs to."""
    other: Any = next(
        o for m in MODELS if (o := m._default_manager.exclude(organisation=None).exclude(creator=None).first())
    )
    found: Any = model(title_zh="补一", title_en="one more", creator=other.creator)
    found.organisation, found.region = other.organisation, other.region
    for field in model._meta.concrete_fields:
        if field.is_relation and not field.null and getattr(found, field.attname) is None:
            kind: Any = field.related_model
            setattr(found, field.name, kind._default_manager.first() or made(kind))
        elif not field.null and getattr(found, field.attname, None) is None and not field.primary_key:
            setattr(found, field.attname, timezone.now() if "Date" in type(field).__name__ else 1)
    found.save(force_insert=True)
    return found


def put(obj: Any, state: str) -> Any:
    """Put the stored object into a state, around the service, and load it anew."""
    type(obj)._default_manager.filter(pk=obj.pk).update(state=state)
    return type(obj)._default_manager.select_related("organisation", "region", "creator").get(pk=obj.pk)


def sight(obj: Any, seat: Seat) -> bool:
    """Whether the one rule of sight shows the object."""
    kind = type(obj)
    return bool(kind.visible(seat.actor, kind._default_manager.filter(pk=obj.pk)).exists())


def narrowed(model: type[Governed]) -> bool:
    """Whether a model takes more away than its declarations say."""
    return "visible" in model.__dict__


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label_lower)
def test_every_cell_of_sight_and_of_moves(filled: list[str], model: type[Governed], seats: Any) -> None:
    obj = sample(model)
    view = resolve(obj.get_absolute_url()).func.view_class
    everyone = seats(obj)
    cells = 0
    for state in (s.code for s in model.workflow.states):
        obj = put(obj, state)
        facts = obj.subject()
        here = [m for m in model.workflow.transitions if state in m.sources]
        for seat in everyone:
            cell = (state, str(seat))
            shown = sight(obj, seat)
            assert shown is sees(obj, state, seat) or (narrowed(model) and narrower(obj, seat, shown)), cell
            assert page_opens(view, obj, seat) <= shown, cell
            assert (documents.find_object(obj.public_id, seat.actor) is not None) is shown, cell
            due = {m.code for m in here if stands(facts, m, seat)}
            assert {m.code for m in model.workflow.open_to(facts, seat.actor)} == due, cell
            if shown and seat.actor.role.decides:
                assert {a.move.code for a in view()._acts(obj, seat.actor, {})} == due, cell
                told = object_out(obj, seat.actor, timezone.now(), with_moves=True)
                assert {m.code for m in told.moves} <= due, cell
            cells += len(model.workflow.transitions)
            made = due if shown else set()
            refused = next((m.code for m in turned(model.workflow.transitions, cells) if m.code not in made), "")
            for code in (*made, *([refused] if refused and not seat.own else [])):
                assert permitted(obj, code, seat) is (code in made), (*cell, code)
    assert cells == len(model.workflow.states) * len(model.workflow.transitions) * len(everyone)


def narrower(obj: Any, seat: Seat, shown: bool) -> bool:
    """Whether a model that overrides the rule only takes away; an auditor may see what was opened by then."""
    matter = getattr(obj, "challenge", None) or getattr(obj, "purchase", None)
    opened = obj.state not in SEALED_STATES or (obj.state == "sealed" and bool(getattr(matter, "opened", False)))
    return not shown or (seat.actor.role is Role.AUDITOR and opened)


def turned(moves: Sequence[Transition], number: int) -> Sequence[Transition]:
    """Return the moves from another one on each time, so that over all cells each is tried."""
    first = number % len(moves)
    return [*moves[first:], *moves[:first]]


def page_opens(view: Any, obj: Any, seat: Seat) -> bool:
    """Whether the object's page finds it for this actor."""
    request = RequestFactory().get(obj.get_absolute_url())
    person = seat.membership.person if seat.membership else None
    request.acting = Acting(person, seat.membership.public_id if seat.membership else "")  # type: ignore[attr-defined]
    try:
        view().get_object(request, obj.public_id)
    except Http404:
        return False
    return True


def permitted(obj: Any, move: str, seat: Seat) -> bool:
    """Whether the service lets the actor make the move, or only a guard or the reason holds it; rolled back."""
    point = database.savepoint()
    try:
        transition(type(obj)._default_manager.get(pk=obj.pk), move, seat.actor, "理由")
    except RefusedError as error:
        return error.code not in STANDING
    except MISSING_FACTS:
        return True
    finally:
        database.savepoint_rollback(point)
    return True


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label_lower)
def test_lists_counts_exports_search_and_api_show_what_the_rule_shows(
    filled: list[str], model: type[Governed], seats: Any
) -> None:
    if not model._default_manager.exists():
        pytest.skip(f"the demonstration has no {model._meta.label_lower}")
    cache.clear()
    first = sample(model)
    everyone = seats(first)
    twins = list(copies(first))
    wanted = {o.public_id for o in twins}
    site = next(s for s in sites() if model in s.models)
    listed = f"/api/v1/{site.code}/objects/{model._meta.model_name}?limit=100"
    for number, seat in enumerate(everyone):
        rule = {o.public_id for o in model.visible(seat.actor, model._default_manager.filter(public_id__in=wanted))}
        everything = model.visible(seat.actor, model._default_manager.all()).distinct().count()
        client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"10.9.{number}.1")
        enter(client, seat)
        told = seat.actor.role in concerned(model) or seat.membership is None
        for address in list_addresses(site.code, model) if told else ():
            page = client.get(address)
            if page.status_code != 200 or "page" not in (page.context or {}):
                continue
            taken = client.get(f"{address}?format=csv")
            ids = [r["public_id"] for r in csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig")))]
            assert set(ids) & wanted == rule or set(ids) & wanted < rule, (address, str(seat))
            assert page.context["page"].paginator.count == len(ids) <= everything, (address, str(seat))
        found = {o.public_id for twin in twins[:3] for o in search(twin.public_id, seat.actor)}
        assert found & wanted == {t.public_id for t in twins[:3]} & rule, str(seat)
        if seat.membership is None or (seat.actor.role.decides and seat.membership.organisation):
            got = {i["public_id"] for i in everything_of(client, listed, key_of(seat))}
            assert got & wanted == rule, str(seat)
            assert len(got) == everything, str(seat)


def copies(first: Any) -> Iterator[Any]:
    """Yield a copy of an object for each state of its life cycle, or the object alone where it may not be copied."""
    kind = type(first)
    for state in (s.code for s in kind.workflow.states):
        twin = kind._default_manager.get(pk=first.pk)
        twin.pk, twin.state, twin.public_id = None, state, new_public_id(kind.prefix)
        twin._state.adding = True
        try:
            with database.atomic():
                twin.save(force_insert=True)
        except IntegrityError:
            continue
        index(twin)
        yield twin


def list_addresses(site: str, model: type[Governed]) -> Sequence[str]:
    """Return the addresses of a model's list pages."""
    found = []
    for name in (f"{site}:{model._meta.model_name}_list", f"{site}:{model._meta.model_name}s"):
        try:
            found.append(reverse(name))
        except NoReverseMatch:
            continue
    return found


def enter(client: Client, seat: Seat) -> None:
    """Log the actor in, in exactly this role."""
    if seat.membership is None:
        return
    person = get_user_model().objects.get(pk=seat.membership.person_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SESSION_KEY] = seat.membership.public_id
    session.save()


def key_of(seat: Seat) -> str:
    """Return an API key of the actor; empty for the public."""
    return callers.issue(seat.membership, "matrix", ["read"])[1] if seat.membership else ""


def everything_of(client: Client, address: str, key: str) -> list[dict[str, Any]]:
    """Return every object the API lists, page by page."""
    headers = {"HTTP_AUTHORIZATION": f"Bearer {key}"} if key else {}
    found: list[dict[str, Any]] = []
    cursor = ""
    for _ in itertools.count():
        answer = client.get(f"{address}&cursor={cursor}" if cursor else address, **headers)
        assert answer.status_code == 200, answer.content
        body = answer.json()
        found += body["items"]
        cursor = body["next"] or ""
        if not cursor:
            return found
    return found


def test_whole_matrix_is_large() -> None:
    cells = sum(len(m.workflow.states) * len(m.workflow.transitions) for m in MODELS)
    assert cells * len(ROLES) > 20_000
