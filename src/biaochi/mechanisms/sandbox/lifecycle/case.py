"""The case: from draft to closed.

Guards read these attributes of the subject: ``floor_kept``, ``has_feed``, ``ethics_cleared``, ``plan_registered``,
``waiver_in_force`` (bool), ``extensions`` (int), ``rule_change_proposal``, ``public_summary`` (bool).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow


def _holds(attribute: str, code: str, zh: str, en: str) -> Guard:
    def test(subject: object, actor: Actor, now: datetime) -> bool:
        return bool(getattr(subject, attribute, False))

    return Guard(code, Text(zh, en), test)


def _first_extension(subject: object, actor: Actor, now: datetime) -> bool:
    return int(getattr(subject, "extensions", 0)) == 0


FLOOR = _holds("floor_kept", "floor_kept", "五项安全底线须全部保留", "all five floor items must be kept")
FEED = _holds("has_feed", "has_feed", "没有数据源不得运行", "no run without a data feed")
ETHICS_CLEARED = _holds(
    "ethics_cleared", "ethics_cleared", "须先通过伦理审查或无须审查", "ethics must be cleared or not required"
)
PLAN = _holds("plan_registered", "plan_registered", "监测方案须已登记", "the plan must be registered")
IN_FORCE = _holds("waiver_in_force", "waiver_in_force", "没有生效中的豁免", "no waiver is in force")
PROPOSAL = _holds(
    "rule_change_proposal", "rule_change_proposal", "须提出规则修改建议", "a rule-change proposal is needed"
)
SUMMARY = _holds("public_summary", "public_summary", "须发布公开摘要", "a public summary is needed")
ONCE = Guard("extended_once", Text("只能延期一次", "a case is extended once at most"), _first_extension)

_REGULATOR, _FIRM, _CLOCK = (Role.REGULATOR,), (Role.FIRM,), Role.CLOCK
_OUT = ("graduated", "adjusted", "stopped", "wound_down")


def _state(code: str, zh: str, en: str, public_zh: str = "", public_en: str = "", *, final: bool = False) -> State:
    return State(code, Text(zh, en), Text(public_zh or zh, public_en or en), final)


STATES = (
    _state("draft", "起草", "draft", "准备中", "in preparation"),
    _state("submitted", "已提交", "submitted", "已受理", "received"),
    _state("screening", "筛查中", "screening", "审查中", "under review"),
    _state("more_info", "待补充", "more information asked", "审查中", "under review"),
    _state("ethics_review", "伦理审查", "ethics review", "审查中", "under review"),
    _state("plan_agreed", "方案已定", "plan agreed", "审查中", "under review"),
    _state("admitted", "已入箱", "admitted", "已入箱", "admitted"),
    _state("running", "运行中", "running", "试验中", "on trial"),
    _state("suspended", "已暂停", "suspended", "已暂停", "suspended"),
    _state("exit_review", "出箱评审", "exit review", "评审中", "under exit review"),
    _state("extended", "已延期", "extended", "已延期", "extended"),
    _state("graduated", "成功出箱", "graduated", "成功出箱", "graduated"),
    _state("adjusted", "调整出箱", "adjusted", "调整出箱", "left with adjustments"),
    _state("stopped", "终止", "stopped", "已终止", "stopped"),
    _state("wound_down", "有序退出", "wound down", "有序退出", "wound down"),
    _state("aftercare", "后续跟踪", "aftercare", "后续跟踪", "aftercare"),
    _state("closed", "已结案", "closed", "已结案", "closed", final=True),
    _state("rejected", "不予入箱", "rejected", "不予入箱", "not admitted", final=True),
    _state("withdrawn", "已撤回", "withdrawn", "已撤回", "withdrawn", final=True),
)


def _move(
    code: str,
    zh: str,
    en: str,
    sources: tuple[str, ...],
    target: str,
    roles: tuple[Role, ...],
    effect_zh: str,
    effect_en: str,
    *guards: Guard,
    reason: bool = False,
    days: int = 0,
) -> Transition:
    firm = roles == _FIRM
    return Transition(
        code,
        Text(zh, en),
        Text(effect_zh, effect_en),
        sources,
        target,
        roles,
        guards,
        reason,
        timedelta(days=days) if days else None,
        not_by=() if firm else ("created_by",),
        not_from=() if firm else ("applicant_organisation",),
        own="applicant_organisation" if firm else "",
    )


TRANSITIONS = (
    _move("submit", "提交", "submit", ("draft",), "submitted", _FIRM, "进入受理", "it will be screened", FLOOR),
    _move(
        "screen", "开始筛查", "screen", ("submitted",), "screening", _REGULATOR, "开始审查", "screening begins", days=14
    ),
    _move(
        "ask",
        "要求补充",
        "ask for more",
        ("screening",),
        "more_info",
        _REGULATOR,
        "申请人须补充材料",
        "the applicant must add information",
        reason=True,
    ),
    _move("answer", "补充", "answer", ("more_info",), "screening", _FIRM, "继续审查", "screening goes on", days=30),
    _move(
        "to_ethics",
        "送伦理审查",
        "send to ethics",
        ("screening",),
        "ethics_review",
        _REGULATOR,
        "进入伦理审查",
        "ethics review begins",
        FLOOR,
    ),
    _move(
        "agree_plan",
        "议定方案",
        "agree the plan",
        ("screening", "ethics_review"),
        "plan_agreed",
        _REGULATOR,
        "方案登记并冻结",
        "the plan is registered and frozen",
        FLOOR,
        FEED,
        ETHICS_CLEARED,
        PLAN,
    ),
    _move(
        "admit",
        "批准入箱",
        "admit",
        ("plan_agreed",),
        "admitted",
        _REGULATOR,
        "豁免按期生效",
        "waivers take effect on their dates",
        FLOOR,
        FEED,
        ETHICS_CLEARED,
        PLAN,
        reason=True,
        days=90,
    ),
    _move(
        "start",
        "开始运行",
        "start",
        ("admitted",),
        "running",
        (Role.REGULATOR, _CLOCK),
        "开始过程监管",
        "supervision begins",
        FEED,
        ETHICS_CLEARED,
        PLAN,
        IN_FORCE,
    ),
    _move(
        "suspend",
        "暂停",
        "suspend",
        ("running",),
        "suspended",
        (Role.REGULATOR, _CLOCK),
        "豁免同时暂停",
        "its waivers are suspended too",
        reason=True,
    ),
    _move(
        "resume",
        "恢复运行",
        "resume",
        ("suspended",),
        "running",
        _REGULATOR,
        "豁免恢复",
        "its waivers are in force again",
        FEED,
        ETHICS_CLEARED,
        IN_FORCE,
        reason=True,
    ),
    _move(
        "to_exit",
        "进入出箱评审",
        "begin exit review",
        ("running", "suspended"),
        "exit_review",
        (Role.REGULATOR, _CLOCK),
        "停止试验并评审",
        "the trial stops and is reviewed",
        reason=True,
    ),
    _move(
        "extend",
        "延期",
        "extend",
        ("exit_review",),
        "extended",
        _REGULATOR,
        "延期一次",
        "extended, once only",
        ONCE,
        reason=True,
    ),
    _move(
        "continue",
        "继续运行",
        "continue",
        ("extended",),
        "running",
        (Role.REGULATOR, _CLOCK),
        "继续过程监管",
        "supervision goes on",
        FEED,
        ETHICS_CLEARED,
        IN_FORCE,
    ),
    _move(
        "graduate",
        "成功出箱",
        "graduate",
        ("exit_review",),
        "graduated",
        _REGULATOR,
        "建议修改规则",
        "a change of rules is proposed",
        PROPOSAL,
        reason=True,
    ),
    _move(
        "adjust",
        "调整出箱",
        "leave with adjustments",
        ("exit_review",),
        "adjusted",
        _REGULATOR,
        "按调整后的条件转入常规监管",
        "ordinary supervision on adjusted terms",
        reason=True,
    ),
    _move("stop", "终止", "stop", ("exit_review",), "stopped", _REGULATOR, "试验终止", "the trial ends", reason=True),
    _move(
        "wind_down",
        "有序退出",
        "wind down",
        ("exit_review",),
        "wound_down",
        _REGULATOR,
        "有序退出",
        "the trial is wound down",
        reason=True,
    ),
    _move("follow_up", "转后续跟踪", "follow up", _OUT, "aftercare", _REGULATOR, "后续跟踪", "aftercare begins"),
    _move(
        "close",
        "结案",
        "close",
        ("aftercare",),
        "closed",
        _REGULATOR,
        "公开摘要长期可查",
        "the public summary stays",
        PROPOSAL,
        SUMMARY,
        reason=True,
    ),
    _move(
        "reject",
        "不予入箱",
        "reject",
        ("screening", "more_info", "ethics_review", "plan_agreed"),
        "rejected",
        _REGULATOR,
        "申请结束",
        "the application ends",
        reason=True,
    ),
    _move(
        "withdraw",
        "撤回",
        "withdraw",
        ("draft", "submitted", "screening", "more_info", "ethics_review", "plan_agreed", "admitted"),
        "withdrawn",
        _FIRM,
        "申请结束",
        "the application ends",
    ),
)

CASE = Workflow("sandbox.case", Text("沙箱案例", "sandbox case"), "draft", STATES, TRANSITIONS)
