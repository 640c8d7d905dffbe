"""The year a track may be ready, with its interval, for weighing when to enter."""

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.web.journeys.journey import Journey

JOURNEY = Journey(
    code="outlook-layout",
    title=Text("预见结果进入错位布局", "Foresight outlook into the layout"),
    meaning=Text(
        "赛道的达标年与区间，供布局权衡时机。",
        "The year a track may be ready, with its interval, for weighing when to enter.",
    ),
    source="foresight",
    gives="outlook",
    target="layout",
    takes="outlook",
    roles=(Role.OFFICER,),
)
