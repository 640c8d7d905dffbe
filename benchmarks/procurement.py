"""Speed of reviews and red flags on one core, and what the rules do on the shipped clauses.

Run by hand: ``python benchmarks/procurement.py [quality|clauses|releases] [releases]``.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
import zlib
from collections.abc import Iterator
from datetime import date

import numpy as np

from biaochi.mechanisms.fairness.decisions import read_labelled, score_verdicts
from biaochi.mechanisms.fairness.files.shipped import LABELLED_ON, shipped_clauses, shipped_measures, shipped_pack
from biaochi.mechanisms.procurement.decisions.redflags import red_flags
from biaochi.methods.textreview.engine import Facts, read_rule, review, review_clause
from biaochi.methods.textreview.normalise import shadow
from biaochi.methods.textreview.rerank import train
from biaochi.methods.textreview.segment import segment, whole


def fold(family: str, folds: int = 10) -> int:
    """Return the fold of a family; a family never straddles folds."""
    return zlib.crc32(family.encode()) % folds


def quality() -> None:
    """Print macro-F1 by grouped folds, the false-alarm rate, precision and recall per id, and the re-ranker's gain."""
    clauses = shipped_clauses()
    pack = shipped_pack()
    readings = read_labelled(clauses, pack)
    labels = [c.verdict for c in clauses]
    rules = [r.verdict for r in readings]
    scores = []
    for k in range(10):
        chosen = [i for i, c in enumerate(clauses) if fold(c.family) == k]
        scores.append(score_verdicts([labels[i] for i in chosen], [rules[i] for i in chosen]).macro_f1)
    print(f"clauses {len(clauses)}, families {len({c.family for c in clauses})}")
    print(f"macro-F1 over ten grouped folds: mean {np.mean(scores):.3f}, least {min(scores):.3f}")
    whole_score = score_verdicts(labels, rules)
    for row in whole_score.verdicts:
        print(f"  {row.verdict:18} n {row.n:5} precision {row.precision:.3f} recall {row.recall:.3f}")
    harmless = [i for i, v in enumerate(labels) if v in ("clean", "lawful_preference")]
    alarms = sum(rules[i] == "violation" for i in harmless) / len(harmless)
    print(f"lawful or clean text called violation: {alarms:.4f} of {len(harmless)}")
    for rule, m in shipped_measures().items():
        estimate, low, high = m.precision
        recall = float("nan") if m.recall is None else m.recall
        f1 = float("nan") if m.f1 is None else m.f1
        print(
            f"  {rule:6} n {m.labelled:3} precision {estimate:.3f} [{low:.3f}, {high:.3f}] recall {recall:.3f} F1 {f1:.3f}"
        )
    _reranker(clauses, labels, rules)


def _reranker(clauses: tuple, labels: list[str], rules: list[str | None]) -> None:  # type: ignore[type-arg]
    swapped = list(rules)
    for k in range(10):
        inside = [
            i for i, c in enumerate(clauses) if fold(c.family) != k and labels[i] in ("violation", "needs_context")
        ]
        model = train([clauses[i].text for i in inside], [labels[i] == "violation" for i in inside])
        for i, c in enumerate(clauses):
            if fold(c.family) == k and rules[i] in ("violation", "needs_context"):
                swapped[i] = model.verdict(c.text, str(rules[i]))
    families = sorted({c.family for c in clauses})
    members = {f: [i for i, c in enumerate(clauses) if c.family == f] for f in families}
    rng = np.random.default_rng(0)
    gains = []
    for _ in range(200):
        drawn = [i for f in rng.choice(families, len(families)) for i in members[f]]
        truth = [labels[i] for i in drawn]
        gains.append(
            score_verdicts(truth, [swapped[i] for i in drawn]).macro_f1
            - score_verdicts(truth, [rules[i] for i in drawn]).macro_f1
        )
    low, high = np.quantile(gains, [0.05, 0.95])
    use = "default" if low > 0 else "not the default"
    print(f"re-ranker: gain in macro-F1 {np.mean(gains):+.4f} [{low:+.4f}, {high:+.4f}] by family bootstrap: {use}")


