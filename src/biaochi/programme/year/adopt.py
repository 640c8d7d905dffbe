"""Adopt: a scene's trial that ends in a first purchase, a co-innovation purchase, gates of a project, bookings."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from biaochi.core.roles import Role
from biaochi.programme.year.diary import Diary

PRODUCTS = "product,supplier,need,value,low,high\nA,SA,R1,91,,\nA,SA,R2,14,,\nB,SB,R1,88,,\nB,SB,R2,,18,22\n"
PURCHASE = """schema: biaochi.procurement.purchase/1
id: SIM-02
kind: co_innovation
title: {{zh: 管廊巡检机器人合作创新采购（模拟）, en: Co-innovation purchase of a pipe-gallery robot (simulated)}}
buyer: {{name: 示例单位, level: provincial}}
ground: {{case: a, plan: 示例规划, statement: 现有产品定位误差不达标, evidence: [study-1]}}
money: {{max_cost: "4000000", first_purchase: "1500000"}}
group:
  - {{id: E1, role: legal}}
  - {{id: E2, role: economics}}
  - {{id: E3, role: technical}}
  - {{id: E4, role: technical}}
  - {{id: E5, role: buyer}}
criteria: [{{code: proposal, kind: expert, weight: 60}}, {{code: price, kind: price, weight: 40}}]
needs:
  - code: R1
    function: {{zh: 缺陷识别率, en: defects recognised}}
    op: ">="
    threshold: 95
    unit: "%"
    test_method: 附录B第1项
  - code: R2
    function: {{zh: 定位误差, en: error of position}}
    op: "<="
    threshold: 10
    unit: cm
    test_method: 附录B第2项
sme: {{subcontract_share: 0.3}}
planned_suppliers: 2
iteration_duty: true
risks: [{{risk: 定位误差不达标, control: 阶段淘汰}}]
routes: [{{goal: G1, routes: [激光, 视觉]}}]
dates: {{{dates}}}
disclosures: [{disclosures}]
{more}"""
TO_START = {"argued": 30, "approved": 37, "intention": 45, "notice": 55}
TO_SIGN = {
    **TO_START,
    "applications_close": 90,
    "exchanged": 95,
    "file_issued": 100,
    "first_response": 118,
    "result": 130,
}
PUBLIC = (("intention", "intention"), ("notice", "notice"), ("negotiation_file", "file_issued"), ("result", "result"))
SCENE = {
    "title_zh": "冷链仓库夜间盘点（模拟）",
    "title_en": "Night stocktaking in a cold store (simulated)",
    "kind": "niche",
    "problem": "零下二十度的仓库夜间自主盘点，错漏率低。",
    "offers": "提供两个库区、供电与网络。",
    "access": "完成安全培训即可进场",
    "safety": "限速 5 km/h，设急停",
    "data_terms": "数据留在库区，可用于本项目训练",
    "ip_terms": "成果归企业，业主有使用权",
    "pay": "paid",
    "slots": "1",
    "trl_min": "5",
    "trl_max": "8",
    "rule_text": "technology:0.6;price:0.4",
    "metrics": "盘点准确率 / accuracy of the count",
    "target": "0.98",
    "higher_is_better": "on",
    "scale_up": "达标后转入首购，三个库区推广",
}


def write(diary: Diary, rng: np.random.Generator) -> None:
    """Write down the acts of procurement, scenes, transfer and sharing."""
    _purchase(diary)
    _scene(diary, rng)
    _project(diary, rng)
    _bookings(diary)


def _file(diary: Diary, reached: dict[str, int], more: str = "") -> str:
    """Return the purchase's file as it stands once the named days have come."""
    dates = ", ".join(f"{name}: {diary.day(day).isoformat()}" for name, day in reached.items())
    public = ", ".join(
        f"{{document: {document}, on: {diary.day(reached[day]).isoformat()}}}"
        for document, day in PUBLIC
        if day in reached
    )
    return PURCHASE.format(dates=dates, disclosures=public, more=more)


