"""Every room that is installed, whatever it is: its declarations are whole, its pages answer, its lists are cheap."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from biaochi.core.roles import Role
from biaochi.registry.acting import PUBLIC
from biaochi.registry.models import Governed, Membership
from biaochi.registry.models.governed import governed_models
from biaochi.registry.site import Site
from biaochi.web import clock
from biaochi.web.rooms import web_rooms
from biaochi.web.sites import sites

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("rooms")]
MOST_QUERIES = 25
SITES = sites()
MODELS = [model for site in SITES for model in site.models]


def test_every_room_declares_its_site() -> None:
    assert [s.code for s in SITES] == list(web_rooms())
    declared = {m for s in SITES for m in s.models}
    mine = {m for m in governed_models() if m.__module__.startswith("biaochi.mechanisms.")}
    assert mine == declared, "every stored model with a life cycle belongs into its Site"


def test_prefixes_are_unique() -> None:
    prefixes = [m.prefix for m in MODELS]
    assert len(set(prefixes)) == len(prefixes)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label_lower)
def test_every_model_is_whole(model: type[Governed]) -> None:
    model.workflow.validate()
    assert model.visibility is not None, "without a rule nobody sees anything"
    states = {s.code for s in model.workflow.states}
    assert set(model.visibility.public_states) <= states
    assert set(model.badges) <= states
    assert model.resting <= states
    assert model.sealed_moves <= {t.code for t in model.workflow.transitions}
    assert all(r.decides for r in model.creators)
    assert not set(model.visibility.roles) & {Role.PUBLIC, Role.ADMINISTRATOR, Role.ANALYST}


def client_of(role: Role | None, language: str) -> Client:
    client = Client(HTTP_HOST="localhost", raise_request_exception=True)
    client.cookies["language"] = language
    if role is not None:
        person = Membership.objects.filter(role=role).order_by("pk")[0].person
        client.force_login(
            get_user_model().objects.get(pk=person.pk), backend="django.contrib.auth.backends.ModelBackend"
        )
    return client


def addresses(site: Site) -> list[str]:
    found = [reverse(n.url) for n in site.nav]
    found += [reverse(f"{site.code}:import_{i.code}") for i in site.importers]
    for model in site.models:
        found += [o.get_absolute_url() for o in model._default_manager.order_by("pk")[:2]]
    return list(dict.fromkeys(found))


def test_the_demonstration_is_complete(filled: list[str]) -> None:
    assert filled == []


@pytest.mark.parametrize("site", SITES, ids=lambda s: s.code)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_answer_every_role_within_their_queries(filled: list[str], site: Site, language: str) -> None:
    for role in (Role.OFFICER, Role.FIRM, Role.AUDITOR, Role.ADMINISTRATOR, None):
        client = client_of(role, language)
        for address in addresses(site):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(address)
            assert answer.status_code in (200, 302, 403, 404), (role, address, answer.status_code)
            if answer.status_code == 200 and not answer.streaming:
                text = answer.content.decode()
                assert " style=" not in text, address
                assert len(queries) <= MOST_QUERIES, (role, address, len(queries), [q["sql"][:100] for q in queries])


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.CLOCK, Role.PUBLIC)])
def test_home_portal_and_calendar_stay_within_their_queries(filled: list[str], role: Role) -> None:
    client = client_of(role, "en")
    for address in ("/", "/public/", "/calendar/", "/search/?q=a"):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        assert answer.status_code == 200, address
        # A search asks each kind of object once, by the object's own rule of who may see it.
        most = MOST_QUERIES + (len(MODELS) if address.startswith("/search/") else 0)
        assert len(queries) <= most, (address, len(queries), [q["sql"][:100] for q in queries])


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label_lower)
def test_nobody_is_told_more_by_counts_exports_search_or_api_than_by_the_rule(
    filled: list[str], model: type[Governed]
) -> None:
    site = next(s for s in SITES if model in s.models)
    everything = list(model._default_manager.all())
    for role in (None, Role.FIRM, Role.ADMINISTRATOR, Role.ANALYST, Role.REVIEWER):
        client = client_of(role, "en")
        actor = Membership.objects.filter(role=role).order_by("pk")[0].actor if role else PUBLIC
        seen = {o.public_id for o in model.visible(actor, model._default_manager.all())}
        for obj in everything:
            if obj.public_id not in seen:
                assert client.get(obj.get_absolute_url()).status_code in (302, 403, 404), (role, obj.public_id)
                assert client.get(f"/o/{obj.public_id}/").status_code == 404
                answer = client.get(f"/search/?q={obj.public_id}").content.decode()
                assert f'href="{obj.get_absolute_url()}"' not in answer, (role, obj.public_id)
        if role is None:
            listed = client.get(f"/api/v1/{site.code}/objects/{model._meta.model_name}?limit=100").json()["items"]
            assert {i["public_id"] for i in listed} <= seen


def test_the_clock_is_idempotent(filled: list[str]) -> None:
    now = timezone.now() + timedelta(days=400)
    clock.tick(now)
    assert clock.tick(now) == 0
