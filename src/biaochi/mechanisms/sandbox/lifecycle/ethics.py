"""The ethics review: requested, assigned, deliberated, decided; decision within thirty days of acceptance (unverified).

Members of the applicant's organisation never decide; a member who declared a conflict is not the reviewer.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow


def _has_conditions(subject: object, actor: Actor, now: datetime) -> bool:
    return bool(getattr(subject, "conditions", ()))


def _has_review_date(subject: object, actor: Actor, now: datetime) -> bool:
    return getattr(subject, "next_review_on", None) is not None


CONDITIONS = Guard("conditions_stated", Text("须写明条件", "the conditions must be stated"), _has_conditions)
REVIEW_DATE = Guard("next_review_set", Text("须定下次跟踪审查日期", "the next review must be dated"), _has_review_date)

_E, _R, _F = Role.ETHICS_MEMBER, Role.REGULATOR, Role.FIRM
_AWAY = ("applicant_organisation",)
STATES = (
    State("requested", Text("已申请", "requested"), Text("审查中", "under review")),
    State("assigned", Text("已受理", "assigned"), Text("审查中", "under review")),
    State("deliberating", Text("审议中", "deliberating"), Text("审查中", "under review")),
    State("more_info", Text("待补充", "more information asked"), Text("审查中", "under review")),
    State("approved", Text("批准", "approved"), Text("已批准", "approved"), final=True),
    State(
        "approved_with_conditions",
        Text("附条件批准", "approved with conditions"),
        Text("附条件批准", "approved with conditions"),
        final=True,
    ),
    State("rejected", Text("不予批准", "rejected"), Text("不予批准", "rejected"), final=True),
)
TRANSITIONS = (
    Transition(
        "assign",
        Text("受理并分派", "assign"),
        Text("进入审查", "review begins"),
        ("requested",),
        "assigned",
        (_R, _E),
        (),
        deadline=timedelta(days=7),
        not_from=_AWAY,
    ),
    Transition(
        "deliberate",
        Text("开始审议", "deliberate"),
        Text("会议审议", "the committee meets"),
        ("assigned",),
        "deliberating",
        (_E,),
        (),
        not_from=_AWAY,
    ),
    Transition(
        "ask",
        Text("要求补充", "ask for more"),
        Text("申请人须补充", "the applicant must add information"),
        ("deliberating",),
        "more_info",
        (_E,),
        (),
        True,
        not_from=_AWAY,
    ),
    Transition(
        "answer",
        Text("补充", "answer"),
        Text("继续审议", "deliberation goes on"),
        ("more_info",),
        "deliberating",
        (_F,),
        (),
        own="applicant_organisation",
    ),
    Transition(
        "approve",
        Text("批准", "approve"),
        Text("可继续", "the case may go on"),
        ("deliberating",),
        "approved",
        (_E,),
        (REVIEW_DATE,),
        True,
        timedelta(days=30),
        ("created_by",),
        _AWAY,
    ),
    Transition(
        "approve_with_conditions",
        Text("附条件批准", "approve with conditions"),
        Text("按条件继续", "it goes on as bound"),
        ("deliberating",),
        "approved_with_conditions",
        (_E,),
        (CONDITIONS, REVIEW_DATE),
        True,
        timedelta(days=30),
        ("created_by",),
        _AWAY,
    ),
    Transition(
        "reject",
        Text("不予批准", "reject"),
        Text("案例不得运行", "the case may not run"),
        ("deliberating",),
        "rejected",
        (_E,),
        (),
        True,
        timedelta(days=30),
        ("created_by",),
        _AWAY,
    ),
)
ETHICS = Workflow("sandbox.ethics", Text("科技伦理审查", "ethics review"), "requested", STATES, TRANSITIONS)
