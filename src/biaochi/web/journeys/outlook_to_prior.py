"""Once confirmed it enters the fund's model; it may be changed, and every change is kept."""

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.web.journeys.journey import Journey

JOURNEY = Journey(
    code="outlook-prior",
    title=Text("预见结果作为基金先验", "Foresight outlook as a fund's prior"),
    meaning=Text(
        "确认后进入探索基金的模型；可改，改动留痕。",
        "Once confirmed it enters the fund's model; it may be changed, and every change is kept.",
    ),
    source="foresight",
    gives="outlook",
    target="fund",
    takes="prior",
    roles=(Role.FUND_MANAGER,),
)
