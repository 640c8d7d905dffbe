"""The life cycle of a guidance fund: approved → investing → exiting → liquidated."""

from __future__ import annotations

from datetime import datetime

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow


def _terms_checked(subject: object, actor: Actor, now: datetime) -> bool:
    return getattr(subject, "terms_checked", False) is True


def _all_returned(subject: object, actor: Actor, now: datetime) -> bool:
    return getattr(subject, "holdings_settled", False) is True


TERMS_CHECKED = Guard("terms_checked", Text("条款须已核对", "the terms must have been checked"), _terms_checked)
SETTLED = Guard("holdings_settled", Text("持有须已全部处置", "all holdings must have been settled"), _all_returned)

FUND = Workflow(
    "capital.fund",
    Text("政府投资基金", "guidance fund"),
    "approved",
    (
        State("approved", Text("已批准", "approved"), Text("已批准", "approved")),
        State("investing", Text("投资期", "investing"), Text("投资期", "investing")),
        State("exiting", Text("退出期", "exiting"), Text("退出期", "exiting")),
        State("liquidated", Text("已清算", "liquidated"), Text("已清算", "liquidated"), final=True),
    ),
    (
        Transition(
            "start_investing",
            Text("进入投资期", "start investing"),
            Text("可以缴款与投资", "money may be called and invested"),
            ("approved",),
            "investing",
            (Role.FUND_MANAGER,),
            (TERMS_CHECKED,),
            needs_reason=True,
            not_by=("creator",),
        ),
        Transition(
            "start_exiting",
            Text("进入退出期", "start exiting"),
            Text("不再投新项目，可以评价", "no new deals; the fund can be assessed"),
            ("investing",),
            "exiting",
            (Role.FUND_MANAGER,),
            needs_reason=True,
            not_by=("creator",),
        ),
        Transition(
            "liquidate",
            Text("清算", "liquidate"),
            Text("分配完毕，公布全周期结果", "everything is distributed; the whole life's results are published"),
            ("exiting",),
            "liquidated",
            (Role.FUND_MANAGER,),
            (SETTLED,),
            needs_reason=True,
            not_by=("creator",),
        ),
    ),
)

WORKFLOWS: tuple[Workflow, ...] = (FUND,)
