"""The lives of a study, an item, a participation and a question, as data."""

from __future__ import annotations

from datetime import datetime, timedelta

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow


def _state(code: str, zh: str, en: str, public_zh: str, public_en: str, *, final: bool = False) -> State:
    return State(code, Text(zh, en), Text(public_zh, public_en), final)


def _flag(name: str) -> Guard:
    """Return a guard that reads a flag of the subject; a subject without it does not pass."""
    zh, en = _FLAGS[name]

    def test(subject: object, actor: Actor, now: datetime) -> bool:
        return bool(getattr(subject, name, False))

    return Guard(name, Text(zh, en), test)


def _due_then(subject: object, actor: Actor, now: datetime) -> bool:
    """Whether the day has come: by the subject's own date where it has one, so that a moved clock is believed."""
    due_on = getattr(subject, "due_on", None)
    return bool(getattr(subject, "due", False)) if due_on is None else now.date() >= due_on


def _not_of_the_panel(subject: object, actor: Actor, now: datetime) -> bool:
    """Whether this person is not of those who may have answered, where the subject knows them."""
    panel = getattr(subject, "answered_by", None)
    return bool(getattr(subject, "outsider", False)) if panel is None else actor.person not in panel


_FLAGS = {
    "rules_complete": (
        "共识规则、稳定规则、轮次上限、“部分实现”的含义均已定下",
        "consensus and stability rules, round limit and the meaning of “partial” are set",
    ),
    "has_items": ("至少有一道题", "there is at least one item"),
    "in_rounds": ("本研究分轮进行", "this study runs in rounds"),
    "real_time": ("本研究实时进行", "this study runs in real time"),
    "has_cut": ("至少截取过一次", "a cut was taken"),
    "cuts_left": ("未到截取次数上限", "the limit of cuts is not reached"),
    "rounds_left": ("未到轮次上限", "the round limit is not reached"),
    "due": ("已到期", "it is due"),
    "has_outcome": ("已写明结果与依据", "an outcome with its evidence is given"),
    "outsider": ("本人没有答过此题", "the person did not answer it"),
    "all_resolved": ("全部问题已有结论", "every question is settled"),
    "two_agree": ("两人已同意合并措辞", "two people agreed to pool the wordings"),
}
_DUE = Guard("due", Text(*_FLAGS["due"]), _due_then)
_OUTSIDER = Guard("outsider", Text(*_FLAGS["outsider"]), _not_of_the_panel)
_OFFICE = (Role.OFFICER,)
_EXPERT = (Role.REVIEWER,)

