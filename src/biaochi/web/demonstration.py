"""The demonstration programme: roles without names, invented organisations, and what each mechanism adds.

Everything here is simulated and says so; the region's code (99…) belongs to no real place.
"""

from __future__ import annotations

import logging

from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.registry.models import Membership, Organisation, Person, Region
from biaochi.registry.site import Demo
from biaochi.web import clock
from biaochi.web.journeys import demonstration as between
from biaochi.web.simulation import snapshot
from biaochi.web.sites import sites

log = logging.getLogger("biaochi.demonstration")
REGION = "990000"
CITY = "990100"
_REGIONS = (
    (REGION, "示例省", "Example Province"),
    (CITY, "示例一市", "Example City 1"),
    ("990200", "示例二市", "Example City 2"),
)
_HOUSES: dict[Role, tuple[str, Text]] = {
    Role.OFFICER: ("office", Text("示例省未来产业办", "Example Office of Future Industries")),
    Role.FUND_MANAGER: ("fund", Text("示例探索基金", "Example Exploration Fund")),
    Role.REVIEWER: ("institute", Text("示例研究院", "Example Institute")),
    Role.REGULATOR: ("office", Text("示例省市场监管局", "Example Market Regulator")),
    Role.ETHICS_MEMBER: ("university", Text("示例大学伦理委员会", "Example University Ethics Committee")),
    Role.BUYER: ("office", Text("示例省采购中心", "Example Purchasing Centre")),
    Role.COMPETITION_REVIEWER: ("office", Text("示例省公平竞争审查处", "Example Competition Review")),
    Role.SCENE_OWNER: ("state_owned", Text("示例港口集团", "Example Port Group")),
    Role.FIRM: ("enterprise", Text("甲公司（示例）", "Firm A (example)")),
    Role.ANALYST: ("institute", Text("示例统计研究所", "Example Statistical Institute")),
    Role.AUDITOR: ("office", Text("示例省审计厅", "Example Audit Office")),
    Role.ADMINISTRATOR: ("office", Text("示例省信息中心", "Example Information Centre")),
}
COMES_FOR: dict[Role, Text] = {
    Role.OFFICER: Text(
        "看本地区处于何处，组织揭榜，受理沙箱，发布", "see where the region stands, run challenges, publish"
    ),
    Role.FUND_MANAGER: Text(
        "准备评审会，看预测，决定继续、调整、暂停或停止", "prepare the board, decide continue, adjust, pause, stop"
    ),
    Role.REVIEWER: Text("申报利益冲突，盲评，回答预见问卷", "declare conflicts, review blind, answer foresight rounds"),
    Role.REGULATOR: Text("准入，看数据与报警，暂停，出箱", "admit, watch feeds and alarms, pause, exit"),
    Role.ETHICS_MEMBER: Text("作伦理决定，定条件与复审日期", "decide, set conditions and the next review date"),
    Role.BUYER: Text("写功能要求，办合作创新采购", "write functional requirements, run the co-innovation purchase"),
    Role.COMPETITION_REVIEWER: Text(
        "核对疑点，放行或拦下，答复例外申请", "check findings, release or block, answer exception claims"
    ),
    Role.SCENE_OWNER: Text("开放场景，选择，报告试用", "open scenes, choose, report the trial"),
    Role.FIRM: Text(
        "看有什么可申请，申请，揭榜，报里程碑，报读数", "find what is open, apply, bid, report milestones and readings"
    ),
    Role.ANALYST: Text("重算每一个已公布的数", "rebuild every published number"),
    Role.AUDITOR: Text("只读全部，核验台账，读理由", "read everything, verify the ledger, read reasons"),
    Role.ADMINISTRATOR: Text("管理人员与身份，不作决定", "manage people and roles; never decides"),
}
_SCOPED = frozenset({Role.OFFICER, Role.REGULATOR, Role.COMPETITION_REVIEWER})


def fill() -> None:
    """Read the played year, let every mechanism that did not open in it add its present, and let the clock run once."""
    opened = snapshot.load(snapshot.shipped()).opened
    stage = cast()
    for site in sites():
        if site.demo is not None and site.code not in opened:
            try:
                site.demo(stage)
            except Exception:
                log.exception("the demonstration of %s is incomplete", site.code)
    try:
        between.fill(stage)
    except Exception:
        log.exception("the demonstration of the journeys is incomplete")
    clock.tick(timezone.now())


def cast() -> Demo:
    """Make two persons a role, a third officer to hold a key, a second firm, and the region they work in; once."""
    for code, zh, en in _REGIONS:
        Region.objects.get_or_create(code=code, defaults={"name_zh": zh, "name_en": en, "simulated": True})
    actors: dict[Role, Actor] = {}
    second: dict[Role, Actor] = {}
    for role, (kind, name) in _HOUSES.items():
        house = _house(kind, name)
        scope = REGION if role in _SCOPED else ""
        actors[role] = _person(role, house, scope, 1)
        second[role] = _person(role, house, scope, 2)
    city = _house("office", Text("示例一市工信局", "Example City Office of Industry"))
    _person(Role.OFFICER, city, CITY, 3)
    _person(Role.OFFICER, _house(*_HOUSES[Role.OFFICER]), REGION, 4)
    other = _person(Role.FIRM, _house("enterprise", Text("乙公司（示例）", "Firm B (example)")), "", 3)
    return Demo(REGION, timezone.now(), actors, second, other)


def _house(kind: str, name: Text) -> Organisation:
    house, _ = Organisation.objects.get_or_create(
        kind=kind, name_zh=name.zh, defaults={"name_en": name.en, "region_id": REGION, "simulated": True}
    )
    return house


def _person(role: Role, house: Organisation, scope: str, number: int) -> Actor:
    username = f"{role.value.replace('_', '-')}-{number}"
    person = Person.objects.filter(username=username).first() or Person.objects.create_person(
        username, f"示例 · {role.text.zh} {number}", email=f"{username}@example.invalid", simulated=True
    )
    held, _ = Membership.objects.get_or_create(person=person, role=role.value, organisation=house, scope=scope)
    return held.actor
