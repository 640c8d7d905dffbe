"""A new year's data: five faults told with their rows, a clean file, another person publishes, the public sees, the ledger holds."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FAULTY = """unit,indicator,period,value,grade,source,status
330000,rd_exp,2025,many,A,公报,observed
339999,rd_exp,2025,2900.5,A,公报,observed
330000,alchemy,2025,3,A,公报,observed
330000,gdp,25年,95000,A,公报,observed
330000,pop,2025,6700,D,公报,observed
"""
CLEAN = """unit,indicator,period,value,grade,source,status
330000,rd_exp,2024,2850.5,C,测试用数,provisional
330000,inv_grant,2024,61000,C,测试用数,provisional
"""


def biaochi(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from biaochi.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def upload(page: Any, path: Path) -> None:
    page.set_input_files("input[name=file]", path)
    page.locator("form:has(input[name=file]) button[type=submit]").click()
    page.wait_for_load_state()


def test_from_a_faulty_file_to_a_published_number(visitor: Callable[..., Any], site: Any, tmp_path: Path) -> None:
    faulty, clean = tmp_path / "观测值.csv", tmp_path / "clean.csv"
    faulty.write_text(FAULTY, encoding="gbk")
    clean.write_text(CLEAN, encoding="utf-8-sig")

    city = visitor()
    city.enter("未来产业办", 2)
    page = city.go("/ruler/import/observations/")
    upload(page, faulty)
    rows = [" ".join(line.split()) for line in page.locator("table tbody tr").all_inner_texts()]
    for number, seen in ((2, "many"), (3, "339999"), (4, "alchemy"), (5, "25年"), (6, "D")):
        assert any(re.match(rf"{number}\b", line) and seen in line for line in rows), (number, seen, rows)
    city.said.clear()  # a refused upload is answered 422, which the console reports

    upload(city.go("/ruler/import/observations/"), clean)
    address = page.url.removeprefix(site.address)
    assert address.startswith("/ruler/submissions/")
    assert (
        page.locator("button[name=move]:enabled").count() == 0
    )  # its own organisation may neither validate nor publish

    province = visitor(lang="en")
    province.enter("Office officer")
    page = province.go(address)
    page.locator("button[value=validate]").click()
    page.wait_for_load_state()
    page = province.go(address)
    page.locator("button[value=publish]").click()
    page.wait_for_load_state()
    assert "vintage" in page.inner_text("[role=alert]")  # published cells need a reason and a vintage
    province.said.clear()
    page.select_option("select[name=publish-revision_reason]", "source_revised")
    page.fill("input[name=publish-vintage]", "2026-01-15")
    page.locator("button[value=publish]").click()
    page.wait_for_load_state()

    public = visitor()
    page = public.go("/ruler/units/330000/")
    assert "浙江" in page.inner_text("h1")
    assert public.go(address).locator("text=已发布").count() >= 1
    assert "测试用数" in public.page.inner_text("main")  # the cells themselves are public, with their source


def test_the_public_reads_profiles_in_both_languages(visitor: Callable[..., Any]) -> None:
    for lang, word in (("zh", "层级"), ("en", "tier")):
        page = visitor(lang=lang).go("/ruler/")
        assert word in page.inner_text("main").lower()
        assert page.locator("ul.rows > li").count() == 31
        assert page.locator("svg[aria-label]").count() >= 31
        page.get_by_role("link", name="浙江" if lang == "zh" else "Zhejiang").click()
        assert page.locator("figure svg").count() >= 1
        assert "rank" not in page.inner_text("h1").lower()


def test_the_ledger_verifies_and_one_flipped_byte_is_found(site: Any, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    backup = tmp_path / "b.tar.gz"
    assert biaochi("backup", str(backup), "--data", str(site.data)).returncode == 0
    copy.mkdir()
    done = biaochi("restore", str(backup), "--data", str(copy))
    assert done.returncode == 0, done.stderr
    assert biaochi("ledger", "verify", "--data", str(copy)).returncode == 0
    database = next(copy.rglob("*.sqlite3"))
    shutil.copy(database, tmp_path / "kept.sqlite3")
    body = sqlite3.connect(database).execute("SELECT body FROM registry_ledgerentry WHERE seq = 2").fetchone()[0]
    raw = database.read_bytes()
    at = raw.find(body.encode()[:60])
    assert at > 0
    database.write_bytes(raw[: at + 20] + bytes([raw[at + 20] ^ 1]) + raw[at + 21 :])
    found = biaochi("ledger", "verify", "--data", str(copy))
    assert found.returncode == 1
    assert "2" in found.stdout + found.stderr
