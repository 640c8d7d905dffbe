"""A title's life: in the pool, applied for, verified, recognised, monitored, then renewed, lapsed or removed."""

from __future__ import annotations

from datetime import timedelta

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.core.workflow import State, Transition, Workflow

TITLE = Workflow(
    "cultivation.title",
    Text("称号", "title"),
    "pool",
    (
        State("pool", Text("培育库", "in the pool"), Text("培育中", "being cultivated")),
        State("applied", Text("已申报", "applied"), Text("审核中", "under review")),
        State("verified", Text("已核实", "verified"), Text("审核中", "under review")),
        State("recognised", Text("已认定", "recognised"), Text("有效", "valid")),
        State("monitored", Text("监测中", "monitored"), Text("有效", "valid")),
        State("renewed", Text("已通过复核", "renewed"), Text("有效", "valid")),
        State("lapsed", Text("已到期", "lapsed"), Text("已到期", "lapsed"), final=True),
        State("removed", Text("已撤销", "removed"), Text("已撤销", "removed"), final=True),
    ),
    (
        Transition(
            "apply",
            Text("申报", "apply"),
            Text("材料锁定并送审", "the file is locked and goes to review"),
            ("pool",),
            "applied",
            (Role.FIRM,),
            own="firm",
        ),
        Transition(
            "verify",
            Text("核实", "verify"),
            Text("材料与证据已逐项核实", "every item has been checked against evidence"),
            ("applied",),
            "verified",
            (Role.OFFICER,),
            needs_reason=True,
            not_by=("created_by",),
            deadline=timedelta(days=60),
        ),
        Transition(
            "return",
            Text("退回", "return"),
            Text("退回培育库，可补正再报", "back to the pool; may be corrected and filed again"),
            ("applied", "verified"),
            "pool",
            (Role.OFFICER,),
            needs_reason=True,
        ),
        Transition(
            "recognise",
            Text("认定", "recognise"),
            Text("授予称号并公布有效期", "the title is granted and its validity published"),
            ("verified",),
            "recognised",
            (Role.OFFICER,),
            needs_reason=True,
            not_by=("created_by", "verified_by"),
        ),
        Transition(
            "monitor",
            Text("纳入监测", "monitor"),
            Text("开始年度更新", "yearly updates begin"),
            ("recognised", "renewed"),
            "monitored",
            (Role.OFFICER, Role.CLOCK),
        ),
        Transition(
            "renew",
            Text("复核通过", "renew"),
            Text("有效期顺延", "validity is extended"),
            ("monitored",),
            "renewed",
            (Role.OFFICER,),
            needs_reason=True,
            not_by=("created_by",),
        ),
        Transition(
            "lapse",
            Text("到期", "lapse"),
            Text("称号到期失效", "the title ends with its term"),
            ("recognised", "monitored", "renewed"),
            "lapsed",
            (Role.CLOCK,),
        ),
        Transition(
            "remove",
            Text("撤销", "remove"),
            Text("撤销称号并记录禁报期", "the title is withdrawn and the ban recorded"),
            ("recognised", "monitored", "renewed"),
            "removed",
            (Role.OFFICER,),
            needs_reason=True,
            not_by=("created_by",),
        ),
    ),
)

FIRM = Workflow(
    "cultivation.firm",
    Text("企业档案", "firm file"),
    "kept",
    (
        State("kept", Text("在库", "kept"), Text("在库", "kept")),
        State("closed", Text("已停用", "closed"), Text("已停用", "closed"), final=True),
    ),
    (
        Transition(
            "close",
            Text("停用", "close"),
            Text("不再更新，数据保留", "no longer kept up to date; the data stay"),
            ("kept",),
            "closed",
            (Role.OFFICER,),
            needs_reason=True,
        ),
    ),
)

WORKFLOWS: tuple[Workflow, ...] = (FIRM, TITLE)
