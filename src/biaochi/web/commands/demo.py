"""``biaochi demo``: the platform on a fresh throw-away folder, filled with the demonstration programme."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.web import installation, server
from biaochi.web.commands.serve import HostOption, PortOption
from biaochi.web.installation import DataOption

app = typer.Typer(add_completion=False)


@app.command("demo", help="以示范数据启动平台 / start the platform with demonstration data")
def demo(data: DataOption = None, host: HostOption = "127.0.0.1", port: PortOption = 8000) -> None:
    """Serve the demonstration until told to stop; then the folder is removed."""
    made = data is None
    try:
        folder = Path(tempfile.mkdtemp(prefix="biaochi-demo-")) if data is None else installation.folder_of(data)
        if not made and folder.exists() and any(folder.iterdir()):
            raise UsageError(
                Text(
                    f"{folder} 不是空文件夹：演示只用新的文件夹",
                    f"{folder} is not empty: the demonstration uses a fresh folder only",
                )
            )
        installation.make(folder)
        installation.name(folder, demo=True)
        with installation.serving(folder):
            chosen = server.free_port(host, port)

            def prepare() -> None:
                operations = installation.open_installation(folder)
                operations.make_demonstration()
                operations.load_facts()
                operations.fill_demonstration()

            code = server.serve(folder, host, chosen, prepare)
    except UsageError as error:
        installation.complain(error)
    finally:
        if made:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(code)
