"""The documentation is complete and true: what it shows runs, what exists is described, in both languages."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from biaochi.cli import SITE_COMMANDS
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms import MECHANISMS

ROOT = Path(__file__).resolve().parents[2]
BIAOCHI = Path(sys.executable).with_name("biaochi")
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    _script("reference").main(folder)
    return folder


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("readme", READMES, ids=lambda p: p.name)
def test_the_library_example_of_the_readme_runs(readme: Path) -> None:
    (code,) = blocks(readme, "python")
    assert len(code.strip().splitlines()) <= 6
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("readme", READMES, ids=lambda p: p.name)
def test_the_commands_of_the_readme_run(readme: Path, tmp_path: Path) -> None:
    lines = [line for block in blocks(readme, "sh") for line in block.splitlines() if line.startswith("biaochi ")]
    assert len(lines) >= 3
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        words = [str(tmp_path / "report") if w == "report/" else w for w in words]
        done = subprocess.run([BIAOCHI, *words], cwd=ROOT, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, (line, done.stderr)


@pytest.mark.parametrize("readme", READMES, ids=lambda p: p.name)
def test_every_picture_and_link_of_the_readme_exists(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert (ROOT / target).exists(), target


def test_every_command_has_its_reference(reference: Path) -> None:
    for lang in ("zh", "en"):
        text = (reference / lang / "reference" / "commands.md").read_text(encoding="utf-8")
        for name in (*MECHANISMS, *SITE_COMMANDS, "cycle"):
            assert f"## biaochi {name}\n" in text


def test_every_parameter_and_workflow_has_its_reference(reference: Path) -> None:
    module = _script("reference")
    for lang in ("zh", "en"):
        parameters = (reference / lang / "reference" / "parameters.md").read_text(encoding="utf-8")
        workflows = (reference / lang / "reference" / "workflows.md").read_text(encoding="utf-8")
        for name in MECHANISMS:
            assert all(f"`{p.code}`" in parameters for p in load_parameters(f"biaochi.mechanisms.{name}"))
            for flow in module.workflows_of(name):
                flow.validate()
                assert all(f"`{s.code}`" in workflows for s in flow.states)
                assert all(f"`{t.code}`" in workflows for t in flow.transitions)


def test_every_page_exists_in_both_languages() -> None:
    pages = {
        lang: {p.relative_to(ROOT / "docs" / lang).as_posix() for p in (ROOT / "docs" / lang).rglob("*.md")}
        for lang in ("zh", "en")
    }
    engineers_only = {p for p in pages["en"] if p.startswith("how-to/add-")}
    assert pages["en"] - engineers_only == pages["zh"] - engineers_only


def test_links_between_pages_hold() -> None:
    generated = {"commands.md", "parameters.md", "workflows.md", "words.md", "api.md"}
    for page in (ROOT / "docs").rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+\.md)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            place = (page.parent / target).resolve()
            assert place.exists() or place.name in generated, (page.name, target)


def test_every_news_fragment_has_a_kind() -> None:
    for path in (ROOT / "news").iterdir():
        assert path.name == "README.md" or re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md", path.name)
