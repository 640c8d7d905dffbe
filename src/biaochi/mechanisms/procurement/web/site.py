"""What procurement adds to the site."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from biaochi.core.roles import Role
from biaochi.core.text import Text
from biaochi.mechanisms.procurement.web.models import CoPurchase
from biaochi.registry.site import Demo, NavItem, Site, Station
from biaochi.registry.transition import create, transition

PRODUCTS = "product,supplier,need,value,low,high\nA,SA,R1,220,,\nA,SA,R2,65,,\nB,SB,R1,180,,\nB,SB,R2,,55,60\n"
FILE = """schema: biaochi.procurement.purchase/1
id: SIM-01
kind: co_innovation
title: {{zh: 隧道巡检机器人合作创新采购（示例）, en: Co-innovation purchase of a tunnel robot (example)}}
buyer: {{name: 示例单位, level: provincial}}
ground: {{case: a, plan: 示例规划, statement: 现有产品时延不达标, evidence: [study-1]}}
money: {{max_cost: "5000000", first_purchase: "2000000"}}
group: [{{id: E1, role: legal}}, {{id: E2, role: economics}}, {{id: E3, role: technical}}, {{id: E4, role: technical}}, {{id: E5, role: buyer}}]
criteria: [{{code: proposal, kind: expert, weight: 60}}, {{code: price, kind: price, weight: 40}}]
needs:
  - {{code: R1, function: {{zh: 并发视频路数, en: concurrent channels}}, op: ">=", threshold: 200, unit: 路, test_method: 附录B第1项}}
  - {{code: R2, function: {{zh: 端到端时延, en: end-to-end latency}}, op: "<=", threshold: 50, unit: ms, test_method: 附录B第2项}}
sme: {{subcontract_share: 0.3}}
planned_suppliers: 2
iteration_duty: true
risks: [{{risk: 时延不达标, control: 阶段淘汰}}]
routes: [{{goal: G1, routes: [视觉, 激光]}}]
dates: {{argued: {argued}, approved: {approved}, intention: {intention}, notice: {notice}}}
disclosures: [{{document: intention, on: {intention}}}, {{document: notice, on: {notice}}}]
"""  # noqa: E501 - one need a line, as in the purchase file


def demo(stage: Demo) -> None:
    """Make one purchase whose notice is public."""
    buyer, other = stage.actors[Role.BUYER], stage.second[Role.BUYER]
    today = timezone.localdate(stage.now)
    days = {n: (today - timedelta(days=d)).isoformat() for n, d in
            (("argued", 40), ("approved", 33), ("intention", 25), ("notice", 12))}  # fmt: skip
    made = CoPurchase(document=FILE.format(**days), products=PRODUCTS, simulated=True)
    title = made.purchase.title
    made.title_zh, made.title_en = title.zh, title.en
    made.place(buyer)
    create(made, buyer)
    transition(made, "argue", buyer)
    transition(made, "approve", other, "论证意见成立。")
    transition(made, "notice", buyer)


SITE = Site(
    code="procurement",
    station=Station.ADOPT,
    title=Text("合作创新采购", "Procurement"),
    purpose=Text("写功能，不写品牌；每一步有条文。", "Functions, not brands; every step has its article."),
    models=(CoPurchase,),
    nav=(
        NavItem(
            Text("采购项目", "Purchases"),
            "procurement:copurchase_list",
            Text("从方案到首购", "from plan to first purchase"),
        ),
        NavItem(
            Text("红旗", "Red flags"),
            "procurement:flags",
            Text("上传 OCDS 发布，附覆盖面", "of an OCDS file, with coverage"),
        ),
    ),
    demo=demo,
)
