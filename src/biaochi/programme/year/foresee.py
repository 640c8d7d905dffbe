"""Foresee: a panel's forecasts are settled by what came, the functions' routes stand, declared plans are coded."""

from __future__ import annotations

import numpy as np

from biaochi.core.roles import Role
from biaochi.programme.year.diary import Diary

PLAN = {
    "title_zh": "示例二市量子与生物制造行动方案（模拟）",
    "title_en": "Action plan of Example City 2 (simulated)",
    "place": "示例二市",
    "level": "city",
    "source": "示例二市行动方案（模拟）",
    "coverage": "complete",
    "seen": "on",
}
TRACKS = "quantum,量子信息\nbiomanufacturing,生物制造"


def write(diary: Diary, rng: np.random.Generator) -> None:
    """Write down what foresight opens with, and a city's plan handed in for the layout."""
    del rng
    diary.open(15, "foresight")
    plan = "/layout/documents/{plan}/"
    form = {**PLAN, "dated": diary.day(50).isoformat()}
    diary.send(60, 10, Role.OFFICER, "/layout/documents/new/", form, keeps="plan")
    diary.move(61, 10, Role.OFFICER, plan, "code", coding=TRACKS)
    diary.move(63, 10, Role.OFFICER, plan, "code_again", coding=TRACKS, person=2)
