"""``biaochi play``: a computed year of a programme, played through the services into a fresh data folder."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.errors import BiaochiError, UsageError
from biaochi.core.text import Text
from biaochi.exchange import atomic
from biaochi.web import installation
from biaochi.web.installation import DataOption

app = typer.Typer(add_completion=False)
START = datetime(2026, 1, 5)  # noqa: DTZ001 - a day, in the office's calendar


@app.command("play", help="把示范年演一遍 / play the demonstration year")
def play(
    data: DataOption = None,
    start: Annotated[datetime, typer.Option("--start", formats=["%Y-%m-%d"], help="首日 / first day")] = START,
    seed: Annotated[int, typer.Option("--seed", help="随机种子 / seed")] = 0,
    snapshot: Annotated[
        Path | None,
        typer.Option(
            "--snapshot",
            help="另存快照到此文件，建表语句在其旁 / also write the snapshot to this file, its tables beside it",
        ),
    ] = None,
) -> None:
    """Play the year; with ``--data`` it stays there and ``biaochi serve --data`` shows it."""
    made = data is None
    try:
        if made and snapshot is None:
            raise UsageError(Text("请用 --data 或 --snapshot", "name --data or --snapshot"))
        folder = Path(tempfile.mkdtemp(prefix="biaochi-play-")) if data is None else installation.folder_of(data)
        if not made and folder.exists() and any(folder.iterdir()):
            raise UsageError(
                Text(
                    f"{folder} 不是空文件夹：只演到新的文件夹里",
                    f"{folder} is not empty: a year is played into a fresh folder only",
                )
            )
        installation.make(folder)
        # A server with the address of PostgreSQL must not be played into by mistake.
        os.environ.pop("DATABASE_URL", None)
        os.environ["BIAOCHI_PLAYED"] = "1"
        installation.name(folder, demo=True)
        began = time.monotonic()
        try:
            with installation.serving(folder):
                operations = installation.open_installation(folder)
                operations.migrate()
                head, content, tables = operations.play_year(start.date(), seed)
        finally:
            if made:
                shutil.rmtree(folder, ignore_errors=True)
        if snapshot is not None:
            snapshot.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_bytes(snapshot, content)
            atomic.write_bytes(snapshot.with_name("schema.sql.gz"), tables)
    except UsageError as error:
        installation.complain(error)
    except BiaochiError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error
    took = time.monotonic() - began
    print(f"{head.acts} acts, {head.lines} lines, head {head.digest}, {len(content):,} bytes, {took:.1f} s")
