"""What the exit review found, with its conditions, for the buyer."""

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.web.journeys.journey import Journey

JOURNEY = Journey(
    code="exit-purchase",
    title=Text("出箱结论成为采购证据", "Sandbox exit as evidence of a purchase"),
    meaning=Text(
        "出箱评估的结论与条件，供采购人参看。", "What the exit review found, with its conditions, for the buyer."
    ),
    source="sandbox",
    gives="exit",
    target="procurement",
    takes="evidence",
    roles=(Role.BUYER,),
)
