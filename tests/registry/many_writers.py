"""Eight threads append to one ledger at once; prints what came of it.  Run by test_on_postgresql.py."""

from __future__ import annotations

import json
import threading

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from biaochi.core.roles import Actor, Role  # noqa: E402
from biaochi.registry import ledger  # noqa: E402

WRITERS, LINES = 8, 25


def write(number: int) -> None:
    for line in range(LINES):
        with transaction.atomic():
            ledger.append(
                actor=Actor(f"P-{number}", Role.OFFICER),
                at=timezone.now(),
                subject=f"S-{line}",
                transition_code="note",
                reason="",
                decision=None,
            )
    connection.close()


threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
found = ledger.verify_database()
print(json.dumps({"lines": found.lines, "intact": found.intact}))
