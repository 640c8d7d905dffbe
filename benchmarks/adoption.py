"""Adoption at scale: 509,000 firms, 10,000 scenes × 500,000 offers, flows, stable matchings, calendars.

Run by hand: ``python benchmarks/adoption.py [assess|match|flow|stable|calendar|engines] [--small] [--share S]``.  All data are
simulated.  Each line gives seconds of CPU time, and a peer or a naive twin where one exists.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd

from biaochi.mechanisms.cultivation.files.rules import shipped_rules
from biaochi.mechanisms.scene.decisions import MatchSettings, match_scenes
from biaochi.mechanisms.scene.files.part import concepts
from biaochi.mechanisms.scene.model import Scene
from biaochi.methods.matching import (
    Proposals,
    assign_flow,
    blocking_pairs,
    blocking_recall,
    conflicts,
    deferred_acceptance,
    strict,
)
from biaochi.methods.rules import evaluate
from biaochi.methods.rules.columns import COLUMNS, LEVELS
from biaochi.methods.rules.single import Firm, judge

AT = date(2026, 11, 23)
STEMS = [
    "巡检",
    "焊接",
    "装配",
    "检测",
    "识别",
    "定位",
    "搬运",
    "分拣",
    "监测",
    "预警",
    "合成",
    "提纯",
    "储氢",
    "制氢",
    "光刻",
    "封装",
    "成像",
    "康复",
    "导航",
    "测绘",
]
FIELDS = [
    "变电站",
    "隧道",
    "港口",
    "矿山",
    "医院",
    "园区",
    "仓库",
    "机场",
    "电解槽",
    "储能站",
    "卫星",
    "无人机",
    "机械臂",
    "传感器",
    "量子计算",
    "基因治疗",
    "脑机接口",
]


def firms(n: int, seed: int = 0) -> pd.DataFrame:
    """Return simulated firms with all columns; money to the fen, one cell in twelve empty."""
    rng = np.random.default_rng(seed)
    data: dict[str, object] = {}
    revenue = np.exp(rng.normal(17.5, 1.2, n)).round(2)
    for spec in COLUMNS:
        match spec.kind:
            case "money":
                values = (revenue * rng.uniform(0.05, 1.0, n)).round(2)
            case "integer":
                values = rng.integers(0, 12, n).astype(float)
            case "rank":
                values = rng.integers(0, 8, n).astype(float)
            case "number":
                values = rng.uniform(30, 100, n).round(1)
            case "share":
                values = rng.uniform(0, 0.3, n).round(4)
            case "flag" | "review":
                values = rng.integers(0, 2, n).astype(float)
            case "level":
                values = rng.choice(list(LEVELS), n)
            case "until":
                values = rng.choice(["none", "2026-11-22", "2026-11-23", "2028-05-01"], n)
            case "date":
                values = rng.choice(["2018-03-01", "2021-11-23", "2024-02-29"], n)
            case _:
                values = np.full(n, "")
        if spec.kind not in ("text", "level", "until", "date"):
            values = np.where(rng.random(n) < 1 / 12, np.nan, values)
        data[spec.name] = values
    frame = pd.DataFrame(data)
    frame["firm"] = [f"F{i:07d}" for i in range(n)]
    frame["fiscal_year"] = 2025
    frame["grade"] = rng.choice(["A", "B", "C"], n)
    frame["region"] = rng.choice(["330106", "110108", "310115"], n)
    frame["employees"] = rng.integers(13, 900, n)
    for part, whole in (("main_revenue", "revenue"),):
        for k in (1, 2, 3):
            frame[f"{part}_{k}"] = (frame[f"{whole}_{k}"] * rng.uniform(0.4, 1.0, n)).round(2)
    frame["hightech_income_1"] = (frame["total_income_1"] * rng.uniform(0.3, 1.0, n)).round(2)
    for part, whole in (
        ("ip1_own", "ip1"),
        ("ip1_high_value", "ip1"),
        ("ip1_linked", "ip1"),
        ("ip_core_granted", "ip_core_filed"),
    ):
        frame[part] = np.minimum(frame[part], frame[whole])
    frame["equity_3y"] = np.maximum(frame["equity_3y"], frame["equity_2y"])
    frame["equity_total"] = np.maximum(frame["equity_total"], frame["equity_3y"])
    return frame


def tell(what: str, seconds: float, more: str = "") -> None:
    """Print one line."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<58} {seconds:8.2f} s  {peak:6.0f} MB  {more}", flush=True)