def speed_of_clauses() -> None:
    """Print clauses a second: silent, with findings, repeated, without the prefilter; and the cost of long texts."""
    active = shipped_pack().at(LABELLED_ON, "tender")
    facts = Facts()
    active.prefilter.candidates("")
    words = [
        "设备",
        "系统",
        "数据",
        "接口",
        "培训",
        "安装",
        "调试",
        "质量",
        "检查",
        "记录",
        "计划",
        "材料",
        "报告",
        "人员",
        "现场",
        "时间",
        "方案",
        "管理",
    ]
    rng = random.Random(1)
    silent = [whole("".join(rng.choices(words, k=12)) + str(i), identifier=str(i)) for i in range(20_000)]
    loud = [whole(c.text, identifier=c.id) for c in shipped_clauses() if c.kind == "tender"]
    mixed = [loud[i % len(loud)] if i % 10 == 0 else c for i, c in enumerate(silent)]
    for name, clauses in (
        ("silent, all distinct", silent),
        ("one in ten with a trigger", mixed),
        ("triggers only", loud),
    ):
        begin = time.process_time()
        for clause in clauses:
            review_clause(clause, active, facts)
        print(f"{name}: {len(clauses) / (time.process_time() - begin):,.0f} clauses/s")
    begin = time.process_time()
    review(loud * 20, active)
    print(f"triggers only, each twenty times: {len(loud) * 20 / (time.process_time() - begin):,.0f} clauses/s")
    begin = time.process_time()
    for clause in silent[:500]:
        read = shadow(clause.text)
        for rule in active.rules:
            list(read_rule(clause, read, rule, facts))
    print(f"silent, without the prefilter: {500 / (time.process_time() - begin):,.0f} clauses/s")
    for n in (500, 4000):
        text = "（一）投标人须在本市注册，“注册资本（不低于100万元。）；\n" * n
        begin = time.process_time()
        review(segment(text), active, memo={})
        print(
            f"document of {len(text):,} characters: {(time.process_time() - begin) / len(text) * 1e6:.2f} µs a character"
        )


def _lines(n: int) -> Iterator[bytes]:
    rng = random.Random(2)
    for i in range(n):
        bids = [
            {
                "id": f"b{k}",
                "status": rng.choice(["valid", "valid", "disqualified"]),
                "date": "2026-01-10T00:00:00Z",
                "tenderers": [{"id": f"S{rng.randrange(50_000)}"}],
                "value": {"amount": rng.randint(1, 9_999_999), "currency": "CNY"},
            }
            for k in range(4)
        ]
        release = {
            "ocid": f"ocds-{i}",
            "buyer": {"id": f"B{rng.randrange(5000)}"},
            "tender": {
                "id": "t",
                "procurementMethod": "open",
                "numberOfTenderers": 4,
                "tenderPeriod": {"startDate": "2026-01-01T00:00:00Z", "endDate": "2026-01-20T00:00:00Z"},
                "description": "x" * 60,
            },
            "bids": {"details": bids},
            "awards": [{"id": "a", "status": "active", "suppliers": bids[0]["tenderers"]}],
        }
        yield json.dumps(release).encode()


def speed_of_releases(n: int) -> None:
    """Print releases a second of processor time (parsing included), the share of parsing, and the peak memory.

    The best of three passes over 50,000 releases counts, since a shared core only ever slows a pass down.
    """
    sample = list(_lines(50_000))
    size = sum(map(len, sample)) / len(sample)
    parsing = total = float("inf")
    for _ in range(3):
        begin = time.process_time()
        for line in sample:
            json.loads(line)
        parsing = min(parsing, (time.process_time() - begin) / len(sample))
        begin = time.process_time()
        red_flags(json.loads(line) for line in sample)
        total = min(total, (time.process_time() - begin) / len(sample))
    print(
        f"{1 / total:,.0f} releases/s of {size:,.0f} bytes; parsing alone {1 / parsing:,.0f}/s, {parsing / total:.0%}"
    )
    del sample
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    red_flags(json.loads(line) for line in _lines(n))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{n:,} releases: peak {after:,.0f} MB ({before:,.0f} MB before)")


if __name__ == "__main__":
    part = sys.argv[1] if len(sys.argv) > 1 else "all"
    print(f"biaochi procurement benchmark, rules of {date.today()}")  # noqa: DTZ011 - printed only
    if part in ("all", "quality"):
        quality()
    if part in ("all", "clauses"):
        speed_of_clauses()
    if part in ("all", "releases"):
        speed_of_releases(int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
