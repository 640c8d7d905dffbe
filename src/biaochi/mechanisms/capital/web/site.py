"""What patient capital adds to the site."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.mechanisms.capital.decisions import portfolio_figures
from biaochi.mechanisms.capital.report import PHASE_NAMES
from biaochi.mechanisms.capital.web import services
from biaochi.mechanisms.capital.web.demonstration import demo
from biaochi.mechanisms.capital.web.models import GuidanceFund, MoneyFlow
from biaochi.registry.site import HomeFigure, NavItem, PortalEntry, Site, Station


def home_figure(actor: Actor, now: datetime) -> HomeFigure | None:
    """Return what has come back of each yuan paid in, over all funds the actor may see."""
    funds = GuidanceFund.visible(actor, GuidanceFund.objects.all())
    today = timezone.localdate(now)
    rows = MoneyFlow.objects.filter(fund__in=funds, voided_at__isnull=True, at__lte=today).select_related("fund")
    flows = [r.to_domain() for r in rows.order_by("at", "pk")[:5000]]
    if not any(f.kind == "call" for f in flows):
        return None
    found = portfolio_figures("portfolio", flows, at=today, parameters=services.rules())
    phase = PHASE_NAMES[found.phase]
    return HomeFigure(
        Text.same(f"{found.dpi or 0:.2f}"),
        phase,
        Text("全部基金每缴 1 元已收回多少。", "Of each yuan paid into all funds, what has come back."),
        reverse("capital:portfolio"),
    )


def portal_open(now: datetime) -> list[PortalEntry]:
    """Return the funds that invest."""
    return [
        PortalEntry(
            f.title,
            Text("政府投资基金", "guidance fund"),
            f.public_id,
            Text("任何人可查阅", "anybody may read"),
            f.get_absolute_url(),
        )
        for f in GuidanceFund.objects.filter(state="investing").order_by("-entered_at")[:20]
    ]


SITE = Site(
    code="capital",
    station=Station.EXPLORE,
    title=Text("耐心资本", "Patient capital"),
    purpose=Text(
        "条款合不合规则、何时缴款、谁承担损失；看全生命周期，不看单个项目。",
        "Do terms hold, when is cash called, who bears loss; over the whole life, never by one deal.",
    ),
    models=(GuidanceFund,),
    nav=(
        NavItem(
            Text("政府投资基金", "Funds"),
            "capital:guidancefund_list",
            Text("条款、缴款、分配、容亏", "terms, calls, distribution, tolerance"),
        ),
        NavItem(
            Text("全周期评价", "Whole life"),
            "capital:portfolio",
            Text("按基金、按成立年份、合计", "by fund, by vintage, together"),
        ),
    ),
    home_figure=home_figure,
    portal_open=portal_open,
    demo=demo,
)
