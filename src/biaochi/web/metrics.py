"""Counters in the format of Prometheus; they hold no personal data.

With several server processes each keeps its own and leaves a copy in the installation's folder about once a second, so
that whichever answers ``/metrics`` tells the sum of all, ended ones included.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import defaultdict
from pathlib import Path

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.6, 1.0, 3.0, 10.0)
_LEFT_EVERY = 1.0
_lock = threading.Lock()
_requests: dict[tuple[str, str, int], int] = defaultdict(int)
_seconds: dict[str, list[float]] = defaultdict(lambda: [0.0] * (len(_BUCKETS) + 2))
_left_at = 0.0


def observe(place: str, method: str, status: int, seconds: float, folder: Path | None = None) -> None:
    """Count one answer; leave a copy of all counters in the folder now and then."""
    global _left_at
    with _lock:
        _requests[place, method, status] += 1
        series = _seconds[place]
        for i, bound in enumerate(_BUCKETS):
            if seconds <= bound:
                series[i] += 1
        series[-2] += 1
        series[-1] += seconds
        now = time.monotonic()
        if folder is not None and now - _left_at >= _LEFT_EVERY:
            _left_at = now
            _leave(folder)


def _leave(folder: Path) -> None:
    copy = {"requests": [[*k, n] for k, n in _requests.items()], "seconds": dict(_seconds)}
    place = folder / f"{os.getpid()}.json"
    try:
        place.with_suffix(".new").write_text(json.dumps(copy), encoding="utf-8")
        place.with_suffix(".new").replace(place)
    except OSError:
        return  # a full disk must not stop the answer; the next copy tells the same sums


def text(gauges: dict[str, float], folder: Path | None = None) -> str:
    """Return all counters of all processes, and the given gauges, as Prometheus text."""
    requests, seconds = _summed(folder)
    lines = ["# TYPE biaochi_http_requests_total counter"]
    for (place, method, status), count in sorted(requests.items()):
        lines.append(f'biaochi_http_requests_total{{place="{place}",method="{method}",status="{status}"}} {count}')
    lines.append("# TYPE biaochi_http_seconds histogram")
    for place, series in sorted(seconds.items()):
        lines += [
            f'biaochi_http_seconds_bucket{{place="{place}",le="{b}"}} {n:.0f}'
            for b, n in zip(_BUCKETS, series, strict=False)
        ]
        lines.append(f'biaochi_http_seconds_bucket{{place="{place}",le="+Inf"}} {series[-2]:.0f}')
        lines.append(f'biaochi_http_seconds_count{{place="{place}"}} {series[-2]:.0f}')
        lines.append(f'biaochi_http_seconds_sum{{place="{place}"}} {series[-1]:.6f}')
    for name, value in sorted(gauges.items()):
        lines += [f"# TYPE {name} gauge", f"{name} {value:g}"]
    return "\n".join(lines) + "\n"


def _summed(folder: Path | None) -> tuple[dict[tuple[str, str, int], int], dict[str, list[float]]]:
    """Our own counters, and what the other processes left."""
    with _lock:
        requests, seconds = dict(_requests), {k: list(v) for k, v in _seconds.items()}
    for place in sorted(folder.glob("*.json")) if folder is not None else ():
        if place.stem == str(os.getpid()):
            continue
        left = json.loads(place.read_text(encoding="utf-8"))
        for name, method, status, count in left["requests"]:
            requests[name, method, status] = requests.get((name, method, status), 0) + count
        for name, series in left["seconds"].items():
            mine = seconds.setdefault(name, [0.0] * len(series))
            seconds[name] = [a + b for a, b in zip(mine, series, strict=True)]
    return requests, seconds
