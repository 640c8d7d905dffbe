"""A project's way through the gates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow


def _true(attribute: str) -> Callable[[object, Actor, datetime], bool]:
    def test(subject: object, _actor: Actor, _now: datetime) -> bool:
        return bool(getattr(subject, attribute, False))

    return test


GATE_MET = Guard("gate_met", Text("关口各项证据须齐备", "every item of the gate must be met"), _true("gate_met"))
_WAY = ("lab", "poc", "pilot", "small_batch", "production")
_NAMES = {
    "lab": Text("实验室", "laboratory"),
    "poc": Text("概念验证", "proof of concept"),
    "pilot": Text("中试", "pilot scale"),
    "small_batch": Text("小批量", "small batch"),
    "production": Text("量产", "production"),
}


def _forward(source: str, target: str) -> Transition:
    return Transition(
        f"to_{target}",
        Text(f"进入{_NAMES[target].zh}", f"on to {_NAMES[target].en}"),
        Text("关口评审通过，证据入账", "the gate is passed and its evidence kept"),
        (source,),
        target,
        (Role.OFFICER,),
        guards=(GATE_MET,),
        needs_reason=True,
        not_by=("created_by",),
        not_from=("owner",),
    )


PROJECT = Workflow(
    "transfer.project",
    Text("转化项目", "transfer project"),
    "lab",
    (
        *(State(code, _NAMES[code], _NAMES[code], final=code == "production") for code in _WAY),
        State("failed", Text("未通过（无过错）", "failed, no fault"), Text("未通过", "not passed"), final=True),
        State("stopped", Text("已停止", "stopped"), Text("已停止", "stopped"), final=True),
    ),
    (
        *(_forward(a, b) for a, b in pairwise(_WAY)),
        Transition(
            "fail",
            Text("未通过", "fail"),
            Text("如实记录，不追责", "recorded as it is; no fault"),
            ("poc", "pilot", "small_batch"),
            "failed",
            (Role.OFFICER,),
            needs_reason=True,
            not_by=("created_by",),
        ),
        Transition(
            "stop",
            Text("停止", "stop"),
            Text("项目方停止", "the project is stopped by its owner"),
            ("lab", "poc", "pilot", "small_batch"),
            "stopped",
            (Role.FIRM,),
            needs_reason=True,
            own="owner",
        ),
    ),
)

WORKFLOWS: tuple[Workflow, ...] = (PROJECT,)
