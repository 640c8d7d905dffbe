"""``report``: the review board's packet as HTML, Word, workbook or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import LANGS, Text
from biaochi.exchange import atomic
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
from biaochi.exchange.documents import to_docx, to_html, to_xlsx
from biaochi.exchange.faults import Faults
from biaochi.exchange.jsonfile import to_json
from biaochi.mechanisms.fund.cli.frame import (
    LimitOption,
    PathsOption,
    ProgrammeArgument,
    app,
    read_programme,
    use_parameters,
)
from biaochi.mechanisms.fund.decisions import Packet, make_packet
from biaochi.mechanisms.fund.files import read_decisions
from biaochi.mechanisms.fund.model import PastDecision
from biaochi.mechanisms.fund.report import packet_document, packet_records

KINDS = (".html", ".docx", ".xlsx", ".json")
RUNS = 4_000


@app.command("report", help="评审材料 html|docx|xlsx|json / the review packet")
def packet(
    programme: ProgrammeArgument,
    decisions: Annotated[Path | None, typer.Option("--decisions", help="过去的决定 / past decisions")] = None,
    paths: PathsOption = 2000,
    exact_limit: LimitOption = 250_000,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
) -> None:
    """Write the packet to ``--out``; its ending says what kind."""
    with invocation("biaochi.fund.report/1", Options(None, format, lang, seed, at)) as call:
        if out is None or out.suffix.lower() not in KINDS:
            raise UsageError(
                Text(
                    f"须用 --out 指定以 {'、'.join(KINDS)} 结尾的文件",
                    f"--out must name a file ending in {', '.join(KINDS)}",
                )
            )
        parameters = use_parameters(call)
        found = read_programme(call, programme)
        past: list[PastDecision] = []
        if decisions is not None:
            faults = Faults(decisions.name)
            past, table = read_decisions(decisions, found, faults)
            call.remember(table.source, len(table))
            faults.check()
        made = make_packet(found, past, at=call.at, parameters=parameters, seed=seed, paths=paths, limit=exact_limit)
        body = packet_records(made)
        _write(call, out, made, body)
        calibration = body["calibration"]
        if format is Format.JSON:
            call.finish(body)
        else:
            note = Text(f"已写入 {out.name}", f"wrote {out.name}")
            call.finish({"calibration": calibration}, summary=note)


def _write(call: Invocation, out: Path, made: Packet, body: Mapping[str, object]) -> None:
    if out.suffix.lower() == ".json":
        atomic.write_text(out, to_json({**call.head(), **body}))
        return
    head = call.head()
    colophon = (("at", str(head["at"])), ("seed", str(head["seed"])), ("version", str(head["code_version"])))
    order = (call.lang, *(x for x in LANGS if x != call.lang))
    documents = [packet_document(made, x, colophon) for x in order]
    if out.suffix.lower() == ".html":
        atomic.write_text(out, to_html(documents))
    elif out.suffix.lower() == ".docx":
        atomic.write_bytes(out, to_docx(documents))
    else:
        atomic.write_bytes(out, to_xlsx(documents[0]))
