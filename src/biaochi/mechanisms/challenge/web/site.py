"""What challenges add to the site."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.mechanisms.challenge.web import services
from biaochi.mechanisms.challenge.web.models import Bid, Challenge
from biaochi.registry.site import Demo, NavItem, PortalEntry, Site, Station
from biaochi.registry.transition import create, transition


def portal_open(now: datetime) -> list[PortalEntry]:
    """Return the challenges that take bids."""
    return [
        PortalEntry(
            c.title,
            Text("揭榜挂帅", "open challenge"),
            c.public_id,
            Text("企业与研究机构", "firms and institutes"),
            c.get_absolute_url(),
            timezone.localdate(c.deadline),
        )
        for c in Challenge.objects.filter(state="published", deadline__gte=now).order_by("deadline")[:20]
    ]


def demo(stage: Demo) -> None:
    """A challenge whose fairness review has passed; its key waits to be made and taken by three officers."""
    officer = stage.actors[Role.OFFICER]
    indicator = {
        "name": "循环寿命 / cycle life",
        "unit": "次 / cycles",
        "threshold": ">= 1000",
        "test_method": "GB/T 36276",
    }
    challenge = Challenge(
        title_zh="固态电池：千次循环（模拟）",
        title_en="Solid-state battery: a thousand cycles (simulated)",
        need="在室温下循环一千次后容量保持八成。路线不限。（模拟）",
        indicators=[indicator],
        slots=3,
        deadline=stage.now + timedelta(days=30),
        simulated=True,
    )
    create(challenge, officer)
    transition(challenge, "submit", officer)
    services.review_fairness(challenge, True, "不限定主体与路线（模拟）。", stage.actors[Role.COMPETITION_REVIEWER])


SITE = Site(
    code="challenge",
    station=Station.EXPLORE,
    title=Text("揭榜挂帅", "Open challenges"),
    purpose=Text(
        "写清要什么，不写怎么做；密封投标，盲评，分不出高下就抽签。",
        "Says what is needed, not how; sealed bids, blind review, a lottery where scores cannot tell.",
    ),
    models=(Challenge, Bid),
    nav=(
        NavItem(
            Text("榜单", "Challenges"), "challenge:challenge_list", Text("发榜、开标、揭榜", "publish, open, award")
        ),
        NavItem(
            Text("标书", "Bids"),
            "challenge:bid_list",
            Text("密封、评审", "seal, review"),
            (Role.FIRM, Role.OFFICER, Role.REVIEWER, Role.AUDITOR),
        ),
    ),
    portal_open=portal_open,
    clock=services.close_overdue,
    demo=demo,
)
