"""How long decisions took and how complete their reasons are, as observations of the governance pillar."""

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.web.journeys.journey import Journey

JOURNEY = Journey(
    code="ledgers-ruler",
    title=Text("台账成为标尺的过程指标", "Ledgers as the ruler's process indicators"),
    meaning=Text(
        "各机制的办理时长与理由完备率，作为治理维度的观测。",
        "How long decisions took and how complete their reasons are, as observations of the governance pillar.",
    ),
    source="house",
    gives="process",
    target="ruler",
    takes="observations",
    roles=(Role.OFFICER,),
)
