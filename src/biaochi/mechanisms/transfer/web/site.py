"""What transfer adds to the site."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.transfer.web.models import Project, StagePassage
from biaochi.registry.models import Organisation
from biaochi.registry.site import Demo, HomeFigure, NavItem, Site, Station
from biaochi.registry.transition import create, transition


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return how many projects are on their way, and how many are at the pilot."""
    rows = Project.visible(actor, Project.objects.filter(state__in=("lab", "poc", "pilot", "small_batch")))
    pilot = rows.filter(state="pilot").count()
    return HomeFigure(
        Text.same(str(rows.count())),
        Text(f"{pilot} 个在中试", f"{pilot} at pilot scale"),
        Text("转化中的项目。", "Projects on their way."),
        reverse("transfer:project_list"),
    )


def demo(stage: Demo) -> None:
    """The inspection robot has passed its first gate with evidence and shows its proof of concept."""
    owner = stage.actors[Role.FIRM]
    house = Organisation.objects.filter(public_id=owner.organisation).first()
    project = Project(
        title_zh="巡检机器人多光谱识别模组",
        title_en="Multispectral recognition module of an inspection robot",
        summary="从实验室样机到可批量制造的识别模组。",
        region=house.region if house else None,
        simulated=True,
    )
    create(project, owner)
    today = timezone.localdate(stage.now)
    shown = {
        "safety_file": True,
        "grade": "B",
        "cost": 52_000,
        "yield_share": 0.62,
        "next_money": "概念验证资金（模拟）",
    }
    StagePassage.objects.create(project=project, stage="lab", entered_on=today, trl=3, **shown)
    transition(project, "to_poc", stage.actors[Role.OFFICER], "实验室结果可复现。", project.gate(), now=stage.now)
    StagePassage.objects.create(project=project, stage="poc", entered_on=today, trl=4, **{**shown, "grade": ""})


SITE = Site(
    code="transfer",
    station=Station.ADOPT,
    title=Text("成果转化", "Transfer"),
    purpose=Text(
        "实验室、概念验证、中试、小批量：关关有证据。",
        "Laboratory, proof of concept, pilot, small batch: evidence at every gate.",
    ),
    models=(Project,),
    nav=(
        NavItem(
            Text("转化项目", "Projects"),
            "transfer:project_list",
            Text("关口与证据", "gates and evidence"),
            (Role.FIRM, Role.OFFICER, Role.AUDITOR),
        ),
    ),
    home_figure=home_figure,
    demo=demo,
)
