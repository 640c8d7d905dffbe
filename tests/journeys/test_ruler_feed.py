"""The platform's own ledger becomes readings of the ruler: taken over by one office, published by another, seen by all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from biaochi.mechanisms.ruler.files import rebuild

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_the_ledger_becomes_published_readings(visitor: Callable[..., Any], site: Any) -> None:
    office = visitor()
    office.enter("未来产业办", 2)
    page = office.go("/journeys/")
    section = page.locator("section", has=page.locator("h2", has_text="台账成为标尺的过程指标"))
    section.locator("button").first.click()
    page.wait_for_load_state()
    address = page.url.removeprefix(site.address)
    assert address.startswith("/ruler/submissions/")
    cells = page.inner_text("main")
    assert "台账 / ledger #" in cells
    assert page.locator("button[name=move]:enabled").count() == 0

    assert "#" not in visitor().go("/ruler/process/").inner_text("main table, main .note")
    other = visitor(lang="en")
    other.enter("Office officer")
    queue = other.go("/ruler/validation/").inner_text("main")
    assert "fed by the ledger" in queue
    for move in ("validate", "publish"):
        page = other.go(address)
        page.locator(f"button[value={move}]").click()
        page.wait_for_load_state()

    page = visitor().go("/ruler/process/")
    rows = [" ".join(line.split()) for line in page.locator("table tbody tr").all_inner_texts()]
    assert rows
    assert all(re.search(r" B ", line) for line in rows)
    number = re.search(r"#(\d+)", rows[0])
    assert number is not None
    assert page.locator("table tbody a[href^='/ledger/']").count() == 0, "the ledger's lines open to auditors"
    auditor = visitor()
    auditor.enter("审计员")
    page = auditor.go("/ruler/process/")
    page.locator(f"a[href='/ledger/{number[1]}/']").first.click()
    page.wait_for_load_state()
    assert page.url.endswith(f"/ledger/{number[1]}/")


def test_a_page_of_a_province_answers_in_its_first_screen(visitor: Callable[..., Any], tmp_path: Path) -> None:
    for lang, words in (
        ("zh", ("站在哪一层", "差距由什么构成", "先动哪", "尚早")),
        ("en", ("stands", "gap", "move", "early")),
    ):
        page = visitor(lang=lang).go("/ruler/units/330000/")
        for word in words:
            box = page.locator("section.now th", has_text=re.compile(word, re.IGNORECASE)).first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 800, (lang, word, box)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page = visitor().go("/ruler/card/")
    with page.expect_download() as download:
        page.locator("a[href$='bundle.zip']").first.click()
    path = tmp_path / "bundle.zip"
    download.value.save_as(path)
    index = rebuild(path)
    assert len(index.scores) > 1000
    assert index.card()["framework"]["digest"][:4] in page.inner_text("main")
