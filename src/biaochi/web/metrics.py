"""Counters in the format of Prometheus; they hold no personal data."""

from __future__ import annotations

import threading
from collections import defaultdict

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.6, 1.0, 3.0, 10.0)
_lock = threading.Lock()
_requests: dict[tuple[str, str, int], int] = defaultdict(int)
_seconds: dict[str, list[float]] = defaultdict(lambda: [0.0] * (len(_BUCKETS) + 2))


def observe(place: str, method: str, status: int, seconds: float) -> None:
    """Count one answer."""
    with _lock:
        _requests[place, method, status] += 1
        series = _seconds[place]
        for i, bound in enumerate(_BUCKETS):
            if seconds <= bound:
                series[i] += 1
        series[-2] += 1
        series[-1] += seconds


def text(gauges: dict[str, float]) -> str:
    """Return all counters, and the given gauges, as Prometheus text."""
    lines = ["# TYPE biaochi_http_requests_total counter"]
    with _lock:
        for (place, method, status), count in sorted(_requests.items()):
            lines.append(f'biaochi_http_requests_total{{place="{place}",method="{method}",status="{status}"}} {count}')
        lines.append("# TYPE biaochi_http_seconds histogram")
        for place, series in sorted(_seconds.items()):
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
