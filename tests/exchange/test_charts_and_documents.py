"""Charts on their surfaces, and reports as HTML, Word and workbook."""

from __future__ import annotations

import io
import os
import re
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest

from biaochi.core.document import Document, Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.exchange import charts
from biaochi.exchange.documents import MAX_PRINTED_ROWS, shown, to_docx, to_html, to_xlsx

ROWS = ({"地区": "北京", "值": 3.0}, {"地区": "上海", "值": 5.0})
FIGURE = Figure(
    "bars",
    "两地",
    "上海高于北京 <2>。",
    {
        "data": {"values": [dict(r) for r in ROWS]},
        "mark": {"type": "bar", "color": "token:own"},
        "encoding": {
            "y": {"field": "地区", "type": "nominal", "sort": None},
            "x": {"field": "值", "type": "quantitative"},
        },
    },
    ROWS,
    simulated=True,
)


def test_chinese_letters_leave_ink() -> None:
    assert charts.fonts_draw()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_follows_the_theme_and_names_itself(lang: str) -> None:
    drawn = charts.page_figure(FIGURE, lang)  # type: ignore[arg-type]
    assert "var(--chart-own)" in drawn.svg
    assert "<title>两地</title><desc>上海高于北京 &lt;2&gt;。</desc>" in drawn.svg
    assert "<script" not in drawn.svg
    assert not re.search(r"#[0-9a-f]{6}", drawn.svg)
    assert drawn.vega["marks"]


def test_print_has_fixed_colours_and_is_stable() -> None:
    svg = charts.print_svg(FIGURE, "zh")
    assert "var(" not in svg
    assert "#1a4f8b" in svg
    assert svg == charts.print_svg(FIGURE, "zh")
    assert charts.print_png(FIGURE, "zh").startswith(b"\x89PNG")


def test_a_wrong_specification_raises() -> None:
    with pytest.raises(ValueError, match=r"."):
        charts.print_svg(Figure("x", "t", "s", {"mark": "no such mark", "data": {"values": []}}), "zh")


def test_no_external_data_is_fetched() -> None:
    spec = {
        "data": {"url": "file:///etc/passwd"},
        "mark": "point",
        "encoding": {"x": {"field": "a", "type": "nominal"}},
    }
    try:
        svg = charts.print_svg(Figure("x", "t", "s", spec), "zh")
    except ValueError:
        return
    assert "root:x:" not in svg


def test_drawing_after_a_fork_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    charts.print_svg(FIGURE, "zh")
    monkeypatch.setattr(os, "getpid", lambda: -1)
    with pytest.raises(charts.ForkedError, match="spawn"):
        charts.print_svg(FIGURE, "zh")


def test_print_colours_are_the_light_theme_of_the_site() -> None:
    css = Path(charts.__file__).parents[1] / "web" / "static" / "tokens.css"
    if not css.exists():
        css = next((Path(charts.__file__).parents[1] / "web" / "static").rglob("tokens.css"))
    text = css.read_text(encoding="utf-8")

    def light(variable: str) -> str:
        value = re.search(rf"{variable}: *([^;]+);", text)
        assert value is not None, variable
        inner = re.fullmatch(r"var\((--[a-z0-9-]+)\)", value[1])
        if inner:
            return light(inner[1])
        pair = re.match(r"light-dark\((#[0-9a-f]{6})", value[1])
        assert pair is not None, value[1]
        return pair[1]

    assert {k: fixed for k, (_, fixed) in charts.TOKENS.items()} == {k: light(v) for k, (v, _) in charts.TOKENS.items()}


def documents() -> list[Document]:
    many = tuple({"a": f"r{n}", "b": n / 7} for n in range(MAX_PRINTED_ROWS + 5))
    grid = Grid("g", "表 & 图", {"a": "地区", "b": "值"}, many, "来源:示例")
    return [
        Document(
            f"年度报告 {lang}",
            "2026",
            lang,
            ("值为 3 [2, 4]",),  # type: ignore[arg-type]
            (Section("s", "一节", (Paragraph("<b>文字</b>"), FIGURE, grid, grid)),),
            ("○ 模拟",),
            (("seed", "0"),),
        )
        for lang in ("zh", "en")
    ]


def test_html_is_self_contained_and_escaped() -> None:
    page = to_html(documents())
    assert page.count("<main") == 2
    assert "&lt;b&gt;文字" in page
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!#)', page)
    assert 'id="lang-zh" checked' in page


def test_word_holds_both_languages_and_the_picture() -> None:
    data = to_docx(documents())
    book = docx.Document(io.BytesIO(data))
    text = "\n".join(p.text for p in book.paragraphs)
    assert "年度报告 zh" in text
    assert "年度报告 en" in text
    assert "5" in text
    assert any(n.startswith("word/media/") for n in zipfile.ZipFile(io.BytesIO(data)).namelist())


def test_the_workbook_holds_every_table() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(documents()[0])))
    assert book.sheetnames == ["findings", "bars", "g", "g-2"]
    assert book["g"].max_row == MAX_PRINTED_ROWS + 6


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (True, "✓"),
        (3, "3"),
        (0.0, "0"),
        (1234.5, "1,234"),
        (0.12345, "0.1235"),
        (1e-9, "1.00e-09"),
        ("x", "x"),
    ],
)
def test_cells_as_a_reader_sees_them(value: object, text: str) -> None:
    assert shown(value) == text  # type: ignore[arg-type]
