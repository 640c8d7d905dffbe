"""Adopt: a scene's trial that ends in a first purchase, a co-innovation purchase, gates of a project, bookings."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from biaochi.core.roles import Role
from biaochi.programme.year.diary import Diary

PRODUCTS = "product,supplier,group,need,value\nA,SA,,R1,91\nA,SA,,R2,14\nB,SB,,R1,88\nB,SB,,R2,20\n"
PURCHASE = {
    "title_zh": "管廊巡检机器人合作创新采购（模拟）",
    "title_en": "Co-innovation purchase of a pipe-gallery robot (simulated)",
    "level": "provincial",
    "ground": "a",
    "serves": "示例省未来产业规划第三条",
    "statement": "现有产品定位误差不达标，须合作研发。",
    "max_cost": "4000000",
    "first_purchase": "1500000",
    "mode": "open",
    "planned_suppliers": "2",
    "group": "E1 | 法律\nE2 | 经济\nE3 | 技术\nE4 | 技术\nE5 | 采购人",
    "criteria": "proposal | 60\nprice | 40",
    "subcontract_share": "0.3",
    "sme_rate": "0.15",
    "ip_owner": "supplier",
    "iteration_duty": "on",
    "risks": "定位误差不达标 | 阶段淘汰",
    "routes": "定位 | 激光、视觉",
}
NEEDS = (
    ("R1", "缺陷识别率", "defects recognised", ">=", "95", "%"),
    ("R2", "定位误差", "position error", "<=", "10", "cm"),
)
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


def _purchase(diary: Diary) -> None:
    """A plan with its needs, held against the market, argued by experts, approved by another, its intention public."""
    page, act, buyer = "/procurement/{purchase}/", "/procurement/{purchase}/act/", Role.BUYER
    diary.send(200, 9, buyer, "/procurement/new/", PURCHASE, keeps="purchase")
    for hour, (code, zh, en, op, threshold, unit) in enumerate(NEEDS, start=9):
        need = {
            "code": code,
            "function_zh": zh,
            "function_en": en,
            "op": op,
            "threshold": threshold,
            "unit": unit,
            "test_method": f"附录 B 第 {code[1:]} 项",
            "mandatory": "on",
        }
        diary.send(203, hour, buyer, f"{act}need/", {f"need-{name}": value for name, value in need.items()})
    diary.send(207, 9, buyer, f"{act}products/", {"products-table": PRODUCTS})
    diary.move(214, 9, buyer, page, "argue")
    diary.move(221, 9, buyer, page, "approve", "论证意见成立，市场上没有产品满足。", person=2)
    diary.send(228, 9, buyer, f"{act}disclose/", {"target": "intention"})


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
