"""Crowding understood in a minute, and a pilot zone on its way, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_crowding_then_a_pilot_zone(visitor: Callable[..., Any]) -> None:
    """Read the crowding page, follow a track to its sources; take a zone from notice to its assessment."""
    anybody = visitor(lang="en", width=390, dark=True)
    page = anybody.go("/layout/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("ul.rows > li svg[role=img]").count() >= 12
    office = visitor()
    page = office.enter("未来产业办")
    page = office.go("/layout/")
    assert "全部 31 个地区中至多" in page.locator("h1").inner_text()
    page.get_by_role("link", name="脑机接口").first.click()
    page.wait_for_load_state()
    assert "点名过脑机接口" in page.locator("h1").inner_text()
    assert page.locator("table tbody tr").count() >= 7
    page = office.go("/layout/zones/")
    page.get_by_role("link", name="江北量子先导区").first.click()
    page.wait_for_load_state()
    assert "公示中" in page.locator("main").inner_text()
    for act in ("开始建设", "启动评估"):
        _move(page, act)
    page.get_by_label("评估结果").select_option(label="优良")
    page.get_by_label("依据").fill("指标达到任务书要求。")
    page.get_by_role("button", name="记录", exact=True).click()
    page.wait_for_load_state()
    _move(page, "继续培育")
    assert "滚动培育" in page.locator("main").inner_text()


def _move(page: Any, name: str) -> None:
    """Write the reason and press the button of a move."""
    page.locator("#why").fill("条件具备。")
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()
