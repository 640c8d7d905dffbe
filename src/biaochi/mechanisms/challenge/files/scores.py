"""Scores of reviewers and their conflicts of interest."""

from __future__ import annotations

from pathlib import Path

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import Column, Table, read_table

SCORES = (
    Column("bid", "code", Text("标书", "bid"), example="B01"),
    Column("reviewer", "code", Text("评审", "reviewer"), example="R1"),
    Column("score", "number", Text("评分", "score"), example="7.5"),
)
CONFLICTS = (
    Column("reviewer", "code", Text("评审", "reviewer"), example="R1"),
    Column("bid", "code", Text("标书", "bid"), example="B01"),
    Column("kind", "code", Text("利益关系", "kind of conflict"), example="own_organisation"),
)


def read_scores(scores: Path, conflicts: Path | None, scale: tuple[float, float], faults: Faults) -> tuple[Table, ...]:
    """Read scores, and conflicts where given; a score off the scale or by a conflicted reviewer is a fault.

    Returns
    -------
    tuple of Table
        The scores first, then the conflicts if there are any.
    """
    table = read_table(scores, SCORES, key=("bid", "reviewer"), faults=faults, duplicate_code="duplicate_score")
    barred = None if conflicts is None else read_table(conflicts, CONFLICTS, faults=faults)
    _check(table, barred, *scale, faults)
    return (table,) if barred is None else (table, barred)


def _check(table: Table, barred: Table | None, low: float, high: float, faults: Faults) -> None:
    frame = table.frame
    name = table.source.name
    if frame.empty and not len(faults):
        faults.add("empty_table", Text("没有评分", "there are no scores"), Text("请填写评分", "add scores"), file=name)
    pairs = set() if barred is None else set(zip(barred.frame["reviewer"], barred.frame["bid"], strict=True))
    for row, bid, reviewer, score in zip(frame["row"], frame["bid"], frame["reviewer"], frame["score"], strict=True):
        if score < low or score > high:
            faults.add(
                "off_scale",
                Text(f"评分应在 {low:g} 与 {high:g} 之间", f"a score lies between {low:g} and {high:g}"),
                Text("请改正评分或 --scale", "correct the score or --scale"),
                row=int(row),
                column="score",
                seen=f"{score:g}",
                file=name,
            )
        if (reviewer, bid) in pairs:
            faults.add(
                "conflicted",
                Text("该评审与该标书有利益关系", "this reviewer has a conflict of interest with this bid"),
                Text("请删去这项评分，另请评审", "remove the score and ask another reviewer"),
                row=int(row),
                column="reviewer",
                seen=f"{reviewer},{bid}",
                file=name,
            )
