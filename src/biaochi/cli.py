"""The command line: one sub-command for each mechanism, and the commands of the house."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import typer
from typer.core import TyperGroup

from biaochi import __version__
from biaochi.exchange.command import utf8_streams
from biaochi.mechanisms import MECHANISMS

PROGRAMME_COMMANDS = {"cycle": "biaochi.programme.command", "simulate": "biaochi.programme.simulation.command"}
SITE_COMMANDS = {
    "serve": "启动平台 / start the platform",
    "demo": "以示范数据启动平台 / start the platform with demonstration data",
    "play": "把示范年演进新的数据文件夹 / play the demonstration year into a fresh data folder",
    "backup": "备份 / write a backup while serving",
    "restore": "恢复备份 / restore a backup",
    "doctor": "检查安装并说明怎么办 / check the installation and say what to do",
    "ledger": "核验与导出台账 / verify, export or anchor the ledger",
}


class LazyGroup(TyperGroup):
    """Loads a mechanism's commands only when one of them is called, so that the command line starts fast."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return every command: mechanisms first, in their order, then the house's own."""
        return [*MECHANISMS, *PROGRAMME_COMMANDS, *SITE_COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return one command by name."""
        if cmd_name in MECHANISMS:
            group = import_module(f"biaochi.mechanisms.{cmd_name}.cli").app
            return typer.main.get_command(group)
        if cmd_name in PROGRAMME_COMMANDS:
            return typer.main.get_command(import_module(PROGRAMME_COMMANDS[cmd_name]).app)
        if cmd_name in SITE_COMMANDS:
            return _site_command(cmd_name)
        return super().get_command(ctx, cmd_name)


def _site_command(name: str) -> Any:
    found = [e for e in entry_points(group="biaochi.commands") if e.name == name]
    try:
        loaded = found[0].load()
    except (IndexError, ImportError):
        return _missing_extra(name)
    return typer.main.get_command(loaded) if isinstance(loaded, typer.Typer) else loaded


def _missing_extra(name: str) -> Any:
    """Return a command that says which extra to install; typer's own classes serve, whichever click it carries."""
    missing = typer.Typer(add_completion=False)

    @missing.command(
        name, help=SITE_COMMANDS[name], context_settings={"ignore_unknown_options": True, "allow_extra_args": True}
    )
    def say() -> None:
        typer.echo(
            f"“{name}”需要平台组件:请运行 pip install 'biaochi[web]'\n"
            f"“{name}” needs the platform: run pip install 'biaochi[web]'",
            err=True,
        )
        raise typer.Exit(2)

    return typer.main.get_command(missing)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="标尺：治理未来产业的不确定性 / Biaochi: govern future industries under uncertainty",
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"biaochi {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="版本 / version"),
) -> None:
    """Hold the options that stand before a command."""


def main() -> None:
    """Run the command line."""
    utf8_streams()
    try:
        app()
    except KeyboardInterrupt:
        typer.echo("已中断；未写完的文件没有留下 / interrupted; no half-written file was left", err=True)
        sys.exit(130)
