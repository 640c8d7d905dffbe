"""What the layout adds to the site."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.layout.web import crowding_page, demonstration, readings
from biaochi.mechanisms.layout.web.models import Menu, PlanDocument, Zone
from biaochi.mechanisms.layout.web.taking import take_outlook, take_plans
from biaochi.mechanisms.layout.web.uploads import IMPORTERS
from biaochi.mechanisms.layout.web.views.study import JOB
from biaochi.registry.marks import interval_mark
from biaochi.registry.site import (
    CalendarEntry,
    HomeFigure,
    NavItem,
    PortalEntry,
    PortalSection,
    Site,
    Station,
    TodoItem,
)

PORTAL_ROWS = 8


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return the most crowded track: regions that named it, and at most how many may have."""
    found = readings.counts(readings.plan_table())
    track = max(found["tracks"], key=lambda t: int(t["named"]))
    if not track["named"]:
        return None
    named, possible, total = int(track["named"]), int(track["possible"]), int(found["regions"]["universe"])
    name = found["names"][track["track"]]
    label = Text(f"{named} 到 {possible}，共 {total}", f"{named} to {possible} of {total}")
    return HomeFigure(
        Text(f"{named} 地", f"{named} regions"),
        Text(f"至多 {possible}", f"at most {possible}"),
        Text(f"点名{name.zh}；点名不等于过剩。", f"name {name.en}; named is not overcapacity."),
        reverse("layout:crowding"),
        interval_mark(named, possible, label=label.zh, least=0, most=total),
    )


def portal_crowding() -> Mapping[str, Any]:
    """Return the tracks most regions name, for everybody."""
    found = readings.counts(readings.plan_table())
    names = found["names"]
    return {
        "zh": crowding_page.strip(found, names, "zh")[:PORTAL_ROWS],
        "en": crowding_page.strip(found, names, "en")[:PORTAL_ROWS],
    }


def portal_open(now: datetime) -> list[PortalEntry]:
    """Zones on notice: everybody may object until the day named."""
    return [
        PortalEntry(
            zone.title,
            Text("先导区公示", "pilot zone on notice"),
            zone.public_id,
            Text("任何登录者可提异议", "whoever is logged in may object"),
            zone.get_absolute_url(),
            timezone.localdate(zone.notice_until - timedelta(seconds=1)) if zone.notice_until else None,
        )
        for zone in Zone.objects.filter(state="on_notice", notice_until__gt=now).order_by("notice_until")[:20]
    ]


def waiting_menus(actor: Actor, now: datetime) -> list[TodoItem]:
    """One line for all menus somebody else of the house computed, which wait to be sent."""
    if actor.role is not Role.OFFICER or not actor.organisation:
        return []
    rows = Menu.visible(actor, Menu.objects.filter(state="computed", organisation__public_id=actor.organisation))
    n = rows.exclude(computed_by=actor.person).count()
    if not n:
        return []
    return [
        TodoItem(
            Text(f"{n} 份菜单待送达地区", f"{n} menus wait to be sent to regions"),
            Text("核对后送地区参考，不是任务", "checked, then sent for reference; no order"),
            f"{reverse('layout:menu_list')}?state=computed",
        )
    ]


def notices(actor: Actor, now: datetime) -> list[CalendarEntry]:
    """The last day of every notice the viewer may see."""
    rows = Zone.visible(actor, Zone.objects.filter(state="on_notice", notice_until__isnull=False))
    return [
        CalendarEntry(
            zone.public_id,
            Text(f"公示期满：{zone.title.zh}", f"notice ends: {zone.title.en}"),
            timezone.localdate(zone.notice_until - timedelta(seconds=1)),
            zone.get_absolute_url(),
        )
        for zone in rows.order_by("notice_until")[:100]
        if zone.notice_until is not None
    ]


SITE = Site(
    code="layout",
    station=Station.FORESEE,
    title=Text("错位布局", "Layout"),
    purpose=Text(
        "看清谁在做同一件事，哪里还有空间；给菜单，不下任务。",
        "See who does the same and where there is room; menus, not orders.",
    ),
    models=(PlanDocument, Zone, Menu),
    nav=(
        NavItem(
            Text("规划有多拥挤", "Crowding"),
            "layout:crowding",
            Text("每条赛道有几个地区点名，为什么相像", "how many regions name each track, and why plans are alike"),
        ),
        NavItem(
            Text("规划浏览", "Plan browser"),
            "layout:plans",
            Text("哪份文件、什么原话", "which document, in which words"),
        ),
        NavItem(
            Text("实际活动与菜单", "Real activity and menus"),
            "layout:tables",
            Text("点名与实际、回测、菜单、错位的代价", "declared against real, back-test, menus, what differing costs"),
            (Role.OFFICER, Role.ANALYST, Role.AUDITOR),
        ),
        NavItem(
            Text("各地的菜单", "Menus of regions"),
            "layout:menu_list",
            Text("送地区参考，由地区答复", "sent for reference, answered by the region"),
            (Role.OFFICER, Role.AUDITOR),
        ),
        NavItem(
            Text("何时可达", "When a track may be ready"),
            "layout:outlooks",
            Text("来自技术预见，权衡何时进入", "from foresight, for weighing when to enter"),
            (Role.OFFICER, Role.ANALYST, Role.AUDITOR),
        ),
        NavItem(
            Text("先导区日历", "Calendar of pilot zones"),
            "layout:zone_calendar",
            Text("走到哪一步，下一个日子", "where each stands, and its next day"),
        ),
        NavItem(
            Text("先导区", "Pilot zones"),
            "layout:zone_list",
            Text("申报、论证、公示、滚动评估", "application, review, notice, rolling assessment"),
        ),
        NavItem(
            Text("规划文件", "Plan documents"),
            "layout:plandocument_list",
            Text("两人独立编码后发布", "coded by two people on their own, then published"),
        ),
        NavItem(
            Text("报送活动表", "Hand in activity"),
            "layout:import_activity",
            Text("地区、赛道、时期、数值", "region, track, period, value"),
            (Role.OFFICER, Role.ANALYST),
        ),
        NavItem(
            Text("报送归属表", "Hand in a concordance"),
            "layout:import_concordance",
            Text("赛道从哪些类别长出来", "which classes tracks grow out of"),
            (Role.OFFICER, Role.ANALYST),
        ),
        NavItem(
            Text("报送需求区间", "Hand in demand ranges"),
            "layout:import_demand",
            Text("有了区间才判断是否拥挤", "only with a range is crowding judged"),
            (Role.OFFICER,),
        ),
    ),
    home_figure=home_figure,
    portal_open=portal_open,
    portal_sections=(
        PortalSection(
            "crowding",
            Text("谁在做同一件事", "Who does the same"),
            Text("实心：已点名的地区；斜纹：不能排除。", "Solid: regions that name it; hatched: cannot be excluded."),
            "layout/portal.html",
            portal_crowding,
            kind="real",
        ),
    ),
    importers=IMPORTERS,
    todo=waiting_menus,
    calendar=notices,
    takes={"outlook": take_outlook, "plans": take_plans},
    jobs={JOB: readings.run_study},
    demo=demonstration.fill,
)
