"""What the fund adds to the site."""

from __future__ import annotations

from datetime import datetime

from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.mechanisms.fund.web import evidence, packet_page, readings
from biaochi.mechanisms.fund.web.demonstration import demo
from biaochi.mechanisms.fund.web.models import Programme, Review
from biaochi.registry.marks import interval_mark
from biaochi.registry.site import HomeFigure, NavItem, PortalEntry, Site, Station


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return the expected value of the newest packet the actor may see, with the band of the judgements."""
    rows = Review.visible(actor, Review.objects.exclude(advised={}))
    review = rows.order_by("-round", "-pk").first()
    packet = readings.packet_of(review) if review is not None else None
    if review is None or packet is None or not review.seen_from_inside(actor):
        return None
    found = packet["records"]["recommendation"]
    mean, band = found["recommended"]["value"]["mean"], found["band"]
    interval = f"{band['low']:.0f}–{band['high']:.0f}"
    worth = review.document["payoff"].get("value", 100)
    said = Text(packet_page.answer(review, packet, "zh"), packet_page.answer(review, packet, "en"))
    mark = interval_mark(band["low"], band["high"], label=interval, least=0, most=worth, middle=mean)
    return HomeFigure(Text.same(f"{mean:.0f}"), Text.same(interval), said, review.get_absolute_url(), mark=str(mark))


def portal_open(now: datetime) -> list[PortalEntry]:
    """Return the programmes that run."""
    return [
        PortalEntry(
            p.title,
            Text("探索方案", "exploration programme"),
            p.public_id,
            Text("任何人", "anybody"),
            p.get_absolute_url(),
        )
        for p in Programme.objects.filter(state="open").order_by("-entered_at")[:20]
    ]


SITE = Site(
    code="fund",
    station=Station.EXPLORE,
    title=Text("竞争性探索基金", "Exploration fund"),
    purpose=Text(
        "几条路线几支队伍竞跑：谁继续、调整、暂停、停止，为什么，什么会改变结论。",
        "Several routes and teams race: who continues, adjusts, pauses, stops; why; what would change it.",
    ),
    models=(Programme, Review),
    nav=(
        NavItem(
            Text("探索方案", "Programmes"), "fund:programme_list", Text("上传、推演、启动", "upload, simulate, open")
        ),
        NavItem(
            Text("评审", "Reviews"),
            "fund:review_list",
            Text("材料、决定、预测记录", "packets, decisions, past forecasts"),
        ),
    ),
    home_figure=home_figure,
    portal_open=portal_open,
    jobs={readings.WHATIF_JOB: readings.run_whatif, readings.PACKET_JOB: readings.run_packet},
    takes={"prior": evidence.take_outlook, "team": evidence.take_team},
    demo=demo,
)
