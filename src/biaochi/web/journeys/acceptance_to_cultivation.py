"""The result of the acceptance, for the ladder of the firm."""

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.web.journeys.journey import Journey

JOURNEY = Journey(
    code="acceptance-cultivation",
    title=Text("采购验收成为培育证据", "Purchase acceptance as evidence of cultivation"),
    meaning=Text("首购验收的结论，计入企业的成长阶梯。", "The result of the acceptance, for the ladder of the firm."),
    source="procurement",
    gives="acceptance",
    target="cultivation",
    takes="evidence",
    roles=(Role.OFFICER,),
)
