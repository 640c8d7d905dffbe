"""What scenes add to the site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from django.urls import reverse
from django.utils import timezone

from biaochi.core.decision import Decision
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.exchange.source import Source
from biaochi.mechanisms.scene.files.tables import OFFER_COLUMNS
from biaochi.mechanisms.scene.model import ADOPTED, LogKind
from biaochi.mechanisms.scene.web.models import (
    BroughtEvidence,
    DiligenceEntry,
    FirmOffer,
    Scene,
    SceneApplication,
    Trial,
)
from biaochi.registry.importing import Importer
from biaochi.registry.models import Organisation
from biaochi.registry.site import Demo, HomeFigure, NavItem, Offer, PortalEntry, Site, Station
from biaochi.registry.transition import create, transition


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return how many scenes are open, and how many are in trial."""
    rows = Scene.visible(actor, Scene.objects.all())
    opened, trial = rows.filter(state="open").count(), rows.filter(state="trial").count()
    return HomeFigure(
        Text.same(str(opened)),
        Text(f"{trial} 个在试用", f"{trial} in trial"),
        Text("开放申请的场景。", "Scenes open for applications."),
        reverse("scene:scene_list"),
    )


def portal_open(now: datetime) -> Sequence[PortalEntry]:
    """Return the scenes open for applications."""
    return [
        PortalEntry(
            s.title, Text("场景", "scene"), s.public_id, Text("企业与团队", "firms"), s.get_absolute_url(), s.closes_on
        )
        for s in Scene.objects.filter(state="open").order_by("closes_on")[:20]
    ]


def trials(actor: Actor, now: datetime) -> Sequence[Offer]:
    """Return concluded trials that were adopted, as evidence for a first purchase."""
    rows = Trial.visible(actor, Trial.objects.filter(state="outcome", outcome__in=[o.value for o in ADOPTED]))
    found = []
    for t in rows.select_related("scene", "application__organisation").order_by("-entered_at")[:100]:
        house = t.application.organisation
        payload = {
            "scene": t.scene.public_id,
            "firm": t.firm,
            "organisation": t.firm,
            "supplier": house.name_zh if house else "",
            "metric": t.scene.metrics,
            "target": t.scene.target,
            "value": t.value,
            "higher_is_better": t.scene.higher_is_better,
            "outcome": t.outcome,
            "simulated": t.simulated,
        }
        found.append(Offer(t.public_id, t.title, t.entered_at, payload))
    return found


def take_evidence(offer: Offer, actor: Actor) -> str:
    """Keep a result for the owner who chooses; it stands on the pages of the owner's scenes."""
    BroughtEvidence.objects.create(
        owner=actor.organisation,
        firm=str(offer.payload.get("organisation") or offer.payload.get("firm") or ""),
        title_zh=offer.title.zh[:200],
        title_en=offer.title.en[:200],
        origin=offer.subject,
        at=offer.at,
        payload=dict(offer.payload),
    )
    return reverse("scene:scene_list")


def store_offers(frame: pd.DataFrame, source: Source, actor: Actor) -> str:
    """Keep what firms can do; a firm named before is brought up to date."""
    for row in frame.to_dict("records"):
        content = {c.name: _plain(row.get(c.name)) for c in OFFER_COLUMNS[1:]}
        FirmOffer.objects.update_or_create(
            organisation=actor.organisation, firm=str(row["firm"]), defaults={"content": content}
        )
    return reverse("scene:scene_list")


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA or value is pd.NaT:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.item() if isinstance(value, np.generic) else value


OFFERS = Importer(
    code="offers",
    title=Text("企业能力", "What firms can do"),
    purpose=Text("与场景匹配，只供业主与未来产业办参看。", "Matched with scenes; seen by owners and the office only."),
    columns=OFFER_COLUMNS,
    key=("firm",),
    roles=(Role.FIRM, Role.OFFICER),
    store=store_offers,
)


def _scene(stage: Demo, **more: Any) -> Scene:
    today = timezone.localdate(stage.now)
    fields: dict[str, Any] = {
        "title_zh": "集装箱码头夜间无人巡检",
        "title_en": "Unmanned night inspection of a container terminal",
        "kind": "niche",
        "problem": "夜间对堆场与岸桥进行自主巡检，识别异物与人员闯入，漏检率低，雨雾可用。",
        "offers": "提供堆场两个泊位、供电与网络、脱敏历史影像。",
        "access": "完成安全培训即可进场",
        "safety": "限速 5 km/h，设急停与电子围栏",
        "data_terms": "数据留在港区，可用于本项目训练",
        "ip_terms": "背景知识产权归各方，成果归企业，业主有使用权",
        "pay": "paid",
        "slots": 2,
        "reserved": 1,
        "trl_min": 5,
        "trl_max": 8,
        "opens_on": today - timedelta(days=20),
        "closes_on": today + timedelta(days=10),
        "starts_on": today + timedelta(days=20),
        "ends_on": today + timedelta(days=110),
        "rule": {"technology": "0.6", "safety": "0.2", "price": "0.2"},
        "rule_on": today - timedelta(days=40),
        "metrics": "异物识别召回率 / recall of foreign objects",
        "target": 0.9,
        "scale_up": "达标后转入首购，三个泊位推广",
        "simulated": True,
        **more,
    }
    house = Organisation.objects.filter(public_id=stage.actors[Role.SCENE_OWNER].organisation).first()
    scene = Scene(**fields)
    scene.region = house.region if house else None
    return create(scene, stage.actors[Role.SCENE_OWNER], now=stage.now - timedelta(days=40))


