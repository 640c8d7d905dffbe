"""A booking from request to settlement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow


def _true(attribute: str) -> Callable[[object, Actor, datetime], bool]:
    def test(subject: object, _actor: Actor, _now: datetime) -> bool:
        return bool(getattr(subject, attribute, False))

    return test


FITS = Guard(
    "capacity_left", Text("该时段须有余量", "there must be capacity left at that time"), _true("capacity_left")
)
PRICED = Guard("price_listed", Text("须有挂牌价", "a listed price is needed"), _true("price_listed"))

BOOKING = Workflow(
    "sharing.booking",
    Text("预约", "booking"),
    "requested",
    (
        State("requested", Text("已申请", "requested"), Text("待答复", "waiting for an answer")),
        State("held", Text("已保留", "held"), Text("待答复", "waiting for an answer")),
        State("confirmed", Text("已确认", "confirmed"), Text("已确认", "confirmed")),
        State("used", Text("已使用", "used"), Text("已使用", "used")),
        State("settled", Text("已结算", "settled"), Text("已结算", "settled"), final=True),
        State("refused", Text("未接受", "refused"), Text("未接受", "refused"), final=True),
        State("cancelled", Text("已取消", "cancelled"), Text("已取消", "cancelled"), final=True),
        State("no_show", Text("未到", "no show"), Text("未到", "no show"), final=True),
    ),
    (
        Transition(
            "hold",
            Text("保留", "hold"),
            Text("时段暂留", "the time is kept for now"),
            ("requested",),
            "held",
            (Role.SCENE_OWNER,),
            guards=(FITS,),
            deadline=timedelta(days=3),
        ),
        Transition(
            "confirm",
            Text("确认", "confirm"),
            Text("占用时段与单位", "time and units are taken"),
            ("requested", "held"),
            "confirmed",
            (Role.SCENE_OWNER,),
            guards=(FITS, PRICED),
            own="owner",
        ),
        Transition(
            "refuse",
            Text("不接受", "refuse"),
            Text("说明理由", "with its reason"),
            ("requested", "held"),
            "refused",
            (Role.SCENE_OWNER,),
            needs_reason=True,
            own="owner",
        ),
        Transition(
            "cancel",
            Text("取消", "cancel"),
            Text("让出时段", "the time is free again"),
            ("requested", "held", "confirmed"),
            "cancelled",
            (Role.FIRM, Role.SCENE_OWNER),
            needs_reason=True,
        ),
        Transition(
            "use",
            Text("登记使用", "record use"),
            Text("记录实用单位", "units used are recorded"),
            ("confirmed",),
            "used",
            (Role.SCENE_OWNER,),
            own="owner",
        ),
        Transition(
            "miss",
            Text("登记未到", "record a no-show"),
            Text("时段空置，记录在案", "the time was empty; recorded"),
            ("confirmed",),
            "no_show",
            (Role.SCENE_OWNER, Role.CLOCK),
        ),
        Transition(
            "settle",
            Text("结算", "settle"),
            Text("按挂牌价收费", "charged at the listed price"),
            ("used",),
            "settled",
            (Role.SCENE_OWNER,),
            own="owner",
        ),
    ),
)

RESOURCE = Workflow(
    "sharing.resource",
    Text("共享资源", "shared resource"),
    "listed",
    (
        State("listed", Text("可预约", "bookable"), Text("可预约", "bookable")),
        State("withdrawn", Text("已撤下", "withdrawn"), Text("已撤下", "withdrawn"), final=True),
    ),
    (
        Transition(
            "withdraw",
            Text("撤下", "withdraw"),
            Text("不再接受新的预约", "no new bookings"),
            ("listed",),
            "withdrawn",
            (Role.SCENE_OWNER,),
            needs_reason=True,
            own="owner",
        ),
    ),
)

WORKFLOWS: tuple[Workflow, ...] = (RESOURCE, BOOKING)
