"""The accelerator's service for a case: offered, accepted, delivered, with its outcome written down."""

from __future__ import annotations

from datetime import datetime

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow


def _has_outcome(subject: object, actor: Actor, now: datetime) -> bool:
    return bool(getattr(subject, "outcome", ""))


OUTCOME = Guard("outcome_written", Text("须写明成效", "the outcome must be written down"), _has_outcome)

_O, _F = Role.OFFICER, Role.FIRM
STATES = (
    State("requested", Text("已提出需求", "requested"), Text("对接中", "being matched")),
    State("matched", Text("已对接", "matched"), Text("对接中", "being matched")),
    State("delivering", Text("服务中", "being delivered"), Text("服务中", "being delivered")),
    State("completed", Text("已完成", "completed"), Text("已完成", "completed"), final=True),
    State("declined", Text("未成", "declined"), Text("未成", "declined"), final=True),
)
TRANSITIONS = (
    Transition(
        "match",
        Text("对接服务方", "match a provider"),
        Text("双方可确认", "both sides may confirm"),
        ("requested",),
        "matched",
        (_O,),
    ),
    Transition(
        "begin",
        Text("开始服务", "begin"),
        Text("按期服务", "delivered on its dates"),
        ("matched",),
        "delivering",
        (_F,),
        own="applicant_organisation",
    ),
    Transition(
        "complete",
        Text("完成", "complete"),
        Text("成效入档", "the outcome is kept"),
        ("delivering",),
        "completed",
        (_O,),
        (OUTCOME,),
        True,
    ),
    Transition(
        "decline",
        Text("不再进行", "decline"),
        Text("结束", "it ends"),
        ("requested", "matched", "delivering"),
        "declined",
        (_O, _F),
        (),
        True,
    ),
)
SERVICE = Workflow("sandbox.service", Text("加速器服务", "accelerator service"), "requested", STATES, TRANSITIONS)
