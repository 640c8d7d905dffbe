"""The sandbox's chapter of the yearly report."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from biaochi.core.canonical import Json
from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.core.money import written
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.sandbox.decisions import PartResult
from biaochi.mechanisms.sandbox.lifecycle import CASE
from biaochi.mechanisms.sandbox.report.case import HEALTH, LIMITS, alarm_table, guardrail_table, headline
from biaochi.mechanisms.sandbox.report.replay import MOST_RUNS, replay_figure


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence for the cases, one for each case that needs attention, one for the vouchers."""
    found: list[str] = []
    if result.supervised:
        held = [s for s in result.supervised if s.due_state != s.state]
        text = Text(
            f"监管沙箱：监测 {len(result.supervised)} 个案例，{len(held)} 个应改变状态。",
            f"Sandbox: {len(result.supervised)} cases supervised, {len(held)} due to change state.",
        )
        found.append(text.within(lang))
        found += [headline(s, lang) for s in held[:3]]
    if result.allocation is not None and result.scheme is not None:
        spent = written(sum((a.awarded for a in result.allocation.awards), Decimal("0.00")))
        text = Text(
            f"算力券：{len(result.allocation.awards)} 份申领，核发 {spent} 元，"
            f"预算 {written(result.scheme.budget)} 元。",
            f"Compute vouchers: {len(result.allocation.awards)} claims, {spent} yuan awarded of "
            f"{written(result.scheme.budget)}.",
        )
        found.append(text.within(lang))
    return tuple(found)


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return the cases, each with guardrails and alarms, the applications, the vouchers, and the limits."""
    found = []
    if result.supervised:
        blocks: list[Paragraph | Grid | Figure] = [_overview(result, lang)]
        for supervision in result.supervised:
            blocks += [Paragraph(headline(supervision, lang)), guardrail_table(supervision, lang)]
            if supervision.alarms:
                blocks.append(alarm_table(supervision, lang))
        heading = Text("过程监管看到了什么", "What supervision saw")
        found.append(Section("sandbox-cases", heading.within(lang), tuple(blocks)))
    if result.screened:
        heading = Text("哪些申请可以入箱", "Which applications may enter")
        found.append(Section("sandbox-screening", heading.within(lang), (_screening(result, lang),)))
    if result.allocation is not None:
        heading = Text("算力券给了谁", "Who got compute vouchers")
        found.append(Section("sandbox-vouchers", heading.within(lang), (_vouchers(result, lang),)))
    if result.replays:
        blocks = [replay_figure(result.replays[:MOST_RUNS], lang), _replays(result, lang)]
        heading = Text("历史记录在护栏之下会怎样", "What guardrails would have said of past records")
        found.append(Section("sandbox-replay", heading.within(lang), tuple(blocks)))
    heading = Text("监测不能说明什么", "What supervision does not show")
    found.append(Section("sandbox-limits", heading.within(lang), tuple(Paragraph(t.within(lang)) for t in LIMITS)))
    return tuple(found)


def results(result: PartResult) -> dict[str, object]:
    """Return the records for ``report.json``."""
    allocation = result.allocation
    return {
        "cases": [s.to_record("zh") for s in result.supervised],
        "screening": [
            {"case": case, "outcome": d.outcome, "reasons": [r.to_dict() for r in d.reasons]}
            for case, d in result.screened.items()
        ],
        "portfolio": [t.to_dict() for t in result.portfolio],
        "replays": [
            {
                "stream": run.stream,
                "guardrail": run.guardrail,
                "alarm_index": run.alarm or None,
                "alarm_at": run.alarm_at or None,
                "threshold": run.threshold,
            }
            for run in result.replays
        ],
        "vouchers": None
        if allocation is None
        else {
            "awards": [a.to_dict() for a in allocation.awards],
            "balances": dict(allocation.balances),
            "fairness_questions": list(allocation.fairness_questions),
        },
    }


def _overview(result: PartResult, lang: Lang) -> Grid:
    labels = {
        "case": Text("案例", "case"),
        "state": Text("状态", "state"),
        "due": Text("应处状态", "due state"),
        "health": Text("健康", "health"),
        "alarms": Text("报警", "alarms"),
    }
    rows: list[Mapping[str, Json]] = [
        {
            "case": s.case,
            "state": CASE.state(s.state).name.within(lang),
            "due": CASE.state(s.due_state).name.within(lang),
            "health": HEALTH[s.health].within(lang),
            "alarms": len(s.alarms),
        }
        for s in result.supervised
    ]
    title = Text("案例", "Cases").within(lang)
    return Grid("cases", title, {k: t.within(lang) for k, t in labels.items()}, tuple(rows))


def _replays(result: PartResult, lang: Lang) -> Grid:
    labels = {
        "stream": Text("流", "stream"),
        "guardrail": Text("护栏", "guardrail"),
        "readings": Text("读数", "readings"),
        "alarm": Text("首次报警", "first alarm"),
        "threshold": Text("界限", "threshold"),
    }
    none = Text("未越界", "none").within(lang)
    rows: list[Mapping[str, Json]] = [
        {
            "stream": run.stream,
            "guardrail": run.guardrail,
            "readings": run.points[-1].readings if run.points else 0,
            "alarm": (run.alarm_at or str(run.alarm)) if run.alarm else none,
            "threshold": round(run.threshold, 4),
        }
        for run in result.replays
    ]
    title = Text("重放", "Replays").within(lang)
    return Grid("replays", title, {k: t.within(lang) for k, t in labels.items()}, tuple(rows))


_OUTCOME = {
    "admissible": Text("可入箱", "admissible"),
    "more_info": Text("待补充", "more information needed"),
    "not_admissible": Text("不可入箱", "not admissible"),
}


def _screening(result: PartResult, lang: Lang) -> Grid:
    labels = {"case": Text("案例", "case"), "outcome": Text("结论", "outcome"), "open": Text("待解决", "open points")}
    rows: list[Mapping[str, Json]] = [
        {
            "case": case,
            "outcome": _OUTCOME[d.outcome].within(lang),
            "open": Text("；", "; ")
            .within(lang)
            .join(r.text.within(lang) for r in d.reasons if r.verdict.value not in ("met", "not_applicable"))
            or "–",
        }
        for case, d in result.screened.items()
    ]
    title = Text("申请", "Applications").within(lang)
    return Grid("applications", title, {k: t.within(lang) for k, t in labels.items()}, tuple(rows))


def _vouchers(result: PartResult, lang: Lang) -> Grid:
    labels = {
        "claim": Text("申领", "claim"),
        "holder": Text("持券单位", "holder"),
        "entitled": Text("应得（元）", "entitled (yuan)"),
        "awarded": Text("核发（元）", "awarded (yuan)"),
        "why": Text("理由", "reasons"),
    }
    awards = result.allocation.awards if result.allocation is not None else ()
    rows: list[Mapping[str, Json]] = [
        {
            "claim": a.claim,
            "holder": a.holder,
            "entitled": written(a.entitled),
            "awarded": written(a.awarded),
            "why": Text("；", "; ").within(lang).join(r.text.within(lang) for r in a.reasons) or "–",
        }
        for a in awards
    ]
    questions = result.allocation.fairness_questions if result.allocation is not None else ()
    note = " ".join(str(q[lang]) for q in questions)
    title = Text("算力券", "Compute vouchers").within(lang)
    return Grid("vouchers", title, {k: t.within(lang) for k, t in labels.items()}, tuple(rows), note)
