"""The tutorial is executed as a newcomer would: its files written, its commands run, its shown output compared.

A fenced block ``title="PATH"`` is a file (``+PATH`` appends), ``sh`` is run, ``text`` after it must appear in what was printed.
Installing (the ``bash`` block) is what ``scripts/lanes.sh`` does from a clean environment.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "docs" / lang / "tutorial" / "first-report.md" for lang in ("en", "zh")]
BLOCK = re.compile(r'^```(?P<kind>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<body>.*?)^```$', re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    kind: str
    title: str
    body: str


def blocks(page: Path) -> list[Block]:
    found = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [Block(m["kind"], m["title"] or "", m["body"]) for m in found]


def write(block: Block, folder: Path) -> None:
    place = folder / block.title.removeprefix("+")
    with place.open("a" if block.title.startswith("+") else "w", encoding="utf-8") as stream:
        stream.write(block.body)


def run(line: str, folder: Path) -> str:
    """Run one command; a comment ``# exit N`` says which exit code it must end with."""
    wanted = re.search(r"#\s*exit (\d+)\s*$", line)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == (int(wanted[1]) if wanted else 0), (line, done.stdout, done.stderr)
    return done.stdout + done.stderr


def squeezed(text: str) -> list[str]:
    """Return the lines with runs of blanks made one, so that the width of a column is no promise."""
    return [" ".join(line.split()) for line in text.splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.parts[-3])
def test_the_tutorial_leads_from_nothing_to_the_first_report(page: Path, tmp_path: Path) -> None:
    printed, shown, start = "", 0, time.monotonic()
    for block in blocks(page):
        if block.title:
            write(block, tmp_path)
        elif block.kind == "sh":
            printed = "".join(run(line, tmp_path) for line in block.body.splitlines() if line.strip())
        elif block.kind == "text":
            missing = set(squeezed(block.body)) - set(squeezed(printed))
            assert not missing, (missing, printed)
            shown += 1
    assert shown >= 6
    assert {p.name for p in (tmp_path / "report").iterdir()} == {
        "index.html",
        "report.docx",
        "report.json",
        "report.xlsx",
    }
    assert time.monotonic() - start < 600


def test_both_tutorials_make_the_same_files() -> None:
    first, second = ([(b.title, b.body) for b in blocks(page) if b.title] for page in PAGES)
    assert first == second
    assert len(first) == 5
