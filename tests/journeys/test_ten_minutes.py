"""Somebody who has read nothing, in Chinese, from the first page by links alone: five questions, each answered in words.

Which tracks are crowded; which route deserves money and why; which sandbox case is in trouble; which clause must go;
which firm is one step from the next tier.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
MOST_CLICKS = 6


class Newcomer:
    """A visitor who only follows what is written on the page, and counts."""

    def __init__(self, visitor: Any) -> None:
        self.page = visitor.go("/")
        self.clicks = 0

    def follow(self, words: str, *, within: str = "body") -> str:
        """Follow the first link with these words; return what the page says."""
        self.page.locator(within).get_by_role("link", name=re.compile(words)).first.click()
        return self._arrived()

    def be(self, role: str) -> str:
        """Enter the demonstration as the first person of a role."""
        self.follow("以任一身份进入演示")
        self.page.get_by_role("button", name=role, exact=True).first.click()
        return self._arrived()

    def _arrived(self) -> str:
        self.page.wait_for_load_state()
        self.clicks += 1
        assert self.clicks <= MOST_CLICKS, "too far to find in ten minutes"
        return str(self.page.locator("main").inner_text())

    def heading(self) -> str:
        """Return the page's heading."""
        return str(self.page.locator("h1").inner_text())


@pytest.fixture
def newcomer(visitor: Callable[..., Any]) -> Newcomer:
    return Newcomer(visitor())


def test_which_tracks_are_crowded(newcomer: Newcomer) -> None:
    told = newcomer.follow("全部赛道")
    assert re.search(r"各有 \d+ 个地区点名，全部 31 个地区中至多 \d+ 个", newcomer.heading())
    assert "点名不等于过剩" in told


def test_which_route_deserves_money_and_why(newcomer: Newcomer) -> None:
    newcomer.be("基金管理人")
    newcomer.follow("探索", within="nav")
    newcomer.follow("^评审$", within="main")
    told = newcomer.follow("第 4 轮评审", within="main")
    advised = re.search(r"建议资助 (\w+)，本轮 \d+；期望价值 [\d.]+（判断稍变时 [\d.]+–[\d.]+）", told)
    assert advised is not None, told[:600]
    row = next(line for line in told.splitlines() if line.startswith(f"{advised[1]} ") and "继续" in line)
    assert "不资助将使预期价值减少" in row


def test_which_sandbox_case_is_in_trouble(newcomer: Newcomer) -> None:
    newcomer.be("沙箱监管人")
    newcomer.follow("查看", within="main ol.loop li:nth-child(4)")
    told = newcomer.follow("末端低速无人配送试点", within="main")
    assert re.search(r"护栏 G1.*越过界限", told)
    assert "恢复须由监管员决定并附理由" in told


def test_which_clause_must_go(newcomer: Newcomer) -> None:
    newcomer.be("公平竞争审查员")
    told = newcomer.follow("脑机接口设备采购文件", within="main")
    assert "违反 1" in told
    assert "本地区三年以上同类项目业绩" in told
    assert "政府采购法实施条例" in told
    assert "可改为：" in told


def test_which_firm_is_one_step_from_the_next_tier(newcomer: Newcomer) -> None:
    newcomer.be("未来产业办")
    newcomer.follow("采用", within="nav")
    newcomer.follow("^企业$", within="main")
    told = newcomer.follow("甲公司", within="main table")
    assert re.search(r"下一级“.+”有 \d+ 条达到，1 条还未达到", told)
    assert "最省：" in told
