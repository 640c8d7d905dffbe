"""``rank``: expected ranks, the lottery zone, and the draw."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AtOption,
    Format,
    FormatOption,
    Invocation,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.challenge.cli.frame import app
from biaochi.mechanisms.challenge.files import read_scores
from biaochi.mechanisms.challenge.report import ranking_records
from biaochi.methods.allocation import Ranking, draw_lots, expected_rank, lottery_seed


@app.command(help="期望名次、抽签区与抽签 / expected ranks, lottery zone, draw")
def rank(
    scores: Annotated[Path, typer.Argument(metavar="SCORES", help="评分表 bid,reviewer,score / scores")],
    slots: Annotated[int, typer.Option("--slots", min=1, help="名额 / places")],
    scale: Annotated[str, typer.Option("--scale", metavar="LO,HI", help="评分的最低与最高 / lowest and highest score")],
    conflicts: Annotated[Path | None, typer.Option("--conflicts", help="利益关系表 / conflicts of interest")] = None,
    sd: Annotated[
        str | None,
        typer.Option("--sd", metavar="A,B,C", help="标书、评审、误差的标准差 / deviations of bids, reviewers, noise"),
    ] = None,
    nonces: Annotated[
        str | None, typer.Option("--nonces", metavar="X,Y", help="两名经办人的随机数 / nonces of two officers")
    ] = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
) -> None:
    """Rank bids by expected rank and say what the scores cannot tell apart."""
    with invocation("biaochi.challenge.rank/1", Options(out, format, lang, seed, at)) as call:
        low, high = _numbers(scale, 2, "--scale")
        if not low < high:
            raise UsageError(Text("--scale 须先低后高", "--scale is LO,HI with LO below HI"))
        deviations = None if sd is None else _numbers(sd, 3, "--sd")
        if deviations is not None and min(deviations) <= 0:
            raise UsageError(Text("--sd 须为三个正数", "--sd is three positive numbers"))
        faults = Faults()
        read = read_scores(scores, conflicts, (low, high), faults)
        for table in read:
            call.remember(table.source, len(table))
        faults.check()
        found = expected_rank(read[0].frame, slots, scale=(low, high), sd=deviations, seed=seed)
        call.finish(ranking_records(found, _draw(call, found, slots, nonces)))


def _numbers(text: str, count: int, option: str) -> tuple[float, ...]:
    try:
        values = tuple(float(part) for part in text.split(","))
    except ValueError:
        values = ()
    if len(values) != count or not all(math.isfinite(v) for v in values):
        raise UsageError(Text(f"{option} 须为 {count} 个数，以逗号分隔", f"{option} is {count} numbers with commas"))
    return values


def _draw(call: Invocation, found: Ranking, slots: int, nonces: str | None) -> tuple[str, ...]:
    zone = [b.bid for b in found.bids if b.zone == "lottery"]
    places = slots - sum(b.zone == "above" for b in found.bids)
    if nonces is None:
        if len(zone) > max(places, 0):
            call.warn(
                "lottery_not_drawn",
                Text(
                    "抽签区未抽签：请用 --nonces 给出两名经办人的随机数",
                    "no draw yet: give two officers' nonces with --nonces",
                ),
            )
        return ()
    parts = [p.strip() for p in nonces.split(",")]
    if len(parts) != 2 or not all(parts) or parts[0] == parts[1]:
        raise UsageError(Text("--nonces 须为两个不同的随机数", "--nonces is two different nonces with a comma"))
    return draw_lots(zone, places, lottery_seed(*parts))
