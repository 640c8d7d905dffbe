"""``biaochi backup FILE``: one consistent file, also while the platform serves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.text import Text
from biaochi.exchange.command import Format, FormatOption, LangOption, Language, Options, invocation
from biaochi.web import backups, installation
from biaochi.web.installation import DataOption

app = typer.Typer(add_completion=False)


@app.command("backup", help="备份 / write a backup while serving")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="备份写到何处 / where to write the backup")],
    data: DataOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
) -> None:
    """The file holds the secret key: keep it as carefully as the platform itself."""
    with invocation("biaochi.backup/1", Options(format=format, lang=lang)) as call:
        folder = installation.folder_of(data)
        manifest = backups.take(folder, file, os.environ.get("DATABASE_URL", ""))
        call.finish(
            {
                "file": file.name,
                "database": manifest["database"],
                "ledger_lines": manifest["ledger_lines"],
                "ledger_head": manifest["ledger_head"],
                "files": len(manifest["files"]),
            },
            summary=Text(
                f"已写入 {file.name}。其中含密钥，请妥善保管。",
                f"{file.name} was written. It holds the secret key: keep it safe.",
            ),
        )
