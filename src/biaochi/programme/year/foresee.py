"""Foresee: a panel's forecasts are settled by what came, the functions' routes stand, declared plans are coded."""

from __future__ import annotations

import numpy as np

from biaochi.core.roles import Role
from biaochi.programme.year.diary import Diary

PLAN = {"level": "district", "coverage": "complete", "seen": "on"}
TRACKS = "quantum,量子信息\nbiomanufacturing,生物制造"


def write(diary: Diary, rng: np.random.Generator) -> None:
    """Write down what foresight opens with, and a city's plan handed in for the layout."""
    del rng
    diary.open(15, "foresight")
    for number, (first, second, third) in enumerate(((60, 61, 63), (88, 95, 101), (180, 187, 190)), start=1):
        place = f"示例{'一二三'[number - 1]}区"
        form = {
            **PLAN,
            "title_zh": f"{place}量子与生物制造行动方案（模拟）",
            "title_en": f"Action plan of Example District {number} (simulated)",
            "place": place,
            "source": f"{place}行动方案（模拟）",
            "dated": diary.day(first - 10).isoformat(),
        }
        page = f"/layout/documents/{{plan{number}}}/"
        diary.send(first, 10, Role.OFFICER, "/layout/documents/new/", form, keeps=f"plan{number}")
        diary.move(second, 10, Role.OFFICER, page, "code", coding=TRACKS)
        diary.move(third, 10, Role.OFFICER, page, "code_again", coding=TRACKS, person=2)
