"""A live survey: twelve experts, two rounds, one leaves, one argument moves others, a rule stops; a year later it is scored.

The site runs with a clock that the test can move; nobody finds out who said what, neither by pages nor in the database.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
# Every process of the site reads the day from a file, and its clock ticks each second instead of each minute.
MOVED_CLOCK = """
import os, threading
from datetime import timedelta
from pathlib import Path
from django.utils import timezone
_now, _wait = timezone.now, threading.Event.wait
timezone.now = lambda: _now() + timedelta(days=int(Path(os.environ["MOVED_DAYS"]).read_text()))
threading.Event.wait = lambda self, timeout=None: _wait(self, 1.0 if timeout == 60.0 else timeout)
"""
TODAY = datetime.now(UTC).date()
ARGUMENT = "已公布的隔膜产能还要等两年（模拟理由）"
FIRST = (9, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6)
SECOND = (9, 5, 5, 5, 4, 4, 4, 4, 5, 5, 5)  # the argument moves three; the last expert has left


@dataclass(frozen=True)
class Running:
    """The demonstration with a clock of its own."""

    address: str
    data: Path
    days: Path


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(MOVED_CLOCK, encoding="utf-8")
    days = tmp_path / "days"
    days.write_text("0", encoding="utf-8")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BIAOCHI_", "DATABASE_URL", "DJANGO_"))}
    command = "from biaochi.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", command, "demo", "--data", str(tmp_path / "data"), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=kept | {"PYTHONPATH": str(tmp_path / "clock"), "MOVED_DAYS": str(days)},
    )
    assert process.stdout is not None
    ready = None
    for line in process.stdout:
        ready = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)/\n", line)
        if ready:
            break
    assert ready is not None, "the demonstration did not start"
    yield Running(ready[1], tmp_path / "data", days)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=90)


class Someone:
    """A person with a browser of their own."""

    def __init__(self, chromium: Any, running: Running) -> None:
        self.context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        self.address = running.address
        self.said: list[str] = []
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def go(self, path: str) -> Any:
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status < 400, (path, answer.status)
        return self.page

    def enter(self, membership: str) -> Any:
        self.send("/enter/", membership=membership)
        return self

    def send(self, path: str, **form: str) -> Any:
        """Send a form as a browser without a window would."""
        page = self.context.request.get(self.address + path).text()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None, path
        return self.context.request.post(
            self.address + path,
            form={"csrfmiddlewaretoken": token[1], **form},
            headers={"Referer": self.address + path},
        )

    def press(self, name: str) -> Any:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()
        return self.page


def memberships(someone: Someone, words: str) -> list[str]:
    """Return the memberships on the page of entry whose line says these words."""
    page = someone.context.request.get(someone.address + "/enter/").text()
    lines = re.findall(r'name="membership" value="([^"]+)">(.*?)</li>', page, re.DOTALL)
    return [m for m, rest in lines if words in rest]


def sheet(after: int, year: int, reason: str = "") -> dict[str, str]:
    said = {"year_p10": year + after - 1, "year_p50": year + after, "year_p90": year + after * 2, "p_never": "0.05"}
    found = {f"pilot.{k}": str(v) for k, v in said.items()} | {"weight.answer": "4", "pilot.familiarity": "2"}
    return found | ({"pilot.rationale": reason} if reason else {})


def fill(someone: Someone, said: dict[str, str]) -> None:
    for name, value in said.items():
        control = someone.page.locator(f'[name="{name}"]')
        if control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)


def designed(officer: Someone) -> str:
    """Draw up a study in the browser: rules, two items, twelve invitations; return its address."""
    page = officer.go("/foresight/studies/new/")
    page.fill("[name=title_zh]", "液流中试何时投运")
    page.fill("[name=title_en]", "When does the pilot start")
    page.fill("[name=purpose]", "何时？")
    page.fill("[name=stability_threshold]", "0.3")
    officer.press("新建")
    address = page.url.removeprefix(officer.address)
    for code, kind, more in (
        ("pilot", "year", {"due_on": (TODAY + timedelta(days=300)).isoformat()}),
        ("weight", "likert", {"low": "1", "high": "4"}),
    ):
        if not page.locator("details:has([name=code])").first.evaluate("e => e.open"):
            page.get_by_text("加一题").click()
        page.fill("details [name=code]", code)
        page.select_option("details [name=type]", kind)
        page.fill("details [name=name_zh]", f"题目 {code}")
        page.fill("details [name=name_en]", f"item {code}")
        for name, value in more.items():
            page.fill(f"details [name={name}]", value)
        officer.press("加入")
    for label in page.locator("label", has_text="示例专家组").all():
        label.locator("input").check()
    officer.press("邀请所选")
    assert "已邀请 12 人" in page.inner_text("main")
    officer.press("提交审核")
    return address


def test_a_survey_without_names_from_design_to_score(chromium: Any, running: Running) -> None:
    office = Someone(chromium, running)
    first, second = memberships(office, "示例省未来产业办")[:2]
    panel = memberships(office, "示例专家组")
    assert len(panel) == 12
    office.enter(first)
    address = designed(office)
    colleague = Someone(chromium, running).enter(second)
    colleague.go(address)
    colleague.press("冻结")
    office.go(address)
    office.press("开启轮次")
    answers, year = f"{address}answer/", TODAY.year

    experts = [Someone(chromium, running).enter(m) for m in panel]
    for number, expert in enumerate(experts):
        if number in (0, 1, 11):
            expert.go(answers)
            page = expert.press("接受，取得席位")
            assert re.fullmatch(r"([0-9a-f]{4}-){5}[0-9a-f]{4}", page.inner_text("#seat-code"))
            page.get_by_role("link", name="开始作答").click()
            page.wait_for_load_state()
            fill(expert, sheet(FIRST[number], year, ARGUMENT if number == 0 else ""))
            expert.press("提交本轮")
            assert "您的回答已提交" in page.inner_text("h1")
        else:
            assert expert.send(answers, act="accept").ok
            assert expert.send(answers, act="submit", **sheet(FIRST[number], year)).ok

    page = office.go(address)
    assert "12 个席位，已提交 12 份" in page.inner_text("main")
    assert ARGUMENT not in page.inner_text("main")
    office.press("结束轮次")
    office.press("开放反馈")
    assert "再问一轮" in page.inner_text(".answer")
    office.press("开启轮次")

    page = experts[1].go(answers)
    told = page.inner_text("main")
    assert told.index("您上一轮的回答") < told.index("专家组") < told.index(ARGUMENT)
    fill(experts[1], sheet(SECOND[1], year, "理由有力"))
    experts[1].press("提交本轮")
    for number, after in enumerate(SECOND):
        if number != 1:
            answer = experts[number].send(answers, act="submit", **sheet(after, year, "同前" if number else ARGUMENT))
            assert answer.ok

    page = office.go(address)
    office.press("结束轮次")
    office.press("开放反馈")
    assert "停止" in page.inner_text(".answer")
    page.fill("#why", "按事先规则停止。")
    office.press("下结论")
    office.press("转入等待")

    nobody_can_tell(office, running, answers, panel, chromium)
    a_year_later(office, colleague, experts[1], running, address, (first, second, panel[1]))
    for someone in (office, colleague, *experts):
        assert not someone.said, someone.said


def nobody_can_tell(office: Someone, running: Running, answers: str, panel: list[str], chromium: Any) -> None:
    """Neither office, administrator nor auditor opens a sheet; no table and no ledger line joins person and answer."""
    for words in ("示例省未来产业办", "示例省信息中心", "示例省审计厅"):
        other = Someone(chromium, running).enter(memberships(office, words)[0])
        assert other.context.request.get(other.address + answers).status == 404
    with sqlite3.connect(running.data / "biaochi.sqlite3") as database:
        read: Callable[[str], list[tuple[Any, ...]]] = lambda q: database.execute(q).fetchall()  # noqa: E731
        people = read(
            "SELECT person_id, public_id FROM foresight_invitation JOIN registry_person p ON p.id = person_id"
        )
        known = {str(v) for row in people for v in row if len(str(v)) > 4}
        stored = [str(v) for t in ("seat", "sheet") for row in read(f"SELECT * FROM foresight_{t}") for v in row]
        assert not any(k in v for k in known for v in stored)
        bodies = [b for (b,) in read("SELECT body FROM registry_ledgerentry WHERE subject LIKE 'FS-%'")]
        assert sum('"answers_sealed"' in b for b in bodies) >= 2
        pseudonyms = [p for (p,) in read("SELECT pseudonym FROM foresight_seat")]
        assert not any(word in b for b in bodies for word in (*known, *pseudonyms, ARGUMENT))


def a_year_later(
    office: Someone, colleague: Someone, expert: Someone, running: Running, address: str, who: tuple[str, str, str]
) -> None:
    """Move the clock; the question falls due, two outsiders settle it, the panel and the public see the record."""
    running.days.write_text("400", encoding="utf-8")
    office.enter(who[0])
    office.go(address)
    page = office.page
    page.locator("main").get_by_role("link", name="题目 pilot").first.click()
    page.wait_for_load_state()
    question = page.url.removeprefix(office.address)
    for _ in range(60):
        if page.locator("[name=propose-outcome]").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    page.select_option("[name=propose-outcome]", "not_yet")
    page.fill("[name=propose-evidence]", "登记簿中没有。")
    page.fill("#why", "到期未投运。")
    office.press("提出结果")
    assert expert.enter(who[2]).send(question, move="confirm", version="3").status == 422
    colleague.enter(who[1]).go(question)
    colleague.press("确认")
    office.go(address)
    office.press("完成计分")
    assert "专家组得分" in page.inner_text("main")
    assert "您的得分" in expert.go(f"{address}answer/").inner_text(".answer")
    public = Someone(expert.context.browser, running)
    assert "液流中试何时投运" in public.go("/foresight/scoreboard/").inner_text("main")
