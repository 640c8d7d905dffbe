"""Unit costs for the plan of 300 cities and 10 million firms: ``python benchmarks/scale.py [FIRMS]``.

One process, processor seconds: the yearly report of a city by mechanism, one world of `simulate`, one firm of
`cultivation assess` (reading and writing its file), and what that comes to.
"""

from __future__ import annotations

import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

from biaochi.mechanisms import MECHANISMS
from biaochi.programme.command import report_files
from biaochi.programme.cycle import run_cycle
from biaochi.programme.folder import read_programme
from biaochi.programme.simulation.compare import compare
from biaochi.programme.simulation.policy import Policy

ROOT = Path(__file__).resolve().parents[1]
CITY = ROOT / "examples" / "city"
CITIES, FIRMS, WORLDS = 300, 10_000_000, 50
POLICIES = (Policy("alone", False, False, 1, 0.2, 0.05), Policy("open", True, True, 3, 0.05, 0.01))


def city() -> float:
    """Return the seconds of one city's report; print them by mechanism."""
    folder = read_programme(CITY, MECHANISMS)
    total = 0.0
    for mechanism in MECHANISMS:
        began = time.process_time()
        run_cycle(folder, [mechanism])
        seconds = time.process_time() - began
        total += seconds
        print(f"  {mechanism:<12} {seconds:7.2f} s", flush=True)
    cycle = run_cycle(folder)
    began = time.process_time()
    written = report_files(cycle)
    seconds = time.process_time() - began
    print(f"  {'four files':<12} {seconds:7.2f} s   {sum(len(f) for f in written.values()) / 1e6:.1f} MB", flush=True)
    return total + seconds


def world() -> float:
    """Return the seconds of one simulated world under two policies."""
    began = time.process_time()
    compare(POLICIES, years=1, worlds=WORLDS, seed=0)
    return (time.process_time() - began) / WORLDS


def firm(count: int) -> float:
    """Return the seconds of one firm, start, reading and writing included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "firms.csv"
        _adoption().firms(count).to_csv(path, index=False)
        code = "from biaochi.cli import main; main()"
        command = [sys.executable, "-c", code, "cultivation", "assess", str(path), "--out", folder, "--format", "json"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"  {count:,} firms    {seconds:7.2f} s", flush=True)
    return seconds / count


def _adoption() -> ModuleType:
    """Return the benchmark that makes synthetic firms."""
    spec = importlib.util.spec_from_file_location("adoption", ROOT / "benchmarks" / "adoption.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(count: int = 100_000) -> None:
    """Measure and add up."""
    print("a city's report (examples/city)")
    per_city = city()
    print("a simulated world, two policies")
    per_world = world()
    print(f"  {per_world:7.4f} s")
    print("a firm assessed against every set")
    per_firm = firm(count)
    plan = {
        f"{CITIES} cities, hours": per_city * CITIES / 3600,
        f"{FIRMS:,} firms, hours": per_firm * FIRMS / 3600,
        "10,000 worlds, hours": per_world * 10_000 / 3600,
    }
    print(json.dumps({k: round(v, 2) for k, v in plan.items()}, ensure_ascii=False))


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