# One life for the three designs: rounds with feedback between them; real time, one open round with dated cuts; and
# IDEA, two private rounds with a discussion (the feedback) between them.
STUDY = Workflow(
    "foresight_study",
    Text("预见研究", "foresight study"),
    "draft",
    (
        _state("draft", "起草", "draft", "准备中", "in preparation"),
        _state("under_review", "审核中", "under review", "准备中", "in preparation"),
        _state("frozen", "已冻结", "frozen", "规则已公布", "rules published"),
        _state("round_open", "轮次进行中", "round open", "征询中", "round open"),
        _state("round_closed", "轮次已结束", "round closed", "整理中", "round closed"),
        _state("feedback_open", "反馈中", "feedback open", "反馈中", "feedback open"),
        _state("concluded", "已结论", "concluded", "已结论", "concluded"),
        _state("awaiting", "等待兑现", "awaiting outcomes", "等待兑现", "awaiting outcomes"),
        _state("resolved", "已兑现计分", "resolved", "已计分", "resolved and scored", final=True),
        _state("cancelled", "已取消", "cancelled", "已取消", "cancelled", final=True),
    ),
    (
        Transition(
            "submit",
            Text("提交审核", "submit for review"),
            Text("送另一人审核", "goes to another person"),
            ("draft",),
            "under_review",
            _OFFICE,
            (_flag("has_items"),),
        ),
        Transition(
            "return",
            Text("退回修改", "return for changes"),
            Text("回到起草", "goes back to the draft"),
            ("under_review",),
            "draft",
            _OFFICE,
            needs_reason=True,
            not_by=("created_by",),
        ),
        Transition(
            "freeze",
            Text("冻结", "freeze"),
            Text("规则、题目、标准从此不能改", "rules, items and criteria cannot change any more"),
            ("under_review",),
            "frozen",
            _OFFICE,
            (_flag("rules_complete"), _flag("has_items")),
            not_by=("created_by",),
        ),
        Transition(
            "open_round",
            Text("开启轮次", "open a round"),
            Text("向受邀专家开放", "opens to the invited experts"),
            ("frozen", "feedback_open"),
            "round_open",
            _OFFICE,
            (_flag("rounds_left"),),
        ),
        Transition(
            "close_round",
            Text("结束轮次", "close the round"),
            Text("不再接收回答", "no more answers are taken"),
            ("round_open",),
            "round_closed",
            (Role.OFFICER, Role.CLOCK),
            (_flag("in_rounds"),),
            deadline=timedelta(days=28),
        ),
        Transition(
            "cut",
            Text("截取", "take a cut"),
            Text("汇总当日回答；仍可修改", "summarises the answers of that day; they may still change"),
            ("round_open",),
            "round_open",
            (Role.OFFICER, Role.CLOCK),
            (_flag("real_time"), _flag("cuts_left")),
            deadline=timedelta(days=28),
        ),
        Transition(
            "conclude_real_time",
            Text("下结论", "conclude"),
            Text("以最近一次截取为准；此后的改动不计", "the last cut counts; what changed since does not"),
            ("round_open",),
            "concluded",
            _OFFICE,
            (_flag("real_time"), _flag("has_cut")),
            needs_reason=True,
        ),
        Transition(
            "open_feedback",
            Text("开放反馈", "open feedback"),
            Text("专家先看到自己的回答，再看汇总", "experts see their own answer first, then the summary"),
            ("round_closed",),
            "feedback_open",
            _OFFICE,
            deadline=timedelta(days=14),
        ),
        Transition(
            "conclude",
            Text("下结论", "conclude"),
            Text("按事先规则停止", "stops by the rules set beforehand"),
            ("feedback_open",),
            "concluded",
            _OFFICE,
            needs_reason=True,
        ),
        Transition(
            "await_outcomes",
            Text("转入等待", "await outcomes"),
            Text("问题到期后逐一兑现", "questions resolve when due"),
            ("concluded",),
            "awaiting",
            _OFFICE,
        ),
        Transition(
            "resolve",
            Text("完成计分", "resolve"),
            Text("公布专家组成绩", "the panel's score is published"),
            ("awaiting",),
            "resolved",
            _OFFICE,
            (_flag("all_resolved"),),
        ),
        Transition(
            "cancel",
            Text("取消", "cancel"),
            Text("研究终止，已有回答保留", "the study ends, answers are kept"),
            ("draft", "under_review", "frozen", "round_open", "round_closed", "feedback_open"),
            "cancelled",
            _OFFICE,
            needs_reason=True,
        ),
    ),
)

ITEM = Workflow(
    "foresight_item",
    Text("题目", "item"),
    "proposed",
    (
        _state("proposed", "拟议", "proposed", "拟议", "proposed"),
        _state("active", "在用", "active", "在用", "active"),
        _state("revised", "已改写", "revised", "已有新版", "has a newer version", final=True),
        _state("merged", "已并入", "merged", "已并入他题", "merged", final=True),
        _state("retired", "已停用", "retired", "已停用", "retired", final=True),
    ),
    (
        Transition(
            "activate",
            Text("启用", "activate"),
            Text("进入问卷", "enters the questionnaire"),
            ("proposed",),
            "active",
            _OFFICE,
            not_by=("created_by",),
        ),
        Transition(
            "drop",
            Text("不采用", "drop"),
            Text("不进入问卷", "stays out"),
            ("proposed",),
            "retired",
            _OFFICE,
            needs_reason=True,
        ),
        Transition(
            "revise",
            Text("改写", "revise"),
            Text("成为新版本，旧版回答不并入", "becomes a new version; old answers are not pooled"),
            ("active",),
            "revised",
            _OFFICE,
            needs_reason=True,
        ),
        Transition(
            "merge",
            Text("并入他题", "merge"),
            Text("回答并入另一措辞", "answers join another wording"),
            ("active",),
            "merged",
            _OFFICE,
            (_flag("two_agree"),),
            needs_reason=True,
        ),
        Transition(
            "retire",
            Text("停用", "retire"),
            Text("以后不再问", "is not asked any more"),
            ("active",),
            "retired",
            _OFFICE,
            needs_reason=True,
        ),
    ),
)

