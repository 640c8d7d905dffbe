"""Cutting a document into clauses: offsets into the text as given, headings as a path, the sentence a list hangs on.

Every character that is not white space belongs to exactly one clause.  One pass over the text, linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from biaochi.methods.textreview.roles import role_of

_HEADS: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (level, re.compile(pattern))
    for level, pattern in (
        (0, r"#{1,6}\s+"),
        (1, r"第[一二三四五六七八九十百零〇\d]{1,6}[章篇部]|(?:part|chapter|annex|schedule)\s+[\divxa-z]{1,5}\b(?i:)"),
        (2, r"第[一二三四五六七八九十百零〇\d]{1,6}节|section\s+\d{1,3}\b"),
        (3, r"第[一二三四五六七八九十百零〇\d]{1,6}条|(?:article|clause)\s+\d{1,3}\b"),
        (4, r"[一二三四五六七八九十]{1,4}\s*[、.．]"),
        (5, r"[（(][一二三四五六七八九十]{1,4}[)）]"),
        (7, r"\d{1,2}(?:[.．]\d{1,2}){1,4}(?![\d%万亿元年月日公千米])[.．、]?\s*(?=\D)"),
        (6, r"\d{1,3}\s*(?:[、．]|[.](?!\d))"),
        (8, r"[（(]\d{1,3}[)）]|\d{1,3}[)）]"),
        (9, r"[①-⑳]"),
        (10, r"[（(][a-z][)）]|[a-z][)）]"),
        (11, r"[-*•·●◆■▪]\s+"),
    )
)
_OPEN, _CLOSE = "“《（(「『【[", "”》）)」』】]"
_ABBREVIATIONS = re.compile(
    r"(?:\b(?:no|art|arts|ltd|vs|inc|co|corp|mr|mrs|ms|dr|st|fig|para|cl|sec|approx|est|dept|ref|vol|pp|etc)|"
    r"\be\.g|\bi\.e|\b[a-z])$",
    re.IGNORECASE,
)
_TABLE = re.compile(r"\s*\|.*\|\s*$|[^\t\n]*\t[^\t\n]*\S")
_RULE = re.compile(r"\s*\|?[\s:|+-]*-[\s:|+-]*\|?\s*$")
_STOPS = re.compile(r"[。！？；!?;.“”《》（）()「」『』【】\[\]]")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a document.

    Attributes
    ----------
    id : str
        ``document#n``, or the record's own id when it was not segmented.
    document : str
        Identifier of the document.
    start, end : int
        Half-open code-point offsets into the text as given.
    text : str
        The clause, ``document_text[start:end]``.
    path : tuple of str
        Headings above it, outermost first.
    role : str
        See :mod:`biaochi.methods.textreview.roles`.
    stem : str
        The sentence with a colon (or the table header) that the clause completes; empty for none.
    """

    id: str
    document: str
    start: int
    end: int
    text: str
    path: tuple[str, ...] = ()
    role: str = "other"
    stem: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    level: int | None
    label_end: int


def segment(text: str, *, lang: str | None = None, repair: bool = False, document: str = "") -> tuple[Clause, ...]:
    """Cut a text into clauses.

    Parameters
    ----------
    text : str
        The document.
    lang : str or None
        ``zh`` or ``en``; accepted for symmetry with records, breaks of both languages always apply.
    repair : bool
        Whether the literal ``rnrn`` (line ends that lost their backslashes) breaks a line.
    document : str
        Identifier that prefixes the clauses' ids.

    Returns
    -------
    tuple of Clause
        In order; offsets refer to ``text`` as given.

    Examples
    --------
    >>> [c.text for c in segment("一、资格要求：\\n1.注册资本3.5亿元以上；\\n2.无。")]
    ['一、资格要求：', '1.注册资本3.5亿元以上；', '2.无。']
    """
    del lang
    clauses: list[Clause] = []
    heads: list[tuple[int, str]] = []
    stems: list[tuple[float, str]] = []
    header = ""
    for line in _lines(text, repair):
        raw = text[line.start : line.end]
        if not raw.strip():
            header = ""
            continue
        if _TABLE.match(raw):
            header = _row(raw, line, header, heads, clauses, document)
            continue
        header = ""
        level = line.level
        if level is not None:
            heads = [h for h in heads if h[0] < level] if level < 11 else heads
            stems = [s for s in stems if s[0] < level]
        elif raw.rstrip().endswith(("。", ".")):
            stems = [s for s in stems if s[0] == int(s[0])]
        stem = stems[-1][1] if stems else ""
        spans = list(_sentences(text, line.start, line.end))
        title = level is not None and level <= 4 and not stem and len(spans) == 1 and _is_title(raw)
        path = tuple(h[1] for h in heads)
        for start, end in spans:
            clauses.append(_clause(text, start, end, path, stem, document, len(clauses), title))
        if level is not None and level < 11:
            heads.append((level, raw.strip()[:60] if title else raw[: line.label_end - line.start].strip()))
        last = text[spans[-1][0] : spans[-1][1]].rstrip()
        if last.endswith(("：", ":")):
            here = level if level is not None else (heads[-1][0] if heads else -1) + 0.5
            stems = [s for s in stems if s[0] < here] + [(here, last)]
    return tuple(clauses)


