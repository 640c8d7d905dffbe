"""Assessing a file of firms of any size: slice in, verdicts out, counts kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.core.text import Text
from biaochi.exchange import atomic
from biaochi.exchange.command import Invocation
from biaochi.exchange.tables import neutral
from biaochi.mechanisms.cultivation.model import in_order
from biaochi.methods.rules import Assessment, RuleSet, evaluate, resolve
from biaochi.methods.rules.ruleset import Purpose
from biaochi.methods.rules.verdict import LETTERS, ORDER

_DELICATE = re.compile(r'[,"\n\r]|\x1f[=+\-@\t]')
_WORDS = np.array([v.value for v in ORDER], dtype="S14")
_LETTER = np.frombuffer(LETTERS.encode(), dtype=np.uint8)


@dataclass
class Tally:
    """Verdicts counted over all slices."""

    chosen: dict[str, RuleSet | None]
    verdicts: dict[str, NDArray[np.int64]] = field(init=False)
    criteria: dict[str, NDArray[np.int64]] = field(init=False)
    mismatched: list[int] = field(default_factory=lambda: [0, 0])
    suspect: list[int] = field(default_factory=lambda: [0, 0])

    def __post_init__(self) -> None:
        self.verdicts = {code: np.zeros(len(ORDER), np.int64) for code in self.chosen}
        self.criteria = {
            code: np.zeros((len(r.criteria) if r else 0, len(ORDER)), np.int64) for code, r in self.chosen.items()
        }

    def add(self, assessment: Assessment, low: float, high: float) -> None:
        """Count one slice."""
        for result in assessment.results:
            self.verdicts[result.code] += np.bincount(result.verdict, minlength=len(ORDER))
            for j in range(result.criteria.shape[1]):
                self.criteria[result.code][j] += np.bincount(result.criteria[:, j], minlength=len(ORDER))
        frame = assessment.facts.frame
        rows = frame["row"].to_numpy()
        _note(self.mismatched, rows, ~assessment.facts.matching)
        with np.errstate(divide="ignore", invalid="ignore"):
            per_head = assessment.facts.number("revenue_1") / assessment.facts.number("employees")
        _note(self.suspect, rows, np.isfinite(per_head) & (per_head > 0) & ((per_head < low) | (per_head > high)))

    def records(self) -> list[dict[str, object]]:
        """Return ``sets[{set,version,counts,criteria[{code,counts}]}]``."""
        words = [v.value for v in ORDER]
        return [
            {
                "set": code,
                "version": rules.version if rules else None,
                "counts": dict(zip(words, self.verdicts[code].tolist(), strict=True)),
                "criteria": [
                    {"code": c.code, "counts": dict(zip(words, self.criteria[code][j].tolist(), strict=True))}
                    for j, c in enumerate(rules.criteria if rules else ())
                ],
            }
            for code, rules in self.chosen.items()
        ]


def _note(kept: list[int], rows: NDArray[np.int64], where: NDArray[np.bool_]) -> None:
    found = np.flatnonzero(where)
    if found.size:
        kept[0] += int(found.size)
        kept[1] = kept[1] or int(rows[found[0]])


def chosen_rules(rulesets: Sequence[RuleSet], call: Invocation, purpose: Purpose) -> dict[str, RuleSet | None]:
    """Return the versions in force, in order, and note them as the parameters of the call."""
    order = dict.fromkeys(r.code for r in in_order(rulesets))
    found = resolve(rulesets, call.at, purpose)
    chosen = {code: found[code] for code in order}
    call.parameters = [
        {
            "code": r.code,
            "value": r.version,
            "unit": "",
            "status": r.status,
            "effective_on": r.valid_from.isoformat(),
            "citation": r.citation,
        }
        for r in chosen.values()
        if r is not None
    ]
    return chosen


def assess_slices(
    slices: Iterable[pd.DataFrame],
    rulesets: Sequence[RuleSet],
    call: Invocation,
    purpose: Purpose,
    evidence: pd.DataFrame | None,
    limits: tuple[float, float],
    folder: Path | None,
) -> Tally:
    """Assess every slice; with a folder, write ``verdicts.csv`` there, whole or not at all."""
    tally = Tally(chosen_rules(rulesets, call, purpose))
    versions = [r for r in tally.chosen.values() if r is not None]
    absent = [code for code, r in tally.chosen.items() if r is None]

    def assessed(frame: pd.DataFrame) -> Assessment:
        found = evaluate(rulesets, frame, at=call.at, purpose=purpose, evidence=evidence)
        tally.add(found, *limits)
        return found

    assert len(versions) + len(absent) == len(tally.chosen)
    if folder is None:
        for frame in slices:
            assessed(frame)
        return tally
    with atomic.replacing(folder / "verdicts.csv") as temporary, temporary.open("wb") as stream:
        header = ["firm", *(name for code in tally.chosen for name in (code, f"{code}.criteria"))]
        stream.write((",".join(header) + "\n").encode())
        for frame in slices:
            write_verdicts(assessed(frame), list(tally.chosen), stream)
    return tally


def write_verdicts(assessment: Assessment, order: Sequence[str], stream: BinaryIO) -> None:
    """Append one line a firm: fields are laid side by side in one byte matrix, padding is dropped at once."""
    parts = [_bytes(_fields(assessment.facts.frame["firm"].astype(str).tolist()))]
    for code in order:
        result = assessment[code]
        parts += [_bytes(_WORDS[result.verdict]), _LETTER[result.criteria]]
    width = sum(p.shape[1] for p in parts) + len(parts)
    lines = np.full((assessment.facts.size, width), ord(","), dtype=np.uint8)
    place = 0
    for part in parts:
        lines[:, place : place + part.shape[1]] = part
        place += part.shape[1] + 1
    lines[:, -1] = ord("\n")
    stream.write(lines.tobytes().translate(None, b"\0"))


def _bytes(values: object) -> NDArray[np.uint8]:
    fixed = np.asarray(values, dtype="S" if not isinstance(values, np.ndarray) else None)
    width = max(fixed.dtype.itemsize, 1)
    return np.ascontiguousarray(fixed).view(np.uint8).reshape(len(fixed), width)


def _fields(texts: list[str]) -> list[bytes]:
    joined = "\x1f" + "\x1f".join(texts)
    if not _DELICATE.search(joined):
        return joined[1:].encode().split(b"\x1f")
    return [_field(t).encode() for t in texts]


def _field(text: str) -> str:
    safe = str(neutral(text))
    return '"' + safe.replace('"', '""') + '"' if any(c in safe for c in ',"\n\r') else safe


def warn_of(call: Invocation, tally: Tally, file: str) -> None:
    """Tell of years that do not fit the day and of money that may be in another unit."""
    count, row = tally.mismatched
    if count:
        year = call.at.year - 1
        call.warn(
            "period_mismatch",
            Text(
                f"{count} 家企业的会计年度不是 {year}，其年度数据按不明处理",
                f"{count} firms are not of fiscal year {year}; their yearly figures are unknown",
            ),
            file=file,
            row=row,
        )
    count, row = tally.suspect
    if count:
        call.warn(
            "unit_suspect",
            Text(
                f"{count} 家企业的人均营业收入不合常理，金额单位可能有误（元或万元）",
                f"{count} firms have an implausible revenue per head; the unit may be wrong (yuan or 万元)",
            ),
            file=file,
            row=row,
        )
