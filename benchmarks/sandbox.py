"""Speeds, delays, false alarms and known traps of the sandbox's surveillance: run by hand.

    python benchmarks/sandbox.py [speed] [twin] [delay] [traps] [monitor] [--shared ../shared]

Each part prints the numbers that the documentation quotes.  Everything is simulated with fixed seeds except the
machine-temperature record of the Numenta Anomaly Benchmark, which needs the reference data beside the project.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from biaochi.methods.surveillance import Method, Rule, beta_log_e, cusum_arl, lag_one, replay, start, update

MILLION = 1_000_000


def best_of(action: Callable[[], object], times: int = 3) -> float:
    """Return the least of several wall times, in seconds."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        action()
        found.append(time.perf_counter() - begun)
    return min(found)


def cases(rng: np.random.Generator, n: int) -> dict[str, tuple[Rule, np.ndarray]]:
    """Return one rule and stream for each kind of statistic."""
    return {
        "beta (at the cap)": (Rule(Method.BETA, cap=0.1, alpha=0.05), (rng.random(n) < 0.1).astype(float)),
        "beta (calm)": (Rule(Method.BETA, cap=0.1, alpha=0.05), (rng.random(n) < 0.05).astype(float)),
        "gamma": (Rule(Method.GAMMA, cap=0.1, alpha=0.05), rng.poisson(0.1, n).astype(float)),
        "betting": (Rule(Method.BETTING, cap=0.25, alpha=0.05, range=(0, 1)), rng.beta(2, 6, n)),
        "normal": (Rule(Method.NORMAL, cap=0, sigma=1, alpha=0.05, tune_at=100), rng.normal(size=n)),
        "cusum": (Rule(Method.CUSUM, mu0=0, sigma=1, k=0.5, h=5), rng.normal(size=n)),
        "e_detector": (
            Rule(Method.E_DETECTOR, base="beta", kind="sr", cap=0.1, arl=1000),
            (rng.random(n) < 0.1).astype(float),
        ),
    }


def speed() -> None:
    """Replay of a million readings, and single updates at the start and after a million."""
    for name, (rule, values) in cases(np.random.default_rng(0), MILLION).items():
        one = best_of(lambda v=values, r=rule: replay(v, r))  # type: ignore[misc]
        many = best_of(lambda v=values, r=rule: replay(v.reshape(1000, 1000), r))  # type: ignore[misc]
        early, late = _update_time(rule, values, 0), _update_time(rule, values, MILLION)
        print(
            f"{name:18s} replay 1 x 10^6: {one:.3f} s   1,000 x 1,000: {many:.3f} s   "
            f"update: {early:.1f} us at the start, {late:.1f} us after 10^6"
        )


def _update_time(rule: Rule, values: np.ndarray, after: int) -> float:
    state = start(rule)
    if after:
        for value in values[:50].tolist():
            state = update(state, value)
        state = replace(state, readings=after, total=float(values.sum()), exposure=float(after))
    sample = values[:5000].tolist()
    begun = time.perf_counter()
    for value in sample:
        state = update(state, value)
    return (time.perf_counter() - begun) / len(sample) * 1e6


def twin() -> None:
    """Against a naive twin that solves everything anew after each reading."""
    rng = np.random.default_rng(1)
    values = rng.beta(2, 6, 2000)
    rule = Rule(Method.BETTING, cap=0.25, alpha=0.05, range=(0, 1))
    bets = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9])

    def naive() -> float:
        last = 0.0
        for t in range(1, values.size + 1):
            wealth = np.log1p(np.multiply.outer(bets, (values[:t] - 0.25) / 0.25)).sum(axis=1)
            last = float(np.logaddexp.reduce(wealth) - np.log(bets.size))
        return last

    slow, fast = best_of(naive, 1), best_of(lambda: replay(values, rule))
    assert abs(naive() - replay(values, rule).statistic[0]) < 1e-9
    print(
        f"betting, 2,000 readings: naive {slow / 2000 * 1e6:.0f} us a reading, replay {fast / 2000 * 1e6:.2f} us: ",
        end="",
    )
    print(f"{slow / fast:.0f} x")
    trials = (rng.random(2000) < 0.1).astype(float)
    grid = np.linspace(0.1, 1 - 1e-9, 1001)

    def solving() -> None:
        for t in range(1, trials.size + 1):
            s = trials[:t].sum()
            weight = s * np.log(grid) + (t - s) * np.log1p(-grid) + 3 * np.log1p(-grid)
            np.logaddexp.reduce(weight)

    again = Rule(Method.BETA, cap=0.1, alpha=0.05)
    slow, fast = best_of(solving, 1), best_of(lambda: replay(trials, again))
    print(
        f"beta, 2,000 readings: grid {slow / 2000 * 1e6:.0f} us a reading, replay {fast / 2000 * 1e6:.2f} us: ", end=""
    )
    print(f"{slow / fast:.0f} x")


