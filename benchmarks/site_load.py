"""Twenty users on a site of 10,000 objects, then the home page over a ledger of a million lines; SQLite and PostgreSQL.

Run by hand::

    python benchmarks/site_load.py [--database sqlite|postgresql|both] [--seconds 40] [--objects 10000] [--lines 1000000]

The demonstration is filled into a throw-away folder, its objects are copied into random states until there are enough,
and lines are added to the ledger so that the chain still verifies.  ``biaochi serve`` then answers on loopback; this
process plays the users, each pausing 0.5 to 1.5 s between two pages.  Targets: object and list pages p95 ≤ 150 ms; home
page at a million lines p95 ≤ 300 ms, both on two cores that server and users share.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from throwaway_postgres import throwaway_postgres, tools

COMMAND = [sys.executable, "-c", "from biaochi.cli import main; main()"]
USERS = 20


@dataclass(frozen=True)
class User:
    """Somebody at a screen: the session, and what he may open."""

    role: str
    session: str
    lists: Sequence[str]
    objects: Sequence[str]


def main() -> int:
    """Measure on each database asked for; return 1 when a page failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--inside", default="", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.inside:
        json.dump(STEPS[wanted.inside](wanted), sys.stdout)
        return 0
    failed = 0
    for kind in ("sqlite", "postgresql") if wanted.database == "both" else (wanted.database,):
        with tempfile.TemporaryDirectory(prefix="biaochi-load-") as folder, database(kind) as address:
            failed += measure(kind, Path(folder), address, wanted)
    return int(failed > 0)


@contextmanager
def database(kind: str) -> Iterator[str]:
    """Give the address of the database; nothing for SQLite."""
    if kind == "sqlite":
        with nullcontext():
            yield ""
        return
    with throwaway_postgres(fsync=True) as address:
        programs = tools()
        assert programs is not None
        server = address.replace("/biaochi?", "/postgres?")
        subprocess.run([str(programs / "psql"), server, "-qc", "CREATE DATABASE biaochi"], check=True)
        yield address