def _contracts(diary: Diary) -> str:
    """Return the two contracts, one accepted and one eliminated on evidence, the acceptance and the first purchase."""

    def day(number: int) -> str:
        return diary.day(number).isoformat()

    stage = (
        "stages: [{{code: design, midterm_on: {0}, starts_on: {1}, due_on: {2}, amount: '400000', "
        "scope: [labour], evidence: [ev-1], verdict: {3}, decided_on: {4}}}]"
    )
    lines = [
        f"  - {{supplier: {supplier}, cap: '900000', scope: [labour], signed_on: {day(165)}, ends_on: {day(560)}, "
        f"outcome: {outcome}, {stage.format(day(167), day(168), day(220), verdict, day(226))}}}"
        for supplier, outcome, verdict in (("S1", "accepted", "met"), ("S2", "eliminated", "unmet"))
    ]
    tests = ", ".join(
        f"{{supplier: S1, need: {need}, value: {value}, evidence: ev-{need}, on: {day(240)}}}"
        for need, value in (("R1", 96), ("R2", 8))
    )
    first = f"first_purchase: {{supplier: S1, price: '1500000', announced_on: {day(250)}}}"
    return "contracts:\n" + "\n".join(lines) + f"\nacceptance: [{tests}]\n{first}\n"


def _purchase(diary: Diary) -> None:
    page, file, buyer = "/procurement/{purchase}/", "/procurement/{purchase}/file/", Role.BUYER
    form = {"document": _file(diary, TO_START), "products": PRODUCTS}
    diary.send(30, 9, buyer, "/procurement/new/", form, keeps="purchase")
    diary.move(31, 9, buyer, page, "argue")
    diary.move(37, 9, buyer, page, "approve", "论证意见成立。", person=2)
    diary.move(55, 9, buyer, page, "notice")
    diary.send(92, 9, buyer, file, {"document": _file(diary, TO_SIGN), "products": PRODUCTS})
    for day, code in ((92, "qualify"), (95, "exchange"), (100, "issue_file"), (119, "negotiate")):
        diary.move(day, 10, buyer, page, code)
    diary.move(130, 10, buyer, page, "select", "两家方案得分领先，路线不同。")
    diary.move(131, 10, buyer, page, "publish_result")
    diary.move(165, 10, buyer, page, "sign")
    form = {"document": _file(diary, TO_SIGN, _contracts(diary)), "products": PRODUCTS}
    diary.send(251, 9, buyer, file, form)
    diary.move(251, 10, buyer, page, "accept", "按合同约定的测试验收。")
    diary.move(252, 10, buyer, page, "review_first_purchase")
    diary.move(253, 10, buyer, page, "publish_first_purchase")
    diary.move(290, 10, buyer, page, "contract_first_purchase")
    diary.move(291, 10, buyer, page, "iterate")


