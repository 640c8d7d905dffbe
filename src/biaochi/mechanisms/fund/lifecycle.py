"""The life cycles of an exploration programme and of its reviews, as data."""

from __future__ import annotations

from datetime import datetime, timedelta

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow


def _holds(attribute: str, code: str, zh: str, en: str) -> Guard:
    """Return a guard that an attribute of the subject is true."""

    def test(subject: object, actor: Actor, now: datetime) -> bool:
        return bool(getattr(subject, attribute, False))

    return Guard(code, Text(zh, en), test)


CHECKED = _holds("file_sound", "file_sound", "方案文件须无错误", "the programme file must hold no fault")
SIMULATED = _holds("has_whatif", "has_whatif", "须先做情景推演", "the programme must have been simulated first")
PACKET = _holds("packet_issued", "packet_issued", "评审材料须已生成", "the packet must have been made")
EXPLAINED = _holds(
    "deviation_explained",
    "deviation_explained",
    "不同于建议的决定须写明理由",
    "a decision that departs from the advice needs its reason",
)

_OFFICE = (Role.FUND_MANAGER, Role.OFFICER)

PROGRAMME = Workflow(
    "fund.programme",
    Text("探索方案", "exploration programme"),
    "draft",
    (
        State("draft", Text("起草", "draft"), Text("准备中", "in preparation")),
        State("checked", Text("已核对", "checked"), Text("准备中", "in preparation")),
        State("simulated", Text("已推演", "simulated"), Text("准备中", "in preparation")),
        State("open", Text("进行中", "open"), Text("进行中", "open")),
        State("closed", Text("已结束", "closed"), Text("已结束", "closed"), final=True),
    ),
    (
        Transition(
            "check",
            Text("核对", "check"),
            Text("确认文件无错误", "confirms that the file holds no fault"),
            ("draft",),
            "checked",
            _OFFICE,
            (CHECKED,),
        ),
        Transition(
            "simulate",
            Text("推演", "simulate"),
            Text("记录各规则在各世界中的表现", "records what each rule brings in each world"),
            ("checked",),
            "simulated",
            _OFFICE,
            (SIMULATED,),
        ),
        Transition(
            "revise",
            Text("修改", "revise"),
            Text("退回起草，须重新核对与推演", "goes back to draft; it must be checked and simulated again"),
            ("checked", "simulated"),
            "draft",
            _OFFICE,
            needs_reason=True,
        ),
        Transition(
            "open",
            Text("启动", "open"),
            Text("公开方案，可以出资", "publishes the programme; money may flow"),
            ("simulated",),
            "open",
            (Role.FUND_MANAGER,),
            (SIMULATED,),
            needs_reason=True,
            not_by=("creator",),
        ),
        Transition(
            "close",
            Text("结束", "close"),
            Text("不再出资，公布结果", "ends funding and publishes the results"),
            ("open",),
            "closed",
            (Role.FUND_MANAGER,),
            needs_reason=True,
            not_by=("creator",),
        ),
    ),
)

REVIEW = Workflow(
    "fund.review",
    Text("评审", "review"),
    "prepared",
    (
        State("prepared", Text("已备", "prepared"), Text("准备中", "in preparation")),
        State("issued", Text("已发出", "issued"), Text("评审中", "under review")),
        State("decided", Text("已决定", "decided"), Text("评审中", "under review")),
        State("informed", Text("已告知", "informed"), Text("已有结果", "results out"), final=True),
    ),
    (
        Transition(
            "issue",
            Text("发出", "issue"),
            Text("评审组看到材料，预测不可再改", "the board sees the packet; forecasts can no longer change"),
            ("prepared",),
            "issued",
            _OFFICE,
            (PACKET,),
        ),
        Transition(
            "decide",
            Text("决定", "decide"),
            Text("记录每个团队的决定与理由", "records the decision and reason for each team"),
            ("issued",),
            "decided",
            (Role.FUND_MANAGER,),
            (EXPLAINED,),
            needs_reason=True,
            not_by=("creator",),
        ),
        Transition(
            "inform",
            Text("告知", "inform"),
            Text("团队看到决定与理由", "teams see the decision and its reason"),
            ("decided",),
            "informed",
            _OFFICE,
            deadline=timedelta(days=10),
        ),
    ),
)

WORKFLOWS: tuple[Workflow, ...] = (PROGRAMME, REVIEW)
