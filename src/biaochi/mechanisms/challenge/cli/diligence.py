"""``diligence``: the exemption file of one award."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biaochi.exchange.command import (
    AtOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.challenge.cli.frame import app
from biaochi.mechanisms.challenge.decisions import decide_diligence
from biaochi.mechanisms.challenge.files import read_case
from biaochi.mechanisms.challenge.report import diligence_records


@app.command("diligence", help="尽职免责材料 / the exemption file of one award")
def diligence(
    case: Annotated[Path, typer.Argument(metavar="CASE", help="案卷 biaochi.challenge.case/1 / case file")],
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
) -> None:
    """Hold the records of an award against twelve duties."""
    with invocation("biaochi.challenge.diligence/1", Options(out, format, lang, seed, at)) as call:
        faults = Faults()
        read, source = read_case(case, faults)
        call.remember(source, 0)
        faults.check()
        if read is None:
            return
        parameters = load_parameters("biaochi.mechanisms.challenge").at(call.at)
        found = decide_diligence(read, at=call.at, parameters=parameters)
        call.parameters = found.parameters
        call.finish(diligence_records(found))
