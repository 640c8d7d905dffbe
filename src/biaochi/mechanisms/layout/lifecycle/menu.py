"""A region's menu: computed, issued, answered by the region, reviewed.  Nothing in it obliges anyone.

Attributes read: ``computed_by`` (str), ``region_organisation`` (organisation), ``answers`` (int: tracks answered).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow

_OFFICER = (Role.OFFICER,)
ANSWER_TERM = timedelta(days=60)


def _answered(subject: object, actor: Actor, now: datetime) -> bool:
    return int(getattr(subject, "answers", 0)) > 0


ANSWERED = Guard(
    "answered", Text("须至少答复一项，并写明理由", "at least one answer with its reason is needed"), _answered
)


def _addressed(subject: object, actor: Actor, now: datetime) -> bool:
    return bool(getattr(subject, "region_organisation", ""))


ADDRESSED = Guard(
    "addressed", Text("须先写明送给哪个地区的主管部门", "first say which office of the region it goes to"), _addressed
)

MENU = Workflow(
    "layout_menu",
    Text("错位发展菜单", "menu of a region"),
    "computed",
    (
        State("computed", Text("已测算", "computed"), Text("准备中", "in preparation")),
        State("issued", Text("已送达", "issued"), Text("征求意见", "with the region")),
        State("answered", Text("已答复", "answered"), Text("已答复", "answered")),
        State("reviewed", Text("已复盘", "reviewed"), Text("已复盘", "reviewed"), final=True),
    ),
    (
        Transition(
            "issue",
            Text("送达", "issue"),
            Text("送地区参考，不构成任务", "goes to the region for reference; it is no order"),
            ("computed",),
            "issued",
            _OFFICER,
            guards=(ADDRESSED,),
            not_by=("computed_by",),
        ),
        Transition(
            "recompute",
            Text("重新测算", "recompute"),
            Text("数据或约束有变，收回重算", "taken back because data or limits changed"),
            ("issued",),
            "computed",
            _OFFICER,
            needs_reason=True,
        ),
        Transition(
            "answer",
            Text("答复", "answer"),
            Text(
                "由地区选择、暂缓、不选或另选，并写明理由",
                "the region chooses, defers, declines or goes beyond, with reasons",
            ),
            ("issued",),
            "answered",
            _OFFICER,
            guards=(ANSWERED,),
            deadline=ANSWER_TERM,
            own="region_organisation",
        ),
        Transition(
            "review",
            Text("复盘", "review"),
            Text("对照后来的实际，供下一轮参考", "held against what came, for the next turn"),
            ("answered",),
            "reviewed",
            _OFFICER,
            needs_reason=True,
        ),
    ),
)
