"""The application all fund commands hang on, and how they read a programme."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.errors import UsageError
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.exchange.command import Invocation
from biaochi.exchange.parameter_files import load_parameters
from biaochi.methods.allocation import Programme

app = typer.Typer(no_args_is_help=True, add_completion=False, help="竞争性探索基金 / competitive exploration fund")

ProgrammeArgument = Annotated[
    Path, typer.Argument(metavar="P", help="方案文件 biaochi.fund.programme/1 / programme file")
]
PathsOption = Annotated[int, typer.Option("--paths", min=2, help="模拟路径数 / simulated paths")]
LimitOption = Annotated[
    int,
    typer.Option("--exact-limit", min=0, help="精确求解的状态上限，0 为不求解 / most states solved exactly, 0 never"),
]


def read_programme(call: Invocation, path: Path) -> Programme:
    """Read a programme file through the invocation."""
    return Programme.from_json(call.data(path), file=path.name)


def use_parameters(call: Invocation) -> Snapshot:
    """Freeze the fund's parameters in force on the call's day."""
    found = load_parameters("biaochi.mechanisms.fund").at(call.at)
    call.parameters = found
    return found


def listed(text: str | None) -> list[str]:
    """Return the items of a comma-separated option."""
    items = [] if text is None else [item.strip() for item in text.split(",")]
    if any(not item for item in items) or len(set(items)) != len(items):
        raise UsageError(Text(f"列表有空项或重复：{text}", f"the list has an empty or repeated item: {text}"))
    return items
