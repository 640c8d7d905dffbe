"""The web room of sharing: never beyond capacity, not even by two at once; nothing confirmed without a listed price."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from biaochi.core.errors import RefusedError
from biaochi.core.roles import Role
from biaochi.mechanisms.sharing.web import site
from biaochi.mechanisms.sharing.web.models import Booking, Resource
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, transition
from biaochi.web import demonstration as whole


@pytest.fixture
def stage(db: None) -> Demo:
    """Return the cast, with sharing's part of the demonstration."""
    found = whole.cast()
    site.demo(found)
    return found


def login(person: str) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.cookies["language"] = "en"
    user = get_user_model().objects.get(public_id=person)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def beside(booking: Booking, hours: int) -> Booking:
    return Booking(
        title_zh="预约",
        title_en="booking",
        resource=booking.resource,
        starts_at=booking.ends_at + timedelta(hours=hours),
        ends_at=booking.ends_at + timedelta(hours=hours + 4),
        region=booking.region,
    )


def test_an_overlap_is_refused_and_the_next_hour_is_free(stage: Demo) -> None:
    taken, owner = Booking.objects.get(state="confirmed"), stage.actors[Role.SCENE_OWNER]
    over, after = beside(taken, -1), beside(taken, 0)
    create(over, stage.other_firm)
    create(after, stage.other_firm)
    for move in ("hold", "confirm"):
        with pytest.raises(RefusedError) as refused:
            transition(over, move, owner)
        assert refused.value.code == "capacity_left"
    transition(after, "confirm", owner)


def test_nothing_is_confirmed_without_a_price_and_use_is_charged_as_listed(stage: Demo) -> None:
    booking, owner = Booking.objects.get(state="requested"), stage.actors[Role.SCENE_OWNER]
    line = Resource.objects.get()
    prices = list(line.prices.all())
    line.prices.all().delete()
    with pytest.raises(RefusedError) as refused:
        transition(booking, "confirm", owner)
    assert refused.value.code == "price_listed"
    for price in prices:
        price.pk = None
        price.save()
    page = login(owner.person)
    for move, more in (("confirm", {}), ("use", {"use-units": "0.5"}), ("settle", {})):
        booking.refresh_from_db()
        answer = page.post(booking.get_absolute_url(), {"move": move, "version": booking.version, **more})
        assert answer.status_code == 302, move
    booking.refresh_from_db()
    assert booking.charge == Decimal("6000.00")


def test_the_calendar_is_public_and_names_nobody(stage: Demo) -> None:
    page = Client(HTTP_HOST="localhost").get(Resource.objects.get().get_absolute_url()).content.decode()
    assert "甲公司" not in page
    assert Booking.objects.get(state="confirmed").public_id not in page
    rival = login(stage.other_firm.person)
    assert rival.get(Booking.objects.get(state="confirmed").get_absolute_url()).status_code == 404


def test_forms_make_a_resource_with_its_price_and_a_booking(stage: Demo) -> None:
    fields = {
        "title_zh": "算力",
        "title_en": "Computing",
        "kind": "compute",
        "unit": "GPU",
        "capacity": 8,
        "unit_price": "30",
    }
    assert login(stage.actors[Role.SCENE_OWNER].person).post("/sharing/new/", fields).status_code == 302
    made = Resource.objects.get(kind="compute")
    assert made.prices.get().unit_price == Decimal("30.00")
    firm = login(stage.other_firm.person)
    wrong = {"resource": made.pk, "starts_at": "2027-01-02T09:00", "ends_at": "2027-01-02T08:00", "units": 2}
    assert firm.post("/sharing/bookings/new/", wrong).status_code == 422
    assert firm.post("/sharing/bookings/new/", wrong | {"ends_at": "2027-01-02T18:00"}).status_code == 302


def rush(data: Path, **more: str) -> dict[str, list[object]]:
    """Run two writers in a process of its own; return how many won each round and why the others were refused."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BIAOCHI_", "DJANGO_", "PYTEST_", "DATABASE_"))}
    environment = {
        **kept,
        "BIAOCHI_DATA": str(data),
        "BIAOCHI_SECRET_KEY": "only for tests, never for an installation",
        "DJANGO_SETTINGS_MODULE": "biaochi.web.settings",
        **more,
    }
    script = Path(__file__).with_name("two_writers.py")
    done = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, list[object]] = json.loads(done.stdout.splitlines()[-1])
    return found


def one_wins(found: dict[str, list[object]]) -> bool:
    """Whether one won each round; the other was refused before it began, or under the lock (PostgreSQL)."""
    return found["wins"] == [1] * 5 and len(found["refusals"]) == 5 and set(found["refusals"]) <= REFUSALS


REFUSALS = {"capacity_left", "capacity"}


def test_two_at_once_never_both_win_on_sqlite(tmp_path: Path) -> None:
    assert one_wins(rush(tmp_path))


@pytest.mark.postgres
def test_two_at_once_never_both_win_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    # The server is shared by the whole session: this test takes a database of its own.
    psycopg = pytest.importorskip("psycopg")
    admin, name = postgres_url.replace("/biaochi?", "/postgres?"), "bookings"
    with psycopg.connect(admin, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    assert one_wins(rush(tmp_path, DATABASE_URL=postgres_url.replace("/biaochi?", f"/{name}?")))
