"""The same service on PostgreSQL: every test of it, many writers at once, and backup and restore."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
HERE = Path(__file__).parent
COMMAND = [sys.executable, "-c", "from biaochi.cli import main; main()"]


def surroundings(url: str, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BIAOCHI_", "DJANGO_", "PYTEST_"))}
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    path = os.pathsep.join([*(str(b) for b in binaries), kept.get("PATH", "")])
    return {**kept, "PATH": path, "DATABASE_URL": url, "BIAOCHI_SECRET_KEY": "tests only", **more}


def python(url: str, *arguments: str, code: int = 0, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env=surroundings(url, **more),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_every_test_of_the_service_holds_on_postgresql(postgres_url: str) -> None:
    out = python(
        postgres_url,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:randomly",
        str(HERE / "test_transition_service.py"),
        str(HERE / "test_ledger_tampering.py"),
    )
    assert " passed" in out
    assert "failed" not in out


def test_many_writers_keep_one_chain_and_a_backup_comes_back(postgres_url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    admin = postgres_url.replace("/biaochi?", "/postgres?")
    subprocess.run(["psql", admin, "-qc", "CREATE DATABASE biaochi"], check=True, env=surroundings(admin))
    django = {"DJANGO_SETTINGS_MODULE": "biaochi.web.settings", "BIAOCHI_DATA": str(data)}
    python(postgres_url, "-m", "django", "migrate", "-v", "0", **django)
    out = python(postgres_url, str(HERE / "many_writers.py"), **django)
    assert json.loads(out) == {"lines": 200, "intact": True}
    backup = tmp_path / "backup.tgz"

    def command(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*COMMAND, *arguments, "--data", str(data)],
            env=surroundings(postgres_url),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    command("backup", str(backup))
    python(postgres_url, str(HERE / "many_writers.py"), **django)
    verified = json.loads(command("ledger", "verify", "--format", "json").stdout)
    assert (verified["intact"], verified["lines"]) == (True, 400)
    restored = json.loads(command("restore", str(backup), "--format", "json").stdout)
    assert restored["ledger_lines"] == 200
    assert json.loads(command("ledger", "verify", "--format", "json").stdout)["lines"] == 200
