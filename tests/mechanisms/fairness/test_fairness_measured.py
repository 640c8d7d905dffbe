"""The shipped clauses: size, balance, and what the shipped rules do on them, by family."""

from __future__ import annotations

import csv
import re
import zlib
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.mechanisms.fairness.decisions import Labelled, read_labelled, score_verdicts
from biaochi.mechanisms.fairness.files import read_records
from biaochi.mechanisms.fairness.files.shipped import (
    counted_measures,
    labelled,
    measures_text,
    shipped_clauses,
    shipped_measures,
    shipped_pack,
)


def test_the_shipped_set_has_its_size_and_balance() -> None:
    clauses = shipped_clauses()
    chinese = [c for c in clauses if re.search(r"[\u4e00-\u9fff]", c.text)]
    assert len(clauses) >= 1300
    assert len(chinese) >= 1000
    assert len({c.text for c in clauses}) == len(clauses)
    harmless = sum(c.verdict in ("clean", "lawful_preference") for c in clauses)
    assert 0.45 <= harmless / len(clauses) <= 0.6
    positives = Counter(r for c in clauses for r in c.rules)
    negatives = Counter(c.about for c in clauses if c.verdict == "clean")
    for rule in shipped_pack().rules:
        if rule.reads_text:
            assert positives[rule.id] >= 10, rule.id
            assert negatives[rule.id] >= 10 or rule.id == "P9", rule.id


def test_every_fold_of_families_reaches_the_mark() -> None:
    clauses = shipped_clauses()
    readings = read_labelled(clauses, shipped_pack())
    for fold in range(10):
        chosen = [i for i, c in enumerate(clauses) if zlib.crc32(c.family.encode()) % 10 == fold]
        score = score_verdicts([clauses[i].verdict for i in chosen], [readings[i].verdict for i in chosen])
        assert score.macro_f1 >= 0.90
    hard = [i for i, c in enumerate(clauses) if c.verdict == "clean"]
    assert sum(readings[i].verdict == "violation" for i in hard) / len(hard) <= 0.02
    lawful = [i for i, c in enumerate(clauses) if c.verdict == "lawful_preference"]
    assert not any(readings[i].verdict == "violation" for i in lawful)


def test_the_measures_kept_are_those_counted() -> None:
    """When this fails after a change of the pack or the clauses: ``python scripts/measure_rules.py``."""
    assert shipped_measures() == counted_measures()
    kept = (files("biaochi.data") / "fairness" / "measured.json").read_text("utf-8")
    assert kept == measures_text()


def test_precision_comes_with_its_interval() -> None:
    for measured in shipped_measures().values():
        estimate, low, high = measured.precision
        assert 0 <= low <= high <= 1
        assert low <= estimate <= high


@pytest.mark.reference
def test_public_procurement_intentions_are_clean(shared: Path) -> None:
    place = shared / "data" / "e_procurement" / "cn_shandong_procurement_intentions.csv"
    with place.open(encoding="utf-8-sig", newline="") as stream:
        texts = sorted({r[k].strip() for r in csv.DictReader(stream) for k in ("name", "need")} - {""})
    day = shipped_clauses()[0].date
    clauses = [Labelled(str(i), t, "tender", day, "clean") for i, t in enumerate(texts)]
    assert [c.clause.text for c in read_labelled(clauses, shipped_pack()) if c.verdict != "clean"] == []


def test_text_that_was_never_used_for_tuning_is_read_well_enough() -> None:
    """Clauses kept apart: violation precision ≥ .95, recall ≥ .85, no lawful preference called a violation."""
    source = Source("unseen.jsonl", (Path(__file__).parent / "unseen.jsonl").read_bytes())
    faults = Faults(source.name)
    clauses = [labelled(e, "tender") for e in read_records(source, faults, labelled=True)]
    assert not len(faults)
    shipped = {c.text for c in shipped_clauses()}
    assert not [c.text for c in clauses if c.text in shipped]
    readings = read_labelled(clauses, shipped_pack())
    score = score_verdicts([c.verdict for c in clauses], [r.verdict for r in readings])
    violation = next(v for v in score.verdicts if v.verdict == "violation")
    assert violation.precision is not None
    assert violation.precision >= 0.95
    assert violation.recall is not None
    assert violation.recall >= 0.85
    assert score.confusion["lawful_preference"].get("violation", 0) == 0
