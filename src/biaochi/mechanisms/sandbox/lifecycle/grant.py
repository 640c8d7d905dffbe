"""The data grant: what may be used for which purpose until when; it ends by itself."""

from __future__ import annotations

from datetime import date, datetime

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow
from biaochi.mechanisms.sandbox.lifecycle.days import local_day


def _started(subject: object, actor: Actor, now: datetime) -> bool:
    begin, end = getattr(subject, "start_on", None), getattr(subject, "end_on", None)
    return isinstance(begin, date) and isinstance(end, date) and begin <= local_day(subject, now) <= end


def _ended(subject: object, actor: Actor, now: datetime) -> bool:
    end = getattr(subject, "end_on", None)
    return isinstance(end, date) and local_day(subject, now) > end


def _purposeful(subject: object, actor: Actor, now: datetime) -> bool:
    return bool(getattr(subject, "purpose", "")) and bool(getattr(subject, "basis", ""))


STARTED = Guard("within_dates", Text("不在授权期内", "today is outside its dates"), _started)
ENDED = Guard("past_last_day", Text("尚未到期", "its last day has not passed"), _ended)
PURPOSE = Guard("purpose_and_basis", Text("须写明目的与依据", "purpose and basis must be stated"), _purposeful)

_R, _F, _C = Role.REGULATOR, Role.FIRM, Role.CLOCK
STATES = (
    State("requested", Text("已申请", "requested"), Text("审查中", "under review")),
    State("approved", Text("已批准", "approved"), Text("已批准", "approved")),
    State("active", Text("使用中", "active"), Text("使用中", "in use")),
    State("expired", Text("已到期", "expired"), Text("已到期", "ended"), final=True),
    State("revoked", Text("已撤销", "revoked"), Text("已撤销", "revoked"), final=True),
)
TRANSITIONS = (
    Transition(
        "approve",
        Text("批准", "approve"),
        Text("按期可用", "usable on its dates"),
        ("requested",),
        "approved",
        (_R,),
        (PURPOSE,),
        True,
        not_by=("created_by",),
        not_from=("applicant_organisation",),
    ),
    Transition(
        "activate",
        Text("启用", "activate"),
        Text("数据可用不可见", "data may be used, not seen"),
        ("approved",),
        "active",
        (_C, _R),
        (STARTED,),
    ),
    Transition(
        "expire",
        Text("到期", "expire"),
        Text("访问关闭", "access closes"),
        ("approved", "active"),
        "expired",
        (_C,),
        (ENDED,),
    ),
    Transition(
        "revoke",
        Text("撤销", "revoke"),
        Text("访问关闭", "access closes"),
        ("requested", "approved", "active"),
        "revoked",
        (_R,),
        (),
        True,
    ),
)
GRANT = Workflow("sandbox.grant", Text("数据授权", "data grant"), "requested", STATES, TRANSITIONS)
