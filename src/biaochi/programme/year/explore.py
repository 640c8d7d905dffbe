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
    "slots": "2",
}
LINE = r"(\S+)\s*$"
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
    diary.send(50, 9, Role.OFFICER, "/challenge/new/", form, keeps="challenge")
    diary.move(51, 9, Role.OFFICER, page, "submit")
    _fairness(diary)
    for holder in KEY_HOLDERS:
        diary.send(69, 10, Role.OFFICER, f"{act}key/", person=holder, keeps=f"key{holder}", pattern=LINE)
    diary.move(70, 9, Role.OFFICER, page, "publish", "审查通过，密钥已分给三人。", person=2)
    for number, (firm, route) in enumerate(zip(BIDDERS, ROUTES, strict=True)):
        bid = f"bid{firm}"
        diary.send(85 + number, 10, Role.FIRM, "/challenge/{challenge}/bid/", person=firm, keeps=bid)
        content = {
            "route": route,
            "partners": str(int(rng.integers(1, 5))),
            "months": str(int(rng.integers(18, 37))),
            "amount": str(int(rng.integers(200, 600))),
            "text": f"以{route}实现三十天免校准：材料、算法与临床验证计划。（模拟）",
        }
        diary.move(85 + number, 11, Role.FIRM, f"/challenge/bids/{{{bid}}}/", "seal", person=firm, **content)
    for holder in KEY_HOLDERS[:2]:
        diary.send(98, 9, Role.OFFICER, f"{act}enter/", {"key": f"{{key{holder}}}"}, person=holder)
    _evaluation(diary, rng, act)
    diary.move(112, 9, Role.OFFICER, page, "award", "按期望名次与抽签结果公布，理由逐份写明。", person=2)
    diary.move(120, 9, Role.OFFICER, page, "start")


def _fairness(diary: Diary) -> None:
    """The posting's text is reviewed letter by letter, and the conclusion comes back by the journey."""
    offers, review = r'value="{0}"><input type="hidden" name="offer" value="(JN-[0-9a-f]+)"', "/fairness/{text}/"
    officer, reviewer = Role.OFFICER, Role.COMPETITION_REVIEWER
    diary.look(52, 9, officer, "/journeys/", "handed", offers.format("posting-fairness"))
    diary.send(52, 10, officer, "/journeys/", {"journey": "posting-fairness", "offer": "{handed}"}, keeps="text")
    heard = {
        "hearing-who": "示例医疗器械协会",
        "hearing-on": diary.day(52).isoformat(),
        "hearing-view": "指标不指向特定路线。",
    }
    diary.send(54, 9, officer, f"{review}hearing/", heard)
    diary.move(55, 9, officer, review, "screen")
    diary.move(57, 9, reviewer, review, "review")
    diary.move(62, 9, reviewer, review, "conclude", "只写功能指标，不限定主体与路线。")
    diary.look(64, 9, officer, "/journeys/", "concluded", offers.format("fairness-posting"))
    diary.send(64, 10, officer, "/journeys/", {"journey": "fairness-posting", "offer": "{concluded}"})


def _evaluation(diary: Diary, rng: np.random.Generator, act: str) -> None:
    """Nonces committed, interests declared, blind scores, expected ranks, nonces revealed, teams selected."""
    for officer in (1, 2):
        diary.send(99, 9, Role.OFFICER, f"{act}nonce/", person=officer, keeps=f"nonce{officer}", pattern=LINE)
        diary.send(100, 9, Role.OFFICER, f"{act}declare/", {"conflict": "no"}, person=officer)
        diary.send(100, 10, Role.REVIEWER, f"{act}declare/", {"conflict": "no"}, person=officer)
    diary.send(101, 9, Role.OFFICER, f"{act}admit/")
    diary.send(101, 10, Role.OFFICER, f"{act}assign/")
    for firm, merit in zip(BIDDERS, (7.6, 6.1), strict=True):
        for reviewer in (1, 2):
            score = float(np.clip(rng.normal(merit, 0.6), 0, 10))
            address = f"/challenge/bids/{{bid{firm}}}/score/"
            diary.send(105, 9, Role.REVIEWER, address, {"score": f"{score:.1f}"}, person=reviewer)
    diary.send(108, 9, Role.OFFICER, f"{act}rank/")
    for officer in (1, 2):
        diary.send(109, 9, Role.OFFICER, f"{act}reveal/", {"nonce": f"{{nonce{officer}}}"}, person=officer)
    diary.send(110, 9, Role.OFFICER, f"{act}select/", person=2)
