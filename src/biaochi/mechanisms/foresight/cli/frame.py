"""The group of commands, and what its verbs share."""

from __future__ import annotations

import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import Text

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="技术预见：知误差的预测、计分的调查、路线取舍 / foresight: forecasts, scored surveys, routes",
)


def whole_numbers(text: str | None, what: str) -> list[int]:
    """Read ``2030,2035`` as years or rounds."""
    if not text:
        return []
    try:
        return sorted({int(part) for part in text.split(",")})
    except ValueError:
        raise UsageError(Text(f"{what} 应写成 2030,2035", f"{what} is written as 2030,2035")) from None


def pair_of_numbers(text: str, what: str) -> tuple[float, float]:
    """Read ``LOW,HIGH``."""
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(Text(f"{what} 应写成 低，高", f"{what} is written as LOW,HIGH")) from None
    return low, high


def names(text: str) -> list[str]:
    """Read ``a,b``."""
    return [part.strip() for part in text.split(",") if part.strip()]
