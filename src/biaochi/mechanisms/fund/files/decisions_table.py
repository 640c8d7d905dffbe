"""The table of past decisions."""

from __future__ import annotations

from pathlib import Path

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import Column, Table, read_table
from biaochi.mechanisms.fund.decisions import may_decide
from biaochi.mechanisms.fund.model import PastDecision
from biaochi.methods.allocation import Programme

DECISIONS = (
    Column("at", "date", Text("日期", "date"), example="2026-03-31"),
    Column("team", "code", Text("团队", "team"), example="a1"),
    Column("forecast", "share", Text("当时预测的通过机会", "chance of a pass as forecast"), blank=True, example="0.6"),
    Column("recommended", "code", Text("建议", "advice"), blank=True, example="continue"),
    Column("decided", "code", Text("决定", "decision"), example="continue"),
    Column("reason", "text", Text("理由", "reason"), blank=True),
    Column(
        "outcome",
        "choice",
        Text("结果", "outcome"),
        blank=True,
        choices=("pass", "miss", "1", "0"),
        example="pass",
    ),
)


def read_decisions(path: Path, programme: Programme, faults: Faults) -> tuple[list[PastDecision], Table]:
    """Read past decisions; a decision that departs from the advice must state its reason."""
    table = read_table(path, DECISIONS, key=("at", "team"), faults=faults)
    found = []
    for row in table.frame.to_dict("records"):
        line = int(row["row"])
        if row["team"] and row["team"] not in programme.team_codes:
            faults.add(
                "unknown_team",
                Text("方案中没有这个团队", "the programme has no such team"),
                Text("请核对团队代码", "check the team's code"),
                row=line,
                column="team",
                seen=row["team"],
                file=path.name,
            )
        if row["at"] is None:
            continue
        if (
            row["recommended"]
            and may_decide(row["recommended"], row["decided"], row["reason"], at=row["at"]).outcome != "may_decide"
        ):
            faults.add(
                "reason_missing",
                Text("不同于建议的决定须写明理由", "a decision that departs from the advice needs its reason"),
                Text("请补 reason", "add the reason"),
                row=line,
                column="reason",
                seen=f"{row['recommended']} → {row['decided']}",
                file=path.name,
            )
        forecast = None if row["forecast"] != row["forecast"] else float(row["forecast"])
        outcome = None if not row["outcome"] else int(row["outcome"] in ("pass", "1"))
        found.append(
            PastDecision(row["at"], row["team"], forecast, row["recommended"], row["decided"], row["reason"], outcome)
        )
    return found, table
