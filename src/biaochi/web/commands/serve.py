"""``biaochi serve``: the platform on a data folder."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from biaochi.core.errors import UsageError
from biaochi.web import installation, server
from biaochi.web.installation import DataOption

app = typer.Typer(add_completion=False)
HostOption = Annotated[str, typer.Option("--host", help="监听地址 / address to listen on")]
PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="端口，0 取空闲端口 / port, 0 for a free one")
]


@app.command("serve", help="启动平台 / start the platform")
def serve(
    data: DataOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, help="服务进程数 / server processes")] = 1,
    work: Annotated[
        bool, typer.Option("--work/--no-work", help="是否同时运行任务与时钟 / also run jobs and the clock")
    ] = True,
) -> None:
    """Make what is missing, migrate, load the shipped facts, serve until told to stop."""
    try:
        folder = installation.folder_of(data)
        installation.make(folder)
        with installation.serving(folder):
            chosen = server.free_port(host, port)
            installation.name(folder)

            def prepare() -> None:
                operations = installation.open_installation(folder)
                operations.migrate()
                operations.load_facts()
                link = operations.first_link()
                if link:
                    told = "首位系统管理员（一次有效）/ first administrator (works once)"
                    print(f"{told}: http://{host}:{chosen}{link}", flush=True)

            code = server.serve(folder, host, chosen, prepare, workers=workers, work=work)
    except UsageError as error:
        installation.complain(error)
    sys.exit(code)
