"""What fair-competition review adds to the site."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from biaochi.core.errors import RefusedError
from biaochi.core.roles import CLOCK, Actor, Role
from biaochi.core.text import Text
from biaochi.mechanisms.fairness.web import acts
from biaochi.mechanisms.fairness.web.models import FairnessReview
from biaochi.registry.site import CalendarEntry, Demo, HomeFigure, NavItem, PortalEntry, Site, Station
from biaochi.registry.transition import create, transition


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return how many texts were issued after a review."""
    issued = FairnessReview.visible(actor, FairnessReview.objects.filter(state="issued")).count()
    return HomeFigure(
        Text(f"{issued} 份", f"{issued}"),
        None,
        Text("经审查出台的文本。", "texts issued after a review."),
        reverse("fairness:fairnessreview_list"),
    )


def portal_open(now: datetime) -> list[PortalEntry]:
    """Return reviewed texts that hold by an exception with an end, for everybody."""
    rows = FairnessReview.objects.filter(state="issued", claims__isnull=False).distinct().order_by("-entered_at")[:20]
    return [
        PortalEntry(
            r.title,
            Text("有期限的例外", "exception with an end"),
            r.public_id,
            Text("任何人可查阅", "anybody may read"),
            r.get_absolute_url(),
            r.to_domain().exception_ends_on,
        )
        for r in rows
    ]


def calendar(actor: Actor, now: datetime) -> list[CalendarEntry]:
    """Return the days on which exceptions end."""
    rows = FairnessReview.visible(actor, FairnessReview.objects.filter(claims__end_on__isnull=False)).distinct()
    found = [(r, r.to_domain().exception_ends_on) for r in rows[:100]]
    return [CalendarEntry(r.public_id, r.title, on, r.get_absolute_url()) for r, on in found if on is not None]


def clock(now: datetime) -> int:
    """Send back every issued text whose exception has ended; return how many."""
    today = timezone.localdate(now)
    rows = FairnessReview.objects.filter(state="issued", claims__end_on__lt=today).distinct()
    made = 0
    for row in rows:
        try:
            transition(row, "lapse", CLOCK, "例外到期", now=now)
        except RefusedError:
            continue
        made += 1
    return made


VOUCHER = (
    "一、支持对象\n申请企业须在本市注册并在本市纳税。\n"
    "二、支持方式\n按算力使用费的百分之三十给予补助，每家每年不超过一百万元。\n本办法自印发之日起施行。"
)
TENDER = (
    "一、资格要求\n投标人须具有本地区三年以上同类项目业绩。\n二、技术要求\n解码时延不大于 50 毫秒，按附件方法测试。"
)


def demo(stage: Demo) -> None:
    """Make one text issued by an exception that two people approved, and one that waits with a blocking finding."""
    officer, buyer = stage.actors[Role.OFFICER], stage.actors[Role.BUYER]
    first, second = stage.actors[Role.COMPETITION_REVIEWER], stage.second[Role.COMPETITION_REVIEWER]
    today = timezone.localdate(stage.now)
    voucher = _review(
        "算力券试行办法（示例）", "Compute vouchers, trial rules (example)", "voucher", VOUCHER, today, officer
    )
    claim = {
        "rule": "F3",
        "ground": "science",
        "statement": "首年只在本市算力中心试行，验证补助能否带动新技术研发。",
        "alternative": "对使用外地算力的企业同样补助",
        "why_not": "首年结算系统只接通本市算力中心，尚不能核验外地用量。",
        "end_on": today + timedelta(days=365),
        "termination": "",
    }
    acts.act(voucher, "claim", officer, claim)
    heard = {"who": "示例行业协会", "on": today, "view": "建议一年后向外地企业开放。"}
    acts.act(voucher, "hearing", officer, heard)
    voucher.refresh_from_db()
    transition(voucher, "screen", officer)
    transition(voucher, "review", first)
    for person, reason in ((first, "有期限，替代方案的理由成立。"), (second, "同意，一年后须重新审查。")):
        acts.act(voucher, "sign", person, {"reason": reason})
    voucher.refresh_from_db()
    transition(voucher, "conclude", first, "例外要件齐备，两人认定。", acts.concluded(voucher, stage.now))
    transition(voucher, "issue", officer)
    tender = _review("脑机接口设备采购文件（示例）", "Tender for BCI devices (example)", "tender", TENDER, today, buyer)
    transition(tender, "screen", buyer)


def _review(zh: str, en: str, kind: str, text: str, dated: date, actor: Actor) -> FairnessReview:
    made = FairnessReview(
        title_zh=zh, title_en=en, kind=kind, dated=dated, text=text, drafter=actor.person, simulated=True
    )
    made.place(actor)
    return create(made, actor)


SITE = Site(
    code="fairness",
    station=Station.ADOPT,
    title=Text("公平竞争审查", "Fair competition"),
    purpose=Text(
        "谁被何条规定排斥，可改成什么；例外有理由、有期限。",
        "Which words exclude whom, by which article, what instead; exceptions have a ground and an end.",
    ),
    models=(FairnessReview,),
    nav=(
        NavItem(
            Text("审查案件", "Reviews"),
            "fairness:fairnessreview_list",
            Text("已出台的文本及其结论", "issued texts with their conclusions"),
        ),
        NavItem(
            Text("规则包", "Rule pack"),
            "fairness:pack",
            Text("现行规则，两日之间的变化", "the rules in force, and what changed between two days"),
        ),
        NavItem(
            Text("送审文本", "Hand in a text"),
            "fairness:fairnessreview_new",
            Text("粘贴或上传，立即审读", "paste or upload; read at once"),
            (Role.OFFICER, Role.BUYER),
        ),
    ),
    home_figure=home_figure,
    portal_open=portal_open,
    calendar=calendar,
    clock=clock,
    demo=demo,
)