def demo(stage: Demo) -> None:
    """One scene open with its log kept and an application; one drafted; offers to match."""
    scene = _scene(stage)
    for number, kind in enumerate(
        (LogKind.ALTERNATIVES, LogKind.CONFLICT, LogKind.RISK, LogKind.EXPERT, LogKind.BASIS)
    ):
        DiligenceEntry.objects.create(
            scene=scene,
            kind=kind.value,
            text="模拟记录：依据与材料已归档。",
            at=stage.now - timedelta(days=10 - number),
        )
    reviewed = stage.now - timedelta(days=30)
    reviewer = stage.actors[Role.COMPETITION_REVIEWER]
    transition(scene, "review", reviewer, "无限制竞争的条款。", Decision("clear", (), reviewed), now=reviewed)
    transition(scene, "list", stage.actors[Role.OFFICER], "", now=stage.now - timedelta(days=25))
    transition(scene, "open", stage.actors[Role.SCENE_OWNER], now=stage.now - timedelta(days=20))
    application = SceneApplication(
        title_zh=f"申请：{scene.title_zh}",
        title_en=f"Application: {scene.title_en}",
        scene=scene,
        capability="四足机器人巡检，多光谱识别，已在园区夜间运行。",
        startup=True,
        region=scene.region,
        simulated=True,
    )
    create(application, stage.actors[Role.FIRM], now=stage.now - timedelta(days=5))
    _scene(
        stage,
        title_zh="港区氢能集卡短驳",
        title_en="Hydrogen trucks for short hauls in the port",
        problem="以零排放重卡完成港内短驳，补能时间短，可连续作业。",
        metrics="单日有效作业小时 / effective hours a day",
        target=18,
        opens_on=timezone.localdate(stage.now) + timedelta(days=30),
        closes_on=timezone.localdate(stage.now) + timedelta(days=60),
        starts_on=timezone.localdate(stage.now) + timedelta(days=90),
        ends_on=timezone.localdate(stage.now) + timedelta(days=180),
    )
    for firm, capability, startup, trl in (
        ("E1", "四足机器人自主巡检与异物识别，夜间红外与可见光融合", 1, 7),
        ("E2", "无人机集群巡检，影像识别人员闯入", 1, 6),
        ("E3", "固定摄像头安防系统集成", 0, 8),
        ("E4", "氢燃料电池重卡整车与加注", 0, 7),
    ):
        content = {"capability": capability, "startup": startup, "trl": trl, "capacity": 2, "region": "990100"}
        FirmOffer.objects.create(organisation=stage.actors[Role.OFFICER].organisation, firm=firm, content=content)


SITE = Site(
    code="scene",
    station=Station.ADOPT,
    title=Text("场景", "Scenes"),
    purpose=Text(
        "把真实需求开放出来：规则先定，按规则选，实测再定。",
        "Real needs opened: the rule first, chosen by it, measured before it is decided.",
    ),
    models=(Scene, SceneApplication, Trial),
    nav=(
        NavItem(Text("场景", "Scenes"), "scene:scene_list", Text("看与申请", "see and apply")),
        NavItem(
            Text("申请", "Applications"),
            "scene:sceneapplication_list",
            Text("评分、入选、告知", "scored, selected, told"),
            (Role.FIRM, Role.SCENE_OWNER, Role.OFFICER, Role.AUDITOR),
        ),
        NavItem(Text("试用", "Trials"), "scene:trial_list", Text("实测与结论", "measured and concluded")),
        NavItem(
            Text("匹配工作台", "Match workbench"),
            "scene:workbench",
            Text("全部场景与企业一起配", "all scenes and firms at once"),
            (Role.OFFICER, Role.SCENE_OWNER),
        ),
        NavItem(
            Text("上传企业能力", "Upload offers"),
            "scene:import_offers",
            Text("供匹配", "to be matched"),
            (Role.FIRM, Role.OFFICER),
        ),
    ),
    home_figure=home_figure,
    portal_open=portal_open,
    importers=(OFFERS,),
    gives={"trial": trials},
    takes={"evidence": take_evidence},
    demo=demo,
)
