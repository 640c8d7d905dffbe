"""The sub-commands; thin: read, call, write."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.canonical import sha256
from biaochi.core.errors import InputError, UsageError
from biaochi.core.text import Text
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
    invocation,
)
from biaochi.exchange.faults import Faults
from biaochi.exchange.jsonfile import jsonable
from biaochi.exchange.source import Source
from biaochi.mechanisms.fairness.cli.files import (
    Entry,
    document_text,
    read_claims,
    read_facts,
    read_records,
    with_market,
    with_registry,
)
from biaochi.mechanisms.fairness.cli.packs import labelled, shipped_clauses, shipped_measures, shipped_pack
from biaochi.mechanisms.fairness.decisions import (
    ClaimCheck,
    apply_claims,
    check_claim,
    conclude,
    read_labelled,
    score_verdicts,
)
from biaochi.mechanisms.fairness.model import Claim
from biaochi.mechanisms.fairness.report import clause_record, findings_table, rule_record
from biaochi.methods.textreview.engine import Facts, Memo, Reranker, Review, review
from biaochi.methods.textreview.explain import explain as explain_clause
from biaochi.methods.textreview.rerank import train
from biaochi.methods.textreview.rule_pack import ActivePack, RulePack
from biaochi.methods.textreview.segment import Clause, segment, whole

app = typer.Typer(
    no_args_is_help=True,
    help="公平竞争审查 / fair-competition review: which words exclude whom, by which article, what instead",
)


class DocumentKind(StrEnum):
    """What is reviewed."""

    TENDER = "tender"
    FIRST_PURCHASE = "first_purchase"
    POLICY = "policy"
    VOUCHER = "voucher"
    FUND = "fund"
    SCENE = "scene"
    PILOT_ZONE = "pilot_zone"


class Segmentation(StrEnum):
    """When a text is cut into clauses."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class ReviewFormat(StrEnum):
    """How a review is written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("not a date: write YYYY-MM-DD / 日期请写成 2026-03-31") from None


KindOption = Annotated[DocumentKind, typer.Option("--kind", help="文件类型 / kind of document")]
DateOption = Annotated[
    date | None,
    typer.Option(
        "--date",
        parser=_date,
        metavar="DATE",
        help="文件日期 / the document's date",
    ),
]


@dataclass(frozen=True)
class _Done:
    """One document as it was reviewed."""

    entry: Entry
    kind: str
    day: date
    checks: tuple[ClaimCheck, ...]
    review: Review


@app.command("review")
def review_command(
    inputs: Annotated[list[Path], typer.Argument(help="txt md docx html jsonl 文件,- 为标准输入 / files; - for stdin")],
    kind: KindOption,
    on: DateOption = None,
    facts: Annotated[
        Path | None, typer.Option("--facts", help="文本之外的事实 YAML / facts the text does not show")
    ] = None,
    exception: Annotated[Path | None, typer.Option("--exception", help="例外主张 YAML / exception claims")] = None,
    market: Annotated[Path | None, typer.Option("--market", help="市场检查 JSON / JSON of a market check")] = None,
    registry: Annotated[
        Path | None, typer.Option("--registry", help="已取消许可与黑名单 CSV / cancelled approvals, blacklists")
    ] = None,
    segmentation: Annotated[
        Segmentation, typer.Option("--segment", help="切分 / cut into clauses")
    ] = Segmentation.AUTO,
    repair: Annotated[bool, typer.Option("--repair", help="在 rnrn 处断行 / break at the literal rnrn")] = False,
    rerank: Annotated[
        bool, typer.Option("--rerank", help="用统计模型复核 / second opinion of a statistical model")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="也列出已排除的 / list cleared findings too")] = False,
    out: OutOption = None,
    format: Annotated[ReviewFormat, typer.Option("--format", help="输出格式 / output format")] = ReviewFormat.TABLE,
    lang: LangOption = Language.ZH,
    at: AtOption = None,
) -> None:
    """审读文本 / Review texts: findings with article, exception, suggestion and measured precision."""
    shared = Format.JSON if format is ReviewFormat.JSONL else Format(format.value)
    with invocation("biaochi.fairness.review/1", Options(out=out, format=shared, lang=lang, at=at or on)) as call:
        pack = shipped_pack()
        known = with_registry(call, with_market(call, read_facts(call, facts), market), registry, on or call.at)
        claims = read_claims(call, exception)
        faults = Faults()
        entries = list(_entries(call, inputs, segmentation, faults))
        faults.check()
        if claims and len({e.id for e in entries}) > 1:
            call.warn(
                "claims_apply_to_all",
                Text("例外主张适用于每份输入", "the claims apply to every input"),
            )
        reranker = _reranker() if rerank else None
        done = _review_all(entries, kind.value, on or call.at, pack, known, claims, segmentation, repair, reranker)
        _write_review(call, done, pack, everything, format, out)


def _entries(call: Invocation, inputs: Sequence[Path], segmentation: Segmentation, faults: Faults) -> Iterator[Entry]:
    del segmentation
    seen: set[str] = set()
    for path in inputs:
        if str(path) == "-":
            source = Source("-", sys.stdin.buffer.read())
            call.remember(source, 0)
        else:
            source = call.source(path)
        if str(path) == "-" or path.suffix.lower() == ".jsonl":
            records = read_records(source, faults)
            call.remember(source, len(records))
            yield from records
            continue
        try:
            text = document_text(source)
        except InputError as error:
            faults.extend(error)
            continue
        if not text.strip():
            faults.add(
                "missing_text",
                Text("文件没有文字", "the file holds no text"),
                Text("请核对文件", "check the file"),
                file=source.name,
            )
            continue
        name = source.name if source.name not in seen else str(path)
        seen.add(name)
        yield Entry(name, text, None, None, None, None, None, source.name, 0, False)


def _review_all(
    entries: Sequence[Entry],
    kind: str,
    day: date,
    pack: RulePack,
    facts: Facts,
    claims: Sequence[Claim],
    segmentation: Segmentation,
    repair: bool,
    reranker: Reranker | None,
) -> list[_Done]:
    active: dict[tuple[date, str, bool], ActivePack] = {}
    checks: dict[date, tuple[ClaimCheck, ...]] = {}
    memos: dict[tuple[date, str, bool], Memo] = {}
    faults = Faults()
    done = []
    for entry in entries:
        own_kind, own_day, own_facts = entry.kind or kind, entry.date or day, entry.facts or facts
        key = (own_day, own_kind, own_facts.first_kind is not None)
        if key not in active:
            active[key] = pack.at(own_day, own_kind, first_kind=key[2])
        if not active[key].rules:
            faults.add(
                "no_pack_in_force",
                Text(f"{own_day} 没有适用于 {own_kind} 的规则", f"no rule for {own_kind} was in force on {own_day}"),
                Text("请核对日期", "check the date"),
                file=entry.file,
                row=entry.row,
                column="date",
                seen=own_day.isoformat(),
            )
            continue
        if own_day not in checks:
            checks[own_day] = tuple(check_claim(c, at=own_day) for c in claims)
        memo = memos.setdefault(key, {}) if own_facts is facts else None
        clauses = _clauses(entry, segmentation, repair)
        found = review(clauses, active[key], facts=own_facts, reranker=reranker, memo=memo)
        done.append(_Done(entry, own_kind, own_day, checks[own_day], apply_claims(found, checks[own_day])))
    faults.check()
    return done


def _clauses(entry: Entry, segmentation: Segmentation, repair: bool) -> tuple[Clause, ...]:
    cut = segmentation is Segmentation.ALWAYS or (segmentation is Segmentation.AUTO and not entry.record)
    if cut:
        return segment(entry.text, lang=entry.lang, repair=repair, document=entry.id)
    return (whole(entry.text, identifier=entry.id, role=entry.role),)


def _write_review(
    call: Invocation, done: Sequence[_Done], pack: RulePack, everything: bool, format: ReviewFormat, out: Path | None
) -> None:
    measured = shipped_measures()
    if format is ReviewFormat.JSONL:
        lines = []
        for item in done:
            for reviewed in item.review.clauses:
                record = {"schema": call.schema, **clause_record(reviewed, measured, cleared=everything)}
                lines.append(json.dumps(jsonable(record), ensure_ascii=False, allow_nan=False) + "\n")
        call.finished = True
        if out is not None:
            atomic.write_text(out, "".join(lines))
        else:
            sys.stdout.writelines(lines)
        return
    clauses = [c for item in done for c in item.review.clauses]
    if format in (ReviewFormat.CSV, ReviewFormat.XLSX):
        call.finish({"findings": findings_table(clauses, measured, call.lang)})
        return
    counts = Review(tuple(clauses)).counts()
    summary = Text(
        f"{len(clauses)} 条:违反 {counts['violation']},待查 {counts['needs_context']},"
        f"合法优惠 {counts['lawful_preference']},"
        f"无问题 {counts['clean']},未查 {counts['not_checked']}。供人复核,不是法律意见。",
        f"{len(clauses)} clauses: {counts['violation']} violations, {counts['needs_context']} need context, "
        f"{counts['lawful_preference']} lawful preferences, {counts['clean']} "
        f"clean, {counts['not_checked']} not checked. "
        "Points for review, not legal advice.",
    )
    if format is ReviewFormat.TABLE:
        shown = findings_table(clauses, measured, call.lang)[
            ["clause", "id", "verdict", "quote", "reason", "citation", "suggestion"]
        ]
        conclusions = [
            {"document": i.entry.id, "conclusion": conclude(i.review, i.checks), **i.review.counts()} for i in done
        ]
        call.finish({"documents": conclusions if len(conclusions) <= 50 else [], "findings": shown}, summary=summary)
        return
    silent = sorted({s for item in done for s in pack.at(item.day, item.kind).silent})
    call.finish(
        {
            "pack": {"code": pack.code, "version": pack.version, "digest": pack.digest},
            "documents": [_document(item, measured, everything) for item in done],
            "not_checked": silent,
        },
        summary=summary,
    )


def _document(item: _Done, measured: Mapping[str, object], everything: bool) -> dict[str, object]:
    from_measures = {k: v for k, v in shipped_measures().items() if k in measured}
    return {
        "id": item.entry.id,
        "kind": item.kind,
        "date": item.day,
        "text_sha256": sha256(item.entry.text),
        "conclusion": conclude(item.review, item.checks),
        "counts": item.review.counts(),
        "exception": {"claims": [c.to_dict() for c in item.checks]} if item.checks else None,
        "clauses": [clause_record(c, from_measures, cleared=everything) for c in item.review.clauses],
    }


def _reranker() -> Reranker:
    clauses = shipped_clauses()
    chosen = [c for c in clauses if c.verdict in ("violation", "needs_context")]
    model = train([c.text for c in chosen], [c.verdict == "violation" for c in chosen])
    return model.verdict


@app.command("explain")
def explain_command(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="规则编号 / id of the rule")],
    clause: Annotated[str, typer.Option("--clause", help="条文 / the clause")] = "",
    kind: Annotated[DocumentKind | None, typer.Option("--kind", help="文件类型 / kind of document")] = None,
    on: DateOption = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    at: AtOption = None,
) -> None:
    """逐步说明一条规则如何读一条文字 / Say stage by stage how a rule reads a clause."""
    with invocation("biaochi.fairness.explain/1", Options(out=out, format=format, lang=lang, at=at or on)) as call:
        rule = next((r for r in shipped_pack().rules if r.id == identifier), None)
        if rule is None:
            known = ", ".join(r.id for r in shipped_pack().rules)
            raise UsageError(Text(f"没有规则 {identifier};可用:{known}", f"no rule {identifier}; known: {known}"))
        day = on or call.at
        applies = rule.in_force(day) and (kind is None or kind.value in rule.kinds)
        steps = []
        if clause:
            steps = [
                {"stage": s.stage, "result": s.result, "seen": s.seen, "start": s.start, "end": s.end}
                for s in explain_clause(whole(clause, identifier="clause"), rule, in_force=applies)
            ]
        body = {**rule_record(rule, shipped_measures().get(rule.id))}
        body |= {
            "reason": rule.reason.to_dict(),
            "suggestion": rule.suggestion.to_dict(),
            "evidence": rule.evidence.to_dict() if rule.evidence else None,
        }
        call.finish({"rule": body, "steps": steps})


@app.command("rules")
def rules_command(
    on: DateOption = None,
    kind: Annotated[DocumentKind | None, typer.Option("--kind", help="文件类型 / kind of document")] = None,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    at: AtOption = None,
) -> None:
    """列出规则、依据与实测精度 / List the rules with citation and measured precision."""
    with invocation("biaochi.fairness.rules/1", Options(out=out, format=format, lang=lang, at=at or on)) as call:
        measured = shipped_measures()
        chosen = [
            r
            for r in shipped_pack().rules
            if (on is None or r.in_force(on)) and (kind is None or kind.value in r.kinds)
        ]
        records = [rule_record(r, measured.get(r.id)) for r in chosen]
        if format is Format.TABLE:
            call.finish(
                {
                    "rules": [
                        {
                            "id": r.id,
                            "title": r.title.within(call.lang),
                            "execution": r.execution,
                            "valid_from": r.valid_from,
                            "n": measured[r.id].labelled if r.id in measured else 0,
                            "precision": measured[r.id].precision[0] if r.id in measured else None,
                            "recall": measured[r.id].recall if r.id in measured else None,
                        }
                        for r in chosen
                    ]
                }
            )
        else:
            call.finish({"rules": records})


@app.command("score")
def score_command(
    labels: Annotated[Path, typer.Argument(help="带标注的 JSONL / labelled JSON lines")],
    kind: Annotated[DocumentKind, typer.Option("--kind", help="默认类型 / default kind")] = DocumentKind.TENDER,
    rerank: Annotated[
        bool, typer.Option("--rerank", help="用统计模型复核 / second opinion of a statistical model")
    ] = False,
    out: OutOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    at: AtOption = None,
) -> None:
    """与人工标注比较 / Compare with labels: accuracy, macro-F1, confusion."""
    with invocation("biaochi.fairness.score/1", Options(out=out, format=format, lang=lang, at=at)) as call:
        source = call.source(labels)
        faults = Faults(source.name)
        entries = read_records(source, faults, labelled=True)
        call.remember(source, len(entries))
        faults.check()
        clauses = [labelled(e, kind.value) for e in entries]
        if not clauses:
            raise UsageError(Text("没有带标注的条文", "there are no labelled clauses"))
        readings = read_labelled(clauses, shipped_pack(), reranker=_reranker() if rerank else None)
        score = score_verdicts([c.verdict for c in clauses], [r.verdict for r in readings])
        call.finish(
            {
                "n": score.n,
                "accuracy": score.accuracy,
                "macro_f1": score.macro_f1,
                "verdicts": [jsonable(v) for v in score.verdicts],
                "confusion": score.confusion,
            }
        )
