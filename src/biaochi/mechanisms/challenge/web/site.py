"""What challenges add to the site."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.challenge.web.demonstration import demo
from biaochi.mechanisms.challenge.web.models import Award, Bid, Challenge, Milestone
from biaochi.mechanisms.challenge.web.services import ceremony
from biaochi.registry.site import NavItem, Offer, PortalEntry, Site, Station


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


def texts(actor: Actor, now: datetime) -> list[Offer]:
    """Return the texts under review that have no fairness conclusion yet, to be read letter by letter."""
    if actor.role is not Role.OFFICER:
        return []
    rows = Challenge.objects.filter(Challenge.scope_of(actor), state="reviewing", fairness="")
    return [
        Offer(
            c.public_id,
            c.title,
            c.entered_at,
            {"title_zh": c.title_zh, "title_en": c.title_en, "text": c.text, "text_sha256": c.text_digest},
        )
        for c in Challenge.visible(actor, rows).order_by("-pk")[:50]
    ]


def awards(actor: Actor, now: datetime) -> list[Offer]:
    """Return the awarded teams with their routes and what their review found, for a fund's programme."""
    if not actor.role.decides:
        return []
    rows = Award.visible(actor, Award.objects.filter(state__in=("contracted", "active")))
    found = []
    for award in rows.select_related("challenge", "organisation").order_by("-pk")[:50]:
        ranks = {b["bid"]: b for b in award.challenge.ranking.get("bids", [])}
        mine = ranks.get(award.bid.public_id, {})
        payload = {
            "challenge": award.challenge.public_id,
            "award": award.public_id,
            "route": award.route,
            "title_zh": award.challenge.title_zh,
            "title_en": award.challenge.title_en,
            "expected_rank": mine.get("expected_rank"),
            "rank_interval": mine.get("rank_interval"),
            "simulated": award.simulated,
        }
        title = Text(f"{award.public_id} · {award.route}", f"{award.public_id} · {award.route}")
        found.append(Offer(award.public_id, title, award.created_at, payload))
    return found


SITE = Site(
    code="challenge",
    station=Station.EXPLORE,
    title=Text("揭榜挂帅", "Open challenges"),
    purpose=Text(
        "写清要什么，不写怎么做；密封投标，盲评，分不出高下就抽签。",
        "Says what is needed, not how; sealed bids, blind review, a lottery where scores cannot tell.",
    ),
    models=(Challenge, Bid, Award, Milestone),
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
        NavItem(
            Text("揭榜项目", "Awards"),
            "challenge:award_list",
            Text("里程碑、验收、尽职免责", "milestones, acceptance, exemption"),
        ),
        NavItem(
            Text("里程碑", "Milestones"),
            "challenge:milestone_list",
            Text("提交、第三方检验、决定", "submit, verify, decide"),
            (Role.FIRM, Role.OFFICER, Role.REVIEWER, Role.FUND_MANAGER, Role.AUDITOR),
        ),
    ),
    portal_open=portal_open,
    gives={"text": texts, "award": awards},
    takes={"fairness": ceremony.take_fairness},
    clock=ceremony.close_overdue,
    demo=demo,
)
