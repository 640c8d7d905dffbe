"""The waiver: it ends with its last day, whoever is on holiday; it is never silently extended.

Guards read ``end_on`` and ``start_on`` (dates), ``zone`` (whose midnight counts), ``touches_floor``.
"""

from __future__ import annotations

from datetime import date, datetime

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow
from biaochi.mechanisms.sandbox.lifecycle.days import local_day


def _ended(subject: object, actor: Actor, now: datetime) -> bool:
    end = getattr(subject, "end_on", None)
    return isinstance(end, date) and local_day(subject, now) > end


def _within(subject: object, actor: Actor, now: datetime) -> bool:
    begin, end = getattr(subject, "start_on", None), getattr(subject, "end_on", None)
    return isinstance(begin, date) and isinstance(end, date) and begin <= local_day(subject, now) <= end


def _clear_of_floor(subject: object, actor: Actor, now: datetime) -> bool:
    return getattr(subject, "touches_floor", True) is False


ENDED = Guard("past_last_day", Text("尚未到期", "its last day has not passed"), _ended)
WITHIN = Guard("within_dates", Text("不在豁免期内", "today is outside its dates"), _within)
CLEAR = Guard("clear_of_floor", Text("触及安全底线", "it touches the safety floor"), _clear_of_floor)

_R, _C = Role.REGULATOR, Role.CLOCK
STATES = (
    State("proposed", Text("拟议", "proposed"), Text("审查中", "under review")),
    State("granted", Text("已批准", "granted"), Text("已批准，未生效", "granted, not yet in force")),
    State("active", Text("生效", "active"), Text("生效", "in force")),
    State("suspended", Text("暂停", "suspended"), Text("暂停", "suspended")),
    State("expired", Text("到期终止", "expired"), Text("已到期", "ended"), final=True),
    State("revoked", Text("撤销", "revoked"), Text("已撤销", "revoked"), final=True),
)
TRANSITIONS = (
    Transition(
        "grant",
        Text("批准", "grant"),
        Text("按期生效", "it takes effect on its date"),
        ("proposed",),
        "granted",
        (_R,),
        (CLEAR,),
        True,
        not_by=("created_by",),
        not_from=("applicant_organisation",),
    ),
    Transition(
        "activate",
        Text("生效", "activate"),
        Text("开始豁免", "relief begins"),
        ("granted",),
        "active",
        (_C, _R),
        (WITHIN,),
    ),
    Transition(
        "suspend",
        Text("暂停", "suspend"),
        Text("豁免暂停", "relief is suspended"),
        ("active",),
        "suspended",
        (_R, _C),
        (),
        True,
    ),
    Transition(
        "resume",
        Text("恢复", "resume"),
        Text("豁免恢复", "relief is in force again"),
        ("suspended",),
        "active",
        (_R,),
        (WITHIN,),
        True,
    ),
    Transition(
        "expire",
        Text("到期", "expire"),
        Text("豁免终止", "relief ends"),
        ("granted", "active", "suspended"),
        "expired",
        (_C,),
        (ENDED,),
    ),
    Transition(
        "revoke",
        Text("撤销", "revoke"),
        Text("豁免撤销", "relief is revoked"),
        ("proposed", "granted", "active", "suspended"),
        "revoked",
        (_R,),
        (),
        True,
    ),
)
WAIVER = Workflow("sandbox.waiver", Text("暂时豁免", "time-boxed waiver"), "proposed", STATES, TRANSITIONS)
