"""The verbs of the layout, thin: read, compute, report."""

from __future__ import annotations

import typer

from biaochi.mechanisms.layout.cli.declared import crowding

app = typer.Typer(
    no_args_is_help=True, help="错位布局:看清拥挤,给出有理由的菜单 / layout: see crowding, offer menus with reasons"
)


@app.callback()
def layout() -> None:
    """Hold the verbs together."""


app.command()(crowding)
