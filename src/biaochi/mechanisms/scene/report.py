"""Scenes told: whose record is complete, who fits, what came of the trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biaochi.core.decision import Decision
from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.scene.decisions import PartResult

CHECKS = {
    "functional": Text("按功能表述", "stated by function"),
    "review": Text("公平竞争审查", "fair-competition review"),
    "rule": Text("规则早于开放", "rule before opening"),
    "terms": Text("条款", "terms"),
    "slots": Text("名额", "slots"),
    "metrics": Text("事先的指标", "metrics beforehand"),
    "period": Text("时间先后", "order of days"),
    "duplicate": Text("不重复", "no duplicate"),
    "informed": Text("按期告知", "informed in time"),
    "log": Text("尽职记录", "diligence log"),
}
STAGES = {
    "applied": Text("申请", "applied"),
    "eligible": Text("符合条件", "eligible"),
    "selected": Text("入选", "selected"),
    "trial": Text("试用", "in trial"),
    "ended": Text("结束", "ended"),
    "adopted": Text("采用", "adopted"),
    "first_purchase": Text("首购", "first purchase"),
}
FILTERS = {
    "track": Text("赛道", "track"),
    "trl": Text("成熟度", "TRL"),
    "date": Text("时间", "dates"),
    "capacity": Text("承接能力", "capacity"),
    "licence": Text("资质", "licence"),
    "region": Text("地区", "region"),
    "ownership": Text("所有制", "ownership"),
}
FLAGS = {
    "one_firm_left": Text("只剩一家企业", "one firm is left"),
    "no_firm_left": Text("没有企业符合", "no firm is left"),
    "place_filter": Text("按地区限制", "bars by place"),
    "ownership_filter": Text("按所有制限制", "bars by ownership"),
    "place_or_ownership_wording": Text("措辞按地区或所有制限制", "wording bars by place or ownership"),
}
CRITERIA = {
    "technology": Text("技术方案", "technology"),
    "safety": Text("安全", "safety"),
    "price": Text("价格", "price"),
    "delivery": Text("交付", "delivery"),
    "service": Text("服务", "service"),
    "data": Text("数据", "data"),
}
"""What common criteria of selection are called; an owner may name others in its own words."""


def criterion(code: str) -> Text:
    """Return the name of a criterion of selection."""
    return CRITERIA.get(code, Text.same(code))


def weighed(values: Mapping[str, str]) -> Text:
    """Return criteria with their weights or points in one line."""
    pairs = [(criterion(code), value) for code, value in values.items()]
    return Text("、".join(f"{n.zh} {v}" for n, v in pairs) or "–", ", ".join(f"{n.en} {v}" for n, v in pairs) or "–")


LIMITS: tuple[Text, ...] = (
    Text(
        "未经校准的得分只是相似度，不是成功的概率。",
        "A score that is not calibrated is a similarity, no chance of success.",
    ),
    Text(
        "给初创企业预留名额是政策选择，由公平竞争审查决定。",
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
    rows = [{**r, "stage": STAGES[str(r["stage"])].within(lang)} for r in funnel if not r["suppressed"]]
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
    told = Text("、", ", ").within(lang).join(f"{r['stage']} {r['n']}" for r in rows)
    title = Text("从申请到首购", "From application to first purchase").within(lang)
    return Figure("scene-funnel", title, Text(f"各步：{told}。", f"Steps: {told}.").within(lang), spec, tuple(rows))


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence on the records and one on the matches."""
    complete = sum(c.outcome == Verdict.MET.value for c in result.checks)
    found = [
        Text(
            f"场景：{len(result.checks)} 个，记录完整的 {complete} 个。",
            f"Scenes: {len(result.checks)}, with a complete record {complete}.",
        ).within(lang)
    ]
    if result.match is not None:
        flagged = sum(bool(s["flags"]) for s in result.match.scenes)
        found.append(
            Text(
                f"{flagged} 个场景的条件须关注（只剩一家，或以地域、所有制设限）。",
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


def _check(decision: Decision, lang: Lang) -> dict[str, str]:
    settled = (Verdict.MET, Verdict.NOT_APPLICABLE)
    open_ = [CHECKS[r.rule].within(lang) for r in decision.reasons if r.verdict not in settled]
    verdict = Verdict(decision.outcome).text.within(lang)
    return {
        "scene": str(decision.facts["scene"]),
        "verdict": verdict,
        "open": Text("、", ", ").within(lang).join(open_),
    }


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
