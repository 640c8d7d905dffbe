"""Explore in the browser: a challenge from its text to the exemption file, a board that decides otherwise, a fund's life.

Five teams on three routes seal their bids; before two officers open them after the deadline neither database, nor backup,
nor administrator holds a word.  Three teams on two routes are awarded; one goes on and is paid, one is adjusted, one ends
without fault.  The public checks the draw in English on a phone.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ZONE = ZoneInfo("Asia/Shanghai")
SECRET = "独门隔膜配方 secret-recipe-4471"
TITLE = "深海机器人：百日免维护（演示）"
ROUTES = ("浸油", "浸油", "陶瓷轴承", "陶瓷轴承", "磁悬浮")
MARKS = ((8.8, 8.5, 8.9), (8.1, 8.4, 8.2), (6.9, 7.2, 7.0), (7.0, 6.9, 7.2), (4.0, 4.4, 4.2))


def press(page: Any, name: str, reason: str = "") -> Any:
    """Press a button, with a written reason where one is asked; nothing may be refused."""
    if reason:
        page.fill("#why", reason)
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_load_state()
    assert page.locator(".alarm").count() == 0, page.inner_text("main")[:600]
    return page


def download(page: Any, name: str) -> str:
    """Press a button that hands out a small text once."""
    with page.expect_download() as given:
        page.get_by_role("button", name=name, exact=True).click()
    return Path(given.value.path()).read_text(encoding="utf-8").strip()


def everything_stored(folder: Path) -> bytes:
    """Return every byte of the installation's data folder."""
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


def holds(data: bytes, *words: str) -> list[str]:
    """Return the words found, as text or escaped as JSON writes them."""
    return [w for w in words if w.encode() in data or json.dumps(w)[1:-1].encode() in data]


def test_a_challenge_from_its_text_to_the_exemption_file(
    visitor: Callable[..., Any], site: Any, tmp_path: Path
) -> None:
    first, second, third = visitor(), visitor(), visitor()
    for officer, number in ((first, 0), (second, 1), (third, 3)):
        officer.enter("未来产业办", number)
    address = posted(first, visitor)
    written = [download(who.go(address), "领取我的开标密钥") for who in (first, second, third)]
    press(second.go(address), "发榜", "指标为功能性指标，公平竞争审查已通过。")
    firms = [visitor() for _ in ROUTES]
    bids = [bid(firm, number, address) for number, firm in zip((0, 2, 3, 4, 5), firms, strict=True)]
    nobody_reads(visitor, site, tmp_path, address, bids, written)
    with sqlite3.connect(site.data / "biaochi.sqlite3", timeout=20) as database:  # instead of waiting for the deadline
        moment = (datetime.now(ZONE) - timedelta(minutes=1)).astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%d %H:%M:%S")
        database.execute(
            "UPDATE challenge_challenge SET deadline = ? WHERE public_id = ?", (moment, address.split("/")[2])
        )
    for officer, key in zip((first, second), written, strict=False):
        page = officer.go(address)
        page.fill("#key", key)
        press(page, "录入")
    assert SECRET in first.go(bids[0]).inner_text("main")
    reviewed(first, second, visitor, address, bids)
    press(second.go(address), "揭榜", "两条路线三支队伍，名次与抽签见榜单。")
    press(first.go(address), "启动实施")
    awards = [a.get_attribute("href") for a in first.page.locator('ul.rows a[href*="/challenge/awards/"]').all()]
    assert len(awards) == 3
    run(first, second, visitor, awards)
    public = visitor(lang="en", width=390, dark=True)
    public.go(f"/language/en?next={address}")
    page = public.go(f"{address}lottery/")
    assert "Seed" in page.inner_text("main")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    told = public.go(address).inner_text("main")
    assert "3 teams on 2 routes were selected" in told


