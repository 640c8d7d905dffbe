"""The sub-commands of sharing; each reads, calls and tells."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    ConfidenceOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
    tell_faults,
)
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.sharing.decisions import access_rates, check_prices, utilisation
from biaochi.mechanisms.sharing.files.tables import read_bookings, read_prices, read_resources, timed
from biaochi.mechanisms.sharing.model import HOLDING
from biaochi.methods.matching import Conflict, conflicts

PARAMETERS = "biaochi.mechanisms.sharing"
app = typer.Typer(no_args_is_help=True, help="要素共享 / sharing: no double booking, listed prices, how much is used")

ResourcesArgument = Annotated[Path, typer.Argument(help="资源表 / table of resources")]
BookingsArgument = Annotated[Path, typer.Argument(help="预约表 / table of bookings")]


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("not an instant or a date / 不是时刻或日期") from None


@app.command("check", help="核对重占、收费与准入 / check double booking, charges and access")
def check(
    resources: ResourcesArgument,
    bookings: BookingsArgument,
    prices: Annotated[Path | None, typer.Option("--prices", help="挂牌价 / listed prices")] = None,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """List overlaps beyond capacity, charges that differ from the list, and acceptance by group."""
    with invocation("biaochi.sharing.check/1", Options(out, form, lang, seed, at, as_of)) as call:
        faults = Faults()
        found = read_resources(call, resources, faults)
        booked = read_bookings(call, bookings, found, faults)
        listed = read_prices(call, prices, found, faults) if prices else None
        faults.check()
        charged: list[dict[str, object]] = []
        if listed is not None:
            checked = check_prices(booked, listed)
            _tell_missing(booked, checked.missing, bookings.name, faults)
            charged = [
                {"booking": str(booked["booking"].iloc[i]), "charged": paid, "due": due}
                for i, paid, due in checked.wrong
            ]
        snapshot = load_parameters(PARAMETERS).at(call.at)
        call.parameters = snapshot.only("small_cell")
        holding = timed(booked[booked["status"].isin([s.value for s in HOLDING])].reset_index(drop=True))
        over = conflicts(holding, {name: r.capacity for name, r in found.items()})
        _tell_overlaps(over, booked, bookings.name, faults)
        body: dict[str, object] = {
            "overlaps": [
                {
                    "resource": c.resource,
                    "from": c.start.isoformat(),
                    "to": c.end.isoformat(),
                    "units": c.units,
                    "capacity": c.capacity,
                    "bookings": list(c.bookings),
                }
                for c in over
            ],
            "prices": charged,
            "access": access_rates(booked, small_cell=int(str(snapshot["small_cell"].value)), level=confidence),
        }
        if len(faults):
            # The data are at fault, not their form: the findings are told in full, and the exit code says so.
            tell_faults(faults.all(), call.lang)
            body["faults"] = [f.to_dict(call.lang) for f in faults.all()]
        call.finish(body, exit_code=1 if len(faults) else 0)


def _tell_missing(booked: pd.DataFrame, positions: list[int], file: str, faults: Faults) -> None:
    for position in positions:
        row = booked.iloc[position]
        faults.add(
            "price_missing",
            Text("当日该类别没有挂牌价", "no price is listed for that class on that day"),
            Text("请在价格表补上", "add it to the table of prices"),
            row=int(row["row"]),
            column="class",
            seen=f"{row['resource']}/{row['class']}",
            file=file,
        )


def _tell_overlaps(over: list[Conflict], booked: pd.DataFrame, file: str, faults: Faults) -> None:
    rows = dict(zip(booked["booking"], booked["row"], strict=True))
    for c in over:
        span, load = f"{c.start} … {c.end}", f"{c.units:g} > {c.capacity:g}"
        faults.add(
            "overlap_confirmed",
            Text(f"{c.resource} {span} 已确认的预约超过容量：{load}", f"{c.resource} {span} is over capacity: {load}"),
            Text("请改期或取消其中一项", "move or cancel one of them"),
            row=int(rows[c.bookings[-1]]),
            column="booking",
            seen=";".join(c.bookings),
            file=file,
        )


@app.command("utilisation", help="资源用了多少 / how much resources are used")
def utilisation_(
    resources: ResourcesArgument,
    bookings: BookingsArgument,
    start: Annotated[datetime, typer.Option("--from", parser=_instant, metavar="DATE", help="起 / from, included")],
    end: Annotated[datetime, typer.Option("--to", parser=_instant, metavar="DATE", help="止 / to, not included")],
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Count unit-hours open, booked and used."""
    with invocation("biaochi.sharing.utilisation/1", Options(out, form, lang, seed, at, as_of)) as call:
        if end <= start:
            raise UsageError(Text("--to 须晚于 --from", "--to must lie after --from"))
        faults = Faults()
        found = read_resources(call, resources, faults)
        booked = read_bookings(call, bookings, found, faults)
        faults.check()
        call.finish({"resources": utilisation(found, timed(booked), start, end)})