def _scene(diary: Diary, rng: np.random.Generator) -> None:
    owner, firm = Role.SCENE_OWNER, Role.FIRM
    page, application, trial = "/scene/{scene}/", "/scene/applications/{application}/", "/scene/trials/{trial}/"
    dates = {"opens_on": 120, "closes_on": 140, "starts_on": 150, "ends_on": 210}
    form = {**SCENE, **{name: diary.day(day).isoformat() for name, day in dates.items()}}
    diary.send(100, 9, owner, "/scene/new/", form, keeps="scene")
    for hour, kind in enumerate(("alternatives", "conflict", "risk", "expert", "basis")):
        entry = {"kind": kind, "text": "依据与材料已归档。（模拟）"}
        diary.send(102, 9 + hour / 2, owner, f"{page}log/", entry)
    diary.move(106, 9, Role.COMPETITION_REVIEWER, page, "review", "无限制竞争的条款。", verdict="clear")
    diary.move(110, 9, Role.OFFICER, page, "list")
    diary.move(120, 9, owner, page, "open")
    diary.look(122, 9, firm, "/scene/applications/new/", "scene_choice", r'<option value="(\d+)">[^<]*冷链仓库')
    offer = {"scene": "{scene_choice}", "capability": "低温自主移动与视觉盘点，已在园区冷库试运行。", "startup": "on"}
    diary.send(122, 10, firm, "/scene/applications/new/", offer, keeps="application")
    points = f"technology:{rng.uniform(0.8, 0.95):.2f};price:{rng.uniform(0.6, 0.8):.2f}"
    diary.move(141, 9, owner, page, "close_applications")
    diary.move(142, 9, owner, application, "admit", "符合条件。", points=points, startup="on")
    diary.move(143, 9, owner, application, "select", "按已公布规则入选。", person=2)
    diary.move(145, 9, firm, application, "accept")
    diary.move(150, 9, owner, page, "start", "记录齐备。")
    diary.look(150, 10, owner, page, "trial", r"/scene/trials/([A-Z]+-[0-9A-Z]+)/")
    diary.move(208, 9, firm, trial, "report", value=f"{rng.uniform(0.981, 0.991):.3f}")
    diary.move(214, 9, Role.OFFICER, trial, "verify", "与业主台账逐日核对。")
    diary.move(216, 9, owner, trial, "conclude", "达标，转入首购。", outcome="first_purchase")


def _project(diary: Diary, rng: np.random.Generator) -> None:
    firm, officer, page = Role.FIRM, Role.OFFICER, "/transfer/{project}/"
    form = {
        "title_zh": "低温电池模组（模拟）",
        "title_en": "Low-temperature battery module (simulated)",
        "summary": "零下三十度可用的电池模组，从样机到小批量。",
    }
    diary.send(70, 9, firm, "/transfer/new/", form, person=3, keeps="project")
    for day, move, trl, mrl, share in ((74, "to_poc", 3, 2, 0.4), (130, "to_pilot", 5, 4, 0.6)):
        shown = {
            "trl": str(trl + 1),
            "mrl": str(mrl + 1),
            "cost": str(int(rng.integers(60_000, 90_000))),
            "yield_share": f"{share + rng.uniform(0, 0.1):.2f}",
            "safety_file": "on",
            "next_money": "概念验证资金（模拟）",
        }
        diary.send(day, 9, firm, f"{page}shown/", shown, person=3)
        diary.send(day + 5, 9, officer, f"{page}shown/", {"grade": "B"})
        diary.move(day + 6, 9, officer, page, move, "结果可复现，证据为第三方检验。")


def _bookings(diary: Diary) -> None:
    owner, firm = Role.SCENE_OWNER, Role.FIRM
    form = {
        "title_zh": "低温环境舱（模拟）",
        "title_en": "Climate chamber (simulated)",
        "kind": "equipment",
        "unit": "台",
        "capacity": "1",
        "unit_price": "3600.00",
    }
    diary.send(90, 9, owner, "/sharing/new/", form, keeps="chamber")
    diary.look(95, 9, firm, "/sharing/bookings/new/", "chamber_choice", r'<option value="(\d+)">[^<]*低温环境舱')
    for number, person in ((100, 1), (130, 3)):
        begin = diary.day(number + 10)
        booking = f"booking{person}"
        asked = {
            "resource": "{chamber_choice}",
            "starts_at": f"{begin.isoformat()}T09:00",
            "ends_at": f"{_later(begin, 3).isoformat()}T18:00",
            "units": "1",
        }
        page = f"/sharing/bookings/{{{booking}}}/"
        diary.send(number, 9, firm, "/sharing/bookings/new/", asked, person=person, keeps=booking)
        diary.move(number + 1, 9, owner, page, "confirm")
        diary.move(number + 15, 9, owner, page, "use", units="1")
        diary.move(number + 16, 9, owner, page, "settle")


def _later(day: date, days: int) -> date:
    return day + timedelta(days=days)
