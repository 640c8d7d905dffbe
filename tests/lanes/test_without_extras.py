"""The library and the command line without any extra: small, quick to import, and clear about what is missing."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import subprocess
import sys

import pytest

import biaochi
from biaochi.mechanisms import MECHANISMS

BARE = importlib.util.find_spec("django") is None and importlib.util.find_spec("altair") is None


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from biaochi.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


def loaded_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*{{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return set(done.stdout.split())


def test_methods_load_neither_django_nor_a_chart_library() -> None:
    names = [m.name for m in pkgutil.iter_modules(importlib.import_module("biaochi.methods").__path__)]
    statement = "\n".join(f"import biaochi.methods.{name}" for name in names) or "import biaochi.methods"
    assert not loaded_after(statement) & {"django", "altair", "vl_convert", "docx", "xlsxwriter"}


def test_the_core_loads_no_numerics() -> None:
    names = [m.name for m in pkgutil.iter_modules(importlib.import_module("biaochi.core").__path__)]
    statement = "\n".join(f"import biaochi.core.{name}" for name in names)
    assert not loaded_after(statement) & {"numpy", "pandas", "scipy", "django", "yaml", "pydantic"}


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_every_mechanism_answers_help(mechanism: str) -> None:
    done = run(mechanism, "--help")
    assert done.returncode == 0, done.stderr


def test_version() -> None:
    assert run("--version").stdout == f"biaochi {biaochi.__version__}\n"


@pytest.mark.skipif(not BARE, reason="the extras are installed here; the bare lane runs this")
@pytest.mark.parametrize("command", ["serve", "demo", "doctor", "ledger"])
def test_site_commands_name_the_extra(command: str) -> None:
    done = run(command)
    assert done.returncode == 2
    assert "biaochi[web]" in done.stderr
