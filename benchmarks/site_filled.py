"""Fills an installation for ``site_load.py``: many objects, a long ledger, sessions; one step a process.

``python site_filled.py STEP [--objects N] [--lines N]`` works on the folder and database named in the environment and prints
one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from typing import Any

USERS = 20


def fill(wanted: argparse.Namespace) -> dict[str, int]:
    """Fill the demonstration and copy its objects until there are enough."""
    django_ready()
    from django.db import IntegrityError, transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from biaochi.registry.identifiers import new_public_id  # noqa: PLC0415
    from biaochi.registry.models import LedgerEntry, SearchEntry  # noqa: PLC0415
    from biaochi.web import operations  # noqa: PLC0415
    from biaochi.web.sites import sites  # noqa: PLC0415

    operations.migrate()
    operations.load_facts()
    operations.fill_demonstration()
    chance = random.Random(0)
    models = [m for s in sites() for m in s.models if m._default_manager.exists()]
    samples = {m: list(m._default_manager.all()[:20]) for m in models}

    def copy(model: Any, number: int) -> Any:
        source = chance.choice(samples[model])
        twin = model(
            **{f.attname: getattr(source, f.attname) for f in model._meta.concrete_fields if not f.primary_key}
        )
        twin.public_id = new_public_id(model.prefix)
        twin.title_zh, twin.title_en = f"{source.title_zh} {number}", f"{source.title_en} {number}"
        twin.entered_at = timezone.now()  # so that the clock finds nothing overdue and leaves the copies where they are
        return twin

    usable = []
    for model in models:
        try:
            with transaction.atomic():
                copy(model, 0).save(force_insert=True)
                copy(model, 0).save(force_insert=True)
                transaction.set_rollback(True)
            usable.append(model)
        except IntegrityError:
            continue
    share = wanted.objects // len(usable) + 1
    total = 0
    for model in usable:
        twins = [copy(model, n) for n in range(share)]
        with transaction.atomic():
            model._default_manager.bulk_create(twins, batch_size=500)
            SearchEntry.objects.bulk_create(
                [
                    SearchEntry(
                        subject=t.public_id,
                        label=model._meta.label_lower,
                        words="\n".join((t.public_id, t.title_zh, t.title_en)).casefold(),
                    )
                    for t in twins
                ],
                batch_size=500,
            )
        total += len(twins)
    lengthen_to(30_000)
    return {"objects": total, "models": len(usable), "lines": LedgerEntry.objects.count()}


def lengthen(wanted: argparse.Namespace) -> dict[str, int]:
    """Add lines to the ledger until there are enough."""
    django_ready()
    return {"lines": lengthen_to(wanted.lines)}


def lengthen_to(lines: int) -> int:
    """Add decisions on random objects, each with its line, so that the chain still verifies."""
    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from biaochi.core.canonical import instant  # noqa: PLC0415
    from biaochi.core.ledger import chain_body, next_line  # noqa: PLC0415
    from biaochi.registry import ledger  # noqa: PLC0415
    from biaochi.registry.models import Decision, LedgerEntry  # noqa: PLC0415
    from biaochi.web.sites import sites  # noqa: PLC0415

    chance = random.Random(1)
    objects = [
        (m._meta.label_lower, p, s)
        for site in sites()
        for m in site.models
        for p, s in m._default_manager.values_list("public_id", "state")[:1500]
    ]
    last = ledger.head()
    line = last.line if last else None
    actor = last.actor if last else ""
    while line is None or line.seq < lines:
        entries, rows = [], []
        for _ in range(min(5000, lines - (line.seq if line else 0))):
            label, subject, state = chance.choice(objects)
            at = timezone.now()
            row = Decision(
                label=label,
                subject=subject,
                transition="note",
                source=state,
                target=state,
                outcome=state,
                actor=actor,
                role="officer",
                decided_at=at,
            )
            move = {"decision": row.public_id, "label": label, "source": state, "target": state, "version": 1}
            body = chain_body(
                actor=actor,
                at=instant(at),
                decision={"outcome": state, "move": move},
                reason="例行记录",
                role="officer",
                subject=subject,
                transition="note",
            )
            line = next_line(line, body)
            entries.append(
                LedgerEntry(
                    seq=line.seq,
                    prev=line.prev,
                    digest=line.digest,
                    body=line.body,
                    at=at,
                    actor=actor,
                    role="officer",
                    subject=subject,
                    transition="note",
                )
            )
            row.entry_id = line.seq
            rows.append(row)
        with transaction.atomic():
            LedgerEntry.objects.bulk_create(entries, batch_size=500)
            Decision.objects.bulk_create(rows, batch_size=500)
    return line.seq


def people(wanted: argparse.Namespace) -> list[dict[str, Any]]:
    """Make twenty sessions over the roles, with the lists and objects each may open."""
    django_ready()
    from django.test import Client  # noqa: PLC0415
    from django.urls import NoReverseMatch, reverse  # noqa: PLC0415

    from biaochi.core.roles import Role  # noqa: PLC0415
    from biaochi.registry.models import Membership  # noqa: PLC0415
    from biaochi.web.sites import sites  # noqa: PLC0415

    roles = [Role.OFFICER] * 5 + [Role.FIRM] * 4 + [Role.REGULATOR, Role.REGULATOR, Role.FUND_MANAGER, Role.REVIEWER, Role.BUYER, Role.SCENE_OWNER,
             Role.COMPETITION_REVIEWER, Role.ETHICS_MEMBER, Role.ANALYST, Role.AUDITOR, Role.AUDITOR]  # fmt: skip
    found = []
    for number, role in enumerate(roles[:USERS]):
        chance = random.Random(number)
        held = list(Membership.objects.filter(role=role).select_related("person", "organisation").order_by("pk"))
        member = held[number % len(held)]
        client = Client(HTTP_HOST="localhost")
        client.force_login(member.person, backend="django.contrib.auth.backends.ModelBackend")
        lists, objects = [], []
        for site in sites():
            for model in site.models:
                try:
                    address = reverse(f"{site.code}:{model._meta.model_name}_list")
                except NoReverseMatch:
                    continue
                rows = list(model.visible(member.actor, model._default_manager.order_by("?"))[:30])
                if rows:
                    lists.append(address)
                    objects += [o.get_absolute_url() for o in rows]
        chance.shuffle(objects)
        found.append(
            {"role": role.value, "session": client.cookies["session"].value, "lists": lists, "objects": objects[:120]}
        )
    return found


def move(wanted: argparse.Namespace) -> None:
    """Add a line every two seconds until ended."""
    django_ready()
    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from biaochi.core.roles import CLOCK  # noqa: PLC0415
    from biaochi.registry import ledger  # noqa: PLC0415

    while True:
        with transaction.atomic():
            ledger.append(
                actor=CLOCK, at=timezone.now(), subject="load", transition_code="note", reason="", decision=None
            )
        time.sleep(2)


def django_ready() -> None:
    """Set Django up on the folder named in the environment."""
    import django  # noqa: PLC0415

    django.setup()


STEPS = {"fill": fill, "lengthen": lengthen, "people": people, "move": move}


def main() -> int:
    """Do one step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", nargs="?", default="", help=", ".join(STEPS))
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=1_000_000)
    wanted = parser.parse_args()
    if wanted.step not in STEPS:
        print("used by site_load.py")
        return 0
    json.dump(STEPS[wanted.step](wanted), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
