"""The values measured in the trial, for the review of a first purchase."""

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.web.journeys.journey import Journey

JOURNEY = Journey(
    code="trial-purchase",
    title=Text("场景试用成为首购依据", "Scene trial as ground of a first purchase"),
    meaning=Text(
        "试用报告中的实测值，供首购评审。", "The values measured in the trial, for the review of a first purchase."
    ),
    source="scene",
    gives="trial",
    target="procurement",
    takes="evidence",
    roles=(Role.BUYER,),
)
