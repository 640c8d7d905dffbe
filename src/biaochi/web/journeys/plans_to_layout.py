"""A plan that was checked counts towards crowding."""

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.web.journeys.journey import Journey

JOURNEY = Journey(
    code="plans-layout",
    title=Text("申报的规划进入错位布局", "Declared plans into the layout"),
    meaning=Text("已核定的规划计入拥挤度。", "A plan that was checked counts towards crowding."),
    source="ruler",
    gives="plans",
    target="layout",
    takes="plans",
    roles=(Role.OFFICER,),
)
