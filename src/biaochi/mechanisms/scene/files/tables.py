"""The files scenes read, described once, and how their rows become scenes, applications and log entries."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import Column, Kind, TableReader
from biaochi.mechanisms.scene.model import (
    Application,
    LogEntry,
    LogKind,
    Pay,
    ReviewVerdict,
    Scene,
    SceneKind,
    TrialOutcome,
)

RECODED = {"negative_value": "negative"}


def _column(name: str, kind: Kind, zh: str, en: str, *, must: bool = False, **rest: Any) -> Column:
    return Column(name, kind, Text(zh, en), required=must, **rest)


SCENE_COLUMNS: tuple[Column, ...] = (
    _column("scene", "code", "场景", "scene", must=True, example="S1"),
    _column("batch", "code", "批次", "batch"),
    _column("owner", "code", "场景业主", "owner"),
    _column("kind", "choice", "类型", "kind", choices=tuple(k.value for k in SceneKind)),
    _column("track", "code", "赛道", "track"),
    _column("region", "code", "地区", "region"),
    _column("problem", "text", "需求", "need in functional terms"),
    _column("offers", "text", "提供的条件", "what is offered"),
    _column("access", "text", "准入条件", "access terms"),
    _column("safety", "text", "安全边界", "safety limits"),
    _column("data_terms", "text", "数据条款", "data terms"),
    _column("ip_terms", "text", "知识产权条款", "IP terms"),
    _column("pay", "choice", "付费", "pay", choices=tuple(p.value for p in Pay)),
    _column("slots", "integer", "名额", "slots", low=0),
    _column("trl_min", "number", "最低成熟度", "least TRL", low=1, high=9),
    _column("trl_max", "number", "最高成熟度", "greatest TRL", low=1, high=9),
    _column("opens_on", "date", "开放日", "opens on"),
    _column("closes_on", "date", "截止日", "closes on"),
    _column("starts_on", "date", "开始日", "starts on"),
    _column("ends_on", "date", "结束日", "ends on"),
    _column("rule", "text", "评选规则", "selection rule", example="technology:0.6;price:0.4"),
    _column("rule_on", "date", "规则日期", "rule dated"),
    _column("metrics", "text", "评价指标", "metrics"),
    _column("review_verdict", "choice", "审查结论", "review", choices=tuple(r.value for r in ReviewVerdict)),
    _column("review_on", "date", "审查日期", "reviewed on"),
    _column("disclose_on", "date", "公布日期", "results published on"),
    _column("scale_up", "text", "推广安排", "scale-up"),
)
OFFER_COLUMNS: tuple[Column, ...] = (
    _column("firm", "code", "企业", "firm", must=True),
    _column("group", "code", "集团", "group"),
    _column("startup", "flag", "初创", "start-up"),
    _column("tracks", "text", "赛道", "tracks"),
    _column("region", "code", "地区", "region"),
    _column("capability", "text", "能力", "capability"),
    _column("trl", "number", "成熟度", "TRL", low=1, high=9),
    _column("capacity", "number", "可承接数", "capacity", low=0),
    _column("available_from", "date", "可用自", "available from"),
    _column("available_to", "date", "可用至", "available to"),
    _column("licences", "text", "资质", "licences"),
)
APPLICATION_COLUMNS: tuple[Column, ...] = (
    _column("scene", "code", "场景", "scene", must=True),
    _column("firm", "code", "企业", "firm", must=True),
    _column("applied_on", "date", "申请日", "applied on"),
    _column("eligible", "flag", "符合条件", "eligible"),
    _column("reason", "text", "理由", "reason"),
    _column("selected", "flag", "入选", "selected"),
    _column("decided_on", "date", "决定日", "decided on"),
    _column("informed_on", "date", "告知日", "informed on"),
)
PREFERENCE_COLUMNS: tuple[Column, ...] = (
    _column("scene", "code", "场景", "scene", must=True),
    _column("firm", "code", "企业", "firm", must=True),
    _column("scene_rank", "number", "场景对企业的排序", "the firm's rank for the scene", low=1),
    _column("firm_rank", "number", "企业对场景的排序", "the scene's rank for the firm", low=1),
)
LABEL_COLUMNS: tuple[Column, ...] = (
    _column("scene", "code", "场景", "scene", must=True),
    _column("firm", "code", "企业", "firm", must=True),
    _column("label", "flag", "是否合适", "good match", must=True),
)
LOG_COLUMNS: tuple[Column, ...] = (
    _column("scene", "code", "场景", "scene", must=True),
    _column("kind", "choice", "种类", "kind", must=True, choices=tuple(k.value for k in LogKind)),
    _column("at", "instant", "时刻", "at"),
)
TRIAL_COLUMNS: tuple[Column, ...] = (
    _column("scene", "code", "场景", "scene", must=True),
    _column("firm", "code", "企业", "firm", must=True),
    _column("started_on", "date", "开始日", "started on", must=True),
    _column("ended_on", "date", "结束日", "ended on"),
    _column("value", "number", "测得值", "measured"),
    _column("target", "number", "目标值", "target"),
    _column("outcome", "choice", "结论", "outcome", choices=tuple(o.value for o in TrialOutcome)),
    _column("amount", "money", "金额", "amount", low=0),
)
_ORDERED = (
    ("opens_on", "closes_on"),
    ("starts_on", "ends_on"),
    ("started_on", "ended_on"),
    ("available_from", "available_to"),
)


def read(
    call: TableReader,
    path: Path,
    columns: Sequence[Column],
    faults: Faults,
    *,
    key: tuple[str, ...] = (),
    duplicate: str = "duplicate_key",
) -> pd.DataFrame:
    """Read one table, its faults under the names of this mechanism; reversed intervals are faults too."""
    own = Faults(path.name)
    frame = call.table(path, columns, key=key, faults=own, duplicate_code=duplicate).frame
    for start, end in _ORDERED:
        if start in frame and end in frame:
            for record in frame.to_dict("records"):
                _check_order(record, start, end, own)
    own.recode(RECODED)
    faults.extend(own)
    return frame


def _check_order(record: Mapping[Hashable, Any], start: str, end: str, faults: Faults) -> None:
    if record[start] is not None and record[end] is not None and record[end] < record[start]:
        faults.add(
            "reversed_interval",
            Text(f"{end} 早于 {start}", f"{end} lies before {start}"),
            Text("请核对两个日期", "check both dates"),
            row=int(record["row"]),
            column=end,
            seen=f"{record[start]} … {record[end]}",
        )


def read_scenes(call: TableReader, path: Path, faults: Faults) -> list[Scene]:
    """Read scenes; a rule that cannot be read or whose weights do not sum to one is a fault."""
    frame = read(call, path, SCENE_COLUMNS, faults, key=("scene",), duplicate="duplicate_scene")
    own = Faults(path.name)
    scenes = [_scene(r, own) for r in frame.to_dict("records")]
    faults.extend(own)
    return scenes


def _scene(record: Mapping[Hashable, Any], faults: Faults) -> Scene:
    row = int(record["row"])
    low, high = (_maybe(record[c]) for c in ("trl_min", "trl_max"))
    if low is not None and high is not None and high < low:
        faults.add(
            "reversed_interval",
            Text("trl_max 小于 trl_min", "trl_max lies below trl_min"),
            Text("请核对", "check both"),
            row=row,
            column="trl_max",
            seen=f"{low:g} … {high:g}",
        )
    slots = _maybe(record["slots"])
    return Scene(
        scene=str(record["scene"]),
        batch=str(record["batch"]),
        owner=str(record["owner"]),
        kind=SceneKind(record["kind"]) if record["kind"] else None,
        track=str(record["track"]),
        region=str(record["region"]),
        problem=str(record["problem"]),
        offers=str(record["offers"]),
        access=str(record["access"]),
        safety=str(record["safety"]),
        data_terms=str(record["data_terms"]),
        ip_terms=str(record["ip_terms"]),
        pay=Pay(record["pay"]) if record["pay"] else None,
        slots=None if slots is None else int(slots),
        trl_min=low,
        trl_max=high,
        opens_on=record["opens_on"],
        closes_on=record["closes_on"],
        starts_on=record["starts_on"],
        ends_on=record["ends_on"],
        rule=parse_weights(str(record["rule"]), row, "rule", faults),
        rule_on=record["rule_on"],
        metrics=str(record["metrics"]),
        review_verdict=ReviewVerdict(record["review_verdict"]) if record["review_verdict"] else None,
        review_on=record["review_on"],
        disclose_on=record["disclose_on"],
        scale_up=str(record["scale_up"]),
        row=row,
    )


def _maybe(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def parse_weights(text: str, row: int, column: str, faults: Faults) -> tuple[tuple[str, Decimal], ...]:
    """Read ``code:weight;…``; weights are exact decimals and must sum to one."""
    if not text.strip():
        return ()
    found: list[tuple[str, Decimal]] = []
    for part in re.split("[;；]", text):
        code, _, weight = part.replace("：", ":").partition(":")
        try:
            value = Decimal(weight.strip())
        except InvalidOperation:
            value = Decimal("NaN")
        if not code.strip() or not value.is_finite() or value < 0:
            faults.add(
                "not_a_number",
                Text("规则应写成 code:weight;…", "a rule is written code:weight;…"),
                Text("例如 technology:0.6;price:0.4", "for example technology:0.6;price:0.4"),
                row=row,
                column=column,
                seen=part,
            )
            return ()
        found.append((code.strip(), value))
    total = sum((w for _, w in found), Decimal(0))
    if total != 1:
        faults.add(
            "weights_sum",
            Text(f"权重之和为 {total}，应为 1", f"weights sum to {total}, not 1"),
            Text("请改正权重", "correct the weights"),
            row=row,
            column=column,
            seen=text,
        )
    return tuple(found)


def known(frame: pd.DataFrame, column: str, names: set[str], file: str, faults: Faults) -> None:
    """Note every row that refers to something that is not there."""
    for row, value in zip(frame["row"], frame[column], strict=True):
        if value not in names:
            faults.add(
                "unknown_reference",
                Text(f"没有 {value} 这个{column}", f"there is no {column} {value}"),
                Text("请核对标识", "check the identifier"),
                row=int(row),
                column=column,
                seen=value,
                file=file,
            )


def applications_of(frame: pd.DataFrame) -> dict[str, list[Application]]:
    """Return applications by scene."""
    found: dict[str, list[Application]] = {}
    for r in frame.to_dict("records"):
        found.setdefault(str(r["scene"]), []).append(
            Application(
                str(r["scene"]),
                str(r["firm"]),
                r["applied_on"],
                None if np.isnan(r["eligible"]) else bool(r["eligible"]),
                str(r["reason"]),
                None if np.isnan(r["selected"]) else bool(r["selected"]),
                r["decided_on"],
                r["informed_on"],
            )
        )
    return found


def log_of(frame: pd.DataFrame) -> dict[str, list[LogEntry]]:
    """Return log entries by scene."""
    found: dict[str, list[LogEntry]] = {}
    for r in frame.to_dict("records"):
        if r["kind"]:
            at = r["at"].to_pydatetime() if r["at"] is not None else None
            found.setdefault(str(r["scene"]), []).append(LogEntry(str(r["scene"]), LogKind(r["kind"]), at))
    return found