def delay() -> None:
    """Median delays at worse rates and false alarms at the cap; 2,000 streams of 2,000 looks."""
    rng = np.random.default_rng(2)
    rule = Rule(Method.BETA, cap=0.1, alpha=0.05)
    for rate in (0.15, 0.2, 0.3):
        found = replay((rng.random((2000, 2000)) < rate).astype(float), rule).alarm_index
        delays = np.where(found > 0, found, 10**9)
        print(f"true rate {rate}: found in {np.mean(found > 0):.4f}, median delay {np.median(delays):.0f} trials")
    calm = (rng.random((4000, 2000)) < 0.1).astype(float)
    print(f"at the cap, 2,000 looks: beta alarms in {np.mean(replay(calm, rule).alarm_index > 0):.4f} (alpha 0.05)")
    uniform = Rule(Method.BETA, cap=0.1, alpha=0.05, prior=(1, 1))
    print(f"  the uniform prior: {np.mean(replay(calm, uniform).alarm_index > 0):.4f}")
    n = np.arange(1, 2001)
    z = (np.cumsum(calm, axis=1) - 0.1 * n) / np.sqrt(n * 0.09)
    print(f"  a z-test at every look from the 30th on: {np.mean((z[:, 29:] > 1.645).any(axis=1)):.4f}")
    for kind in ("sr", "cusum"):
        detector = Rule(Method.E_DETECTOR, base="beta", kind=kind, cap=0.1, arl=200)  # type: ignore[arg-type]
        found = replay((rng.random((1000, 6000)) < 0.1).astype(float), detector).alarm_index
        print(f"  e-detector {kind}, arl 200: mean run {np.where(found > 0, found, 6000).mean():.0f} or more")


def traps(shared: Path) -> None:
    """The traps the documentation names."""
    log_e = float(beta_log_e(0, 10_000, 0.1))
    print(f"0 of 10,000 at cap 0.1, a = b = 1: {log_e:.12f} (-ln 10001 = {-np.log(10_001):.12f})")
    rng = np.random.default_rng(3)
    values = (rng.random((201, 60_000)) < 0.002).astype(float)
    for name, prior in (("uniform prior", (1.0, 1.0)), ("default prior", None)):
        found = replay(values, Rule(Method.BETA, cap=0.001, alpha=0.05, prior=prior)).alarm_index
        print(f"cap .001, true .002, {name}: median delay {np.median(np.where(found > 0, found, 10**9)):.0f} trials")
    late = np.concatenate([(rng.random((200, 20_000)) < 0.01), (rng.random((200, 8000)) < 0.2)], axis=1).astype(float)
    for name, rule in (
        ("e-process", Rule(Method.BETA, cap=0.05, alpha=0.05)),
        ("SR detector", Rule(Method.E_DETECTOR, base="beta", kind="sr", cap=0.05, arl=1000)),
    ):
        found = replay(late, rule).alarm_index
        after = np.where(found > 20_000, found - 20_000, np.where(found > 0, 0, 10**9))
        print(f"20,000 trials at 1 %, then 20 % at cap 5 %: {name} speaks after {np.median(after):.0f} (median)")
    _machine(shared)


