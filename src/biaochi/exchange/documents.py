"""Reports on paper and screen: a document becomes self-contained HTML, Word and a workbook.

One :class:`biaochi.core.document.Document` a language; HTML carries both with a switch that needs no script.
HTML and workbook need the extra ``reports`` only for their figures; Word needs it always.
"""

from __future__ import annotations

import html
import io
from collections.abc import Mapping, Sequence
from importlib.resources import files

import pandas as pd

from biaochi.core.canonical import Json
from biaochi.core.document import Document, Grid, Paragraph, Section
from biaochi.core.errors import MissingExtraError
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.exchange.charts import print_png, print_svg
from biaochi.exchange.workbook import to_workbook

try:
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor
except ImportError:  # the extra is absent; writing says so
    docx = None  # type: ignore[assignment]

_WORDS: dict[str, Text] = {
    "findings": Text("结论", "Findings"),
    "numbers": Text("图中数据", "Numbers in this figure"),
    "simulated": Text("模拟数据", "Simulated data"),
    "more": Text("另有 {n} 行，见工作簿", "{n} more rows in the workbook"),
}
MAX_PRINTED_ROWS = 80


def to_html(documents: Sequence[Document]) -> str:
    """Return one self-contained HTML page with a switch between languages; the first document is shown first."""
    css = (files("biaochi.exchange") / "report.css").read_text(encoding="utf-8")
    first = documents[0]
    radios = "".join(
        f'<input class="lang" type="radio" name="lang" id="lang-{d.lang}"{" checked" if d is first else ""}>'
        for d in documents
    )
    labels = "".join(
        f'<label for="lang-{d.lang}" lang="{_bcp47(d.lang)}">{"中文" if d.lang == "zh" else "English"}</label>'
        for d in documents
    )
    bodies = "".join(_html_document(d) for d in documents)
    return (
        f'<!doctype html>\n<html lang="{_bcp47(first.lang)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(first.title)}</title>\n<style>\n{css}</style>\n</head>\n<body>\n"
        f'{radios}<div class="switch">{labels}</div>\n{bodies}</body>\n</html>\n'
    )


def _bcp47(lang: Lang) -> str:
    return "zh-Hans" if lang == "zh" else "en"


def _html_document(document: Document) -> str:
    lang = document.lang
    findings = "".join(f"<li>{html.escape(f)}</li>" for f in document.findings)
    notices = "".join(f'<p class="notice">{html.escape(n)}</p>' for n in document.notices)
    sections = "".join(_html_section(s, lang) for s in document.sections)
    colophon = "".join(f"<span>{html.escape(k)} <code>{html.escape(v)}</code></span>" for k, v in document.colophon)
    word = _WORDS["findings"].within(lang)
    return (
        f'<main class="report" lang="{_bcp47(lang)}">\n<h1>{html.escape(document.title)}</h1>\n'
        f'<p class="subtitle">{html.escape(document.subtitle)}</p>\n{notices}'
        f'<section><h2>{word}</h2><div class="matter"><ol class="findings">{findings}</ol></div></section>\n'
        f'{sections}<p class="colophon">{colophon}</p>\n</main>\n'
    )


def _html_section(section: Section, lang: Lang) -> str:
    blocks = "".join(_html_block(b, lang) for b in section.blocks)
    heading = html.escape(section.heading)
    return f'<section id="{section.key}-{lang}"><h2>{heading}</h2><div class="matter">{blocks}</div></section>\n'


def _html_block(block: Paragraph | Grid | Figure, lang: Lang) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{html.escape(block.text)}</p>"
    if isinstance(block, Grid):
        return _html_grid(block, lang)
    label = f"{_WORDS['simulated'].within(lang)} · " if block.simulated else ""
    numbers = _html_grid(grid_of(block), lang) if block.rows else ""
    summary = _WORDS["numbers"].within(lang)
    details = f"<details><summary>{summary}</summary>{numbers}</details>" if numbers else ""
    return (
        f"<figure>{print_svg(block, lang)}<figcaption><b>{html.escape(label + block.title)}</b> "
        f"{html.escape(block.alternative)}</figcaption>{details}</figure>"
    )


def grid_of(figure: Figure) -> Grid:
    """Return the numbers of a figure as a table."""
    columns = {str(k): str(k) for row in figure.rows[:1] for k in row}
    rows = tuple({str(k): _plain(v) for k, v in row.items()} for row in figure.rows)
    return Grid(figure.key, figure.title, columns, rows)


def _plain(value: object) -> Json:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _html_grid(grid: Grid, lang: Lang) -> str:
    numeric = {k: _is_numeric(grid, k) for k in grid.columns}
    head = "".join(
        f'<th scope="col"{" class=num" if numeric[k] else ""}>{html.escape(v)}</th>' for k, v in grid.columns.items()
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{' class=num' if numeric[k] else ''}>{html.escape(shown(row.get(k)))}</td>" for k in grid.columns
        )
        + "</tr>"
        for row in grid.rows
    )
    note = f'<p class="note">{html.escape(grid.note)}</p>' if grid.note else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{html.escape(grid.title, quote=True)}"><table>'
        f"<caption>{html.escape(grid.title)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}"
    )


