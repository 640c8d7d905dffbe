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
from biaochi.exchange.tables import Column, Table
from biaochi.mechanisms.challenge.cli.frame import app
from biaochi.mechanisms.challenge.report import ranking_records
from biaochi.methods.allocation import Ranking, draw_lots, expected_rank, lottery_seed

SCORES = (
    Column("bid", "code", Text("标书", "bid"), example="B01"),
    Column("reviewer", "code", Text("评审", "reviewer"), example="R1"),
    Column("score", "number", Text("评分", "score"), example="7.5"),
)
CONFLICTS = (
    Column("reviewer", "code", Text("评审", "reviewer"), example="R1"),
    Column("bid", "code", Text("标书", "bid"), example="B01"),
    Column("kind", "code", Text("利益关系", "kind of conflict"), example="own_organisation"),
)


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
        table = call.table(scores, SCORES, key=("bid", "reviewer"), faults=faults, duplicate_code="duplicate_score")
        barred = call.table(conflicts, CONFLICTS, faults=faults) if conflicts is not None else None
        _check(table, barred, low, high, faults)
        faults.check()
        found = expected_rank(table.frame, slots, scale=(low, high), sd=deviations, seed=seed)
        call.finish(ranking_records(found, _draw(call, found, slots, nonces)))


def _numbers(text: str, count: int, option: str) -> tuple[float, ...]:
    try:
        values = tuple(float(part) for part in text.split(","))
    except ValueError:
        values = ()
    if len(values) != count or not all(math.isfinite(v) for v in values):
        raise UsageError(Text(f"{option} 须为 {count} 个数,以逗号分隔", f"{option} is {count} numbers with commas"))
    return values


def _check(table: Table, barred: Table | None, low: float, high: float, faults: Faults) -> None:
    frame = table.frame
    name = table.source.name
    if frame.empty and not len(faults):
        faults.add("empty_table", Text("没有评分", "there are no scores"), Text("请填写评分", "add scores"), file=name)
    pairs = set() if barred is None else set(zip(barred.frame["reviewer"], barred.frame["bid"], strict=True))
    for row, bid, reviewer, score in zip(frame["row"], frame["bid"], frame["reviewer"], frame["score"], strict=True):
        if score < low or score > high:
            faults.add(
                "off_scale",
                Text(f"评分应在 {low:g} 与 {high:g} 之间", f"a score lies between {low:g} and {high:g}"),
                Text("请改正评分或 --scale", "correct the score or --scale"),
                row=int(row),
                column="score",
                seen=f"{score:g}",
                file=name,
            )
        if (reviewer, bid) in pairs:
            faults.add(
                "conflicted",
                Text("该评审与该标书有利益关系", "this reviewer has a conflict of interest with this bid"),
                Text("请删去这项评分,另请评审", "remove the score and ask another reviewer"),
                row=int(row),
                column="reviewer",
                seen=f"{reviewer},{bid}",
                file=name,
            )


def _draw(call: Invocation, found: Ranking, slots: int, nonces: str | None) -> tuple[str, ...]:
    zone = [b.bid for b in found.bids if b.zone == "lottery"]
    places = slots - sum(b.zone == "above" for b in found.bids)
    if nonces is None:
        if len(zone) > max(places, 0):
            call.warn(
                "lottery_not_drawn",
                Text(
                    "抽签区未抽签:请用 --nonces 给出两名经办人的随机数",
                    "no draw yet: give two officers' nonces with --nonces",
                ),
            )
        return ()
    parts = [p.strip() for p in nonces.split(",")]
    if len(parts) != 2 or not all(parts) or parts[0] == parts[1]:
        raise UsageError(Text("--nonces 须为两个不同的随机数", "--nonces is two different nonces with a comma"))
    return draw_lots(zone, places, lottery_seed(*parts))
