"""Both languages are complete: no message without a translation, none that a catalogue does not know."""

from __future__ import annotations

import gettext
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "biaochi"
CATALOGUES = sorted(PACKAGE.glob("**/locale/*/LC_MESSAGES/django.po"))
_IN_TEMPLATE = re.compile(r"""\{%\s*translate\s+(["'])(.+?)\1""")
_IN_PYTHON = re.compile(r"""(?<![\w.])(?:_|gettext|gettext_lazy)\(\s*"((?:[^"\\]|\\.)+)"\s*[,)]""")


def _application(path: Path) -> Path:
    return next(p for p in path.parents if (p / "apps.py").exists())


def _known(application: Path, language: str) -> dict[str, str]:
    with (application / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as stream:
        catalogue = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
    return {key[0] if isinstance(key, tuple) else key: value for key, value in catalogue.items()}


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda p: "/".join(p.parts[-5:-2]))
def test_every_message_has_a_translation(catalogue: Path) -> None:
    if shutil.which("msgattrib") is None:
        pytest.skip("the GNU gettext tools are not installed")
    for only in ("--untranslated", "--only-fuzzy"):
        left = subprocess.run(["msgattrib", only, str(catalogue)], capture_output=True, text=True, check=True).stdout
        assert left.count("msgid ") <= 1, left
    compiled = subprocess.run(["msgfmt", "-o", "-", str(catalogue)], capture_output=True, check=True).stdout
    assert catalogue.with_suffix(".mo").read_bytes() == compiled, "compile it: python -m django catalogues"


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_every_message_of_the_code_is_known(language: str) -> None:
    missing = []
    for application in sorted({_application(c) for c in CATALOGUES}):
        known = _known(application, language)
        for path in [*application.rglob("*.py"), *application.rglob("*.html")]:
            text = path.read_text(encoding="utf-8")
            found = [m[2] for m in _IN_TEMPLATE.finditer(text)] if path.suffix == ".html" else _IN_PYTHON.findall(text)
            missing += [f"{path.name}: {m}" for m in found if not known.get(m)]
    assert not missing


def test_an_application_that_translates_has_both_catalogues_or_uses_the_houses_words() -> None:
    shared = {lang: _known(PACKAGE / "registry", lang) for lang in ("zh_Hans", "en")}
    for path in PACKAGE.glob("**/templates/**/*.html"):
        found = [m[2] for m in _IN_TEMPLATE.finditer(path.read_text(encoding="utf-8"))]
        for language in shared if found else ():
            place = _application(path) / "locale" / language / "LC_MESSAGES" / "django.mo"
            unknown = [m for m in found if not shared[language].get(m)]
            assert place.exists() or not unknown, f"{path} translates {unknown}, but there is no {place}"
