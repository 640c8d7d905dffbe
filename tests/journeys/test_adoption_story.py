"""A state-owned owner's scene, a start-up's slot, a measured trial that becomes a first purchase; a gate on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def move(page: Any, name: str, reason: str = "按已公布的规则办理。") -> None:
    """Make a move by its button, with a written reason."""
    page.fill("#why", reason)
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()
    assert page.locator(".alarm").count() == 0, page.inner_text("main")[:400]


def test_a_scene_a_slot_a_trial_a_first_purchase(visitor: Callable[..., Any]) -> None:
    owner, chooser, firm = visitor(), visitor(), visitor()
    owner.enter("场景业主")
    chooser.enter("场景业主", 1)
    firm.enter("企业与团队")
    page = owner.go("/scene/")
    page.get_by_role("link", name="集装箱码头夜间无人巡检").click()
    scene = page.url.removeprefix(owner.address)
    told = page.inner_text("main")
    for words in ("记录是否齐备", "合适的企业", "尽职记录", "初创"):
        assert words in told
    application = page.locator('a[href*="/scene/applications/SA"]').first.get_attribute("href")
    page = owner.go(application)
    page.fill("[name=admit-points]", "technology:0.9;safety:0.8;price:0.6")
    page.check("[name=admit-startup]")
    move(page, "符合条件")
    move(owner.go(scene), "截止申请")
    move(chooser.go(application), "入选")
    move(firm.go(application), "接受")
    move(owner.go(scene), "开始试用")
    trial = owner.page.locator('a[href*="/scene/trials/ST"]').first.get_attribute("href")
    page = firm.go(trial)
    page.fill("[name=report-value]", "0.93")
    move(page, "报告")
    officer = visitor()
    officer.enter("未来产业办")
    move(officer.go(trial), "核验")
    page = owner.go(trial)
    page.select_option("[name=conclude-outcome]", "first_purchase")
    move(page, "作出结论", "达标，转入首购。")
    assert "转入首购" in page.inner_text("main")
    assert "测得 0.93" in visitor().go(trial).inner_text("main")


def test_the_ladder_and_the_gate(visitor: Callable[..., Any]) -> None:
    firm = visitor()
    firm.enter("企业与团队")
    page = firm.go("/cultivation/firms/")
    page.locator("table tbody th a").first.click()
    told = page.inner_text("main")
    for words in ("阶梯", "逐条结论", "到下一级最省的路", "什么何时到期", "工信部企业〔2026〕2号"):
        assert words in told
    officer = visitor()
    officer.enter("未来产业办")
    page = officer.go("/transfer/")
    page.locator("table tbody th a").first.click()
    page.select_option("[name=grade]", "B")
    page.get_by_role("button", name="存下").click()
    page.wait_for_load_state()
    move(page, "进入中试", "概念验证可复现。")
    assert "中试" in page.inner_text("main")
