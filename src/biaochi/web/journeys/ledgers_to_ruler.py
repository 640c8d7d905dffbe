"""What the ledger says of every matter, as observations of the ruler's process indicators."""

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.web.journeys.journey import Journey

JOURNEY = Journey(
    code="ledgers-ruler",
    title=Text("台账成为标尺的过程指标", "Ledgers as the ruler's process indicators"),
    meaning=Text(
        "各机制台账所记的事项，按规则算成过程指标（等级 B，附区间与条目号），作为一次报送，由另一单位核验、发布。",
        "What the ledgers record becomes process indicators by rule (grade B, with interval and entry "
        "numbers), handed in as a submission that another organisation validates and publishes.",
    ),
    source="house",
    gives="events",
    target="ruler",
    takes="observations",
    roles=(Role.OFFICER,),
)
