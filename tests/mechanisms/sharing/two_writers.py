"""Two threads confirm two bookings of the last unit at the same moment; prints how many won.  Run by test_web_sharing.py."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from biaochi.core.errors import RefusedError  # noqa: E402
from biaochi.core.roles import Role  # noqa: E402
from biaochi.mechanisms.sharing.web import site  # noqa: E402
from biaochi.mechanisms.sharing.web.models import Booking, Resource  # noqa: E402
from biaochi.registry.transition import create, transition  # noqa: E402
from biaochi.web.demonstration import cast  # noqa: E402

ROUNDS = 5
call_command("migrate", verbosity=0)
stage = cast()
site.demo(stage)
line = Resource.objects.get()
wins: list[int] = []
refusals: list[str] = []


def confirm(pk: int, gate: threading.Barrier, won: list[int]) -> None:
    booking = Booking.objects.get(pk=pk)
    gate.wait()
    try:
        transition(booking, "confirm", stage.actors[Role.SCENE_OWNER])
        won.append(pk)
    except RefusedError as error:
        refusals.append(error.code)
    finally:
        connection.close()


for number in range(ROUNDS):
    start = timezone.now() + timedelta(days=30 + 10 * number)
    pks = []
    for firm, shift in ((stage.actors[Role.FIRM], 0), (stage.other_firm, 1)):
        booking = Booking(
            title_zh="预约",
            title_en="booking",
            resource=line,
            starts_at=start + timedelta(hours=shift),
            ends_at=start + timedelta(hours=shift + 8),
            region=line.region,
        )
        pks.append(create(booking, firm).pk)
    gate, won = threading.Barrier(2), []
    threads = [threading.Thread(target=confirm, args=(pk, gate, won)) for pk in pks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wins.append(len(won))
print(json.dumps({"wins": wins, "refusals": refusals}))
