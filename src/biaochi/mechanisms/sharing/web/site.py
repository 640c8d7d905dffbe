"""What sharing adds to the site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.sharing.web.models import Booking, Price, Resource
from biaochi.registry.models import Organisation
from biaochi.registry.site import CalendarEntry, Demo, HomeFigure, NavItem, Site, Station
from biaochi.registry.transition import create, transition


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return how many resources can be booked, and how many requests wait."""
    listed = Resource.visible(actor, Resource.objects.filter(state="listed")).count()
    waiting = Booking.visible(actor, Booking.objects.filter(state__in=("requested", "held"))).count()
    return HomeFigure(
        Text.same(str(listed)),
        Text(f"{waiting} 项预约待答复", f"{waiting} bookings wait"),
        Text("可预约的资源。", "Resources that can be booked."),
        reverse("sharing:resource_list"),
    )


def calendar(actor: Actor, now: datetime) -> Sequence[CalendarEntry]:
    """Return the confirmed bookings the actor may see."""
    rows = Booking.visible(actor, Booking.objects.filter(state="confirmed", ends_at__gte=now)).order_by("starts_at")
    return [
        CalendarEntry(b.public_id, b.title, timezone.localdate(b.starts_at), b.get_absolute_url()) for b in rows[:200]
    ]


def demo(stage: Demo) -> None:
    """A pilot line with a price, one booking confirmed and one asked for."""
    house = Organisation.objects.filter(public_id=stage.actors[Role.SCENE_OWNER].organisation).first()
    line = Resource(
        title_zh="电池中试线",
        title_en="Battery pilot line",
        kind="pilot_line",
        unit="条",
        capacity=1,
        region=house.region if house else None,
        simulated=True,
    )
    create(line, stage.actors[Role.SCENE_OWNER])
    Price.objects.create(
        resource=line, starts_on=timezone.localdate(stage.now) - timedelta(days=90), unit_price=Decimal("12000.00")
    )
    first = stage.now.replace(minute=0, second=0, microsecond=0) + timedelta(days=7)
    for actor, days, confirmed in ((stage.actors[Role.FIRM], 0, True), (stage.other_firm, 5, False)):
        booking = Booking(
            title_zh=f"预约：{line.title_zh}",
            title_en=f"Booking: {line.title_en}",
            resource=line,
            starts_at=first + timedelta(days=days),
            ends_at=first + timedelta(days=days + 3),
            region=line.region,
            simulated=True,
        )
        create(booking, actor)
        if confirmed:
            transition(booking, "confirm", stage.actors[Role.SCENE_OWNER], "", booking.fit())


SITE = Site(
    code="sharing",
    station=Station.ADOPT,
    title=Text("要素共享", "Sharing"),
    purpose=Text(
        "中试线、设备、算力：挂牌价，不会重复占用。",
        "Pilot lines, equipment, computing: listed prices, never booked twice.",
    ),
    models=(Resource, Booking),
    nav=(
        NavItem(Text("共享资源", "Resources"), "sharing:resource_list", Text("日历与价格", "calendar and prices")),
        NavItem(
            Text("预约", "Bookings"),
            "sharing:booking_list",
            Text("申请、确认、结算", "asked, confirmed, settled"),
            (Role.FIRM, Role.SCENE_OWNER, Role.OFFICER, Role.AUDITOR),
        ),
    ),
    home_figure=home_figure,
    calendar=calendar,
    demo=demo,
)
