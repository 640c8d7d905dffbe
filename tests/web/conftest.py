"""What the site's tests share: a copy of the package with the example room of the how-to, and the demonstration in memory."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from biaochi.web import demonstration
from biaochi.web.journeys import demonstration as between
from biaochi.web.sites import sites

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "biaochi"
HOW_TO = ROOT / "docs" / "en" / "how-to" / "add-a-web-room.md"
_BLOCK = re.compile(r'```\w+ title="mechanisms/(?P<path>[^"]+)"\n(?P<text>.*?)```', re.DOTALL)


@pytest.fixture(scope="session")
def example_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a source tree that is the package with the mechanism ``notice`` of the how-to."""
    tree = tmp_path_factory.mktemp("example") / "src"
    package = tree / "biaochi"
    mechanisms = package / "mechanisms"
    mechanisms.mkdir(parents=True)
    for part in PACKAGE.iterdir():
        if part.name not in ("mechanisms", "__pycache__"):
            (package / part.name).symlink_to(part)
    for part in (PACKAGE / "mechanisms").iterdir():
        if part.name not in ("__init__.py", "__pycache__"):
            (mechanisms / part.name).symlink_to(part)
    listed = (PACKAGE / "mechanisms" / "__init__.py").read_text(encoding="utf-8")
    (mechanisms / "__init__.py").write_text(f'{listed}\nMECHANISMS = (*MECHANISMS, "notice")\n', encoding="utf-8")
    for block in _BLOCK.finditer(HOW_TO.read_text(encoding="utf-8")):
        place = mechanisms / block["path"]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(block["text"], encoding="utf-8")
    (mechanisms / "notice" / "web" / "migrations").mkdir()
    (mechanisms / "notice" / "web" / "migrations" / "__init__.py").touch()
    return tree


@pytest.fixture(scope="session")
def migrated_example(example_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder of that tree with every migration applied, to be copied."""
    data = tmp_path_factory.mktemp("migrated")
    _python(example_tree, data, "-m", "django", "makemigrations", "notice")
    _python(example_tree, data, "-m", "django", "migrate", "-v", "0")
    return data


@pytest.fixture
def run_in_example(example_tree: Path, migrated_example: Path, tmp_path: Path) -> Callable[..., str]:
    """Return a runner of Python inside that tree, on a data folder of its own."""
    data = tmp_path / "data"
    shutil.copytree(migrated_example, data)
    return lambda *arguments: _python(example_tree, data, *arguments)


def _python(tree: Path, data: Path, *arguments: str) -> str:
    environment = {
        **{k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "BIAOCHI_DATA")},
        "PYTHONPATH": str(tree),
        "BIAOCHI_DATA": str(data),
        "BIAOCHI_SECRET_KEY": "only for tests, never for an installation",
        "DJANGO_SETTINGS_MODULE": "biaochi.web.settings",
    }
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def demonstration_copy(django_db_setup: None, django_db_blocker: Any) -> tuple[sqlite3.Connection, list[str]]:
    """Return a copy of the database with the demonstration in it, made once, and what went wrong in making it."""
    with django_db_blocker.unblock():
        empty = copy_of_database()
        problems = []
        stage = demonstration.cast()
        for site in sites():
            if site.demo is not None:
                try:
                    site.demo(stage)
                except Exception as error:
                    problems.append(f"{site.code}: {type(error).__name__}: {error}")
        between.fill(stage)
        made = copy_of_database()
        empty.backup(connection.connection)
        return made, problems


@pytest.fixture(scope="module")
def filled(demonstration_copy: tuple[sqlite3.Connection, list[str]], django_db_blocker: Any) -> Iterator[list[str]]:
    """Let a module's tests find the demonstration in the database; afterwards it is as it was."""
    made, problems = demonstration_copy
    with django_db_blocker.unblock():
        before = copy_of_database()
        made.backup(connection.connection)
    yield problems
    with django_db_blocker.unblock():
        before.backup(connection.connection)


def copy_of_database() -> sqlite3.Connection:
    """Return a copy of the test's database in memory."""
    connection.ensure_connection()
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    connection.connection.backup(copy)
    return copy