def whole(text: str, *, identifier: str, role: str | None = None) -> Clause:
    """Return a record that is one clause already, with the record's own id."""
    return Clause(identifier, identifier, 0, len(text), text, (), role or role_of(text, (), ""), "")


def _clause(
    text: str, start: int, end: int, path: tuple[str, ...], stem: str, document: str, number: int, title: bool
) -> Clause:
    body = text[start:end]
    role = "heading" if title else role_of(body, path, stem)
    return Clause(f"{document}#{number + 1}", document, start, end, body, path, role, stem)


def _row(raw: str, line: _Line, header: str, heads: list[tuple[int, str]], clauses: list[Clause], document: str) -> str:
    """Add a table row as one clause; return the header the next rows hang on."""
    lead = len(raw) - len(raw.lstrip())
    body = raw.strip()
    start = line.start + lead
    if header and _RULE.match(raw) and clauses:
        previous = clauses[-1]
        grown = previous.text + " " * (start - previous.end) + body
        clauses[-1] = replace(previous, end=start + len(body), text=grown)
        return header
    path = tuple(h[1] for h in heads)
    role = role_of(body, path, header)
    clauses.append(
        Clause(f"{document}#{len(clauses) + 1}", document, start, start + len(body), body, path, role, header)
    )
    return header or body


def _lines(text: str, repair: bool) -> Iterator[_Line]:
    pattern = re.compile(r"\r\n|\n|\r|\u2028|\u2029|\x0b|\x0c" + ("|(?:rn){2,}" if repair else ""))
    start = 0
    for match in pattern.finditer(text):
        yield _line(text, start, match.start() if match.group()[0] != "r" else match.end())
        start = match.end()
    yield _line(text, start, len(text))


def _line(text: str, start: int, end: int) -> _Line:
    head = text[start : min(end, start + 40)]
    lead = len(head) - len(head.lstrip())
    lowered = head.lower()
    for level, pattern in _HEADS:
        match = pattern.match(lowered, lead) if len(lowered) == len(head) else pattern.match(head, lead)
        if match:
            return _Line(start, end, level, start + match.end())
    return _Line(start, end, None, start)


def _is_title(raw: str) -> bool:
    body = raw.strip()
    return len(body) <= 40 and not re.search(r"[。；;，,！!？?：:]|[.]\s*$", body)


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences of one line, white space trimmed, closing marks kept with their sentence."""
    depth, begin = 0, start
    unbalanced = _unbalanced(text, start, end)
    label = re.match(r"\s*\d{1,3}[.．]", text[start:end])
    skip = start + label.end() if label else start
    for match in _STOPS.finditer(text, start, end):
        position, mark = match.start(), match.group()
        if mark in _OPEN:
            depth += position not in unbalanced
        elif mark in _CLOSE:
            depth -= position not in unbalanced
        elif depth == 0 and position >= skip and position + 1 >= begin and _breaks(text, position, end):
            stop = position + 1
            while stop < end and text[stop] in "。！？；!?;.”’\"'":
                stop += 1
            yield from _trimmed(text, begin, stop)
            begin = stop
    yield from _trimmed(text, begin, end)


def _unbalanced(text: str, start: int, end: int) -> frozenset[int]:
    """Return the positions of marks without a partner on the line; they do not shield what follows."""
    stack: list[int] = []
    lonely: set[int] = set()
    for match in _STOPS.finditer(text, start, end):
        mark = match.group()
        if mark in _OPEN:
            stack.append(match.start())
        elif mark in _CLOSE:
            if stack and _OPEN.index(text[stack[-1]]) == _CLOSE.index(mark):
                stack.pop()
            else:
                lonely.add(match.start())
    return frozenset(lonely | set(stack))


def _breaks(text: str, position: int, end: int) -> bool:
    mark = text[position]
    if mark not in ".":
        return True
    following = text[position + 1] if position + 1 < end else " "
    if not following.isspace() and following not in "”’\"')":
        return False
    return not _ABBREVIATIONS.search(text[max(0, position - 12) : position])


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    body = text[start:end]
    left = len(body) - len(body.lstrip())
    right = len(body.rstrip())
    if right > left:
        yield start + left, start + right
