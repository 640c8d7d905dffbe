"""Cultivation told: who stands where, what one firm lacks, what expires when.  A verdict recognises nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biaochi.core.canonical import Json
from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.cultivation.decisions import PartResult
from biaochi.mechanisms.cultivation.model import NAMES, Duty
from biaochi.methods.rules import Assessment, SetResult
from biaochi.methods.rules.verdict import ORDER

LIMITS: tuple[Text, ...] = (
    Text(
        "评定只为申报与审核作准备，不认定任何企业。",
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
        {"set": _name(r, lang), "verdict": v.text.within(lang), "firms": r.counts()[v.value]}
        for r in assessment.results
        if r.rules is not None
        for v in ORDER
        if r.counts()[v.value]
    ]
    words = [v.text.within(lang) for v in ORDER]
    names = [_name(r, lang) for r in assessment.results]
    spec: Mapping[str, object] = {
        "width": 440,
        "height": {"step": 22},
        "data": {"values": rows},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "set", "type": "nominal", "sort": names, "title": None},
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
        f"{assessment.facts.size} 家企业；达到最多的是“{_name(best, 'zh')}”（{met} 家）。",
        f"{assessment.facts.size} firms; most are met in {_name(best, 'en')} ({met}).",
    ).within(lang)
    title = Text("各规则集的评定结果", "Verdicts by rule set").within(lang)
    return Figure("cultivation-counts", title, alternative, spec, tuple(rows))


def _name(result: SetResult, lang: Lang) -> str:
    return result.rules.name.within(lang) if result.rules else result.code


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
    "grade": Text("称号", "title"),
    "duty": Text("事项", "duty"),
    "due_on": Text("到期日", "due on"),
    "state": Text("状态", "state"),
}


DUTIES = {
    "renew": Text("复核（有效期满前）", "re-check before the term ends"),
    "yearly_update": Text("年度更新", "yearly update"),
    "report_change": Text("报告重大变化", "report of a change"),
    "barred_until": Text("不得申报至", "barred until"),
}
STATES = {
    "due": Text("未到期", "ahead"),
    "soon": Text("将到期", "due soon"),
    "overdue": Text("已逾期", "overdue"),
    "running": Text("执行中", "running"),
}


def _told(duty: Duty, lang: Lang) -> dict[str, str]:
    return {
        "firm": duty.firm,
        "grade": NAMES.get(duty.grade, Text.same(duty.grade)).within(lang),
        "duty": DUTIES[duty.duty].within(lang),
        "due_on": duty.due_on.isoformat(),
        "state": STATES[duty.state].within(lang),
    }


def survival_figure(curves: Sequence[Mapping[str, object]], lang: Lang) -> Figure:
    """Return how long titles last, with intervals, one colour a group; years since the grant."""
    rows = [dict(r) for r in curves]
    years_title = Text("认定后年数", "years since the grant").within(lang)
    spec: Mapping[str, object] = {
        "width": 440,
        "height": 240,
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.2, "interpolate": "step-after"},
                "encoding": {"y": {"field": "lo", "type": "quantitative"}, "y2": {"field": "hi"}},
            },
            {
                "mark": {"type": "line", "interpolate": "step-after"},
                "encoding": {"y": {"field": "value", "type": "quantitative", "scale": {"domain": [0, 1]}}},
            },
        ],
        "encoding": {
            "x": {"field": "t", "type": "quantitative", "title": years_title},
            "y": {"title": Text("仍有效的比例", "share still held").within(lang), "axis": {"format": "%"}},
            "color": {"field": "group", "type": "nominal", "title": None, "legend": None},
        },
    }
    last = rows[-1] if rows else {"value": 1.0, "lo": None, "hi": None, "t": 0.0}
    share, low, high = (float(str(last[k])) if last[k] is not None else 1.0 for k in ("value", "lo", "hi"))
    years = float(str(last["t"]))
    alternative = Text(
        f"认定 {years:.1f} 年时仍有效的占 {share:.0%}（{low:.0%} 至 {high:.0%}）。",
        f"{years:.1f} years after the grant {share:.0%} ({low:.0%} to {high:.0%}) are still held.",
    ).within(lang)
    title = Text("称号能保持多久", "How long titles last").within(lang)
    return Figure("cultivation-survival", title, alternative, spec, tuple(rows))


def ending_figure(ending: Mapping[str, int], lang: Lang) -> Figure:
    """Return how many titles end in each of the coming months."""
    rows = [{"month": month, "n": n} for month, n in ending.items()]
    total, worst = sum(ending.values()), max(ending, key=lambda m: ending[m], default="")
    half_years = "indexof(['01', '07'], substring(datum.label, 5)) >= 0 ? datum.label : ''"
    whole = {"title": Text("到期的称号", "titles ending").within(lang), "axis": {"tickMinStep": 1, "format": "d"}}
    spec: Mapping[str, object] = {
        "width": 440,
        "height": 160,
        "data": {"values": rows},
        "mark": {"type": "bar", "color": "token:own"},
        "encoding": {
            "x": {
                "field": "month",
                "type": "ordinal",
                "title": None,
                "axis": {"labelAngle": 0, "labelExpr": half_years},
            },
            "y": {"field": "n", "type": "quantitative", **whole},
        },
    }
    told = Text(
        f"两年内 {total} 个称号到期，最多的月份是 {worst}（{ending.get(worst, 0)} 个）。",
        f"{total} titles end within two years, most of them in {worst} ({ending.get(worst, 0)}).",
    )
    if not total:
        told = Text("两年内没有称号到期。", "No title ends within two years.")
    title = Text("哪个月有多少到期", "How many end in which month").within(lang)
    return Figure("cultivation-ending", title, told.within(lang), spec, tuple(rows))


def _labels(columns: Mapping[str, Text], lang: Lang) -> dict[str, str]:
    return {key: text.within(lang) for key, text in columns.items()}


def _open(record: Mapping[str, object]) -> list[Mapping[str, object]]:
    criteria = record["criteria"]
    listed = [c for c in criteria if isinstance(c, Mapping)] if isinstance(criteria, Sequence) else []
    return [c for c in listed if c["verdict"] not in ("met", "not_applicable")]


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence on who qualifies and one on what expires."""
    met = [(r, r.counts()["met"]) for r in result.assessment.results if r.rules is not None]
    zh = "、".join(f"{_name(r, 'zh')} {n} 家" for r, n in met if n)
    en = ", ".join(f"{_name(r, 'en')} {n}" for r, n in met if n)
    overdue = sum(d.state == "overdue" for d in result.check.duties)
    return (
        Text(
            f"梯度培育：评定 {result.firms} 家企业；达到的：{zh or '无'}。",
            f"Cultivation: {result.firms} firms assessed; met: {en or 'none'}.",
        ).within(lang),
        Text(
            f"称号义务 {len(result.check.duties)} 项，其中 {overdue} 项已逾期。",
            f"{len(result.check.duties)} duties of title holders, {overdue} of them overdue.",
        ).within(lang),
    )


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return the verdicts by set, the duties ahead, and the limits."""
    heads = {"set": _LADDER["set"], "version": _LADDER["version"], **{v.value: v.text for v in ORDER}}
    counted: list[dict[str, Json]] = [
        {"set": _name(r, lang), "version": r.version or "–", **r.counts()} for r in result.assessment.results
    ]
    title = Text("各规则集的企业数", "Firms by rule set and verdict").within(lang)
    table = Grid("cultivation_counts", title, _labels(heads, lang), tuple(counted))
    title = Text("称号带来的义务", "Duties of title holders").within(lang)
    rows = tuple(_told(d, lang) for d in result.check.duties[:50])
    duties = Grid("cultivation_duties", title, _labels(_DUTIES, lang), rows)
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
