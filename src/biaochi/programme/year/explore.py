"""Explore: a challenge from posting to award, sealed bids opened by two officers; the fund decides its reviews."""

from __future__ import annotations

import numpy as np

from biaochi.core.roles import Role
from biaochi.programme.year.diary import Diary

KEY_HOLDERS = (1, 2, 4)
NEED = {
    "title_zh": "脑机接口：三十天免校准（模拟）",
    "title_en": "Brain–computer interface: thirty days without calibration (simulated)",
    "need": "植入后三十天内不重新校准，运动意图识别正确率不低于九成。路线不限。（模拟）",
    "indicators_text": "识别正确率 | % | >= 90 | 公开数据集加现场测试\n连续免校准天数 | 天 | >= 30 | 第三方记录",
    "slots": "1",
}
BIDDERS = (1, 3)
ROUTES = ("柔性皮层电极", "血管内电极")


def write(diary: Diary, rng: np.random.Generator) -> None:
    """Write down the challenge's and the fund's acts."""
    _challenge(diary, rng)
    diary.open(170, "fund")


def _challenge(diary: Diary, rng: np.random.Generator) -> None:
    page, act = "/challenge/{challenge}/", "/challenge/{challenge}/act/"
    deadline = diary.at(95, 17)
    form = {**NEED, "deadline": f"{deadline:%Y-%m-%dT%H:%M}"}
    diary.send(64, 9, Role.OFFICER, "/challenge/new/", form, keeps="challenge")
    diary.move(65, 9, Role.OFFICER, page, "submit")
    _fairness(diary)
    for holder in KEY_HOLDERS:
        diary.send(69, 10, Role.OFFICER, f"{act}key/", person=holder, keeps=f"key{holder}", pattern=r"(\S+)\s*$")
    diary.move(70, 9, Role.OFFICER, page, "publish", "审查通过，密钥已分给三人。", person=2)
    for number, (firm, route) in enumerate(zip(BIDDERS, ROUTES, strict=True)):
        bid = f"bid{firm}"
        diary.send(85 + number, 10, Role.FIRM, "/challenge/{challenge}/bid/", person=firm, keeps=bid)
        content = {
            "route": route,
            "partners": str(int(rng.integers(0, 4))),
            "months": str(int(rng.integers(18, 37))),
            "amount": str(int(rng.integers(200, 600))),
            "text": f"以{route}实现三十天免校准：材料、算法与临床验证计划。（模拟）",
        }
        diary.move(85 + number, 11, Role.FIRM, f"/challenge/bids/{{{bid}}}/", "seal", person=firm, **content)
    for holder in KEY_HOLDERS[:2]:
        diary.send(98, 9, Role.OFFICER, f"{act}enter/", {"key": f"{{key{holder}}}"}, person=holder)
    for reviewer in (1, 2):
        diary.send(100, 9, Role.REVIEWER, f"{act}declare/", {"conflict": "no"}, person=reviewer)
    for officer in (1, 2):
        diary.send(100, 10, Role.OFFICER, f"{act}nonce/", person=officer, keeps=f"nonce{officer}", pattern=r"(\S+)\s*$")
    diary.send(101, 9, Role.OFFICER, f"{act}admit/")
    diary.send(101, 10, Role.OFFICER, f"{act}assign/")
    for firm, merit in zip(BIDDERS, (7.6, 6.1), strict=True):
        bid = f"/challenge/bids/{{bid{firm}}}/"
        for reviewer in (1, 2):
            score = float(np.clip(rng.normal(merit, 0.6), 0, 10))
            diary.send(105, 9, Role.REVIEWER, f"{bid}score/", {"score": f"{score:.1f}"}, person=reviewer)
    diary.send(108, 9, Role.OFFICER, f"{act}rank/")
    for officer in (1, 2):
        nonce = {"nonce": f"{{nonce{officer}}}"}
        diary.send(109, 9, Role.OFFICER, f"{act}reveal/", nonce, person=officer)
    diary.send(110, 9, Role.OFFICER, f"{act}select/", person=2)
    diary.send(110, 10, Role.OFFICER, f"{act}single/", {"why": "名额一个，只能选一条路线；另一条路线待下一批。"})
    diary.move(111, 9, Role.OFFICER, page, "award", "名次与抽签见榜单。", person=2)


def _fairness(diary: Diary) -> None:
    """The text goes to the fair-competition review and its conclusion comes back, letter by letter."""
    offer = r'name="journey" value="{}"><input type="hidden" name="offer" value="(JN-[0-9a-f]+)"'
    review = "/fairness/{textreview}/"
    diary.look(66, 9, Role.OFFICER, "/journeys/", "text", offer.format("posting-fairness"))
    there = {"journey": "posting-fairness", "offer": "{text}"}
    diary.send(66, 10, Role.OFFICER, "/journeys/", there, keeps="textreview")
    heard = {
        "hearing-who": "示例行业协会",
        "hearing-on": diary.day(66).isoformat(),
        "hearing-view": "指标不指向特定路线。",
    }
    diary.send(66, 11, Role.OFFICER, f"{review}hearing/", heard)
    diary.move(66, 12, Role.OFFICER, review, "screen")
    diary.move(67, 9, Role.COMPETITION_REVIEWER, review, "review")
    diary.move(67, 10, Role.COMPETITION_REVIEWER, review, "conclude", "只写功能指标，不限定主体与路线。")
    diary.look(68, 9, Role.OFFICER, "/journeys/", "conclusion", offer.format("fairness-posting"))
    diary.send(68, 10, Role.OFFICER, "/journeys/", {"journey": "fairness-posting", "offer": "{conclusion}"})