def _is_numeric(grid: Grid, key: str) -> bool:
    values = [row.get(key) for row in grid.rows if row.get(key) is not None]
    return bool(values) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def shown(value: Json) -> str:
    """Return a cell as a reader sees it: an en dash for missing, four significant digits for fractions."""
    if value is None or (isinstance(value, float) and value != value):
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        magnitude = abs(value)
        if magnitude >= 1000:
            return f"{value:,.0f}"
        return f"{value:.4g}" if magnitude >= 1e-3 or value == 0 else f"{value:.2e}"
    return str(value)


def to_docx(documents: Sequence[Document]) -> bytes:
    """Return a Word file with every document, the first language first, each starting on a new page."""
    if docx is None:
        raise MissingExtraError("reports", Text("写 Word 报告", "writing Word reports"))
    book = docx.Document()
    _docx_styles(book)
    for position, document in enumerate(documents):
        if position:
            book.add_page_break()  # type: ignore[no-untyped-call]
        _docx_document(book, document)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _docx_styles(book: docx.document.Document) -> None:
    for section in book.sections:
        section.left_margin = section.right_margin = Cm(2.6)
        section.top_margin = Cm(2.8)
        section.bottom_margin = Cm(2.4)
    for name, size, face in (
        ("Normal", 10.5, "宋体"),
        ("Title", 20, "宋体"),
        ("Heading 1", 14, "黑体"),
        ("Heading 2", 12, "黑体"),
        ("Caption", 9, "宋体"),
        ("List Number", 10.5, "宋体"),
    ):
        style = book.styles[name]
        style.font.size = Pt(size)
        style.font.name = "Times New Roman"
        style.font.color.rgb = RGBColor(0x1B, 0x1E, 0x21)
        properties = style.element.get_or_add_rPr()
        fonts = properties.find(qn("w:rFonts"))
        if fonts is None:
            fonts = properties.makeelement(qn("w:rFonts"), {})
            properties.append(fonts)
        for attribute in list(fonts.attrib):
            if attribute.endswith("Theme"):
                del fonts.attrib[attribute]
        fonts.set(qn("w:eastAsia"), face)
        fonts.set(qn("w:ascii"), "Times New Roman")
        fonts.set(qn("w:hAnsi"), "Times New Roman")


def _docx_document(book: docx.document.Document, document: Document) -> None:
    lang = document.lang
    title = book.add_paragraph(document.title, style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    subtitle = book.add_paragraph(document.subtitle)
    subtitle.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for notice in document.notices:
        run = book.add_paragraph().add_run(notice)
        run.italic = lang == "en"
    book.add_heading(_WORDS["findings"].within(lang), level=1)
    for n, finding in enumerate(document.findings, start=1):
        book.add_paragraph(f"{n}. {finding}")
    for section in document.sections:
        book.add_heading(section.heading, level=1)
        for block in section.blocks:
            _docx_block(book, block, lang)
    for label, value in document.colophon:
        book.add_paragraph(f"{label} {value}", style="Caption")


def _docx_block(book: docx.document.Document, block: Paragraph | Grid | Figure, lang: Lang) -> None:
    if isinstance(block, Paragraph):
        book.add_paragraph(block.text)
    elif isinstance(block, Grid):
        _docx_grid(book, block, lang)
    else:
        book.add_picture(io.BytesIO(print_png(block, lang)), width=Cm(15.5))
        label = f"{_WORDS['simulated'].within(lang)} · " if block.simulated else ""
        book.add_paragraph(f"{label}{block.title} {block.alternative}", style="Caption")


def _docx_grid(book: docx.document.Document, grid: Grid, lang: Lang) -> None:
    book.add_paragraph(grid.title, style="Caption")
    table = book.add_table(rows=1, cols=len(grid.columns), style="Table Grid")
    for cell, label in zip(table.rows[0].cells, grid.columns.values(), strict=True):
        cell.text = label
    for row in grid.rows[:MAX_PRINTED_ROWS]:
        cells = table.add_row().cells
        for cell, key in zip(cells, grid.columns, strict=True):
            cell.text = shown(row.get(key))
    for line in table.rows:
        for cell in line.cells:
            for paragraph in cell.paragraphs:
                for run in paragraph.runs:
                    run.font.size = Pt(8.5)
    hidden = len(grid.rows) - MAX_PRINTED_ROWS
    if hidden > 0:
        book.add_paragraph(_WORDS["more"].format(n=hidden).within(lang), style="Caption")
    if grid.note:
        book.add_paragraph(grid.note, style="Caption")


def to_xlsx(document: Document, extra: Mapping[str, pd.DataFrame] | None = None) -> bytes:
    """Return a workbook: the findings, every table and every figure's numbers of a document, one sheet each."""
    lang = document.lang
    sheets: dict[str, pd.DataFrame] = {"findings": pd.DataFrame({_WORDS["findings"].within(lang): document.findings})}
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Paragraph):
                continue
            grid = grid_of(block) if isinstance(block, Figure) else block
            name = grid.key
            suffix = 2
            while name in sheets:
                name, suffix = f"{grid.key}-{suffix}", suffix + 1
            labels = list(grid.columns.values())
            sheets[name] = pd.DataFrame(
                [[row.get(k) for k in grid.columns] for row in grid.rows], columns=labels, dtype=object
            )
    return to_workbook({**sheets, **(extra or {})})
