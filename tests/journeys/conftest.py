"""What the journeys share: the demonstration on a port of its own, and a real headless Chromium that must stay silent."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Site:
    """A running demonstration: its address and its data folder."""

    address: str
    data: Path


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run the demonstration for the whole session of one worker."""
    yield from running(tmp_path_factory.mktemp("demo") / "data")


def running(data: Path, **more: str) -> Iterator[Site]:
    """Run a demonstration in a data folder, with further environment variables, until the caller is done with it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BIAOCHI_", "DATABASE_URL", "DJANGO_"))} | more
    process = subprocess.Popen(
        [sys.executable, "-c", "from biaochi.cli import main; main()", "demo", "--data", str(data), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=kept,
    )
    assert process.stdout is not None
    for line in process.stdout:
        ready = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)/\n", line)
        if ready:
            break
    else:
        raise AssertionError("the demonstration did not start")
    yield Site(ready[1], data)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)


@pytest.fixture(scope="session")
def demonstration() -> Callable[..., Iterator[Site]]:
    """Return the starter of a demonstration of one's own."""
    return running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Run Debian's Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.fail("Chromium is missing: run `make apt`")
    with sync_playwright() as player, tempfile.TemporaryDirectory():
        browser = player.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A browser window of its own, in one language, that remembers everything the console said."""

    page: Page
    address: str
    said: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a page of the site."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status < 400, (path, answer.status)
        return self.page

    def enter(self, role: str, number: int = 0) -> Page:
        """Enter the demonstration as the n-th person of a role, by the words on the button."""
        page = self.go("/enter/")
        page.get_by_role("button", name=role, exact=True).nth(number).click()
        page.wait_for_load_state()
        return page


@pytest.fixture
def visitor(site: Site, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Return a maker of visitors: ``visitor(lang="zh", width=1280, dark=False)``; afterwards no console may have spoken."""
    made: list[Visitor] = []

    def make(*, lang: str = "zh", width: int = 1280, dark: bool = False) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            locale="zh-CN" if lang == "zh" else "en-GB",
            color_scheme="dark" if dark else "light",
        )
        found = Visitor(context.new_page(), site.address)
        found.page.on("console", lambda message: found.said.append(f"{message.type}: {message.text}"))
        found.page.on("pageerror", lambda error: found.said.append(str(error)))
        made.append(found)
        return found

    yield make
    spoken = [line for v in made for line in v.said]
    for v in made:
        v.page.context.close()
    assert not spoken, spoken
