"""The files transfer reads, described once, and how rows become passages and platforms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.evidence import EvidenceGrade
from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import Column, Kind, TableReader
from biaochi.mechanisms.transfer.model import Passage, PassageOutcome, Platform, PlatformLevel, Stage

RECODED = {"negative_value": "negative"}


def _column(name: str, kind: Kind, zh: str, en: str, *, must: bool = False, **rest: Any) -> Column:
    return Column(name, kind, Text(zh, en), required=must, **rest)


PROJECT_COLUMNS: tuple[Column, ...] = (
    _column("project", "code", "项目", "project", must=True),
    _column("track", "code", "赛道", "track"),
    _column("stage", "choice", "阶段", "stage", must=True, choices=tuple(s.value for s in Stage)),
    _column("entered_on", "date", "进入日", "entered on", must=True),
    _column("left_on", "date", "离开日", "left on"),
    _column("outcome", "choice", "结果", "outcome", choices=tuple(o.value for o in PassageOutcome)),
    _column("trl", "number", "技术成熟度", "TRL", low=1, high=9),
    _column("mrl", "number", "制造成熟度", "MRL", low=1, high=10),
    _column("cost", "number", "单位成本", "unit cost", low=0),
    _column("yield", "share", "良率", "yield"),
    _column("safety_file", "flag", "安全文件", "safety file"),
    _column("grade", "choice", "证据等级", "grade", choices=("A", "B", "C")),
    _column("next_money", "text", "后续资金", "next money"),
    _column("platform", "code", "平台", "platform"),
    _column("standard", "text", "标准", "standard"),
)
PLATFORM_COLUMNS: tuple[Column, ...] = (
    _column("platform", "code", "平台", "platform", must=True),
    _column("kind", "code", "类型", "kind"),
    _column("level", "choice", "级别", "level", choices=tuple(x.value for x in PlatformLevel)),
    _column("track", "code", "赛道", "track"),
    _column("region", "code", "地区", "region"),
    _column("services", "text", "服务", "services"),
    _column("capacity", "number", "能力", "capacity", low=0),
)
BOOKING_COLUMNS: tuple[Column, ...] = (
    _column("booking", "code", "预约", "booking", must=True),
    _column("resource", "code", "资源", "resource", must=True),
    _column("user", "code", "用户", "user"),
    _column("group", "code", "用户类别", "group"),
    _column("class", "code", "价格类别", "price class"),
    _column("requested_at", "instant", "申请时刻", "requested at"),
    _column("from", "instant", "起", "from", must=True),
    _column("to", "instant", "止", "to", must=True),
    _column("units", "number", "单位数", "units", low=0),
    _column(
        "status",
        "choice",
        "状态",
        "status",
        must=True,
        choices=("requested", "confirmed", "used", "no_show", "cancelled", "refused"),
    ),
    _column("used_units", "number", "实用单位数", "units used", low=0),
    _column("charge", "money", "收费", "charge", low=0),
    _column("subsidy", "money", "补贴", "subsidy", low=0),
)


def read_passages(call: TableReader, path: Path, faults: Faults) -> list[Passage]:
    """Read passages; reversed intervals and stages out of order are faults."""
    own = Faults(path.name)
    frame = call.table(path, PROJECT_COLUMNS, faults=own).frame
    own.recode(RECODED, {"stage": "bad_level"})
    passages = [_passage(r) for r in frame.to_dict("records") if r["stage"] and r["entered_on"] is not None]
    for p in passages:
        if p.entered_on and p.left_on and p.left_on < p.entered_on:
            own.add(
                "reversed_interval",
                Text("left_on 早于 entered_on", "left_on lies before entered_on"),
                Text("请核对两个日期", "check both dates"),
                row=p.row,
                column="left_on",
                seen=f"{p.entered_on} … {p.left_on}",
            )
    _check_order(passages, own)
    faults.extend(own)
    return passages


def _passage(r: dict[Any, Any]) -> Passage:
    def number(name: str) -> float | None:
        return None if np.isnan(r[name]) else float(r[name])

    flag = number("safety_file")
    outcome = PassageOutcome(r["outcome"]) if r["outcome"] else PassageOutcome.OPEN
    return Passage(
        str(r["project"]),
        str(r["track"]),
        Stage(r["stage"]),
        r["entered_on"],
        r["left_on"],
        outcome,
        number("trl"),
        number("mrl"),
        number("cost"),
        number("yield"),
        None if flag is None else bool(flag),
        EvidenceGrade(r["grade"]) if r["grade"] else None,
        str(r["next_money"]),
        str(r["platform"]),
        str(r["standard"]),
        int(r["row"]),
    )


def _check_order(passages: list[Passage], faults: Faults) -> None:
    """A later stage may not be entered before an earlier one of the same project."""
    by_project: dict[str, list[Passage]] = {}
    for p in passages:
        by_project.setdefault(p.project, []).append(p)
    for own in by_project.values():
        for p in own:
            ahead = [q for q in own if q.stage.place > p.stage.place and q.entered_on and p.entered_on]
            wrong = [q for q in ahead if q.entered_on is not None and p.entered_on and q.entered_on < p.entered_on]
            first = min((q.entered_on for q in own if q.stage is p.stage and q.entered_on), default=None)
            if wrong and p.entered_on == first:
                q = wrong[0]
                faults.add(
                    "stage_order",
                    Text(
                        f"{q.stage.text.zh}（{q.entered_on}）早于{p.stage.text.zh}（{p.entered_on}）",
                        f"{q.stage.text.en} ({q.entered_on}) before {p.stage.text.en} ({p.entered_on})",
                    ),
                    Text(
                        "阶段须按实验室、概念验证、中试、小批量、量产的次序",
                        "stages go lab, poc, pilot, small_batch, production",
                    ),
                    row=q.row,
                    column="stage",
                    seen=q.stage.value,
                )


def read_platforms(call: TableReader, path: Path, faults: Faults) -> list[Platform]:
    """Read platforms."""
    own = Faults(path.name)
    frame = call.table(path, PLATFORM_COLUMNS, key=("platform",), faults=own).frame
    own.recode(RECODED, {"level": "bad_level"})
    faults.extend(own)
    return [
        Platform(
            str(r["platform"]),
            str(r["kind"]),
            PlatformLevel(r["level"]) if r["level"] else None,
            str(r["track"]),
            str(r["region"]),
            str(r["services"]),
            None if np.isnan(r["capacity"]) else float(r["capacity"]),
        )
        for r in frame.to_dict("records")
    ]


def read_bookings(call: TableReader, path: Path, faults: Faults) -> pd.DataFrame:
    """Read bookings of platforms; a booking must end after it begins."""
    own = Faults(path.name)
    frame = call.table(path, BOOKING_COLUMNS, key=("booking",), faults=own).frame
    for row, start, end in zip(frame["row"], frame["from"], frame["to"], strict=True):
        if start is not None and end is not None and end <= start:
            own.add(
                "reversed_interval",
                Text("to 不晚于 from", "to does not lie after from"),
                Text("请核对起止", "check both instants"),
                row=int(row),
                column="to",
                seen=f"{start} … {end}",
            )
    own.recode(RECODED)
    faults.extend(own)
    return frame
