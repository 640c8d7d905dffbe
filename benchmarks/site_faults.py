"""Kill the server at a random moment under writes, again and again: is an acknowledged write ever lost?

Run by hand::

    python benchmarks/site_faults.py [--rounds 50] [--database postgresql://…]

Each round starts ``biaochi serve`` in its own process group on loopback, writes through the site's own transition
service from a second process that prints what was acknowledged, kills everything with SIGKILL after a random time,
and verifies afterwards that every acknowledged line is in the ledger and that the chain holds.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WRITER = """
import django
django.setup()
from biaochi.registry import ledger
from biaochi.core.roles import CLOCK
from django.db import transaction
from django.utils import timezone
n = 0
while True:
    with transaction.atomic():
        entry = ledger.append(actor=CLOCK, at=timezone.now(), subject="fault-test", transition_code="write", reason="", decision={"n": n})
    print(entry.seq, entry.digest, flush=True)
    n += 1
"""
CHECK = """
import sys, django
django.setup()
from biaochi.registry.models import LedgerEntry
known = dict(LedgerEntry.objects.values_list("seq", "digest"))
lost = [line for line in sys.stdin.read().splitlines() if line.split() and known.get(int(line.split()[0])) != line.split()[1]]
print(len(known), len(lost))
"""


def environment(data: Path, database: str) -> dict[str, str]:
    """Return the environment of a round."""
    found = {**os.environ, "BIAOCHI_DATA": str(data), "DJANGO_SETTINGS_MODULE": "biaochi.web.settings"}
    if database:
        found["DATABASE_URL"] = database
    return found


def python(code: str, env: dict[str, str], **more: object) -> subprocess.CompletedProcess[str]:
    """Run a snippet to its end."""
    return subprocess.run([sys.executable, "-c", code], env=env, text=True, capture_output=True, check=True, **more)  # type: ignore[call-overload,no-any-return]


def one_round(data: Path, database: str, rng: random.Random) -> tuple[int, int, int, bool]:
    """Return acknowledged writes, lines in the ledger, lost writes, and whether the chain holds."""
    env = environment(data, database)
    biaochi = Path(sys.executable).with_name("biaochi")
    server = subprocess.Popen(
        [str(biaochi), "serve", "--data", data, "--port", "0"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert server.stdout is not None
    while not server.stdout.readline().startswith("ready"):
        if server.poll() is not None:
            raise SystemExit("the server did not start")
    acknowledged = data / "acknowledged.txt"
    with acknowledged.open("w") as told_to:
        writer = subprocess.Popen([sys.executable, "-c", WRITER], env=env, stdout=told_to, start_new_session=True)
    while not acknowledged.stat().st_size:
        if writer.poll() is not None:
            raise SystemExit("the writer did not start")
        time.sleep(0.05)
    time.sleep(1.5 * rng.random())
    for process in (writer, server):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    lines = acknowledged.read_text().splitlines()
    told = [line for line in lines if len(line.split()) == 2 and len(line.split()[1]) == 64]
    found = python(CHECK, env, input="\n".join(told)).stdout.split()
    verified = subprocess.run([biaochi, "ledger", "verify", "--data", data], env=env, capture_output=True)
    return len(told), int(found[0]), int(found[1]), verified.returncode == 0


def main() -> None:
    """Run the rounds and print what was lost."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--rounds", type=int, default=50)
    options.add_argument("--database", default="", help="postgresql://… ; default: SQLite in a throw-away folder")
    options.add_argument("--seed", type=int, default=0)
    asked = options.parse_args()
    rng = random.Random(asked.seed)
    acknowledged = lost = broken = 0
    with tempfile.TemporaryDirectory() as name:
        for number in range(1, asked.rounds + 1):
            told, lines, missing, holds = one_round(Path(name), asked.database, rng)
            acknowledged, lost, broken = acknowledged + told, lost + missing, broken + (not holds)
            print(
                f"round {number}: {told} acknowledged, {lines} lines, {missing} lost, chain {'holds' if holds else 'BROKEN'}",
                flush=True,
            )
    kind = "PostgreSQL" if asked.database else "SQLite"
    print(f"{kind}: {asked.rounds} kills, {acknowledged} acknowledged writes, {lost} lost, {broken} broken chains")
    sys.exit(1 if lost or broken else 0)


if __name__ == "__main__":
    main()
