"""Plain text out of DOCX and HTML: paragraphs as lines, table rows with tabs between their cells."""

from __future__ import annotations

import io
import re
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree

from biaochi.core.text import Text
from biaochi.exchange.faults import unreadable
from biaochi.exchange.source import Source, decode

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAX_XML = 128 * 1024 * 1024
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "caption",
        "dd",
        "div",
        "dl",
        "dt",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "title",
        "tr",
        "ul",
    ]
)
_SILENT = frozenset({"script", "style", "template", "noscript", "head"})


def docx_text(source: Source) -> str:
    """Return the text of a DOCX file; raise when it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            info = archive.getinfo("word/document.xml")
            if info.file_size > _MAX_XML:
                raise ValueError("too large when unpacked")
            data = archive.read(info)
        if b"<!DOCTYPE" in data[:2000] or b"<!ENTITY" in data:
            raise ValueError("declares entities")
        root = ElementTree.fromstring(data)
    except (zipfile.BadZipFile, KeyError, ValueError, ElementTree.ParseError) as error:
        raise unreadable(
            source.name,
            Text("不是可读的 DOCX 文档", "this is not a readable DOCX document"),
            Text("请用文字处理软件另存为 .docx", "save it as .docx with a word processor"),
            "bad_docx",
            str(error),
        ) from error
    body = root.find(f"{_W}body")
    return "\n".join(_blocks(body)) if body is not None else ""


def _blocks(parent: ElementTree.Element) -> list[str]:
    lines: list[str] = []
    for child in parent:
        if child.tag == f"{_W}p":
            lines.append(_run_text(child))
        elif child.tag == f"{_W}tbl":
            for row in child.iter(f"{_W}tr"):
                cells = [" ".join(_run_text(p) for p in cell.iter(f"{_W}p")).strip() for cell in row.iter(f"{_W}tc")]
                lines.append("\t".join(cells))
            lines.append("")
        elif child.tag == f"{_W}sdt":
            content = child.find(f"{_W}sdtContent")
            lines += _blocks(content) if content is not None else []
    return lines


def _run_text(paragraph: ElementTree.Element) -> str:
    parts: list[str] = []
    for node in paragraph.iter():
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag in (f"{_W}tab", f"{_W}br"):
            parts.append(" ")
    return "".join(parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SILENT:
            self.silent += 1
        elif tag in ("td", "th"):
            self.parts.append("\t")
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def html_text(text: str) -> str:
    """Return the visible text of an HTML page.

    Examples
    --------
    >>> html_text("<p>一、资格</p><table><tr><td>甲</td><td>乙</td></tr></table>").strip().split("\\n")
    ['一、资格', '甲\\t乙']
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    lines = (line.strip(" \t") for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{2,}", "\n", "\n".join(re.sub(r" *\t *", "\t", line) for line in lines))


def document_text(source: Source) -> str:
    """Return the text of a txt, md, docx or html file."""
    lowered = source.name.lower()
    if lowered.endswith(".docx") or source.data[:4] == b"PK\x03\x04":
        return docx_text(source)
    text = decode(source.data, source.name)
    return html_text(text) if lowered.endswith((".html", ".htm")) else text
