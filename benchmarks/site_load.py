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
FILLED = Path(__file__).with_name("site_filled.py")
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
    wanted = parser.parse_args()
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
    env = {
        **os.environ,
        "BIAOCHI_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "biaochi.web.settings",
        "BIAOCHI_SECRET_KEY": "load only",
    }
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
        str(FILLED),
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
    writer = subprocess.Popen([sys.executable, str(FILLED), "move"], env=dict(env), stdout=subprocess.DEVNULL)
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


if __name__ == "__main__":
    sys.exit(main())
