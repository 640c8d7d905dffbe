"""``check``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    invocation,
    tell_faults,
)
from biaochi.mechanisms.foresight.cli.frame import app
from biaochi.mechanisms.foresight.cli.outlooks import stage_prior
from biaochi.mechanisms.foresight.cli.surveys import office_parameters
from biaochi.mechanisms.foresight.files import check_file


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="任何一种输入文件 / any input files")],
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """逐个检查输入文件，列出全部错误 / check input files, list every fault."""
    with invocation("biaochi.foresight.check/1", Options(out, format, lang, 0, at, as_of)) as call:
        prior = stage_prior(office_parameters(call.at))
        found = [check_file(path, prior=prior, at=call.at) for path in files]
        for one in found:
            if one.source is not None:
                call.remember(one.source, one.rows)
        faults = [fault for one in found for fault in one.faults]
        if faults:
            tell_faults(faults, call.lang)
        records = [
            {"path": f.name, "kind": f.kind, "rows": f.rows, "faults": [x.to_dict(call.lang) for x in f.faults]}
            for f in found
        ]
        call.finish(
            {"ok": not faults, "files": records},
            summary=Text("没有错误", "no faults")
            if not faults
            else Text(f"{len(faults)} 处错误", f"{len(faults)} faults"),
            exit_code=1 if faults else 0,
        )
