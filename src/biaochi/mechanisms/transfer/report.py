"""Transfer told: which gates are met, which platforms ask for attention, how long stages take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.transfer.decisions import PartResult
from biaochi.mechanisms.transfer.model import Stage

LIMITS: tuple[Text, ...] = (Text("中试的效果是观察到的，不是因果。", "The effect of a pilot is observed, not caused."),)
RULES = {
    "trl": Text("技术成熟度", "TRL"),
    "mrl": Text("制造成熟度", "MRL"),
    "evidence": Text("证据", "evidence"),
    "cost": Text("成本", "cost"),
    "yield": Text("良率", "yield"),
    "safety": Text("安全文件", "safety file"),
    "money": Text("后续资金", "next money"),
}
_GATES = {
    "project": Text("项目", "project"),
    "stage": Text("阶段", "stage"),
    "verdict": Text("结论", "verdict"),
    "open": Text("待补之处", "what is open"),
}
_PLATFORMS = {"platform": Text("平台", "platform"), "flags": Text("关注", "attention")}


def curve_figure(curves: Sequence[Mapping[str, object]], lang: Lang) -> Figure:
    """Return survival curves with their intervals, one colour a group."""
    rows = [dict(r) for r in curves]
    spec: Mapping[str, object] = {
        "width": 440,
        "height": 260,
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
            "x": {"field": "t", "type": "quantitative", "title": Text("天", "days").within(lang)},
            "color": {"field": "group", "type": "nominal", "title": None},
        },
    }
    groups = sorted({str(r["group"]) for r in rows})
    last = {g: [r for r in rows if str(r["group"]) == g][-1]["value"] for g in groups}
    told = ", ".join(f"{g} {v:.2f}" for g, v in last.items() if isinstance(v, float))
    title = Text("尚未到达的比例", "Share not yet there").within(lang)
    alternative = Text(f"期末尚未到达：{told}。", f"Not yet there at the end: {told}.").within(lang)
    return Figure("transfer-curves", title, alternative, spec, tuple(rows))


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence on gates and platforms."""
    met = sum(g.outcome == Verdict.MET.value for g in result.gates)
    flagged = sum(d.outcome == "attention" for _, d in result.platforms)
    return (
        Text(
            f"概念验证与中试：{len(result.gates)} 个阶段中 {met} 个证据齐备；{flagged} 个平台须关注。",
            f"Transfer: {met} of {len(result.gates)} passages meet their gate; {flagged} platforms ask for attention.",
        ).within(lang),
    )


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return gates, platforms and limits."""
    join, settled = Text("、", ", ").within(lang), (Verdict.MET, Verdict.NOT_APPLICABLE)
    gates = Grid(
        "transfer_gates",
        Text("各关证据", "Evidence at the gates").within(lang),
        _labels(_GATES, lang),
        tuple(
            {
                "project": str(g.facts["project"]),
                "stage": Stage(str(g.facts["stage"])).text.within(lang),
                "verdict": Verdict(g.outcome).text.within(lang),
                "open": join.join(RULES[r.rule].within(lang) for r in g.reasons if r.verdict not in settled),
            }
            for g in result.gates
        ),
    )
    platforms = Grid(
        "transfer_platforms",
        Text("平台", "Platforms").within(lang),
        _labels(_PLATFORMS, lang),
        tuple(
            {"platform": name, "flags": join.join(r.text.within(lang) for r in d.reasons)}
            for name, d in result.platforms
        ),
    )
    heading = Text("哪些关口过得去", "Which gates are met").within(lang)
    limits = tuple(Paragraph(t.within(lang)) for t in LIMITS)
    return (
        Section("transfer-gates", heading, (gates, platforms)),
        Section("transfer-limits", Text("不能说明什么", "What this does not show").within(lang), limits),
    )


def _labels(columns: Mapping[str, Text], lang: Lang) -> dict[str, str]:
    return {key: text.within(lang) for key, text in columns.items()}


def results(result: PartResult) -> dict[str, object]:
    """Return the records of ``report.json``."""
    return {
        "passages": [g.to_dict() for g in result.gates],
        "platforms": [{"platform": name, "flags": [r.rule for r in d.reasons]} for name, d in result.platforms],
    }
