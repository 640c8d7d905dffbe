"""Cultivation told: who stands where, what one firm lacks, what expires when.  A verdict recognises nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biaochi.core.canonical import Json
from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.cultivation.decisions import PartResult
from biaochi.methods.rules import Assessment
from biaochi.methods.rules.verdict import ORDER

LIMITS: tuple[Text, ...] = (
    Text(
        "评定只为申报与审核作准备,不认定任何企业。",
        "A verdict prepares a decision; it recognises nobody.",
    ),
    Text(
        "未核实的规则数值与尚未评审的事项一律列为需人工审核。",
        "Unverified rule values and reviews not yet made are listed for a person.",
    ),
)
_TOKEN = {
    Verdict.MET: "token:met",
    Verdict.UNMET: "token:unmet",
    Verdict.MANUAL_REVIEW: "token:manual-review",
    Verdict.UNKNOWN: "token:unknown",
    Verdict.NOT_APPLICABLE: "token:peer",
}


def counts_figure(assessment: Assessment, lang: Lang) -> Figure:
    """Return how many firms stand how in each set, as stacked bars."""
    rows = [
        {"set": r.code, "verdict": v.text.within(lang), "firms": r.counts()[v.value]}
        for r in assessment.results
        if r.rules is not None
        for v in ORDER
        if r.counts()[v.value]
    ]
    words = [v.text.within(lang) for v in ORDER]
    spec: Mapping[str, object] = {
        "width": 440,
        "height": {"step": 22},
        "data": {"values": rows},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "set", "type": "nominal", "sort": [r.code for r in assessment.results], "title": None},
            "x": {"field": "firms", "type": "quantitative", "title": Text("企业数", "firms").within(lang)},
            "color": {
                "field": "verdict",
                "type": "nominal",
                "scale": {"domain": words, "range": [_TOKEN[v] for v in ORDER]},
                "title": None,
            },
        },
    }
    best = max(assessment.results, key=lambda r: r.counts()["met"])
    met = best.counts()["met"]
    alternative = Text(
        f"{assessment.facts.size} 家企业;达到最多的是 {best.code}({met} 家)。",
        f"{assessment.facts.size} firms; most are met in {best.code} ({met}).",
    ).within(lang)
    title = Text("各规则集的评定结果", "Verdicts by rule set").within(lang)
    return Figure("cultivation-counts", title, alternative, spec, tuple(rows))


def ladder(records: Sequence[Mapping[str, object]], lang: Lang) -> Grid:
    """Return one firm's standing in every set (from :meth:`Assessment.explain`) as a table of open criteria."""
    rows = [
        {
            "set": str(record["set"]),
            "version": str(record["version"]),
            "verdict": Verdict(str(record["verdict"])).text.within(lang),
            "criterion": str(criterion["code"]),
            "conclusion": Verdict(str(criterion["verdict"])).text.within(lang),
            "reason": str(criterion["reason"]),
        }
        for record in records
        for criterion in _open(record)
    ]
    title = Text("这家企业还差什么", "What this firm still lacks").within(lang)
    return Grid("ladder", title, _labels(_LADDER, lang), tuple(rows))


_LADDER = {
    "set": Text("规则集", "set"),
    "version": Text("版本", "version"),
    "verdict": Text("评定", "verdict"),
    "criterion": Text("条件", "criterion"),
    "conclusion": Text("结论", "conclusion"),
    "reason": Text("理由", "reason"),
}
_DUTIES = {
    "firm": Text("企业", "firm"),
    "duty": Text("事项", "duty"),
    "due_on": Text("到期日", "due on"),
    "state": Text("状态", "state"),
}


def _labels(columns: Mapping[str, Text], lang: Lang) -> dict[str, str]:
    return {key: text.within(lang) for key, text in columns.items()}


def _open(record: Mapping[str, object]) -> list[Mapping[str, object]]:
    criteria = record["criteria"]
    listed = [c for c in criteria if isinstance(c, Mapping)] if isinstance(criteria, Sequence) else []
    return [c for c in listed if c["verdict"] not in ("met", "not_applicable")]


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence on who qualifies and one on what expires."""
    met = {r.code: r.counts()["met"] for r in result.assessment.results if r.rules is not None}
    told = ", ".join(f"{code} {n}" for code, n in met.items() if n)
    overdue = sum(d.state == "overdue" for d in result.check.duties)
    return (
        Text(
            f"梯度培育:评定 {result.firms} 家企业;达到的:{told or '无'}。",
            f"Cultivation: {result.firms} firms assessed; met: {told or 'none'}.",
        ).within(lang),
        Text(
            f"称号义务 {len(result.check.duties)} 项,其中 {overdue} 项已逾期。",
            f"{len(result.check.duties)} duties of title holders, {overdue} of them overdue.",
        ).within(lang),
    )


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return the verdicts by set, the duties ahead, and the limits."""
    heads = {"set": _LADDER["set"], "version": _LADDER["version"], **{v.value: v.text for v in ORDER}}
    counted: list[dict[str, Json]] = [
        {"set": r.code, "version": r.version or "–", **r.counts()} for r in result.assessment.results
    ]
    title = Text("各规则集的企业数", "Firms by rule set and verdict").within(lang)
    table = Grid("cultivation_counts", title, _labels(heads, lang), tuple(counted))
    title = Text("称号带来的义务", "Duties of title holders").within(lang)
    duties = Grid("cultivation_duties", title, _labels(_DUTIES, lang), tuple(_duties(result)[:50]))
    return (
        Section(
            "cultivation-verdicts",
            Text("谁达到了哪一级", "Who meets which grade").within(lang),
            (counts_figure(result.assessment, lang), table),
        ),
        Section("cultivation-duties", Text("什么快到期", "What expires when").within(lang), (duties,)),
        Section(
            "cultivation-limits",
            Text("评定不能说明什么", "What verdicts do not show").within(lang),
            tuple(Paragraph(t.within(lang)) for t in LIMITS),
        ),
    )


def results(result: PartResult) -> dict[str, object]:
    """Return the records of ``report.json``."""
    return {
        "firms": result.firms,
        "sets": [
            {"set": r.code, "version": r.version or None, "counts": r.counts()} for r in result.assessment.results
        ],
        "duties": _duties(result),
        "unlinked": list(result.check.unlinked),
    }


def _duties(result: PartResult) -> list[dict[str, str]]:
    return [
        {"firm": d.firm, "duty": d.duty, "due_on": d.due_on.isoformat(), "state": d.state} for d in result.check.duties
    ]
