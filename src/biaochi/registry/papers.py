"""An object's page as a paper: HTML, Word or workbook, in both languages, with the head of the ledger on it.

A paper holds what its reader sees on the page: facts, decisions with reasons, and where they stand in the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Protocol

from django.utils import timezone
from django.utils.safestring import SafeString

from biaochi.core.canonical import Json, instant
from biaochi.core.document import Document, Grid, Paragraph, Section
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.exchange.documents import to_docx, to_html, to_xlsx
from biaochi.registry import ledger
from biaochi.registry.act_names import act_name
from biaochi.registry.models.record import Decision, ExternalDigest
from biaochi.registry.shown import shown

KINDS = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_TAG = re.compile(r"<[^>]*>")
_LABEL = re.compile(r'aria-label="([^"]*)"')


class Told(Protocol):
    """What a paper asks of a page."""

    def answer(self, obj: Any, actor: Actor, lang: Lang) -> str: ...

    def facts(self, obj: Any, actor: Actor, lang: Lang) -> Sequence[Any]: ...

    def paper_sections(self, obj: Any, actor: Actor, lang: Lang) -> Sequence[Section]: ...


@dataclass(frozen=True)
class Paper:
    """A paper as a file."""

    content: bytes
    kind: str
    rows: int


def paper(
    page: Told,
    obj: Any,
    actor: Actor,
    lang: Lang,
    wanted: str,
    decisions: Sequence[tuple[Decision, str]],
    *,
    inside: bool,
) -> Paper:
    """Return the paper of an object in the kind wanted; the head printed on it is remembered as given out.

    Parameters
    ----------
    page : Told
        The page: what it answers, its facts and further sections.
    obj, actor, lang
        What, for whom, and the language that comes first.
    wanted : {"html", "docx", "xlsx"}
        The kind of file.
    decisions : sequence of (Decision, str)
        The decisions the reader sees, each with its written reason as he sees it.
    inside : bool
        Whether inner names are shown.
    """
    other: Lang = "en" if lang == "zh" else "zh"
    made = [_document(page, obj, actor, one, decisions, inside) for one in (lang, other)]
    if wanted == "html":
        content = to_html(made).encode()
    elif wanted == "docx":
        content = to_docx(made)
    else:
        content = to_xlsx(made[0])
    _remember_head(obj.public_id)
    return Paper(content, KINDS[wanted], len(decisions))


def _document(
    page: Told, obj: Any, actor: Actor, lang: Lang, decisions: Sequence[tuple[Decision, str]], inside: bool
) -> Document:
    state = obj.current.name if inside else obj.current.public
    answer = page.answer(obj, actor, lang)
    stands = Text(f"当前状态：{state.zh}。", f"Present state: {state.en}.").within(lang)
    head = ledger.head()
    colophon = (
        (Text("编号", "Identifier").within(lang), obj.public_id),
        (Text("生成时刻", "Made at").within(lang), instant(timezone.now())),
        (Text("台账链首", "Head of the ledger").within(lang), f"{head.seq} {head.digest}" if head else "0"),
    )
    simulated = Text("本件内容为模拟。", "What this paper holds is simulated.").within(lang)
    return Document(
        obj.title.within(lang),
        state.within(lang),
        lang,
        tuple(t for t in (answer, stands) if t),
        (
            *_facts(page, obj, actor, lang),
            *page.paper_sections(obj, actor, lang),
            *_decided(decisions, lang, inside),
        ),
        (simulated,) if obj.simulated else (),
        colophon,
    )


def _facts(page: Told, obj: Any, actor: Actor, lang: Lang) -> tuple[Section, ...]:
    items = page.facts(obj, actor, lang)
    if not items:
        return ()
    columns = {"fact": Text("事实", "Fact").within(lang), "value": Text("值", "Value").within(lang)}
    rows = tuple({"fact": i.title.within(lang), "value": _plain(i.value, lang)} for i in items)
    heading = Text("事实", "Facts").within(lang)
    return (Section("facts", heading, (Grid("facts", heading, columns, rows),)),)


def _plain(value: object, lang: Lang) -> str:
    """A value as text; of a drawn mark what a reader hears who does not see it."""
    if isinstance(value, SafeString):
        heard = "; ".join(_LABEL.findall(value))
        return unescape(" ".join(part for part in (_TAG.sub(" ", value).strip(), heard) if part))
    return shown(value, lang)


def _decided(decisions: Sequence[tuple[Decision, str]], lang: Lang, inside: bool) -> tuple[Section, ...]:
    if not decisions:
        return ()
    heading = Text("决定与理由", "Decisions and reasons").within(lang)
    columns = {
        "line": Text("台账行", "Line").within(lang),
        "at": Text("时刻", "Time").within(lang),
        "act": Text("事项", "Act").within(lang),
        "by": Text("身份", "By").within(lang),
        "written": Text("书面理由", "Written reason").within(lang),
        "digest": "SHA-256",
    }
    rows: list[dict[str, Json]] = [
        {
            "line": d.entry_id,
            "at": shown(d.decided_at, lang),
            "act": act_name(d.transition, d.label).within(lang),
            "by": Role(d.role).text.within(lang),
            "written": written,
            "digest": d.entry.digest,
        }
        for d, written in decisions
    ]
    blocks: list[Paragraph | Grid] = [Grid("decisions", heading, columns, tuple(rows))]
    reasons = tuple(r for d, _ in decisions for r in _reasons(d, lang))
    if reasons:
        title = Text("理由", "Reasons").within(lang)
        named = {
            "line": columns["line"],
            "verdict": Text("结论", "Verdict").within(lang),
            "reason": title,
            "seen": Text("所见", "Seen").within(lang),
            "threshold": Text("界限", "Threshold").within(lang),
            "basis": Text("依据", "Basis").within(lang),
        }
        blocks.append(Grid("reasons", title, named, reasons))
    return (Section("decisions", heading, tuple(blocks)),)


def _reasons(decision: Decision, lang: Lang) -> list[dict[str, Json]]:
    return [
        {
            "line": decision.entry_id,
            "verdict": Verdict(r["verdict"]).text.within(lang),
            "reason": str(r.get(lang, "")),
            "seen": shown(r.get("seen"), lang),
            "threshold": shown(r.get("threshold"), lang),
            "basis": " ".join(str(v) for k, v in (r.get("citation") or {}).items() if v and k != "note"),
        }
        for r in decision.reasons
    ]


def _remember_head(given_to: str) -> None:
    head = ledger.head()
    if head is not None and not ExternalDigest.objects.filter(seq=head.seq, digest=head.digest).exists():
        ExternalDigest.objects.create(seq=head.seq, digest=head.digest, given_to=given_to[:160])
