"""What the guides and the security table name exists: commands, files, a guide a role."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from biaochi.cli import app
from biaochi.core.roles import Role

ROOT = Path(__file__).resolve().parents[2]
OURS = ("how-to", "tutorial", "explanation")
PAGES = sorted(p for lang in ("en", "zh") for folder in OURS for p in (ROOT / "docs" / lang / folder).glob("*.md"))
COMMAND = re.compile(r"biaochi ([a-z]+)(?: ([a-z]+))?")


@pytest.fixture(scope="module")
def verbs() -> dict[str, set[str]]:
    """Every command with its verbs."""
    root: Any = typer.main.get_command(app)
    context = root.make_context("biaochi", [], resilient_parsing=True)
    return {n: set(getattr(root.get_command(context, n), "commands", {})) for n in root.list_commands(context)}


def spoken(page: Path) -> list[tuple[str, str]]:
    """Return the commands a page shows: in code spans, and at the start of a line of a block."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"`(biaochi [^`\n]+)`", text) + re.findall(r"^(?:\$ )?(biaochi .+)$", text, flags=re.MULTILINE)
    return [(m[1], m[2] or "") for m in map(COMMAND.match, found) if m]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: "-".join(p.parts[-3:]))
def test_every_command_a_page_names_exists(page: Path, verbs: dict[str, set[str]]) -> None:
    for name, verb in spoken(page):
        assert name in verbs, name
        assert not verbs[name] or not verb or verb in verbs[name], (name, verb)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_role_has_its_guide(lang: str) -> None:
    for role in Role:
        if role is not Role.CLOCK:
            assert (ROOT / "docs" / lang / "how-to" / f"{role.value.replace('_', '-')}.md").is_file(), role


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_file_of_the_security_table_exists(lang: str) -> None:
    text = (ROOT / "docs" / lang / "explanation" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:src|tests|deploy|scripts|requirements)/[^`]+)`", text)
    assert len(named) > 40
    assert not [n for n in named if not (ROOT / n).exists()]
