"""Crowding seen before the money is spent: crowding, declared against real, menus a region answers, a pilot zone."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
WAIT = 120


def test_crowding_understood_on_a_telephone(visitor: Callable[..., Any]) -> None:
    """The heading answers; both nulls stand with and without nationally named tracks; every naming has its source."""
    anybody = visitor(lang="en", width=390, dark=True)
    page = anybody.go("/layout/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("ul.rows > li svg[role=img]").count() >= 12
    told = page.locator("main").inner_text()
    for words in ("by chance: tracks as popular too", "Without nationally named tracks", "nobody gave a demand range"):
        assert words in told
    page = visitor().go("/layout/")
    assert "全部 31 个地区中至多" in page.locator("h1").inner_text()
    page.get_by_role("link", name="脑机接口").first.click()
    page.wait_for_load_state()
    assert "点名过脑机接口" in page.locator("h1").inner_text()
    assert page.locator("table tbody tr").count() >= 7


def test_declared_stands_against_an_uploaded_table(visitor: Callable[..., Any], tmp_path: Path) -> None:
    """An officer uploads what regions do; the page says how many namings rest on a specialisation; nobody else sees it."""
    rows = ["region,track,period,value,unit"]
    for n, region in enumerate(("浙江", "广东", "安徽", "北京")):
        for m, track in enumerate(("quantum", "bci", "fusion", "embodied", "hydrogen")):
            rows += [f"{region},{track},{year},{5 + 40 * (n == m) + (year - 2022)},项" for year in (2022, 2023)]
    table = tmp_path / "activity.csv"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    officer = visitor()
    officer.enter("未来产业办")
    page = officer.go("/layout/import/activity/")
    page.set_input_files("input[type=file]", str(table))
    while "/import/" in page.url:
        page.locator("main form button").first.click()
        page.wait_for_load_state()
    address = page.url.removeprefix(officer.address)
    heading = page.locator("h1").inner_text()
    assert "处已有专业化基础" in heading, heading
    assert page.locator("figure svg").count() >= 1
    page.get_by_role("link", name="浙江").first.click()
    page.wait_for_load_state()
    assert "浙江点名的" in page.locator("h1").inner_text()
    assert page.locator("td.mark svg[role=img]").count() >= 3, "every quotient has its interval"
    assert visitor().page.request.get(officer.address + address).status == 404


def test_a_menu_is_computed_sent_and_answered_never_ordered(visitor: Callable[..., Any]) -> None:
    """The frontier with its certificates; another person sends a menu; the city's office answers it."""
    officer, second, city = visitor(), visitor(), visitor()
    officer.enter("未来产业办")
    second.enter("未来产业办", 1)
    city.enter("未来产业办", 2)
    page = officer.go("/layout/activity/")
    page.get_by_role("row", name="activity-simulated.csv").get_by_role("link", name="错位要付出什么").click()
    page.get_by_role("button", name="开始测算").click()
    address = page.url.removeprefix(officer.address)
    began = time.monotonic()
    while "正在测算" in page.locator("h1").inner_text():
        assert time.monotonic() - began < WAIT, "the study did not end"
        page.wait_for_timeout(1000)
        page = officer.go(address)
    told = page.locator("main").inner_text()
    assert "错开之后少" in page.locator("h1").inner_text()
    for words in (
        "这是有理由的菜单，不是任务",
        "预期少几次进入",
        "少几处过剩",
        "已证最优",
        "分散下注",
        "有多稳定",
        "从不按概率",
    ):
        assert words in told, words
    page.get_by_role("button", name="生成各地菜单").click()
    page.wait_for_load_state()
    page = second.go("/layout/menus/")
    page.locator("table tbody th a").first.click()
    menu = page.url.removeprefix(second.address)
    assert city.page.request.get(city.address + menu).status == 404, "the region reads nothing before it is sent"
    page.get_by_label("送给哪个主管部门").select_option(label="示例一市工信局 · 示例一市")
    page.get_by_role("button", name="记录", exact=True).click()
    page.wait_for_load_state()
    _move(page, "送达")
    page = city.go(menu)
    assert "由地区自己决定" in page.locator("main").inner_text()
    page.get_by_label("答复", exact=True).select_option(label="暂缓")
    page.get_by_label("理由", exact=True).fill("先看一年。")
    page.get_by_role("button", name="记录", exact=True).click()
    page.wait_for_load_state()
    _move(page, "答复")
    assert "暂缓 1 条" in page.locator("main").inner_text()
    _move(second.go(menu), "复盘")
    assert "已复盘" in second.page.locator("main").inner_text()


def test_a_pilot_zone_from_application_to_rolling_assessment(visitor: Callable[..., Any]) -> None:
    """A new zone is applied for, checked, reviewed and put on notice; one whose notice is over is built and assessed."""
    firm, office, reviewer, second = visitor(), visitor(), visitor(), visitor()
    firm.enter("企业与团队")
    office.enter("未来产业办")
    reviewer.enter("评审专家")
    second.enter("未来产业办", 1)
    page = firm.go("/layout/zones/new/")
    page.fill("[name=title_zh]", "滨海氢能先导区")
    page.fill("[name=title_en]", "Seaside hydrogen zone")
    page.get_by_label("按哪一地的办法").select_option(label="安徽")
    page.get_by_label("地点").fill("示例一市开发区")
    page.get_by_label("主攻方向").select_option(["hydrogen"])
    page.get_by_label("申报理由").fill("已有加氢站与中试线。（模拟）")
    page.locator("main form button").last.click()
    page.wait_for_load_state()
    zone = page.url.removeprefix(firm.address)
    page = office.go(zone)
    for answer in page.locator("select[name^=check-]").all():
        answer.select_option("yes")
    _move(page, "核查")
    page = reviewer.go(zone)
    page.get_by_label("专家人数").fill("7")
    page.get_by_label("平均分").fill("85")
    page.get_by_label("论证意见").fill("具备条件。")
    page.get_by_role("button", name="记录", exact=True).click()
    page.wait_for_load_state()
    _move(page, "实地论证")
    page = second.go(zone)
    page.fill("[name=give_notice-notice_until]", (datetime.now(UTC) + timedelta(days=1)).date().isoformat())
    _move(page, "公示")
    assert "公示中" in visitor().go(zone).locator("main").inner_text()
    page = office.go("/layout/zones/")
    page.get_by_role("link", name="江北量子先导区").first.click()
    page.wait_for_load_state()
    for act in ("开始建设", "启动评估"):
        _move(page, act)
    page.get_by_label("评估结果").select_option(label="优良")
    page.get_by_label("依据").fill("指标达到任务书要求。")
    page.get_by_role("button", name="记录", exact=True).click()
    page.wait_for_load_state()
    _move(page, "继续培育")
    assert "滚动培育" in page.locator("main").inner_text()
    page = office.go("/layout/zones/calendar/")
    told = page.locator("main").inner_text()
    assert "滨海氢能先导区" in told
    assert "下一次评估" in told
    assert page.locator("ul.rows svg[role=img]").count() >= 4


def _move(page: Any, name: str) -> None:
    """Write the reason and press the button of a move."""
    page.locator("#why").fill("条件具备。")
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()
    assert page.locator("main .alarm").count() == 0, page.locator("main").inner_text()[:600]
