"""The application all challenge commands hang on."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="揭榜挂帅 / open-bid challenges")


@app.callback()
def root() -> None:
    """Hold the commands together, however few they are."""
