"""Every page of every mechanism reachable in the demonstration, in a real browser, as each role.

Run by hand: ``python benchmarks/site_pages.py [--roles officer,firm] [--each 2]``.  Starts ``biaochi demo`` on a port of its
own, enters as each role, follows every link of the site, and looks at each kind of page (addresses that differ by an
identifier only are one kind; a page where the role may act is another) in both languages, light and dark, at 1280 and 390
pixels, by axe-core and by keyboard.  The console must stay empty under the content security policy.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from page_checks import scrolls_sideways, serious_violations, unreached_by_keyboard
from playwright.sync_api import Browser, Page, sync_playwright

COMMAND = [sys.executable, "-c", "from biaochi.cli import main; main()"]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-sync",
]
ROLES = ("officer", "fund_manager", "reviewer", "regulator", "ethics_member", "buyer", "competition_reviewer", "scene_owner", "firm", "analyst", "auditor",
         "administrator", "public")  # fmt: skip
_ID = re.compile(r"[A-Z]{1,4}-[0-9A-Z]{13}")
_AWAY = re.compile(
    r"^/(logout|language|theme|static|document|first|invitation)/|\.(csv|xlsx|zip|ics|atom|jsonl|json|yaml|docx|html)$"
)


@dataclass
class Found:
    """What was looked at, and what was wrong."""

    kinds: set[tuple[str, bool]] = field(default_factory=set)
    looks: int = 0
    wrong: list[str] = field(default_factory=list)


@contextmanager
def demonstration() -> Iterator[str]:
    """Serve the demonstration; give its address."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("BIAOCHI_", "DATABASE_URL"))}
    server = subprocess.Popen([*COMMAND, "demo", "--port", "0"], stdout=subprocess.PIPE, text=True, env=env)
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if line.startswith("ready http"):
                yield line.split()[1].rstrip("/")
                return
        raise SystemExit("the demonstration did not start")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(40)


def kind_of(path: str) -> str:
    """Return the kind of a page: its address without identifiers."""
    return re.sub(
        r"/(units|technologies|rules)/[^/]+(/[^/]+)?/",
        r"/\1/*/",
        re.sub(r"/\d+/", "/*/", _ID.sub("*", urlsplit(path).path)),
    )


def walk(browser: Browser, address: str, role: str, each: int, found: Found) -> None:
    """Enter as a role and look at every kind of page it reaches."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    if role != "public":
        page.goto(f"{address}/enter/")
        page.locator(f"button[data-role={role}]").first.click()
        page.wait_for_load_state()
    ahead, known = deque(["/"]), {"/"}
    visited: dict[str, int] = {}
    while ahead:
        path = ahead.popleft()
        kind = kind_of(path)
        if visited.get(kind, 0) >= each:
            continue
        visited[kind] = visited.get(kind, 0) + 1
        answer = page.goto(address + path)
        if answer is None or answer.status >= 400:
            found.wrong.append(f"{role} {path}: linked, but answers {answer.status if answer else 'nothing'}")
            said.clear()
            continue
        acts = page.locator("#acts").count() > 0
        links: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
        if (kind, acts) not in found.kinds:
            found.kinds.add((kind, acts))
            look(page, address, path, role, found)
        found.wrong += [f"{role} {path} console: {line}" for line in said]
        said.clear()
        for link in links:
            target = urlsplit(link)
            if (
                link.startswith("/")
                and not _AWAY.search(target.path)
                and target.path not in known
                and "format=" not in target.query
            ):
                known.add(target.path)
                ahead.append(target.path)
    context.close()


def look(page: Page, address: str, path: str, role: str, found: Found) -> None:
    """Look at one page in both languages, light and dark, wide and narrow, by axe-core and by keyboard."""
    for language in ("zh-hans", "en"):
        page.context.add_cookies([{"name": "language", "value": language, "url": address}])
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(address + path)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found.looks += 1
            found.wrong += [f"{role} {path} {language} {scheme}: {v}" for v in serious_violations(page)]
        if scrolls_sideways(page):
            found.wrong.append(f"{role} {path} {language}: scrolls sideways at 1280")
        page.set_viewport_size({"width": 390, "height": 800})
        if scrolls_sideways(page):
            found.wrong.append(f"{role} {path} {language}: scrolls sideways at 390")
    page.set_viewport_size({"width": 1280, "height": 800})
    found.wrong += [f"{role} {path}: {m}" for m in unreached_by_keyboard(page)]
    page.emulate_media(color_scheme="light")
    page.context.add_cookies([{"name": "language", "value": "zh-hans", "url": address}])


def main() -> int:
    """Walk the site as each role; print what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--roles", default=",".join(ROLES))
    parser.add_argument("--each", type=int, default=2, help="pages of one kind to follow")
    parser.add_argument("--address", default="", help="of a demonstration that is running")
    wanted = parser.parse_args()
    found, began = Found(), time.perf_counter()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)

        def every(address: str) -> None:
            for role in wanted.roles.split(","):
                before = len(found.wrong)
                walk(browser, address, role, wanted.each, found)
                print(
                    f"{role}: {len(found.kinds)} kinds of page so far, {len(found.wrong) - before} new findings",
                    flush=True,
                )

        if wanted.address:
            every(wanted.address.rstrip("/"))
        else:
            with demonstration() as address:
                every(address)
        browser.close()
    print(
        f"{len(found.kinds)} kinds of page, {found.looks} looks, {time.perf_counter() - began:.0f} s: {len(found.wrong)} findings"
    )
    for line in dict.fromkeys(found.wrong):
        print("  " + line)
    return int(bool(found.wrong))


if __name__ == "__main__":
    sys.exit(main())
