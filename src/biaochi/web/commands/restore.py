"""``biaochi restore FILE``: the ledger is verified before anything is replaced; what was there is kept beside."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.errors import Fault, InputError, UsageError
from biaochi.core.ledger import Verification
from biaochi.core.text import Text
from biaochi.exchange.command import Format, FormatOption, LangOption, Language, Options, invocation
from biaochi.web import backups, environment, installation
from biaochi.web.installation import DataOption

app = typer.Typer(add_completion=False)


@app.command("restore", help="恢复备份 / restore a backup")
def restore(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="biaochi backup 写出的文件 / a file biaochi backup wrote")
    ],
    data: DataOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
) -> None:
    """Stop the platform first; a running one is refused."""
    with invocation("biaochi.restore/1", Options(format=format, lang=lang)) as call:
        folder = installation.folder_of(data)
        url = os.environ.get("DATABASE_URL", "")
        now = datetime.now(UTC)
        with backups.unpacked(file, folder.parent) as (place, manifest):
            if (manifest["database"] == "postgresql") != bool(url):
                raise UsageError(
                    Text(
                        f"备份来自 {manifest['database']}，与现用数据库不同：请核对 DATABASE_URL",
                        f"the backup is of {manifest['database']}, the installation is not: check DATABASE_URL",
                    )
                )
            if url:
                found, kept = _postgresql(place, folder, url, now)
            else:
                found, kept = _sqlite(place, folder, now)
        call.finish(
            {"file": file.name, "ledger_lines": found.lines, "ledger_head": found.head, "kept": kept},
            summary=Text(
                f"已恢复；台账 {found.lines} 条全部成立。原有内容留在：{kept or '（无）'}",
                f"restored; all {found.lines} lines of the ledger hold. What was there is at: {kept or '(nothing)'}",
            ),
        )


def _sqlite(place: Path, folder: Path, now: datetime) -> tuple[Verification, str]:
    found = backups.verify_file(place / backups.SQLITE_NAME)
    _must_hold(found)
    if folder.exists():
        with installation.serving(folder):
            kept = backups.put_back(place, folder, now)
    else:
        kept = backups.put_back(place, folder, now)
    return found, kept.name if kept else ""


def _postgresql(place: Path, folder: Path, url: str, now: datetime) -> tuple[Verification, str]:
    installation.make(folder)
    fresh, kept = f"biaochi_restore_{now:%Y%m%d%H%M%S}", f"biaochi_before_{now:%Y%m%d%H%M%S}"
    with installation.serving(folder):
        try:
            backups.restore_postgresql(place, url, fresh)
            os.environ["DATABASE_URL"] = backups.with_database(url, fresh)
            operations = installation.open_installation(folder)
            found: Verification = operations.verify()
            operations.close()
            _must_hold(found)
        except BaseException:
            backups.drop_postgresql(url, fresh)
            raise
        finally:
            os.environ["DATABASE_URL"] = url
        backups.swap_postgresql(url, fresh, kept)
        for part in ("documents", environment.SECRET_FILE):
            if (place / part).exists():
                _replace(place / part, folder / part, now)
    return found, kept


def _replace(new: Path, old: Path, now: datetime) -> None:
    if old.exists():
        old.rename(old.with_name(f"{old.name}.before-restore-{now:%Y%m%dT%H%M%S}"))
    new.rename(old)


def _must_hold(found: Verification) -> None:
    if not found.intact:
        raise InputError(
            [
                Fault(
                    "ledger_broken",
                    Text(
                        f"备份中的台账不成立：{found.found.zh}",
                        f"the ledger in the backup does not hold: {found.found.en}",
                    ),
                    Text("没有替换任何内容；请用另一份备份", "nothing was replaced; use another backup"),
                    row=found.broken_at,
                )
            ]
        )
