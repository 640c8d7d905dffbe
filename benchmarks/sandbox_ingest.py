"""Readings into a site by API: its own server on loopback, batches by key, nothing lost, every guardrail advanced.

Run by hand: ``python benchmarks/sandbox_ingest.py [--readings 20000] [--batch 500] [--clients 2]``.  A throw-away folder
with SQLite is filled and removed again; the server is ended with the run.  Prints readings per second, the delay of a
post at the 50th, 95th and 99th percentile, and compares the states kept with a replay of everything that was sent.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from typing import Any

import numpy as np

COMMAND = [sys.executable, "-c", "from biaochi.cli import main; main()"]


def main() -> int:
    """Fill, serve, send, compare; return 1 when a reading was lost or a state differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--clients", type=int, default=2)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="biaochi-ingest-") as folder:
        os.environ |= {"BIAOCHI_DATA": folder, "DJANGO_SETTINGS_MODULE": "biaochi.web.settings"}
        case, token, start = prepare()
        server = subprocess.Popen(
            [*COMMAND, "serve", "--data", folder, "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            address = ready(server)
            found = run(address, case, token, start, wanted)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
        return report(case, found, wanted)


def prepare() -> tuple[str, str, float]:
    """Make the database with one running case and a key; return its identifier, the key and the first instant."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from biaochi.core.roles import Role  # noqa: PLC0415
    from biaochi.core.text import Text  # noqa: PLC0415
    from biaochi.mechanisms.sandbox.web import demo, timekeeping  # noqa: PLC0415
    from biaochi.registry.callers import issue  # noqa: PLC0415
    from biaochi.registry.models import Membership  # noqa: PLC0415
    from biaochi.web import demonstration  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    stage = demonstration.cast()
    case = demo.apply_for(stage, Text("测速", "Load"), ("embodied",))
    demo.admit(stage, case, stage.now - timedelta(days=9), first_day=0, last_day=150)
    timekeeping.catch_up(case, stage.now)
    held = Membership.objects.get(person__public_id=stage.actors[Role.FIRM].person)
    _, token = issue(held, "load", ["readings"])
    return case.public_id, token, (timezone.now() - timedelta(days=1)).timestamp()


def ready(server: subprocess.Popen[str]) -> str:
    """Return the address once the server says it is ready."""
    assert server.stdout is not None
    for line in server.stdout:
        if line.startswith("ready http://"):
            return line.strip().removeprefix("ready http://").rstrip("/")
    raise SystemExit("the server did not become ready")


def run(address: str, case: str, token: str, start: float, wanted: argparse.Namespace) -> dict[str, Any]:
    """Post everything in batches from some clients; each batch is newer than all before it on its own metric."""
    rng = np.random.default_rng(1)
    values = rng.binomial(40, 0.012, wanted.readings).tolist()
    metrics = ["near_miss" if n % 2 == 0 else "injury" for n in range(wanted.clients)]
    shares = np.array_split(np.arange(wanted.readings), wanted.clients)
    delays: list[float] = []
    accepted = [0] * wanted.clients

    def client(number: int) -> None:
        link = http.client.HTTPConnection(address, timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        mine = shares[number]
        for begin in range(0, len(mine), wanted.batch):
            rows = [
                {
                    "metric": metrics[number],
                    "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(start + int(i) // 20))
                    + f".{int(i) % 20:02d}+00:00",
                    "value": values[int(i)] if metrics[number] == "near_miss" else 0,
                    "exposure": 40,
                    "seq": number,
                }
                for i in mine[begin : begin + wanted.batch]
            ]
            began = time.perf_counter()
            link.request("POST", f"/api/v1/sandbox/cases/{case}/readings", json.dumps({"readings": rows}), headers)
            answer = link.getresponse()
            body = answer.read()
            delays.append(time.perf_counter() - began)
            if answer.status != 200:
                raise SystemExit(f"HTTP {answer.status}: {body.decode()[:400]}")
            accepted[number] += json.loads(body)["accepted"]

    threads = [threading.Thread(target=client, args=(n,)) for n in range(wanted.clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"seconds": time.perf_counter() - began, "delays": delays, "accepted": sum(accepted)}


def report(case: str, found: dict[str, Any], wanted: argparse.Namespace) -> int:
    """Compare what is stored with what was sent, and the states with a replay; print the numbers."""
    from biaochi.mechanisms.sandbox.web import watching  # noqa: PLC0415
    from biaochi.mechanisms.sandbox.web.models import GuardrailState, Reading, SandboxCase  # noqa: PLC0415

    trial = SandboxCase.objects.get(public_id=case)
    stored = Reading.objects.filter(trial=trial).count()
    again = watching.supervised(trial, trial.entered_at + timedelta(days=1))
    states = {
        s.guardrail: s.surveillance() for s in GuardrailState.objects.filter(trial=trial, path=GuardrailState.RECEIVED)
    }
    differing = [
        g.guardrail
        for g in again.guardrails
        if states[g.guardrail].readings != g.readings
        or abs(states[g.guardrail].statistic - g.statistic) > 1e-9 * max(1.0, abs(g.statistic))
    ]
    delays = np.array(found["delays"]) * 1000
    p50, p95, p99 = np.percentile(delays, [50, 95, 99])
    rate = found["accepted"] / found["seconds"]
    print(f"{wanted.readings} readings, batches of {wanted.batch}, {wanted.clients} clients: {rate:,.0f} readings/s")
    print(f"post: p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms")
    print(f"sent {wanted.readings}, accepted {found['accepted']}, stored {stored}, lost {wanted.readings - stored}")
    print(f"guardrails advanced: {', '.join(f'{k} {v.readings}' for k, v in sorted(states.items()))}")
    print(f"states that differ from a replay of the whole record: {differing or 'none'}")
    return int(stored != wanted.readings or bool(differing))


if __name__ == "__main__":
    raise SystemExit(main())
