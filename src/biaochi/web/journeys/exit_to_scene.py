"""What the exit review found, with its conditions, for the owner who chooses."""

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.web.journeys.journey import Journey

JOURNEY = Journey(
    code="exit-scene",
    title=Text("出箱结论成为场景证据", "Sandbox exit as evidence of a scene"),
    meaning=Text(
        "出箱评估的结论与条件，供场景业主选择时参看。",
        "What the exit review found, with its conditions, for the owner who chooses.",
    ),
    source="sandbox",
    gives="exit",
    target="scene",
    takes="evidence",
    roles=(Role.SCENE_OWNER,),
)
