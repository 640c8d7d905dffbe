"""The picture in the README is made by this test, so that it shows what is there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "docs" / "assets" / "ruler-profile.png"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
MOST_BYTES = 200_000


@pytest.fixture(scope="module")
def demonstration() -> Iterator[str]:
    """Run the demonstration and give its address."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("BIAOCHI_", "DATABASE_URL", "DJANGO_"))}
    process = subprocess.Popen(
        [sys.executable, "-c", "from biaochi.cli import main; main()", "demo", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=clean,
    )
    assert process.stdout is not None
    ready = next((m for m in (re.fullmatch(r"ready (http://\S+)/\n", line) for line in process.stdout) if m), None)
    try:
        assert ready, "the demonstration did not start"
        yield ready[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


@pytest.mark.browser
def test_the_picture_of_the_readme_is_what_the_demonstration_shows(demonstration: str) -> None:
    """Write to artefacts/; with BIAOCHI_KEEP_SCREENSHOTS=1 renew the picture of the README."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where a browser is

    keep = os.environ.get("BIAOCHI_KEEP_SCREENSHOTS") == "1"
    target = KEPT if keep else ROOT / "artefacts" / KEPT.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="zh-CN", color_scheme="light")
        answer = page.goto(f"{demonstration}/ruler/units/330000/")
        assert answer is not None
        assert answer.status == 200
        assert page.inner_text("h1").startswith("浙江")
        page.screenshot(path=target)
        browser.close()
    assert target.read_bytes().startswith(b"\x89PNG")
    assert 10_000 < target.stat().st_size <= MOST_BYTES


def test_the_picture_of_the_readme_is_kept_small() -> None:
    assert KEPT.stat().st_size <= MOST_BYTES
