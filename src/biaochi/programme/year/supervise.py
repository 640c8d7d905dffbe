"""Supervise: a sandbox case from application to graduation; a text that had to be changed before it was issued."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from biaochi.core.roles import Role
from biaochi.programme.year.diary import Diary

FLOORS = ("life_safety", "criminal_law", "state_secrets", "personal_information_core", "ethics_red_lines")
CRITERIA = ("in_scope", "genuine_innovation", "consumer_benefit", "readiness", "need_for_support")
WHY = {
    "in_scope": "现行规则没有低速无人观光车的类别",
    "genuine_innovation": "无安全员的编队行驶，与遥控车不同",
    "consumer_benefit": "老人与儿童的景区代步",
    "readiness": "封闭场地完成两千公里测试",
    "need_for_support": "没有可申请的常规许可",
}
PLAN = """feeds:
- {metric: hard_brake, period_hours: 168, amber_after_hours: 200, suspend_after_hours: 400}
- {metric: injury, period_hours: 168, amber_after_hours: 200, suspend_after_hours: 400}
guardrails:
- {id: G1, metric: hard_brake, method: beta, cap: 0.02, alpha: 0.05, action: pause, prior: [1, 24], family: true}
- {id: G2, metric: injury, method: hard, cap: 0, action: stop}
family: {method: e_bh, alpha: 0.05, action: notify}
incidents: {report_within_hours: 24, stop_at: serious}
"""
TRIPS, WEEKS, FIRST_WEEK = 400, 16, 60
DRAFT = (
    "一、支持对象\n申请企业须在本市注册，并由本市企业牵头。\n"
    "二、支持方式\n按概念验证费用的百分之三十给予补助，每个项目不超过五十万元。\n本办法自印发之日起施行。"
)
AMENDED = (
    "一、支持对象\n申请企业须完成概念验证并提交可复现的结果。\n"
    "二、支持方式\n按概念验证费用的百分之三十给予补助，每个项目不超过五十万元。\n本办法自印发之日起施行。"
)


def write(diary: Diary, rng: np.random.Generator) -> None:
    """Write down the sandbox's and fair competition's acts."""
    _case(diary, rng)
    _review(diary)


def _case(diary: Diary, rng: np.random.Generator) -> None:
    firm, regulator, ethics = Role.FIRM, Role.REGULATOR, Role.ETHICS_MEMBER
    case, board = "/sandbox/cases/{case}/", "/sandbox/ethics/{ethics}/"
    first = diary.start + timedelta(days=FIRST_WEEK)
    last = first + timedelta(days=7 * WEEKS + 40)
    form: dict[str, str | tuple[str, ...]] = {
        "title_zh": "景区无人观光车（模拟）",
        "title_en": "Driverless sightseeing cart (simulated)",
        "tracks": "embodied",
        "floor": FLOORS,
        **{f"why_{c}": why for c, why in WHY.items()},
        "E7": "yes",
    }
    diary.send(20, 9, firm, "/sandbox/cases/new/", form, keeps="case")
    waiver = {
        "citation": "示例市道路管理办法第七条",
        "level": "local_rule",
        "authority": "示例市交通局",
        "kind": "adapt",
        "touching": "none",
        "area": "示例景区",
        "users_max": "3000",
        "start_on": first.isoformat(),
        "end_on": last.isoformat(),
    }
    diary.send(20, 10, firm, f"{case}waiver/", waiver)
    plan = {"text": PLAN, "exposure": str(TRIPS), "readings": "20", "worse": "2", "keep": "1"}
    diary.send(20, 11, firm, f"{case}plan/", plan)
    diary.move(21, 9, firm, case, "submit")
    diary.move(22, 9, regulator, case, "screen")
    found = dict.fromkeys(CRITERIA, "met") | {f"why_{c}": "材料与现场核对相符" for c in CRITERIA}
    diary.send(25, 9, regulator, f"{case}assess/", found)
    diary.move(26, 9, regulator, case, "to_ethics")
    diary.look(27, 9, ethics, "/sandbox/ethics/", "ethics", r"/sandbox/ethics/([A-Z]+-[0-9A-Z]+)/")
    diary.move(27, 10, ethics, board, "assign")
    diary.move(28, 10, ethics, board, "deliberate")
    vote = {
        "members": "7",
        "external": "2",
        "present": "6",
        "in_favour": "6",
        "conditions": "夜间限速十五公里\n录像留存三十天",
        "next_review_on": (first + timedelta(days=150)).isoformat(),
    }
    diary.send(33, 10, ethics, f"{board}vote/", vote)
    diary.move(33, 11, ethics, board, "approve_with_conditions", "风险可控，条件可核。")
    diary.move(36, 9, regulator, case, "agree_plan")
    diary.move(40, 9, regulator, case, "admit", "条件已具备。")
    diary.send(
        40, 10, firm, "/keys/", {"act": "issue", "purpose": "读数", "scopes": "readings"}, keeps="feed",
        pattern=r"(bk_[A-Za-z0-9_-]+)",
    )  # fmt: skip
    _readings(diary, rng)
    end = FIRST_WEEK + 7 * WEEKS + 5
    diary.move(end, 9, regulator, case, "to_exit", "试验期满，进入出箱评审。")
    papers = {
        "clause": "示例市道路管理办法第七条",
        "text": "增设景区低速无人车通行条款，限速二十公里。",
        "evidence": "出箱报告\n十六周读数",
        "authority": "示例市人大常委会",
        "summary_zh": "试了十六周观光车：急刹率低于上限，学到须限速。",
        "summary_en": "A sightseeing cart ran sixteen weeks: braking stayed below its cap; it needs a speed limit.",
    }
    diary.send(end + 5, 9, regulator, f"{case}papers/", papers)
    diary.move(end + 8, 9, regulator, case, "graduate", "护栏均在上限之内，规则修改建议已提交。")


def _readings(diary: Diary, rng: np.random.Generator) -> None:
    """A reading a week, well below the cap: about one hard braking in a hundred trips."""
    address = "/api/v1/sandbox/cases/{case}/readings"
    for week in range(1, WEEKS + 1):
        number = FIRST_WEEK + 7 * week
        day = diary.start + timedelta(days=number)
        stamp = f"{day.isoformat()}T08:00:00+08:00"
        brakes = int(rng.binomial(TRIPS, 0.009))
        rows: tuple[dict[str, object], ...] = (
            {"metric": "hard_brake", "at": stamp, "value": brakes, "exposure": TRIPS},
            {"metric": "injury", "at": stamp, "value": 0},
        )
        diary.post(number, 9, address, rows, key="feed")


def _review(diary: Diary) -> None:
    page = "/fairness/{review}/"
    drafter, reviewer = Role.OFFICER, Role.COMPETITION_REVIEWER
    form = {
        "title_zh": "概念验证补助办法（模拟）",
        "title_en": "Grants for proof of concept (simulated)",
        "kind": "policy",
        "dated": diary.day(40).isoformat(),
        "pasted": DRAFT,
    }
    diary.send(41, 9, drafter, "/fairness/new/", form, keeps="review")
    diary.move(41, 10, drafter, page, "screen")
    diary.move(44, 9, reviewer, page, "return", "第一条限定注册地与牵头企业，须修改后再报。")
    diary.send(50, 9, drafter, f"{page}text/", {"text-pasted": AMENDED})
    heard = {
        "hearing-who": "示例行业协会",
        "hearing-on": diary.day(49).isoformat(),
        "hearing-view": "支持取消地域条件。",
    }
    diary.send(51, 9, drafter, f"{page}hearing/", heard)
    diary.move(52, 9, drafter, page, "screen")
    diary.move(54, 9, reviewer, page, "review")
    diary.move(56, 9, reviewer, page, "conclude", "已修改，不再限定地域。")
    diary.move(58, 9, drafter, page, "issue")
