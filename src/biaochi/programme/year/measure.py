"""Measure: last year's facts are published in January; firms file for titles in spring and are recognised in autumn."""

from __future__ import annotations

import numpy as np

from biaochi.core.roles import Role
from biaochi.programme.year.diary import Diary


def write(diary: Diary, rng: np.random.Generator) -> None:
    """Write down the ruler's and cultivation's acts."""
    diary.open(1, "ruler")
    diary.open(100, "cultivation")
    diary.look(100, 9, Role.OFFICER, "/cultivation/titles/", "title", r"/cultivation/titles/([A-Z]+-[0-9A-Z]+)/")
    title = "/cultivation/titles/{title}/"
    diary.move(128, 10, Role.OFFICER, title, "verify", "材料与证据逐项核对，营业收入以审计报告为准。")
    diary.move(150, 10, Role.OFFICER, title, "recognise", "各项条件达到，公示无异议。", person=2)
    diary.move(200, 10, Role.OFFICER, title, "monitor")
