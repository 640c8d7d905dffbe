"""A pilot zone (未来产业先导区): applied, checked, reviewed on site, on notice, building, assessed, and on or out.

Attributes read: ``applicant_person``, ``checker``, ``reviewer`` (str), ``applicant`` (organisation), ``score`` (float
or None), ``experts``, ``open_objections`` (int), ``notice_until`` (datetime or None).  Terms below are the office's
own for its reminders; no national rule sets any.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow

_OFFICER = (Role.OFFICER,)
_APPLICANT = (Role.OFFICER, Role.FIRM)
CHECK_TERM, REVIEW_TERM, NOTICE_TERM = timedelta(days=30), timedelta(days=60), timedelta(days=30)
ASSESSMENT_TERM, ASSESSING_TERM = timedelta(days=3 * 365), timedelta(days=90)


def _scored(subject: object, actor: Actor, now: datetime) -> bool:
    return getattr(subject, "score", None) is not None and int(getattr(subject, "experts", 0)) > 0


def _notice_over(subject: object, actor: Actor, now: datetime) -> bool:
    until = getattr(subject, "notice_until", None)
    return isinstance(until, datetime) and now >= until


def _no_objection(subject: object, actor: Actor, now: datetime) -> bool:
    return int(getattr(subject, "open_objections", 0)) == 0


def _assessed(subject: object, actor: Actor, now: datetime) -> bool:
    return getattr(subject, "assessment", None) is not None


SCORED = Guard("scored", Text("须有专家论证意见与评分", "expert opinions and a score are needed"), _scored)
NOTICE_OVER = Guard("notice_over", Text("公示期须已届满", "the notice must have run its time"), _notice_over)
NO_OBJECTION = Guard("no_objection", Text("异议须处理完毕", "objections must be settled"), _no_objection)
ASSESSED = Guard("assessed", Text("须有评估结果", "a result of the assessment is needed"), _assessed)


def _state(code: str, zh: str, en: str, *, final: bool = False) -> State:
    return State(code, Text(zh, en), Text(zh, en), final)


STATES = (
    _state("applied", "已申报", "applied"),
    _state("city_checked", "已核查", "checked"),
    _state("site_reviewed", "已论证", "reviewed on site"),
    _state("on_notice", "公示中", "on notice"),
    _state("building", "建设中", "building"),
    _state("under_assessment", "评估中", "under assessment"),
    _state("continued", "滚动培育", "continued"),
    _state("adjusted", "调整整改", "adjusted"),
    _state("returned", "已退回", "returned"),
    _state("declined", "未通过", "declined", final=True),
    _state("withdrawn", "已退出", "withdrawn", final=True),
)

ZONE = Workflow(
    "layout_zone",
    Text("未来产业先导区", "pilot zone"),
    "applied",
    STATES,
    (
        Transition(
            "check",
            Text("核查", "check"),
            Text("确认材料属实，送专家论证", "confirms the facts and passes the application to experts"),
            ("applied",),
            "city_checked",
            _OFFICER,
            deadline=CHECK_TERM,
            not_by=("applicant_person",),
            not_from=("applicant",),
        ),
        Transition(
            "review_site",
            Text("实地论证", "review on site"),
            Text("记录专家意见与评分", "records the experts' opinions and score"),
            ("city_checked",),
            "site_reviewed",
            (Role.REVIEWER,),
            guards=(SCORED,),
            deadline=REVIEW_TERM,
            not_by=("applicant_person", "checker"),
            not_from=("applicant",),
        ),
        Transition(
            "give_notice",
            Text("公示", "give notice"),
            Text("公开征求异议", "opens the application to objections"),
            ("site_reviewed",),
            "on_notice",
            _OFFICER,
            deadline=NOTICE_TERM,
            not_by=("applicant_person", "reviewer"),
            not_from=("applicant",),
        ),
        Transition(
            "start_building",
            Text("开始建设", "start building"),
            Text("公示无异议，进入建设期", "no objection stands; building begins"),
            ("on_notice",),
            "building",
            _OFFICER,
            guards=(NOTICE_OVER, NO_OBJECTION),
            not_by=("applicant_person",),
            not_from=("applicant",),
        ),
        Transition(
            "send_back",
            Text("退回", "send back"),
            Text("说明原因，可补正后再申报", "with reasons; it may be handed in again"),
            ("applied", "city_checked", "site_reviewed", "on_notice"),
            "returned",
            _OFFICER,
            needs_reason=True,
            not_from=("applicant",),
        ),
        Transition(
            "apply_again",
            Text("再次申报", "apply again"),
            Text("按意见补正后重新申报", "corrected and handed in again"),
            ("returned",),
            "applied",
            _APPLICANT,
            own="applicant",
        ),
        Transition(
            "decline",
            Text("不予通过", "decline"),
            Text("本次申报结束", "ends this application"),
            ("city_checked", "site_reviewed"),
            "declined",
            _OFFICER,
            needs_reason=True,
            not_by=("applicant_person",),
            not_from=("applicant",),
        ),
        Transition(
            "start_assessment",
            Text("启动评估", "start assessment"),
            Text("按期开展滚动评估", "begins the rolling assessment"),
            ("building", "continued", "adjusted"),
            "under_assessment",
            _OFFICER,
            deadline=ASSESSMENT_TERM,
            not_from=("applicant",),
        ),
        *(
            Transition(
                code,
                name,
                consequence,
                ("under_assessment",),
                target,
                _OFFICER,
                guards=(ASSESSED,),
                needs_reason=True,
                deadline=ASSESSING_TERM,
                not_from=("applicant",),
            )
            for code, target, name, consequence in (
                (
                    "continue",
                    "continued",
                    Text("继续培育", "continue"),
                    Text("滚动培育，下期再评", "cultivated on, until the next assessment"),
                ),
                (
                    "adjust",
                    "adjusted",
                    Text("调整整改", "adjust"),
                    Text("限期整改后再评", "rectified within a term, then assessed again"),
                ),
                (
                    "withdraw",
                    "withdrawn",
                    Text("退出", "withdraw"),
                    Text("不再列为先导区", "no longer a pilot zone"),
                ),
            )
        ),
        Transition(
            "leave",
            Text("主动退出", "leave"),
            Text("由申报单位申请退出", "at the applicant's own wish"),
            ("building", "continued", "adjusted"),
            "withdrawn",
            _APPLICANT,
            needs_reason=True,
            own="applicant",
        ),
    ),
)
