"""The sub-commands; thin: read, call, write."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from biaochi.core.canonical import sha256
from biaochi.core.errors import UsageError
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
from biaochi.mechanisms.fairness.decisions import conclude, read_labelled, score_verdicts
from biaochi.mechanisms.fairness.files import (
    How,
    Reviewed,
    Segmentation,
    labelled,
    read_claims,
    read_entries,
    read_facts,
    read_records,
    review_entries,
    shipped_measures,
    shipped_pack,
    shipped_reranker,
    with_market,
    with_registry,
)
from biaochi.mechanisms.fairness.report import clause_record, findings_table, rule_record
from biaochi.methods.textreview.engine import Review
from biaochi.methods.textreview.explain import explain as explain_clause
from biaochi.methods.textreview.rule_pack import RulePack
from biaochi.methods.textreview.segment import whole

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


@app.command("review")
def review_command(
    inputs: Annotated[
        list[Path], typer.Argument(help="txt md docx html jsonl 文件，- 为标准输入 / files; - for stdin")
    ],
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
        entries = read_entries(call, _sources(call, inputs), faults)
        faults.check()
        if claims and len({e.id for e in entries}) > 1:
            call.warn(
                "claims_apply_to_all",
                Text("例外主张适用于每份输入", "the claims apply to every input"),
            )
        reranker = shipped_reranker() if rerank else None
        how = How(kind.value, on or call.at, known, claims, segmentation, repair, reranker)
        done = review_entries(entries, pack, how, faults)
        faults.check()
        _write_review(call, done, pack, everything, format, out)


def _sources(call: Invocation, inputs: Sequence[Path]) -> Iterator[tuple[str, Source]]:
    for path in inputs:
        if str(path) == "-":
            source = Source("-", sys.stdin.buffer.read())
            call.remember(source, 0)
            yield "-", source
        else:
            yield str(path), call.source(path)


def _write_review(
    call: Invocation, done: Sequence[Reviewed], pack: RulePack, everything: bool, format: ReviewFormat, out: Path | None
) -> None:
    measured = shipped_measures()
    if format is ReviewFormat.JSONL:
        lines = []
        for item in done:
            for reviewed in item.reading.claimed.clauses:
                record = {"schema": call.schema, **clause_record(reviewed, measured, cleared=everything)}
                lines.append(json.dumps(jsonable(record), ensure_ascii=False, allow_nan=False) + "\n")
        call.finished = True
        if out is not None:
            atomic.write_text(out, "".join(lines))
        else:
            sys.stdout.writelines(lines)
        return
    clauses = [c for item in done for c in item.reading.claimed.clauses]
    if format in (ReviewFormat.CSV, ReviewFormat.XLSX):
        call.finish({"findings": findings_table(clauses, measured, call.lang)})
        return
    counts = Review(tuple(clauses)).counts()
    summary = Text(
        f"{len(clauses)} 条：违反 {counts['violation']}，待查 {counts['needs_context']},"
        f"合法优惠 {counts['lawful_preference']},"
        f"无问题 {counts['clean']}，未查 {counts['not_checked']}。供人复核，不是法律意见。",
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
            {"document": i.entry.id, "conclusion": conclude(i.reading.claimed, i.reading.checks), **_counts(i)}
            for i in done
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


def _counts(item: Reviewed) -> dict[str, int]:
    return item.reading.claimed.counts()


def _document(item: Reviewed, measured: Mapping[str, object], everything: bool) -> dict[str, object]:
    from_measures = {k: v for k, v in shipped_measures().items() if k in measured}
    return {
        "id": item.entry.id,
        "kind": item.kind,
        "date": item.day,
        "text_sha256": sha256(item.entry.text),
        "conclusion": conclude(item.reading.claimed, item.reading.checks),
        "counts": _counts(item),
        "exception": {"claims": [c.to_dict() for c in item.reading.checks]} if item.reading.checks else None,
        "clauses": [clause_record(c, from_measures, cleared=everything) for c in item.reading.claimed.clauses],
    }


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
            raise UsageError(Text(f"没有规则 {identifier}；可用：{known}", f"no rule {identifier}; known: {known}"))
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
        readings = read_labelled(clauses, shipped_pack(), reranker=shipped_reranker() if rerank else None)
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