def assess(small: bool) -> None:
    """The command line on a 92-column CSV, in a process of its own."""
    n = 50_900 if small else 509_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "firms.csv"
        firms(n).to_csv(path, index=False)
        code = "from biaochi.cli import main; main()"
        command = [sys.executable, "-c", code, "cultivation", "assess", str(path), "--at", str(AT), "--out", folder]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*command, "--format", "json"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        size = path.stat().st_size / 1e6
        tell(
            f"assess {n:,} firms, {size:.0f} MB CSV, all sets", seconds, f"child's peak {after.ru_maxrss / 1024:.0f} MB"
        )


def engines(small: bool) -> None:
    """The column engine against one firm at a time (which is the naive twin), in slices, letters held against letters.

    ``--share 1`` holds every firm against the single engine; by default one in a hundred is.
    """
    total, size = (20_000, 20_000) if small else (1_000_000, 100_000)
    share = float(sys.argv[sys.argv.index("--share") + 1]) if "--share" in sys.argv else 0.01
    rules, rng = shipped_rules(), np.random.default_rng(1)
    columns = single = 0.0
    checked = different = 0
    for number in range(total // size):
        frame = firms(size, seed=number)
        start = time.process_time()
        found = evaluate(rules, frame, at=AT)
        letters = {r.code: r.letters() for r in found.results}
        columns += time.process_time() - start
        start = time.process_time()
        for i in np.flatnonzero(rng.random(size) < share).tolist():
            firm = Firm.of(found.facts, i)
            different += sum(
                judge(r.rules, firm, AT).letters != letters[r.code][i] for r in found.results if r.rules is not None
            )
            checked += 1
        single += time.process_time() - start
    tell(f"column engine, {total:,} firms in memory, letters included", columns)
    scaled = single / max(checked, 1) * total
    tell(
        "the same, one firm at a time (scaled)",
        scaled,
        f"×{scaled / columns:.0f}; {checked:,} held, {different} differ",
    )


def match(small: bool) -> None:
    """Scenes against offers with the blocked search."""
    scenes, offers = (500, 50_000) if small else (10_000, 500_000)
    rng = np.random.default_rng(0)
    tracks = sorted({code for listed in concepts().by_first.values() for _, code in listed})

    def texts(n: int) -> list[str]:
        picks = rng.integers(0, len(STEMS), (n, 4))
        places = rng.integers(0, len(FIELDS), (n, 3))
        return [
            "".join(
                [FIELDS[p[0]], STEMS[s[0]], STEMS[s[1]], "与", FIELDS[p[1]], STEMS[s[2]], FIELDS[p[2]], STEMS[s[3]]]
            )
            for s, p in zip(picks, places, strict=True)
        ]

    table = pd.DataFrame(
        {
            "firm": [f"F{i}" for i in range(offers)],
            "group": "",
            "startup": rng.integers(0, 2, offers).astype(float),
            "tracks": [tracks[i] for i in rng.integers(0, len(tracks), offers)],
            "region": "330100",
            "capability": texts(offers),
            "trl": rng.integers(3, 10, offers).astype(float),
            "capacity": 1.0,
            "available_from": None,
            "available_to": None,
            "licences": "",
        }
    )
    asked = texts(scenes)
    days = {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 10, 1)}
    made = [
        Scene(f"S{i}", track=tracks[k] if i % 2 else "", problem=asked[i], slots=3, trl_min=5.0, trl_max=8.0, **days)
        for i, k in enumerate(rng.integers(0, len(tracks), scenes))
    ]
    weights = {"text": 0.35, "cosine": 0.15, "track": 0.2, "trl": 0.1, "date": 0.1, "capacity": 0.1}
    start = time.process_time()
    found = match_scenes(made, table, concepts(), MatchSettings(weights, 20, True))
    tell(
        f"match {scenes:,} scenes × {offers:,} offers, blocked",
        time.process_time() - start,
        f"{len(found.pairs):,} pairs",
    )
    recall = blocking_recall(found.index, found.texts, candidates=found.candidates, rng=np.random.default_rng(0))
    tell("recall of the blocked search on 200 scenes", 0.0, f"{recall:.4f}")


