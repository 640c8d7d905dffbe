"""An awarded team enters the fund with the result of its review."""

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.web.journeys.journey import Journey

JOURNEY = Journey(
    code="award-team",
    title=Text("揭榜结果成为基金队伍", "Challenge award as a fund's team"),
    meaning=Text(
        "中榜的队伍以其评审结果进入探索基金。", "An awarded team enters the fund with the result of its review."
    ),
    source="challenge",
    gives="award",
    target="fund",
    takes="team",
    roles=(Role.FUND_MANAGER,),
)
