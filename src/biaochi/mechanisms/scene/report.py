"""Scenes told: whose record is complete, who fits, what came of the trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.scene.decisions import PartResult

LIMITS: tuple[Text, ...] = (
    Text(
        "未经校准的得分只是相似度,不是成功的概率。",
        "A score that is not calibrated is a similarity, no chance of success.",
    ),
    Text(
        "给初创企业预留名额是政策选择,由公平竞争审查决定。",
        "A reserve for start-ups is a policy choice; fairness decides.",
    ),
)
_CHECKS = {
    "scene": Text("场景", "scene"),
    "verdict": Text("结论", "verdict"),
    "open": Text("待补之处", "what is open"),
}
_PAIRS = {
    "scene": Text("场景", "scene"),
    "firm": Text("企业", "firm"),
    "rank": Text("名次", "rank"),
    "score": Text("相似度", "similarity"),
    "terms": Text("共同词", "shared terms"),
}


def funnel_figure(funnel: Sequence[Mapping[str, object]], lang: Lang) -> Figure:
    """Return the way from application to first purchase; each share with its interval, hidden counts left out."""
    rows = [dict(r) for r in funnel if not r["suppressed"]]
    spec: Mapping[str, object] = {
        "width": 440,
        "height": {"step": 24},
        "data": {"values": rows},
        "mark": {"type": "bar"},
        "encoding": {
            "y": {"field": "stage", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "n", "type": "quantitative", "title": Text("家次", "firms").within(lang)},
        },
    }
    told = ", ".join(f"{r['stage']} {r['n']}" for r in rows)
    title = Text("从申请到首购", "From application to first purchase").within(lang)
    return Figure("scene-funnel", title, Text(f"各步:{told}。", f"Steps: {told}.").within(lang), spec, tuple(rows))


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence on the records and one on the matches."""
    complete = sum(c.outcome == Verdict.MET.value for c in result.checks)
    found = [
        Text(
            f"场景:{len(result.checks)} 个,记录完整的 {complete} 个。",
            f"Scenes: {len(result.checks)}, with a complete record {complete}.",
        ).within(lang)
    ]
    if result.match is not None:
        flagged = sum(bool(s["flags"]) for s in result.match.scenes)
        found.append(
            Text(
                f"{flagged} 个场景的条件须关注(只剩一家,或以地域、所有制设限)。",
                f"{flagged} scenes have conditions to look at (one firm left, or barred by place or ownership).",
            ).within(lang)
        )
    return tuple(found)


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return the records, the best matches, the trials and the limits."""
    checks = Grid(
        "scene_checks",
        Text("场景记录", "Records of scenes").within(lang),
        _labels(_CHECKS, lang),
        tuple(_check(c, lang) for c in result.checks),
    )
    blocks = [Section("scene-records", Text("哪些场景记录完整", "Whose record is complete").within(lang), (checks,))]
    if result.match is not None:
        pairs = result.match.pairs[list(_PAIRS)].head(100).round({"score": 4})
        table = Grid(
            "scene_pairs",
            Text("最相近的企业", "Nearest firms").within(lang),
            _labels(_PAIRS, lang),
            tuple({str(k): v for k, v in r.items()} for r in pairs.to_dict("records")),
        )
        blocks.append(Section("scene-matches", Text("谁适合试", "Who fits").within(lang), (table,)))
    if result.funnel:
        heading = Text("试出了什么", "What came of the trials").within(lang)
        blocks.append(Section("scene-outcomes", heading, (funnel_figure(result.funnel, lang),)))
    limits = tuple(Paragraph(t.within(lang)) for t in LIMITS)
    blocks.append(Section("scene-limits", Text("匹配不能说明什么", "What matching does not show").within(lang), limits))
    return tuple(blocks)


def _check(decision: object, lang: Lang) -> dict[str, str]:
    record = decision.to_dict() if hasattr(decision, "to_dict") else {}
    open_ = [r["rule"] for r in record["reasons"] if r["verdict"] not in ("met", "not_applicable")]
    verdict = Verdict(record["outcome"]).text.within(lang)
    return {"scene": str(record["facts"]["scene"]), "verdict": verdict, "open": ", ".join(open_)}


def _labels(columns: Mapping[str, Text], lang: Lang) -> dict[str, str]:
    return {key: text.within(lang) for key, text in columns.items()}


def results(result: PartResult) -> dict[str, object]:
    """Return the records of ``report.json``."""
    return {
        "scenes": [c.to_dict() for c in result.checks],
        "matching": None if result.match is None else result.match.scenes,
        "pairs": None if result.match is None else result.match.pairs.to_dict("records"),
        "funnel": [dict(r) for r in result.funnel],
    }