def flow(small: bool) -> None:
    """The linear programme against network simplex of networkx (on a tenth, which takes it long enough)."""
    rng = np.random.default_rng(0)
    n = 50_000 if small else 500_000
    pairs = pd.DataFrame(
        {
            "scene": rng.integers(0, n // 50, n).astype(str),
            "firm": rng.integers(0, n // 5, n).astype(str),
            "score": rng.random(n).round(4),
        }
    ).drop_duplicates(["scene", "firm"])
    slots = dict.fromkeys(pairs["scene"].unique(), 3)
    start = time.process_time()
    found = assign_flow(pairs, slots, {})
    tell(f"flow, {len(pairs):,} pairs", time.process_time() - start, f"value {found.value:.2f}, gap {found.gap:.1e}")
    part = pairs.head(5_000)
    graph = nx.DiGraph()
    for s, f, v in zip(part["scene"], part["firm"], part["score"], strict=True):
        graph.add_edge("source", f"s{s}", capacity=3, weight=0)
        graph.add_edge(f"s{s}", f"f{f}", capacity=1, weight=-round(v * 10_000))
        graph.add_edge(f"f{f}", "sink", capacity=1, weight=0)
    total = 3 * part["scene"].nunique()
    graph.add_edge("source", "sink", capacity=total, weight=0)
    graph.add_node("source", demand=-total)
    graph.add_node("sink", demand=total)
    start = time.process_time()
    cost = nx.network_simplex(graph)[0]
    peer = time.process_time() - start
    start = time.process_time()
    own = assign_flow(part, dict.fromkeys(part["scene"].unique(), 3), {})
    seconds = time.process_time() - start
    tell(
        "flow, 5,000 pairs, beside network_simplex",
        seconds,
        f"peer {peer:.2f} s, same value {abs(own.value + cost / 10_000) < 1e-6}",
    )


def stable(small: bool) -> None:
    """Deferred acceptance with reserves; every acceptable pair is checked afterwards."""
    rng = np.random.default_rng(0)
    firms_, scenes = (10_000, 1_000) if small else (100_000, 10_000)
    key = np.unique(np.repeat(np.arange(firms_), 10) * scenes + rng.integers(0, scenes, firms_ * 10))
    firm, scene = key // scenes, key % scenes
    proposals = Proposals(
        firm, scene, strict(rng.random(key.size), firm, rng), strict(rng.random(key.size), scene, rng)
    )
    slots = rng.integers(1, 8, scenes)
    young = rng.random(firms_) < 0.3
    start = time.process_time()
    held = deferred_acceptance(proposals, firms_, slots, slots // 3, young)
    seconds = time.process_time() - start
    blocking = blocking_pairs(proposals, held, slots, slots // 3, young).size
    tell(
        f"stable, {firms_:,} firms × {scenes:,} scenes",
        seconds,
        f"{(held >= 0).sum():,} matched, {blocking} blocking pairs",
    )


def calendar(small: bool) -> None:
    """Conflicts among bookings."""
    rng = np.random.default_rng(0)
    n = 100_000 if small else 1_000_000
    start_at = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 365 * 24, n), "h")
    frame = pd.DataFrame(
        {
            "booking": np.arange(n).astype(str),
            "resource": [f"r{i}" for i in rng.integers(0, 2000, n)],
            "units": 1.0,
            "from": start_at,
            "to": start_at + pd.to_timedelta(rng.integers(1, 12, n), "h"),
        }
    )
    for capacity in (20, 3):
        start = time.process_time()
        found = conflicts(frame, {f"r{i}": capacity for i in range(2000)})
        tell(f"calendar, {n:,} bookings, capacity {capacity}", time.process_time() - start, f"{len(found):,} conflicts")


if __name__ == "__main__":
    chosen = [a for a in sys.argv[1:] if a.isalpha()] or [
        "assess",
        "engines",
        "match",
        "flow",
        "stable",
        "calendar",
    ]
    for name in chosen:
        {"assess": assess, "engines": engines, "match": match, "flow": flow, "stable": stable, "calendar": calendar}[
            name
        ]("--small" in sys.argv)
