"""``report``: foresight's part of a programme folder on its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.document import Document
from biaochi.core.errors import UsageError
from biaochi.core.text import LANGS, Lang, Text
from biaochi.core.turn import Turn
from biaochi.exchange.command import (
    AsOfOption,
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
from biaochi.exchange.documents import to_html, to_xlsx
from biaochi.exchange.faults import Faults
from biaochi.exchange.jsonfile import to_json
from biaochi.exchange.source import Source
from biaochi.mechanisms.foresight.cli.frame import app
from biaochi.mechanisms.foresight.cli.surveys import office_parameters
from biaochi.mechanisms.foresight.decisions import run_part
from biaochi.mechanisms.foresight.files import read_part
from biaochi.mechanisms.foresight.files.part import NAMES
from biaochi.mechanisms.foresight.model import PartResult
from biaochi.mechanisms.foresight.report import findings, notices, results, sections

EXTRA = ("rules.yaml", "evidence.csv")


@app.command("report")
def report(
    folder: Annotated[Path, typer.Argument(help="项目文件夹的 foresight/ / the programme's foresight folder")],
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """整份报告：网页、工作簿、数据 / the whole report: page, workbook, data."""
    with invocation("biaochi.foresight.report/1", Options(out, format, lang, seed, at, as_of)) as call:
        if out is None:
            raise UsageError(Text("report 须用 --out 指定文件夹", "report needs --out DIR"))
        place = folder / "foresight" if (folder / "foresight").is_dir() else folder
        faults = Faults()
        name = Text.same(place.resolve().name or "foresight")
        turn = Turn(name, "", str(call.at.year), call.at, call.as_of, seed, call.lang)
        if not place.is_dir():
            raise UsageError(Text(f"没有文件夹 {folder}", f"there is no folder {folder}"))
        for known in (*NAMES, *EXTRA):
            if (place / known).is_file():
                source = Source.read(place / known)
                call.remember(source, max(source.data.count(b"\n") - 1, 0) if known.endswith(".csv") else 0)
        inputs = read_part(place, turn, faults)
        faults.check()
        if inputs is None:
            raise UsageError(Text(f"文件夹中没有 {'、'.join(NAMES)}", f"the folder holds none of {', '.join(NAMES)}"))
        call.parameters = office_parameters(call.at)
        result = run_part(inputs, turn, call.parameters)
        call.warnings.extend(result.warnings)
        body = results(result)
        first = call.lang
        documents = [_document(result, turn, code) for code in sorted(LANGS, key=lambda code: code != first)]
        files: dict[str, str | bytes] = {
            "index.html": to_html(documents),
            "report.xlsx": to_xlsx(documents[0]),
            "report.json": to_json({**call.head(), **body}),
        }
        call.finish({**body, "files": sorted(files)}, files=files, summary=Text("报告已写好", "the report is written"))


def _document(result: PartResult, turn: Turn, lang: Lang) -> Document:
    title = Text(f"技术预见报告：{turn.name.zh}", f"Foresight report: {turn.name.en}")
    subtitle = Text(f"{turn.at} · 截至 {turn.as_of}", f"{turn.at} · data known by {turn.as_of}")
    nothing = Text("没有可用的结果。", "There is no result.").within(lang)
    colophon = ((Text("随机种子", "seed").within(lang), str(turn.seed)),)
    return Document(
        title.within(lang),
        subtitle.within(lang),
        lang,
        findings(result, lang) or (nothing,),
        sections(result, lang),
        notices(result, lang),
        colophon,
    )
