"""Kill the server at a random moment under writes, again and again: is an acknowledged write ever lost?

Run by hand::

    python benchmarks/site_faults.py [--rounds 50] [--database sqlite|postgresql|both]

Each round starts ``biaochi serve`` in its own process group on loopback.  Four clients write by the API without a pause
(each renews its own key, which is a line of the ledger; only HTTP 201 counts as acknowledged), everything is killed with
SIGKILL after a random time, and then every acknowledged line must be in the ledger, the key last given must still be the
one that works, and the chain must hold.
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
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from throwaway_postgres import throwaway_postgres, tools

COMMAND = [sys.executable, "-c", "from biaochi.cli import main; main()"]
CLIENTS = 4
KEYS = """
import django, json
django.setup()
from biaochi.core.roles import Role
from biaochi.registry import callers
from biaochi.registry.models import Membership, Organisation, Person
from biaochi.web import operations
operations.migrate()
keys = []
for n in range({clients}):
    house = Organisation.objects.create(kind="enterprise", name_zh=f"甲{{n}}", name_en=f"A{{n}}", simulated=True)
    person = Person.objects.create_person(f"writer-{{n}}", f"示例 {{n}}", simulated=True)
    held = Membership.objects.create(person=person, role=Role.FIRM, organisation=house)
    key, token = callers.issue(held, "faults", ["read"])
    keys.append([key.public_id, token])
print(json.dumps(keys))
"""
CHECK = """
import django, json, sys
django.setup()
from django.utils import timezone
from biaochi.registry import callers
from biaochi.registry.models import LedgerEntry
told = json.load(sys.stdin)
kept = {k: LedgerEntry.objects.filter(subject=k, transition="api_key_rotated").count() for k in told}
works = {k: callers.find_key(v["token"], timezone.now()) is not None for k, v in told.items()}
print(json.dumps({"kept": kept, "works": works, "lines": LedgerEntry.objects.count()}))
"""


class Writer(threading.Thread):
    """A client that renews its key until the server is gone."""

    def __init__(self, address: str, key: str, token: str) -> None:
        super().__init__(daemon=True)
        self.address, self.key, self.token = address, key, token
        self.acknowledged = 0
        self.refused: list[int] = []

    def run(self) -> None:
        """Write without a pause; count what was acknowledged."""
        link = http.client.HTTPConnection(self.address, timeout=30)
        while True:
            try:
                link.request(
                    "POST", "/api/v1/keys/rotate", b"", {"Authorization": f"Bearer {self.token}", "Host": "localhost"}
                )
                answer = link.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status != 201:
                self.refused.append(answer.status)
                time.sleep(0.2)
                continue
            self.token = json.loads(body)["key"]
            self.acknowledged += 1


def python(code: str, env: Mapping[str, str], told: str = "") -> str:
    """Run a snippet to its end and return the last line it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code], env=dict(env), text=True, stdout=subprocess.PIPE, check=True, input=told
    )
    return done.stdout.splitlines()[-1]


def one_round(env: Mapping[str, str], keys: Mapping[str, str], chance: random.Random) -> tuple[int, int, int, bool]:
    """Return acknowledged writes, lines in the ledger, lost writes, and whether the chain holds."""
    command = [*COMMAND, "serve", "--data", env["BIAOCHI_DATA"], "--port", "0", "--workers", "2"]
    server = subprocess.Popen(
        command, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    assert server.stdout is not None
    address = ""
    for line in server.stdout:
        if line.startswith("ready http://"):
            address = line.strip().removeprefix("ready http://").rstrip("/")
            break
    if not address:
        raise SystemExit("the server did not start")
    group = children(server.pid)
    writers = [Writer(address, key, token) for key, token in keys.items()]
    for writer in writers:
        writer.start()
    time.sleep(0.3 + 1.5 * chance.random())
    for pid in (server.pid, *group):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    server.wait()
    for writer in writers:
        writer.join(40)
    told = {w.key: {"token": w.token, "acknowledged": w.acknowledged} for w in writers}
    found = json.loads(python(CHECK, env, json.dumps(told)))
    lost = sum(max(0, told[k]["acknowledged"] - found["kept"][k]) for k in told)
    # A write that was made and not acknowledged leaves a key nobody was told; otherwise the last one given must work.
    lost += sum(1 for k in told if found["kept"][k] == told[k]["acknowledged"] and not found["works"][k])
    verified = subprocess.run(
        [*COMMAND, "ledger", "verify", "--data", env["BIAOCHI_DATA"]], env=dict(env), capture_output=True
    )
    return sum(w.acknowledged for w in writers), found["lines"], lost, verified.returncode == 0


def children(parent: int) -> list[int]:
    """Return every descendant of a process (Linux)."""
    found: list[int] = []
    wait = [parent]
    while wait:
        pid = wait.pop()
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            own = [int(p) for p in task.read_text().split()]
            found += own
            wait += own
    return found


def run(kind: str, rounds: int, seed: int) -> tuple[int, int]:
    """Run the rounds on one database; return lost writes and broken chains."""
    chance = random.Random(seed)
    acknowledged = lost = broken = 0
    holder = throwaway_postgres(fsync=True) if kind == "postgresql" else nullcontext("")
    with tempfile.TemporaryDirectory(prefix="biaochi-faults-") as folder, holder as url:
        env = {k: v for k, v in os.environ.items() if not k.startswith(("BIAOCHI_", "DATABASE_URL"))}
        env |= {
            "BIAOCHI_DATA": folder,
            "DJANGO_SETTINGS_MODULE": "biaochi.web.settings",
            "BIAOCHI_SECRET_KEY": "faults only",
        }
        if url:
            programs = tools()
            assert programs is not None
            subprocess.run(
                [str(programs / "psql"), url.replace("/biaochi?", "/postgres?"), "-qc", "CREATE DATABASE biaochi"],
                check=True,
            )
            env["DATABASE_URL"] = url
        for number in range(1, rounds + 1):
            keys = dict(json.loads(python(KEYS.format(clients=CLIENTS).replace("writer-", f"writer-{number}-"), env)))
            told, lines, missing, holds = one_round(env, keys, chance)
            acknowledged, lost, broken = acknowledged + told, lost + missing, broken + (not holds)
            print(
                f"{kind} round {number}: {told} acknowledged, {lines} lines, {missing} lost, chain {'holds' if holds else 'BROKEN'}",
                flush=True,
            )
    print(f"{kind}: {rounds} kills, {acknowledged} acknowledged writes, {lost} lost, {broken} broken chains")
    return lost, broken


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rounds and print what was lost."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=50)
    options.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    options.add_argument("--seed", type=int, default=0)
    asked = options.parse_args(arguments)
    kinds = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    found = [run(kind, asked.rounds, asked.seed) for kind in kinds]
    return int(any(lost or broken for lost, broken in found))


if __name__ == "__main__":
    sys.exit(main())
