"""The verbs of the layout, thin: read, compute, report."""

from __future__ import annotations

import typer

from biaochi.mechanisms.layout.cli.activity import indicators, similarity
from biaochi.mechanisms.layout.cli.checking import check
from biaochi.mechanisms.layout.cli.declared import crowding
from biaochi.mechanisms.layout.cli.forecast import backtest
from biaochi.mechanisms.layout.cli.paper import report
from biaochi.mechanisms.layout.cli.planning import plan
from biaochi.mechanisms.layout.cli.simulating import simulate

app = typer.Typer(
    no_args_is_help=True, help="错位布局：看清拥挤，给出有理由的菜单 / layout: see crowding, offer menus with reasons"
)


@app.callback()
def layout() -> None:
    """Hold the verbs together."""


for verb in (check, indicators, similarity, crowding, backtest, plan, simulate, report):
    app.command()(verb)