def measure(kind: str, folder: Path, address: str, wanted: argparse.Namespace) -> int:
    """Fill, serve, load; print; return how many pages failed."""
    env = {**os.environ, "BIAOCHI_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "biaochi.web.settings"}
    env.pop("DATABASE_URL", None)
    if address:
        env["DATABASE_URL"] = address
    began = time.perf_counter()
    filled = step("fill", wanted, env)
    people = [User(**u) for u in step("people", wanted, env)]
    print(
        f"\n{kind}: {filled['objects']} objects of {filled['models']} kinds, {filled['lines']} lines, filled in {time.perf_counter() - began:.0f} s"
    )
    errors = 0
    with served(env, wanted.workers) as place:
        warm(place, people)
        errors += told("object and list pages", play(place, people, wanted.seconds, pages), 150)
    began = time.perf_counter()
    more = step("lengthen", wanted, env)
    print(f"{kind}: ledger of {more['lines']:,} lines, added in {time.perf_counter() - began:.0f} s")
    with served(env, wanted.workers) as place:
        warm(place, people)
        errors += told("home, nothing moving", play(place, people, wanted.seconds / 2, home), 300)
        with moving(env):
            errors += told("home, a decision every two seconds", play(place, people, wanted.seconds / 2, home), 300)
    return errors


def step(name: str, wanted: argparse.Namespace, env: Mapping[str, str]) -> Any:
    """Run one step on the database in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--inside",
        name,
        "--objects",
        str(wanted.objects),
        "--lines",
        str(wanted.lines),
    ]
    done = subprocess.run(command, env=dict(env), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def served(env: Mapping[str, str], workers: int) -> Iterator[str]:
    """Serve the folder; give host and port."""
    command = [*COMMAND, "serve", "--data", env["BIAOCHI_DATA"], "--port", "0", "--workers", str(workers)]
    server = subprocess.Popen(command, env=dict(env), stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if line.startswith("ready http://"):
                break
        else:
            raise SystemExit("the server did not become ready")
        yield line.strip().removeprefix("ready http://").rstrip("/")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(40)


@contextmanager
def moving(env: Mapping[str, str]) -> Iterator[None]:
    """Add a decision every two seconds meanwhile, so that nothing kept lasts long."""
    writer = subprocess.Popen([sys.executable, __file__, "--inside", "move"], env=dict(env), stdout=subprocess.DEVNULL)
    try:
        time.sleep(5)
        yield
    finally:
        writer.kill()
        writer.wait()


def pages(user: User, chance: random.Random) -> str:
    """Return the next page of somebody at work: six objects to four lists."""
    if user.objects and (chance.random() < 0.6 or not user.lists):
        return chance.choice(user.objects)
    query = chance.choice(("", "?page=2", "?page=3", "?q=1", "?simulated=1"))
    return chance.choice(user.lists) + query


def home(user: User, chance: random.Random) -> str:
    """Return the home page."""
    return "/"


def ask(link: http.client.HTTPConnection, user: User, path: str) -> tuple[int, int]:
    """Ask for a page; return status and size."""
    headers = {"Cookie": f"session={user.session}; language=zh-hans", "Host": "localhost"}
    link.request("GET", path, headers=headers)
    answer = link.getresponse()
    return answer.status, len(answer.read())


def warm(place: str, people: Sequence[User]) -> None:
    """Open the first list, the first objects and the home page of each once, so that charts are kept."""
    link = http.client.HTTPConnection(place, timeout=120)
    for _ in range(2):
        for user in people:
            for path in ("/", *user.lists, *user.objects[:12]):
                ask(link, user, path)


def play(place: str, people: Sequence[User], seconds: float, choose: Any) -> dict[str, list[tuple[str, int, float]]]:
    """Let everybody read for some seconds; return path, status and delay by kind of page."""
    seen: dict[str, list[tuple[str, int, float]]] = defaultdict(list)
    until = time.monotonic() + seconds

    def one(number: int) -> None:
        user, chance = people[number], random.Random(number)
        link = http.client.HTTPConnection(place, timeout=60)
        time.sleep(1.5 * chance.random())
        while time.monotonic() < until:
            path = choose(user, chance)
            began = time.perf_counter()
            try:
                status, _ = ask(link, user, path)
            except OSError:
                status, link = 0, http.client.HTTPConnection(place, timeout=60)
            kind = "home" if path == "/" else "object" if path in user.objects else "list"
            seen[kind].append((path, status, time.perf_counter() - began))
            time.sleep(0.5 + chance.random())

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def told(what: str, seen: Mapping[str, Sequence[tuple[str, int, float]]], target: int) -> int:
    """Print percentiles and the slowest kinds of page; return how many failed."""
    errors = 0
    for kind, rows in sorted(seen.items()):
        delays = np.array([d for _, _, d in rows]) * 1000
        bad = [f"{p} {s}" for p, s, _ in rows if s != 200]
        errors += len(bad)
        p50, p95, p99 = np.percentile(delays, [50, 95, 99])
        verdict = "met" if p95 <= target else "NOT met"
        print(
            f"  {what} · {kind}: {len(rows)} pages by {USERS} users, p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f} ms, "
            f"{len(bad)} errors (p95 ≤ {target} ms {verdict})"
        )
        places: dict[str, list[float]] = defaultdict(list)
        for path, _, delay in rows:
            places[path.split("?")[0].split("-")[0].rstrip("/") or "/"].append(delay * 1000)
        slow = sorted(((float(np.percentile(v, 95)), k, len(v)) for k, v in places.items()), reverse=True)[:5]
        print("    slowest: " + ", ".join(f"{k} p95 {v:.0f} ms ({n})" for v, k, n in slow))
        for line in dict.fromkeys(bad[:5]):
            print("    failed: " + line)
    return errors


def fill(wanted: argparse.Namespace) -> dict[str, int]:
    """Fill the demonstration and copy its objects until there are enough."""
    django_ready()
    from django.db import IntegrityError, transaction  # noqa: PLC0415

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
        if twin.organisation_id != source.organisation_id:
            twin.organisation_id = source.organisation_id
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

if __name__ == "__main__":
    sys.exit(main())
