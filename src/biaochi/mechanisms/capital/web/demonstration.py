"""Two guidance funds, one past its investing years and one within them: all of it simulated."""

from __future__ import annotations

from importlib.resources import files

from django.utils import timezone

from biaochi.core.roles import Role
from biaochi.exchange.source import Source
from biaochi.mechanisms.capital.web import services
from biaochi.mechanisms.capital.web.forms import terms_document
from biaochi.mechanisms.capital.web.models import GuidanceFund
from biaochi.registry.site import Demo
from biaochi.registry.transition import create, transition

OLD = (
    (8, "call", "government", 36), (8, "call", "social", 24), (7, "call", "government", 48), (7, "call", "social", 32),
    (6, "call", "government", 36), (6, "call", "social", 24), (4, "distribution", "", 45), (3, "distribution", "", 70),
    (2, "distribution", "", 90), (1, "nav", "", 85),
)  # fmt: skip
YOUNG = (
    (2, "call", "guidance", 18), (2, "call", "university", 12), (1, "call", "guidance", 24),
    (1, "call", "university", 16), (1, "nav", "", 62),
)  # fmt: skip
DEALS = """deal,class,amount,p_success,loss_share,group,p_group
S1,seed,20000000,0.35,0.9,battery,0.7
S2,seed,15000000,0.30,0.9,battery,0.7
S3,seed,25000000,0.40,0.8,,
A1,angel,40000000,0.55,0.7,,
A2,angel,30000000,0.50,0.7,,
I1,industry,70000000,0.75,0.5,,
"""


def demo(stage: Demo) -> None:
    """Make the two funds through the same services as everybody."""
    manager, second = stage.actors[Role.FUND_MANAGER], stage.second[Role.FUND_MANAGER]
    old = _investing("示例未来产业引导基金（模拟）", "Example guidance fund (simulated)", "local.yaml", stage)
    services.add_flows(old, _flows(old, OLD, stage), manager)
    services.set_deals(old, Source("deals.csv", DEALS.encode()), manager)
    transition(old, "start_exiting", second, "投资期届满（模拟）。")
    young = _investing("示例创业投资子基金（模拟）", "Example venture sub-fund (simulated)", "sub_fund.yaml", stage)
    services.add_flows(young, _flows(young, YOUNG, stage), manager)


def _investing(zh: str, en: str, name: str, stage: Demo) -> GuidanceFund:
    """Return a fund whose terms were checked and which invests."""
    manager, second = stage.actors[Role.FUND_MANAGER], stage.second[Role.FUND_MANAGER]
    data = (files("biaochi.mechanisms.capital.web") / "shipped" / name).read_bytes()
    made = GuidanceFund(title_zh=zh, title_en=en, document=terms_document(Source(name, data)), simulated=True)
    made.region_id = stage.region
    create(made, manager)
    decision = services.check(made, manager)
    transition(made, "start_investing", second, "条款已核对，未核实的规则由人负责（模拟）。", decision)
    return made


def _flows(fund: GuidanceFund, rows: tuple[tuple[int, str, str, int], ...], stage: Demo) -> Source:
    """Return a table of flows, amounts in millions of yuan, so many years ago."""
    year = timezone.localdate(stage.now).year
    lines = [f"{fund.terms.fund},{year - ago}-03-31,{kind},{party},{m}000000.00" for ago, kind, party, m in rows]
    return Source("flows.csv", "\n".join(["fund,at,kind,party,amount", *lines]).encode())
