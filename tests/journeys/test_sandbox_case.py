"""A delivery robot's case in the browser: applies, is reviewed, runs, harms, leaves with a proposal; the public reads it.

Silence, catching up after an outage and resuming need days; the same services play them in
``tests/mechanisms/sandbox/test_web_case_story.py`` with instants of their own.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

pytestmark = pytest.mark.browser
ZONE = ZoneInfo("Asia/Shanghai")
FLOORS = ("生命安全", "刑事法律", "国家秘密", "个人信息核心义务", "伦理红线")


def send(address: str, case: str, key: str, rows: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(
        f"{address}/api/v1/sandbox/cases/{case}/readings",
        json.dumps({"readings": rows}).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def reading(minutes: float, value: float, metric: str = "near_miss", **more: Any) -> dict[str, Any]:
    at = datetime.now(ZONE) - timedelta(minutes=minutes)
    return {"metric": metric, "at": at.isoformat(), "value": value, "exposure": 40, **more}


def verify(path: Path) -> int:
    command = [sys.executable, "-c", "from biaochi.cli import main; main()", "sandbox", "verify", str(path)]
    return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode


def test_a_case_from_application_to_the_public_summary(visitor: Callable[..., Any], tmp_path: Path) -> None:
    firm, regulator, ethics = visitor(), visitor(), visitor()
    firm.enter("企业与团队")
    page = firm.go("/sandbox/cases/new/")
    page.get_by_label("中文名称").fill("园区无人接驳试点")
    page.get_by_label("英文名称").fill("Driverless campus shuttle")
    for name in ("具身智能", *FLOORS):
        page.get_by_label(name).check()
    page.get_by_label("E7").select_option("yes")
    page.get_by_role("button", name="创建").or_(page.get_by_role("button", name="新建")).first.click()
    address = re.sub(r"^https?://[^/]+", "", page.url)
    case = address.rstrip("/").rsplit("/", 1)[1]

    today = datetime.now(ZONE).date()
    page.get_by_role("link", name="增加豁免").click()
    page.get_by_label("条文").fill("示例市道路管理办法第七条")
    page.get_by_label("规则层级").select_option("local_rule")
    page.get_by_label("主管部门").fill("示例市交通局")
    page.get_by_label("均不触及").check()
    page.get_by_label("起期").fill(today.isoformat())
    page.get_by_label("止期").fill((today + timedelta(days=200)).isoformat())
    page.get_by_role("button", name="增加豁免").click()
    page.get_by_role("link", name="起草监测方案").click()
    page.get_by_role("button", name="检查并模拟").click()
    page.get_by_text("误报（恰在上限时）").wait_for()
    page.get_by_role("button", name="存为草案").click()
    page.get_by_role("button", name="提交", exact=True).click()

    regulator.enter("沙箱监管人")
    desk = regulator.go(address)
    desk.get_by_role("button", name="开始筛查").click()
    desk.get_by_role("link", name="评定五条标准").click()
    for box in desk.locator("select").all()[-5:]:
        box.select_option("met")
    desk.get_by_role("button", name="评定五条标准").click()
    desk.get_by_role("button", name="送伦理审查").click()
    review = desk.get_by_role("link", name=re.compile("^ER-")).first.get_attribute("href") or ""

    ethics.enter("伦理委员")
    board = ethics.go(review)
    board.get_by_role("button", name="受理并分派").click()
    board.get_by_role("button", name="开始审议").click()
    board.get_by_role("link", name="记录表决").click()
    for name, value in (("委员人数", "7"), ("外部委员", "2"), ("到会人数", "6"), ("赞成人数", "5")):
        board.get_by_label(name).fill(value)
    board.get_by_label("条件").fill("夜间停运\n全程录像仅留存三十天")
    board.get_by_label("下次跟踪审查日期").fill((today + timedelta(days=180)).isoformat())
    board.get_by_role("button", name="记录表决").click()
    board.get_by_label("理由").first.fill("风险可控，条件可核。")
    board.get_by_role("button", name="附条件批准").click()
    board.get_by_text("夜间停运").wait_for()

    desk = regulator.go(address)
    desk.get_by_role("button", name="议定方案").click()
    desk.get_by_label("理由").first.fill("条件已具备。")
    desk.get_by_role("button", name="批准入箱").click()
    desk.get_by_role("button", name="暂停").wait_for()

    key, other = own_key(firm), own_key(stranger(visitor))
    late = reading(0.05, 1)
    assert send(firm.address, case, key, [reading(0.02, 0)])[1] == {"accepted": 1, "duplicates": 0, "alarms": []}
    assert send(firm.address, case, key, [late])[1]["accepted"] == 1
    assert send(firm.address, case, key, [late])[1] == {"accepted": 0, "duplicates": 1, "alarms": []}
    assert send(firm.address, case, key, [late | {"value": 2, "revision": 1}])[1]["accepted"] == 1
    assert send(firm.address, case, other, [reading(0.01, 0)])[0] == 403
    assert send(firm.address, case, "bk_wrong", [reading(0.01, 0)])[0] == 401
    status, told = send(firm.address, case, key, [reading(0.01, 0), reading(0.005, 99)])
    assert (status, told["faults"][0]["row"]) == (422, 3)
    _, harmed = send(firm.address, case, key, [reading(0.001, 1, "injury")])
    assert [(a["kind"], a["action"]) for a in harmed["alarms"]] == [("hard", "stop")]

    desk = regulator.go(address)
    desk.get_by_text("出箱评审").first.wait_for()
    desk.get_by_role("link", name="出箱文件").click()
    for name, value in (
        ("建议修改的条文", "示例市道路管理办法第七条"), ("建议文本", "增设低速无人接驳车通行条款"),
        ("证据", "出箱报告"), ("提交给", "示例市人大常委会"), ("公开摘要（中文）", "试了园区接驳，学到须限速。"),
        ("公开摘要（英文）", "A campus shuttle was tried; it needs a speed limit."),
    ):  # fmt: skip
        desk.get_by_label(name).fill(value)
    desk.get_by_role("button", name="出箱文件").click()
    desk.get_by_label("理由").first.fill("原因已查明并消除。")
    desk.get_by_role("button", name="成功出箱").click()
    with desk.expect_download() as given:
        desk.get_by_role("link", name="下载证据包").click()
    bundle = tmp_path / "bundle.zip"
    given.value.save_as(bundle)
    assert verify(bundle) == 0
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(bytes(data))
    assert verify(bundle) == 1

    public = visitor(lang="en", width=390, dark=True).go(address)
    public.goto(f"{firm.address}/language/en?next={address}")
    public.get_by_text("A campus shuttle was tried").wait_for()
    assert public.evaluate("document.documentElement.scrollWidth") <= 390


def own_key(who: Any) -> str:
    page = who.go("/keys/")
    page.locator("input[name=purpose]").fill("读数")
    page.locator("input[value=readings]").check()
    page.get_by_role("button", name="创建").or_(page.get_by_role("button", name="新建")).first.click()
    return str(page.locator("code.key-shown").inner_text())


def stranger(visitor: Callable[..., Any]) -> Any:
    """Return somebody of another organisation that decides."""
    other = visitor()
    other.enter("采购人")
    return other
