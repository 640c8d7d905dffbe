"""Bring the translation catalogues up to date: collect, fill the English one, compile, say what is missing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

HEAD = (
    'msgid ""\nmsgstr ""\n"Project-Id-Version: biaochi\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    '"Content-Transfer-Encoding: 8bit\\n"\n"Language: {language}\\n"\n"Plural-Forms: {plural}\\n"\n'
)
PLURALS = {"zh_Hans": "nplurals=1; plural=0;", "en": "nplurals=2; plural=(n != 1);"}


class Command(BaseCommand):
    """Collects messages of every application of ours that has a ``locale`` folder (needs the GNU gettext tools)."""

    help = "Update and compile the Chinese and English catalogues of our applications."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work through the applications."""
        incomplete = []
        for config in apps.get_app_configs():
            folder = Path(config.path)
            if config.name.startswith("biaochi.") and (folder / "locale").is_dir():
                incomplete += self._update(folder)
        if incomplete:
            raise CommandError("messages without a translation:\n" + "\n".join(incomplete))

    def _update(self, folder: Path) -> list[str]:
        before = Path.cwd()
        os.chdir(folder)
        try:
            locales = list(PLURALS)
            (folder / "locale" / "en" / "LC_MESSAGES" / "django.po").unlink(missing_ok=True)
            call_command("makemessages", locale=locales, no_location=True, no_obsolete=True, verbosity=0)
            for language, plural in PLURALS.items():
                catalogue = folder / "locale" / language / "LC_MESSAGES" / "django.po"
                _plain_head(catalogue, HEAD.format(language=language, plural=plural))
                if language == "en":
                    _run("msgen", "-o", str(catalogue), str(catalogue))
                _run("msgfmt", "-o", str(catalogue.with_suffix(".mo")), str(catalogue))
            return self._missing(folder)
        finally:
            os.chdir(before)

    def _missing(self, folder: Path) -> list[str]:
        catalogue = folder / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
        left = _run("msgattrib", "--untranslated", "--no-obsolete", str(catalogue))
        fuzzy = _run("msgattrib", "--only-fuzzy", "--no-obsolete", str(catalogue))
        return [
            f"{catalogue}: {line}"
            for line in (left + fuzzy).splitlines()
            if line.startswith("msgid ") and line != 'msgid ""'
        ]


def _plain_head(catalogue: Path, head: str) -> None:
    """Give a catalogue a head without dates, so that it changes only when messages do."""
    text = catalogue.read_text(encoding="utf-8")
    rest = text.split("\n\n", 1)
    catalogue.write_text(head + "\n" + (rest[1] if len(rest) > 1 else ""), encoding="utf-8")


def _run(*command: str) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError as error:
        raise CommandError(f"{command[0]} is missing: install the GNU gettext tools") from error
