"""The compute voucher: issued, bound, used, checked, paid — or expired, or clawed back."""

from __future__ import annotations

from datetime import date, datetime

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow
from biaochi.mechanisms.sandbox.lifecycle.days import local_day


def _past(subject: object, actor: Actor, now: datetime) -> bool:
    end = getattr(subject, "end_on", None)
    return isinstance(end, date) and local_day(subject, now) > end


def _in_time(subject: object, actor: Actor, now: datetime) -> bool:
    end = getattr(subject, "end_on", None)
    return isinstance(end, date) and local_day(subject, now) <= end


PAST = Guard("past_period", Text("兑付期未过", "its period has not passed"), _past)
IN_TIME = Guard("within_period", Text("已过兑付期", "its period has passed"), _in_time)

_O, _F, _C = Role.OFFICER, Role.FIRM, Role.CLOCK
STATES = (
    State("issued", Text("已发放", "issued"), Text("已发放", "issued")),
    State("reserved", Text("已绑定合同", "bound to a contract"), Text("已发放", "issued")),
    State("consumed", Text("已使用", "used"), Text("已使用", "used")),
    State("claim_submitted", Text("已申请兑付", "claim submitted"), Text("审核中", "under audit")),
    State("verified", Text("已核验", "verified"), Text("审核中", "under audit")),
    State("redeemed", Text("已兑付", "redeemed"), Text("已兑付", "redeemed")),
    State("expired", Text("已失效", "expired"), Text("已失效", "expired"), final=True),
    State("clawed_back", Text("已追回", "clawed back"), Text("已追回", "clawed back"), final=True),
)
TRANSITIONS = (
    Transition(
        "reserve",
        Text("绑定合同", "bind to a contract"),
        Text("额度占用", "the amount is reserved"),
        ("issued",),
        "reserved",
        (_F,),
        (IN_TIME,),
        own="holder_organisation",
    ),
    Transition(
        "consume",
        Text("确认使用", "confirm use"),
        Text("按实付款计", "counted on what was paid"),
        ("reserved",),
        "consumed",
        (_F,),
        (),
        own="holder_organisation",
    ),
    Transition(
        "claim",
        Text("申请兑付", "submit the claim"),
        Text("进入核验", "it will be verified"),
        ("consumed",),
        "claim_submitted",
        (_F,),
        (IN_TIME,),
        own="holder_organisation",
    ),
    Transition(
        "verify",
        Text("核验", "verify"),
        Text("可兑付", "it may be paid"),
        ("claim_submitted",),
        "verified",
        (_O,),
        (),
        True,
        not_by=("created_by",),
        not_from=("holder_organisation",),
    ),
    Transition(
        "return_claim",
        Text("退回", "return"),
        Text("可改正后再申请", "it may be corrected and claimed again"),
        ("claim_submitted",),
        "consumed",
        (_O,),
        (),
        True,
        not_from=("holder_organisation",),
    ),
    Transition(
        "redeem",
        Text("兑付", "redeem"),
        Text("记入账簿", "entered in the books"),
        ("verified",),
        "redeemed",
        (_O,),
        (),
        True,
        not_by=("verified_by",),
        not_from=("holder_organisation",),
    ),
    Transition(
        "expire",
        Text("失效", "expire"),
        Text("额度退回预算", "the amount returns to the budget"),
        ("issued", "reserved", "consumed"),
        "expired",
        (_C,),
        (PAST,),
    ),
    Transition(
        "claw_back",
        Text("追回", "claw back"),
        Text("冲销并追回", "reversed in the books and reclaimed"),
        ("redeemed",),
        "clawed_back",
        (_O,),
        (),
        True,
        not_by=("created_by",),
        not_from=("holder_organisation",),
    ),
)
VOUCHER = Workflow("sandbox.voucher", Text("算力券", "compute voucher"), "issued", STATES, TRANSITIONS)
