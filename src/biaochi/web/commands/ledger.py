"""``biaochi ledger verify|export|anchor``: on a live database, or on an exported file without one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.canonical import instant
from biaochi.core.errors import Fault, InputError, UsageError
from biaochi.core.ledger import DOES_NOT_PROVE, ChainLine, Verification, parse_line, verify_chain
from biaochi.core.text import Text
from biaochi.exchange import atomic
from biaochi.exchange.command import Format, FormatOption, LangOption, Language, Options, OutOption, invocation
from biaochi.exchange.source import Source
from biaochi.web import installation
from biaochi.web.installation import DataOption

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="核验与导出台账 / verify, export or anchor the ledger"
)
FileArgument = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="导出的台账（JSONL） / an exported ledger (JSON lines)")
]
AnchorOption = Annotated[
    str, typer.Option("--anchor", help="库外留存的链首摘要，或锚点文件 / a head kept outside, or its anchor file")
]


@app.command("verify", help="核验台账 / verify the ledger")
def verify(
    file: FileArgument = None,
    data: DataOption = None,
    anchor: AnchorOption = "",
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    out: OutOption = None,
) -> None:
    """Exit 0 when every line holds, 1 when one does not."""
    with invocation("biaochi.ledger.verify/1", Options(out=out, format=format, lang=lang)) as call:
        kept = _anchor_digest(anchor)
        if file is not None:
            source = Source.read(file)
            found = verify_chain(_lines_of(source), anchor=kept)
            call.remember(source, found.lines)
        else:
            operations = installation.open_installation(installation.folder_of(data))
            found = operations.verify()
            if found.intact and kept:
                found = verify_chain(operations.chain(), anchor=kept)
        call.finish(
            {
                "intact": found.intact,
                "lines": found.lines,
                "head": found.head,
                "broken_at": found.broken_at,
                "found": found.found.within(call.lang),
                "does_not_prove": [t.within(call.lang) for t in DOES_NOT_PROVE],
            },
            summary=_sentence(found),
            exit_code=0 if found.intact else 1,
        )


@app.command("export", help="导出台账 / export the ledger")
def export(data: DataOption = None, out: OutOption = None, lang: LangOption = Language.ZH) -> None:
    """Write JSON lines to ``--out`` or to stdout."""
    with invocation("biaochi.ledger.export/1", Options(out=out, lang=lang)):
        operations = installation.open_installation(installation.folder_of(data))
        if out is None:
            for line in operations.chain():
                typer.echo(line.to_json())
            return
        if out.is_dir():
            raise UsageError(Text(f"{out} 是文件夹；请指定文件", f"{out} is a folder; name a file"))
        with atomic.replacing(out) as temporary, temporary.open("w", encoding="utf-8") as stream:
            for line in operations.chain():
                stream.write(line.to_json() + "\n")
        last = operations.head()
        if last is not None:
            operations.note_anchor(last, f"export {out.name}")


@app.command("anchor", help="给出链首，供库外留存 / give the head, to be kept outside")
def anchor(data: DataOption = None, out: OutOption = None, lang: LangOption = Language.ZH) -> None:
    """Write the head of the chain as JSON, and remember that it was given out."""
    with invocation("biaochi.ledger.anchor/1", Options(out=out, lang=lang)):
        operations = installation.open_installation(installation.folder_of(data))
        last = operations.head()
        record = {
            "schema": "biaochi.ledger.anchor/1",
            "seq": last.seq if last else 0,
            "digest": last.digest if last else "",
            "at": instant(datetime.now(UTC)),
        }
        text = json.dumps(record, ensure_ascii=False) + "\n"
        if out is None:
            typer.echo(text, nl=False)
        else:
            atomic.write_text(out, text)
        if last is not None:
            operations.note_anchor(last, out.name if out else "stdout")


def _sentence(found: Verification) -> Text:
    if found.intact:
        return Text(f"{found.lines} 条全部成立，链首 {found.head}", f"all {found.lines} lines hold, head {found.head}")
    return Text(
        f"第 {found.broken_at} 条不成立：{found.found.zh}", f"line {found.broken_at} does not hold: {found.found.en}"
    )


def _anchor_digest(text: str) -> str:
    """Return the digest an anchor names: given as such, or in an anchor file."""
    if not text:
        return ""
    if len(text) == 64 and all(c in "0123456789abcdef" for c in text):
        return text
    source = Source.read(Path(text))
    try:
        digest = json.loads(source.text())["digest"]
    except (ValueError, KeyError, TypeError):
        digest = None
    if not isinstance(digest, str) or len(digest) != 64:
        raise InputError(
            [
                Fault(
                    "bad_anchor",
                    Text("这不是锚点", "this is not an anchor"),
                    Text(
                        "请用 biaochi ledger anchor 给出的文件或摘要",
                        "use the file or digest biaochi ledger anchor gave",
                    ),
                    file=source.name,
                )
            ]
        )
    return digest


def _lines_of(source: Source) -> Iterator[ChainLine]:
    for number, text in enumerate(source.text().splitlines(), start=1):
        if not text.strip():
            continue
        try:
            yield parse_line(text)
        except (ValueError, RecursionError) as error:
            raise InputError(
                [
                    Fault(
                        "bad_line",
                        Text("这一行不是台账的条目", "this line is not a ledger entry"),
                        Text("请重新导出，或与库外留存的副本比对", "export again, or compare with a copy kept outside"),
                        file=source.name,
                        row=number,
                        seen=text[:80],
                    )
                ]
            ) from error
