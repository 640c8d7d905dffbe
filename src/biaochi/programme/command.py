"""``biaochi cycle FOLDER --out DIR``: one programme folder becomes the yearly report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.exchange import atomic
from biaochi.exchange.command import (
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    invocation,
    tell_faults,
)
from biaochi.exchange.documents import to_docx, to_html, to_xlsx
from biaochi.exchange.jsonfile import to_json
from biaochi.mechanisms import MECHANISMS
from biaochi.programme.cycle import Cycle, documents, run_cycle, to_records
from biaochi.programme.folder import read_programme
from biaochi.programme.names import name_of

app = typer.Typer(add_completion=False)


@app.command("cycle")
def cycle(
    folder: Annotated[Path, typer.Argument(help="方案文件夹 / programme folder")],
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
) -> None:
    """把一个方案文件夹转一圈，写出双语年度报告 / Turn a programme folder into the yearly bilingual report."""
    with invocation("biaochi.cycle/1", Options(format=format, lang=lang)) as call:
        if out is None:
            raise UsageError(Text("请用 --out 指定报告文件夹", "name the report's folder with --out"))
        turn = run_cycle(read_programme(folder, MECHANISMS))
        files = report_files(turn)
        atomic.write_folder(out, files)
        if format is Format.JSON:
            typer.echo(files["report.json"], nl=False)
        else:
            typer.echo(_summary(turn, out).within(call.lang))
        if turn.faults:
            tell_faults(turn.faults, call.lang)
            raise typer.Exit(1)


def report_files(cycle: Cycle) -> dict[str, str | bytes]:
    """Return the four files of a report by name."""
    both = documents(cycle)
    return {
        "index.html": to_html(both),
        "report.docx": to_docx(both),
        "report.xlsx": to_xlsx(both[0]),
        "report.json": to_json(to_records(cycle)),
    }


def _summary(cycle: Cycle, out: Path) -> Text:
    done = [name_of(p.mechanism) for p in cycle.parts if p.state == "done"]
    missing = [name_of(p.mechanism) for p in cycle.parts if p.state == "absent"]
    return Text(
        f"报告写在 {out}：{len(done)} 个机制参与（{'、'.join(n.zh for n in done)}）；"
        f"未参与：{'、'.join(n.zh for n in missing) or '无'}",
        f"report in {out}: {len(done)} mechanism{'' if len(done) == 1 else 's'} took part "
        f"({', '.join(n.en for n in done)}); "
        f"absent: {', '.join(n.en for n in missing) or 'none'}",
    )