PARTICIPATION = Workflow(
    "foresight_participation",
    Text("参与", "participation"),
    "invited",
    (
        _state("invited", "已邀请", "invited", "已邀请", "invited"),
        _state("accepted", "已接受", "accepted", "参与中", "taking part"),
        _state("declined", "已谢绝", "declined", "未参与", "not taking part", final=True),
        _state("submitted", "已提交", "submitted", "已提交", "submitted"),
        _state("lapsed", "逾期未答", "lapsed", "逾期", "lapsed"),
        _state("withdrawn", "已退出", "withdrawn", "已退出", "withdrawn", final=True),
    ),
    (
        Transition(
            "accept",
            Text("接受", "accept"),
            Text("获得本研究的代号", "receives a pseudonym for this study"),
            ("invited",),
            "accepted",
            _EXPERT,
            deadline=timedelta(days=14),
        ),
        Transition(
            "decline",
            Text("谢绝", "decline"),
            Text("不再收到提醒", "no more reminders"),
            ("invited",),
            "declined",
            _EXPERT,
        ),
        Transition(
            "submit",
            Text("提交", "submit"),
            Text("本轮回答生效", "the answers of this round count"),
            ("accepted", "lapsed"),
            "submitted",
            _EXPERT,
        ),
        Transition(
            "reopen",
            Text("进入下一轮", "enter the next round"),
            Text("可改回答", "answers may change"),
            ("submitted",),
            "accepted",
            (Role.OFFICER, Role.CLOCK),
        ),
        Transition(
            "lapse",
            Text("逾期", "lapse"),
            Text("计入流失检验", "counts in the attrition test"),
            ("invited", "accepted"),
            "lapsed",
            (Role.CLOCK,),
        ),
        Transition(
            "withdraw",
            Text("退出", "withdraw"),
            Text("以后不再邀请，已答保留", "answers given are kept"),
            ("accepted", "submitted", "lapsed"),
            "withdrawn",
            _EXPERT,
        ),
    ),
)

QUESTION = Workflow(
    "foresight_question",
    Text("待兑现的问题", "question"),
    "open",
    (
        _state("open", "未到期", "open", "未到期", "open"),
        _state("due", "已到期", "due", "待判定", "due"),
        _state("proposed", "已提出结果", "outcome proposed", "待确认", "outcome proposed"),
        _state("confirmed", "已确认", "confirmed", "已确认", "confirmed", final=True),
        _state("disputed", "有争议", "disputed", "有争议", "disputed"),
        _state("void", "作废", "void", "作废", "void", final=True),
    ),
    (
        Transition(
            "fall_due",
            Text("到期", "fall due"),
            Text("可以提出结果", "an outcome may be proposed"),
            ("open",),
            "due",
            (Role.CLOCK,),
            (_DUE,),
        ),
        Transition(
            "propose",
            Text("提出结果", "propose an outcome"),
            Text("待另一人确认", "another person confirms"),
            ("due", "disputed"),
            "proposed",
            (Role.OFFICER, Role.REVIEWER),
            (_flag("has_outcome"), _OUTSIDER),
            needs_reason=True,
            deadline=timedelta(days=60),
        ),
        Transition(
            "confirm",
            Text("确认", "confirm"),
            Text("计入成绩", "enters the scores"),
            ("proposed",),
            "confirmed",
            (Role.OFFICER, Role.REVIEWER),
            (_OUTSIDER,),
            not_by=("proposed_by",),
            deadline=timedelta(days=30),
        ),
        Transition(
            "dispute",
            Text("提出异议", "dispute"),
            Text("须重新提出结果", "must be proposed again"),
            ("proposed",),
            "disputed",
            (Role.OFFICER, Role.REVIEWER),
            needs_reason=True,
            not_by=("proposed_by",),
        ),
        Transition(
            "void",
            Text("作废", "declare void"),
            Text("不计入成绩", "does not count"),
            ("open", "due", "proposed", "disputed"),
            "void",
            _OFFICE,
            needs_reason=True,
        ),
    ),
)

WORKFLOWS: tuple[Workflow, ...] = (STUDY, ITEM, PARTICIPATION, QUESTION)
