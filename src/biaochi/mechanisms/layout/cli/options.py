"""Options that several verbs of the layout share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from biaochi.mechanisms.layout.model import Documents, Level


class Absent(StrEnum):
    """What a cell without a row means."""

    MISSING = "missing"
    ZERO = "zero"


class Proximity(StrEnum):
    """Kind of proximity."""

    CONDITIONAL = "conditional"
    CORRELATION = "correlation"
    ASSOCIATION = "association"
    COSINE = "cosine"
    JACCARD = "jaccard"


class Diagonal(StrEnum):
    """Proximity of a track to itself."""

    ZERO = "zero"
    ONE = "one"


class PciScale(StrEnum):
    """What PCI is scaled by."""

    ECI = "eci"
    OWN = "own"


class Measure(StrEnum):
    """Measure of similarity."""

    UNIDO = "unido"
    KRUGMAN = "krugman"
    OVERLAP = "overlap"
    BAHAR = "bahar"
    JACCARD = "jaccard"


class Granularity(StrEnum):
    """Level at which structures are compared."""

    TRACK = "track"
    DIRECTION = "direction"


class ProblemKind(StrEnum):
    """Which programme coordinates."""

    P0 = "p0"
    P1 = "p1"
    P2 = "p2"

    @property
    def code(self) -> Literal["p0", "p1", "p2"]:
        """The programme's code."""
        return self.value


ActivityArgument = Annotated[Path, typer.Argument(help="活动表 activity.csv / table of activity")]
LevelOption = Annotated[Level, typer.Option("--level", help="比较哪一级地区 / level of the regions compared")]
DocumentsOption = Annotated[
    Documents, typer.Option("--documents", help="最新完整文件，或全部文件 / newest complete document, or all of them")
]
DrawsOption = Annotated[int, typer.Option("--draws", min=2, help="抽样次数 / number of draws")]
UniverseOption = Annotated[Path | None, typer.Option("--universe", help="全部地区，一行一个 / all regions, one a line")]
TracksOption = Annotated[Path | None, typer.Option("--tracks", help="赛道表 tracks.csv / table of tracks")]
AbsentOption = Annotated[Absent, typer.Option("--absent", help="没有的格是缺失还是零 / whether an absent cell is zero")]
WindowOption = Annotated[int, typer.Option("--window", min=1, help="相加的相邻时期数 / successive periods summed")]
AnchorOption = Annotated[
    str | None,
    typer.Option(
        "--anchor",
        help="复杂度方向的锚：赛道代码(逗号分隔)或表 / anchor of complexity: track codes or a table",
    ),
]
EventOption = Annotated[
    str, typer.Option("--event", help="进入的定义：loose、strict 或 absolute:A / entry: loose, strict or absolute:A")
]
KOption = Annotated[int | None, typer.Option("--k", min=1, help="每个地区的条数 / picks of each region")]