def _machine(shared: Path) -> None:
    folder = shared / "data" / "h_monitoring"
    if not folder.is_dir():
        print("machine temperature: reference data not beside the project")
        return
    frame = pd.read_csv(folder / "nab_machine_temperature_system_failure.csv.gz", parse_dates=["timestamp"])
    windows = json.loads((folder / "nab_combined_windows.json").read_text())
    spans = windows["realKnownCause/machine_temperature_system_failure.csv"]
    fault = np.zeros(len(frame), dtype=bool)
    for begin, end in spans:
        fault |= ((frame["timestamp"] >= pd.Timestamp(begin)) & (frame["timestamp"] <= pd.Timestamp(end))).to_numpy()
    values = frame["value"].to_numpy()
    well = values[~fault]
    rule = Rule(Method.CUSUM, mu0=float(well.mean()), sigma=float(well.std()), k=0.5, h=5)
    state, outside = start(rule), 0
    for value, bad in zip(values.tolist(), fault.tolist(), strict=True):
        state = update(state, value)
        if state.alarm_index:
            outside += not bad
            state = start(rule)
    expected = (~fault).sum() / cusum_arl(0.5, 5, 0)
    print(
        f"machine temperature: lag-1 correlation {lag_one(well):.3f}, a restarting cusum alarms {outside} times "
        f"outside fault windows, {expected:.0f} expected of independent readings"
    )


def monitor() -> None:
    """``biaochi sandbox monitor`` on 1,000 cases of 1,000 readings, each with two guardrails and a family."""
    case = """- id: SB-{0:04d}
  state: running
  waivers:
  - {{id: W1, citation: x, level: standard, kind: waive, touches: [], start_on: 2026-01-01, end_on: 2026-12-31}}
  plan:
    registered_at: 2025-12-20T09:00
    feeds: [{{metric: near_miss, period_hours: 1, amber_after_hours: 30, suspend_after_hours: 72}}]
    guardrails:
    - {{id: G1, metric: near_miss, method: beta, cap: 0.02, alpha: 0.05, action: pause, family: true}}
    - {{id: G2, metric: near_miss, method: e_detector, base: beta, kind: sr, cap: 0.02, arl: 2000, action: notify}}
    family: {{method: e_bh, alpha: 0.05, action: notify}}
"""
    rng = np.random.default_rng(4)
    for late in (0.0, 0.01):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            head = "schema: biaochi.sandbox.cases/1\nportfolio: {method: e_lond, alpha: 0.05}\ncases:\n"
            (folder / "cases.yaml").write_text(head + "".join(case.format(i) for i in range(1000)))
            times = [datetime(2026, 1, 1) + timedelta(hours=h) for h in range(1000)]  # noqa: DTZ001 - written without offset
            with (folder / "readings.csv").open("w") as stream:
                stream.write("case,metric,at,value,received_at\n")
                for i in range(1000):
                    bad, slow = rng.random(1000) < 0.02, rng.random(1000) < late
                    for at, value, delayed in zip(times, bad, slow, strict=True):
                        received = at + timedelta(hours=6 if delayed else 0, minutes=5)
                        stream.write(f"SB-{i:04d},near_miss,{at.isoformat()},{int(value)},{received.isoformat()}\n")
            runner = "import sys; from biaochi.cli import main; main()"
            command = [sys.executable, "-c", runner, "sandbox", "monitor"]
            begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            subprocess.run(
                [*command, str(folder / "cases.yaml"), str(folder / "readings.csv"), "--format", "json"],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            worked = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
            print(
                f"monitor 1,000 x 1,000, {late:.0%} of the readings late: {time.perf_counter() - begun:.1f} s, "
                f"of it {worked:.1f} s of processor time"
            )


def main() -> None:
    """Run the parts asked for, or all."""
    reader = argparse.ArgumentParser()
    reader.add_argument("parts", nargs="*", choices=["speed", "twin", "delay", "traps", "monitor", []])
    reader.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    given = reader.parse_args()
    parts = given.parts or ["speed", "twin", "delay", "traps", "monitor"]
    actions: dict[str, Callable[[], None]] = {
        "speed": speed, "twin": twin, "delay": delay, "traps": lambda: traps(given.shared), "monitor": monitor,
    }  # fmt: skip
    for part in parts:
        print(f"[{part}]")
        actions[part]()


if __name__ == "__main__":
    main()