def posted(officer: Any, visitor: Callable[..., Any]) -> str:
    """Write a posting, have exactly its text reviewed, and take the conclusion back."""
    page = officer.go("/challenge/new/")
    page.get_by_label("中文名称").fill(TITLE)
    page.get_by_label("英文名称").fill("Deep-sea robot: a hundred days unattended (demonstration)")
    page.get_by_label("要解决什么").fill("在三千米水深连续工作一百天，无须回收维护。路线不限。")
    page.get_by_label("功能指标").fill("免维护天数 | 天 | >= 100 | 海试\n定位误差 | 米 | <= 2 | 海试")
    page.get_by_label("名额").fill("3")
    page.get_by_label("截止时间").fill((datetime.now(ZONE) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"))
    press(page, "新建")
    address = re.sub(r"^https?://[^/]+", "", page.url)
    press(page, "送审")
    page = officer.go("/journeys/")
    page.get_by_role("row", name=re.compile(TITLE)).get_by_role("button", name="转入").click()
    page.wait_for_load_state()
    review = re.sub(r"^https?://[^/]+", "", page.url)
    page.get_by_text("记录一次听取").click()
    page.fill("[name=hearing-who]", "示例海洋装备协会")
    page.fill("[name=hearing-on]", datetime.now(ZONE).date().isoformat())
    page.fill("[name=hearing-view]", "指标不指向特定路线。")
    press(page, "记录")
    press(officer.go(review), "机器初筛")
    judge = visitor()
    judge.enter("公平竞争审查员")
    press(judge.go(review), "初审")
    press(judge.go(review), "作出结论", "只写功能指标，不限定主体与路线。")
    page = officer.go("/journeys/")
    page.get_by_role("row", name=re.compile(TITLE)).get_by_role("button", name="转入").click()
    page.wait_for_load_state()
    assert "公平竞争审查" in page.inner_text("main")
    return address


def bid(firm: Any, number: int, address: str) -> str:
    """Make a bid and seal it."""
    firm.enter("企业与团队", number)
    page = firm.go(address)
    page.get_by_role("link", name="参加揭榜").click()
    press(page, "新建")
    place = max(number - 1, 0)
    page.fill("[name=seal-route]", ROUTES[place])
    page.fill("[name=seal-partners]", "2")
    page.fill("[name=seal-months]", "24")
    page.fill("[name=seal-amount]", "300")
    page.fill("[name=seal-text]", SECRET)
    press(page, "密封提交")
    assert "回执" in page.inner_text("main")
    assert SECRET not in page.inner_text("main")
    return re.sub(r"^https?://[^/]+", "", page.url)


def nobody_reads(
    visitor: Callable[..., Any], site: Any, folder: Path, address: str, bids: list[str], written: list[str]
) -> None:
    """Look for a bid's words in the database, the backup and the administrator's screens."""
    private = [key.split("-")[1] for key in written]
    stored = everything_stored(site.data)
    assert holds(stored, *SECRET.split(), *private) == []
    backup = folder / "backup.zip"
    command = [sys.executable, "-c", "from biaochi.cli import main; main()", "backup", str(backup)]
    subprocess.run([*command, "--data", str(site.data)], check=True, capture_output=True, timeout=120)
    parts = [backup.read_bytes()]
    if zipfile.is_zipfile(backup):
        with zipfile.ZipFile(backup) as archive:
            parts += [archive.read(name) for name in archive.namelist()]
    assert holds(b"".join(parts), *SECRET.split(), *private) == []
    for role in ("系统管理员", "审计员", "未来产业办", "评审专家"):
        who = visitor()
        who.enter(role)
        found = who.page.request.get(who.address + bids[0])
        assert found.status == 404, role
        assert bids[0].split("/")[3] not in who.go(address).inner_text("main")


def reviewed(first: Any, second: Any, visitor: Callable[..., Any], address: str, bids: list[str]) -> None:
    """Declare, publish digests, admit, send, score blind, rank, draw, select."""
    reviewers = [visitor() for _ in range(3)]
    for number, reviewer in enumerate(reviewers):
        reviewer.enter("评审专家", number)
        press(reviewer.go(address), "申报：无利益关系")
    nonces = [download(who.go(address), "公布我的抽签摘要") for who in (first, second)]
    press(first.go(address), "核对资格")
    press(first.page, "全部送评审")
    for place, marks in zip(bids, MARKS, strict=True):
        for reviewer, mark in zip(reviewers, marks, strict=True):
            page = reviewer.go(place)
            assert "公司（示例）" not in page.inner_text("main")
            page.fill("#score", str(mark))
            press(page, "提交评分")
    assert "全部评分" in reviewers[0].page.inner_text("main")
    press(first.go(address), "计算期望名次")
    told = first.page.inner_text("main")
    assert "抽签区" in told
    assert "线上" in told
    for who, nonce in zip((first, second), nonces, strict=True):
        page = who.go(address)
        page.fill("#nonce", nonce)
        press(page, "公开")
    press(second.go(address), "按名次与抽签定入选")


def run(first: Any, second: Any, visitor: Callable[..., Any], awards: list[str]) -> None:
    """Register tests, verify by a third party, decide three ways; one award ends without fault."""
    lab = visitor()
    lab.enter("评审专家")
    for officer in (first, second):
        press(officer.go(awards[0]), "申报：无利益关系")
    today = datetime.now(ZONE).date()
    for award, value, outcome in zip(awards, ("130", "90", "12"), ("继续", "调整", "停止"), strict=True):
        page = first.go(f"{award}milestone/")
        page.get_by_label("功能指标").fill("免维护天数 | 天 | >= 100 | 海试")
        page.get_by_label("第三方检验方").select_option(label="示例研究院")
        page.get_by_label("到期日").fill((today + timedelta(days=60)).isoformat())
        page.get_by_label("达到后付款").fill("500000")
        press(page, "登记里程碑")
        press(first.go(award), "启动")
        stage = first.page.locator('a[href*="/challenge/milestones/"]').first.get_attribute("href")
        team = visitor()
        house = first.page.locator("dl.facts").inner_text()
        team.enter("企业与团队", next(n for n, who in enumerate("甲甲乙丙丁戊") if f"{who}公司" in house))
        press(team.go(stage), "提交")
        page = lab.go(stage)
        page.fill("[name=assess-value_0]", value)
        page.fill("[name=assess-report]", "海试报告 7")
        press(page, "考核")
        page = second.go(stage)
        page.fill("[name=grounds-alternatives]", "延长期限\n另一路线加注")
        page.fill("[name=grounds-forecast]", "0.5")
        if outcome == "调整":
            page.fill("[name=grounds-due_on]", (today + timedelta(days=120)).isoformat())
        if outcome == "停止":
            page.select_option("[name=grounds-cause]", "technical_infeasible")
        press(page, outcome, "依第三方检验结果。")
    pays = first.page.url.removeprefix(first.address)
    assert "/challenge/" in pays
    ended = first.go(awards[2])
    press(ended, "终止（无过错）", "原理验证不成立，过程完整。")
    told = ended.inner_text("main")
    assert "尽职免责材料" in told
    assert "技术上不可行" in told
    met = first.go(awards[0]).locator('a[href*="/challenge/milestones/"]').first.get_attribute("href")
    page = first.go(met)
    page.get_by_role("button", name=re.compile("^付款")).click()
    page.wait_for_load_state()
    assert page.locator(".alarm").count() == 0
    assert "再试" in first.go(awards[1]).inner_text("main") or first.page.locator("tbody tr").count() >= 2
    with first.go(awards[2]).expect_download() as given:
        first.page.get_by_role("link", name=re.compile("下载案卷")).click()
    command = [sys.executable, "-c", "from biaochi.cli import main; main()", "challenge", "diligence"]
    done = subprocess.run(
        [*command, str(given.value.path()), "--format", "json"], capture_output=True, timeout=120, check=True
    )
    assert json.loads(done.stdout)["stop_cause"] == "technical_infeasible"


def test_a_board_decides_otherwise_and_the_money_moves(visitor: Callable[..., Any]) -> None:
    manager, other = visitor(), visitor()
    manager.enter("基金管理人")
    other.enter("基金管理人", 1)
    page = other.go("/fund/reviews/?state=issued")
    page.locator("table tbody th a").first.click()
    page.wait_for_load_state()
    review = page.url.removeprefix(other.address)
    told = page.inner_text("main")
    for words in ("方案比较", "逐队建议", "何种改变会翻转建议", "预测记录", "Brier", "公共资金按路线", "模型若有误"):
        assert words in told, words
    box = page.locator("select[name^='decide-verdict_']").last
    name = box.get_attribute("name").removeprefix("decide-verdict_")
    advised = box.input_value()
    values = [o.get_attribute("value") for o in box.locator("option").all()]
    box.select_option(next(v for v in ("adjust", "start", "continue") if v in values and v != advised))
    page.fill(f"[name='decide-why_{name}']", "用户要求保留这条路线。")
    press(page, "决定", "委员会意见")
    assert "用户要求保留这条路线。" in page.inner_text("main")
    press(manager.go(review), "告知")
    money_moves(manager)
    english = visitor(lang="en")
    english.go("/language/en?next=/")
    assert "Decision" in english.go(review).inner_text("main")


def money_moves(manager: Any) -> None:
    """Record what came of the round; the money by route and the forecasts' record move with it."""
    page = manager.go("/fund/?state=open")
    page.locator("table tbody th a").first.click()
    page.wait_for_load_state()
    before = page.get_by_text("已支出").first.inner_text()
    for number, box in enumerate(page.locator("select[name^='outcome_']").all()):
        box.select_option("miss" if number else "pass")
    page.fill("#evidence", "第三方检验报告 12")
    press(page, "记录结果")
    after = page.get_by_text("已支出").first.inner_text()
    assert before != after, after


def test_a_guidance_fund_over_its_life(visitor: Callable[..., Any]) -> None:
    manager = visitor()
    manager.enter("基金管理人")
    page = manager.go("/capital/?state=exiting")
    page.locator("table tbody th a").first.click()
    page.wait_for_load_state()
    told = page.inner_text("main")
    for words in ("J 曲线", "条款对照规则", "缴款与分配", "分配结果", "容亏", "未核实"):
        assert words in told, words
    fund = page.url.removeprefix(manager.address)
    public = visitor(lang="en", width=390, dark=True)
    public.go(f"/language/en?next={fund}")
    page = public.go(fund)
    assert "Terms against the rules" in page.inner_text("main")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert "too early to assess" in public.go("/capital/portfolio/").inner_text("main")
