"""Fairness in the yearly report: what the texts of the year say, by which rules, and how far these can be trusted."""

from __future__ import annotations

from biaochi.core.canonical import Json
from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.fairness.decisions import Conclusion, PartResult, RuleCount, TextResult

LIMITS = Text(
    "供复核之用，不是法律意见；精确率是在自写条文上测的。分散在多份文件里的限制会漏掉。",
    "Points for review, no legal advice; precision is measured on our own clauses. "
    "Restrictions spread over several documents escape.",
)
CONCLUSION = {
    Conclusion.COMPLIANT: Text("符合", "compliant"),
    Conclusion.COMPLIANT_WITH_EXCEPTION: Text("例外适用", "compliant with exception"),
    Conclusion.MUST_REVISE: Text("须修改", "must be revised"),
    None: Text("尚无结论", "open"),
}
KIND = {
    "tender": Text("采购文件", "tender document"),
    "first_purchase": Text("首购文件", "first-purchase document"),
    "policy": Text("政策措施", "policy measure"),
    "voucher": Text("券类办法", "voucher scheme"),
    "fund": Text("基金办法", "fund rules"),
    "scene": Text("场景机会清单", "scene list"),
    "pilot_zone": Text("先导区办法", "pilot-zone rules"),
}
_TEXTS = {
    "file": Text("文件", "file"),
    "kind": Text("类型", "kind"),
    "date": Text("文件日期", "date"),
    "clauses": Text("条数", "clauses"),
    "violation": Text("违反", "violations"),
    "needs_context": Text("待查", "need context"),
    "lawful_preference": Text("合法优惠", "lawful preferences"),
    "conclusion": Text("结论", "conclusion"),
}
_RULES = {
    "rule": Text("规则", "rule"),
    "title": Text("内容", "what it says"),
    "violation": Text("违反", "violations"),
    "needs_context": Text("待查", "need context"),
    "precision": Text("实测精确率（90% 区间）", "measured precision (90 % interval)"),
}
_FINDINGS = {
    "file": Text("文件", "file"),
    "rule": Text("规则", "rule"),
    "quote": Text("原文", "words"),
    "reason": Text("理由", "reason"),
    "citation": Text("依据", "citation"),
    "suggestion": Text("可改为", "instead"),
}


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence: texts, those to be revised, violations with how many are expected to be right."""
    revise = sum(t.conclusion is Conclusion.MUST_REVISE for t in result.texts)
    still = sum(t.conclusion is None for t in result.texts)
    expected = result.expected_right
    zh = en = ""
    if expected is not None:
        spread = f"{expected[0]:.1f} [{expected[1]:.1f}, {expected[2]:.1f}]"
        zh, en = f"，按实测精确率预计 {spread} 处属实", f", {spread} expected right by measured precision"
    return (
        Text(
            f"审读 {len(result.texts)} 份文本，{revise} 份须修改，{still} 份尚无结论；"
            f"违反 {result.violations} 处{zh}。",
            f"{len(result.texts)} texts read, {revise} must be revised, {still} open; "
            f"{result.violations} violations{en}.",
        ).within(lang),
    )


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return the texts, the rules that spoke, and every violation with what could stand there instead."""
    revise = sum(t.conclusion is Conclusion.MUST_REVISE for t in result.texts)
    heading = Text(
        f"{len(result.texts)} 份文本中 {revise} 份须修改", f"{revise} of {len(result.texts)} texts must be revised"
    ).within(lang)
    texts = Grid(
        "fairness_texts",
        Text("审读的文本", "Texts read").within(lang),
        {k: v.within(lang) for k, v in _TEXTS.items()},
        tuple(_text(t, lang) for t in result.texts),
    )
    titles = {r.id: r.title for r in result.pack.rules}
    rules = Grid(
        "fairness_rules",
        Text("说了话的规则", "Rules that spoke").within(lang),
        {k: v.within(lang) for k, v in _RULES.items()},
        tuple(_rule(r, titles[r.rule].within(lang), lang) for r in result.rules),
    )
    rows = tuple(row for t in result.texts for row in _violations(t, lang))
    blocking = Grid(
        "fairness_findings",
        Text("须修改之处", "What must be revised").within(lang),
        {k: v.within(lang) for k, v in _FINDINGS.items()},
        rows,
    )
    return (Section("fairness", heading, (texts, rules, blocking, Paragraph(LIMITS.within(lang)))),)


def _text(found: TextResult, lang: Lang) -> dict[str, Json]:
    counts = found.reading.claimed.counts()
    return {
        "file": found.text.name,
        "kind": KIND[found.text.kind].within(lang),
        "date": found.text.dated.isoformat(),
        "clauses": len(found.reading.claimed.clauses),
        "violation": counts["violation"],
        "needs_context": counts["needs_context"],
        "lawful_preference": counts["lawful_preference"],
        "conclusion": CONCLUSION[found.conclusion].within(lang),
    }


def _rule(found: RuleCount, title: str, lang: Lang) -> dict[str, Json]:
    measured = Text("未测", "not measured").within(lang)
    if found.measured is not None:
        estimate, low, high = found.measured.precision
        measured = f"{estimate:.2f} [{low:.2f}, {high:.2f}]"
    return {
        "rule": found.rule,
        "title": title,
        "violation": found.verdicts.get("violation", 0),
        "needs_context": found.verdicts.get("needs_context", 0),
        "precision": measured,
    }


def _violations(found: TextResult, lang: Lang) -> list[dict[str, Json]]:
    return [
        {
            "file": found.text.name,
            "rule": f.rule.id,
            "quote": f.quote,
            "reason": f.reason.within(lang),
            "citation": f"{f.rule.citation.title} {f.rule.citation.article}".strip(),
            "suggestion": f.rule.suggestion.within(lang),
        }
        for clause in found.reading.claimed.clauses
        for f in clause.findings
        if f.verdict == "violation"
    ]


def results(result: PartResult) -> dict[str, object]:
    """Return the records of ``report.json``."""
    expected = result.expected_right
    return {
        "pack": {"code": result.pack.code, "version": result.pack.version, "digest": result.pack.digest},
        "texts": [
            {
                "file": t.text.name,
                "kind": t.text.kind,
                "date": t.text.dated,
                "conclusion": t.conclusion.value if t.conclusion is not None else None,
                "counts": t.reading.claimed.counts(),
                "claims": [c.to_dict() for c in t.reading.checks],
            }
            for t in result.texts
        ],
        "rules": [
            {
                "rule": r.rule,
                "verdicts": dict(r.verdicts),
                "precision": r.measured.precision_record() if r.measured is not None else None,
            }
            for r in result.rules
        ],
        "violations": result.violations,
        "expected_right": None
        if expected is None
        else {"estimate": expected[0], "low": expected[1], "high": expected[2]},
    }
