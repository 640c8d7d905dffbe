"""What the layout adds to the site."""

from __future__ import annotations

from biaochi.core.text import Text
from biaochi.registry.site import NavItem, Site, Station

SITE = Site(
    code="layout",
    station=Station.FORESEE,
    title=Text("错位布局", "Layout"),
    purpose=Text(
        "看清谁在做同一件事，哪里还有空间；给菜单，不下任务。",
        "See who does the same and where there is room; menus, not orders.",
    ),
    nav=(
        NavItem(
            Text("规划有多拥挤", "Crowding"),
            "layout:crowding",
            Text("每条赛道有几个地区点名，为什么相像", "how many regions name each track, and why plans are alike"),
        ),
    ),
)
