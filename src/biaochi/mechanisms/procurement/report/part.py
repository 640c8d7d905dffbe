"""Procurement in the yearly report: the market, the checks that are not met, how sure a selection is, red flags."""

from __future__ import annotations

from collections.abc import Iterator

from biaochi.core.canonical import Json
from biaochi.core.document import Grid, Paragraph, Section
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.procurement.decisions.part import PartResult, PurchaseResult
from biaochi.mechanisms.procurement.decisions.redflags import RedFlags
from biaochi.mechanisms.procurement.lifecycle import PURCHASE
from biaochi.mechanisms.procurement.report.tables import check_records, evaluation_records, market_record
from biaochi.mechanisms.procurement.report.words import ACTION, CHECK, EXCLUDED, FLAG, GROUP, STAGE

LIMITS = Text(
    "市场检查只知道录入的产品；红旗假定标识稳定，旗不是结论。依据尚未核实的步骤只交人复核。",
    "A market check knows only the products entered; flags assume stable identifiers and are no verdict. "
    "Steps whose rule is unverified go to a person.",
)
_MARKET = {
    "clean": Text("至少三家必然满足", "three suppliers certain"),
    "needs_context": Text("须看上下文", "needs context"),
    "violation": Text("指向特定供应商", "points to one supplier"),
}
_VERDICT = {
    Verdict.UNMET: Text("不符", "unmet"),
    Verdict.MANUAL_REVIEW: Text("交人复核", "for a person"),
    Verdict.UNKNOWN: Text("未知", "unknown"),
}
_PURCHASES = {
    "id": Text("编号", "id"),
    "title": Text("名称", "title"),
    "state": Text("阶段", "state"),
    "met": Text("符合", "met"),
    "unmet": Text("不符", "unmet"),
    "manual_review": Text("交人复核", "for a person"),
    "unknown": Text("未知", "unknown"),
    "certain": Text("必然满足的供应商", "suppliers certain"),
    "possible": Text("可能满足的供应商", "suppliers possible"),
    "market": Text("市场检查", "market check"),
}
_CHECKS = {
    "id": Text("采购", "purchase"),
    "check": Text("核对", "check"),
    "verdict": Text("结论", "verdict"),
    "reason": Text("理由", "reason"),
    "citation": Text("依据", "citation"),
}
_OFFERS = {
    "id": Text("采购", "purchase"),
    "offer": Text("报价", "offer"),
    "price": Text("报价（元）", "price (yuan)"),
    "evaluated": Text("评审价（元）", "evaluated price (yuan)"),
    "total": Text("总分（90% 区间）", "total (90 % interval)"),
    "p_first": Text("居首的把握", "chance to be first"),
    "selected": Text("选定", "selected"),
}
_FLAGS = {
    "code": Text("红旗", "flag"),
    "name": Text("含义", "meaning"),
    "flagged": Text("被标记", "flagged"),
    "computed": Text("已算过程", "processes computed"),
    "excluded": Text("未算及原因", "not computed, and why"),
}


def state_name(code: str) -> Text:
    """Return the state of a purchase in words; the stages of development carry their stage."""
    if code.startswith("stage_"):
        stage = STAGE.get(code.removeprefix("stage_"), Text.same(code))
        return Text(f"研发：{stage.zh}", f"development: {stage.en}")
    if code == "contracted":
        return Text("已签研发合同", "R&D contracts signed")
    known = {s.code: s.name for s in PURCHASE.states}
    return known.get(code, Text.same(code))


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence on purchases and, when releases were read, one on red flags."""
    unmet = sum(p.verdicts.get("unmet", 0) for p in result.purchases)
    checks = sum(len(p.checks.reasons) for p in result.purchases)
    narrow = sum(
        p.market is not None and p.market.verdict != "clean" and not _seeks_what_is_missing(p) for p in result.purchases
    )
    told = []
    if result.purchases:
        told.append(
            Text(
                f"{len(result.purchases)} 项采购，{checks} 处核对中 {unmet} 处不符；"
                f"{narrow} 项的需求在市场上不足三家必然满足。",
                f"{len(result.purchases)} purchases, {unmet} of {checks} checks unmet; "
                f"the needs of {narrow} leave fewer than three certain suppliers.",
            )
        )
    if result.flags is not None:
        flagged = len(result.flags.results.get("OCID", {}))
        told.append(
            Text(
                f"红旗：{result.flags.releases} 个采购过程中 {flagged} 个被标记。",
                f"Red flags: {flagged} of {result.flags.releases} processes flagged.",
            )
        )
    return tuple(t.within(lang) for t in told)


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return purchases, checks that are not met, offers with their intervals, flags with their coverage."""
    unmet = sum(p.verdicts.get("unmet", 0) for p in result.purchases)
    heading = Text(
        f"{len(result.purchases)} 项采购，{unmet} 处不符", f"{len(result.purchases)} purchases, {unmet} checks unmet"
    ).within(lang)
    blocks: list[Grid | Paragraph] = []
    if result.purchases:
        rows = tuple(_purchase(p, lang) for p in result.purchases)
        blocks.append(_grid("procurement_purchases", Text("采购", "Purchases"), _PURCHASES, rows, lang))
        checks = tuple(r for p in result.purchases for r in _checks(p, lang))
        blocks.append(_grid("procurement_checks", Text("未满足的核对", "Checks not met"), _CHECKS, checks, lang))
        offers = tuple(r for p in result.purchases for r in _offers(p))
        if offers:
            notes = {ACTION[p.evaluation.action].within(lang) for p in result.purchases if p.evaluation is not None}
            title = Text("报价", "Offers")
            blocks.append(_grid("procurement_offers", title, _OFFERS, offers, lang, "；".join(sorted(notes))))
    if result.flags is not None:
        flags = tuple(_flags(result.flags, lang))
        blocks.append(_grid("procurement_flags", Text("红旗与覆盖面", "Red flags, coverage"), _FLAGS, flags, lang))
    return (Section("procurement", heading, (*blocks, Paragraph(LIMITS.within(lang)))),)


def _seeks_what_is_missing(found: PurchaseResult) -> bool:
    """Whether the purchase stands on ground (a): it may go ahead only because no product meets the needs."""
    ground = found.purchase.ground
    return found.purchase.kind == "co_innovation" and ground is not None and ground.case == "a"


def _market(found: PurchaseResult) -> Text:
    if found.market is None:
        return Text("没有录入产品", "no products entered")
    if not _seeks_what_is_missing(found):
        return _MARKET[found.market.verdict]
    if found.market.possible:
        return Text("已有产品可能满足，情形一不成立", "a product may meet the needs, ground (a) fails")
    return Text("没有产品可能满足，情形一成立", "no product could meet the needs, ground (a) holds")


def _grid(
    key: str, title: Text, columns: dict[str, Text], rows: tuple[dict[str, Json], ...], lang: Lang, note: str = ""
) -> Grid:
    return Grid(key, title.within(lang), {k: v.within(lang) for k, v in columns.items()}, rows, note)


def _purchase(found: PurchaseResult, lang: Lang) -> dict[str, Json]:
    title = found.purchase.title
    counts = found.verdicts
    return {
        "id": found.purchase.id,
        "title": Text(title.zh, title.en).within(lang),
        "state": state_name(found.checks.outcome).within(lang),
        "met": counts.get("met", 0),
        "unmet": counts.get("unmet", 0),
        "manual_review": counts.get("manual_review", 0),
        "unknown": counts.get("unknown", 0),
        "certain": found.market.certain if found.market else None,
        "possible": found.market.possible if found.market else None,
        "market": _market(found).within(lang),
    }


def _checks(found: PurchaseResult, lang: Lang) -> Iterator[dict[str, Json]]:
    for reason in found.checks.reasons:
        if reason.verdict not in _VERDICT:
            continue
        cited = f"{reason.citation.title} {reason.citation.article}".strip() if reason.citation else ""
        yield {
            "id": found.purchase.id,
            "check": CHECK.get(reason.rule, Text.same(reason.rule)).within(lang),
            "verdict": _VERDICT[reason.verdict].within(lang),
            "reason": reason.text.within(lang),
            "citation": cited,
        }


def _offers(found: PurchaseResult) -> Iterator[dict[str, Json]]:
    for offer in found.evaluation.offers if found.evaluation is not None else ():
        total = "–" if offer.total is None else f"{offer.total:.1f}"
        if offer.low is not None and offer.high is not None:
            total += f" [{offer.low:.1f}, {offer.high:.1f}]"
        yield {
            "id": found.purchase.id,
            "offer": offer.offer,
            "price": f"{offer.price:.2f}",
            "evaluated": f"{offer.evaluated:.2f}",
            "total": total,
            "p_first": None if offer.p_first is None else round(offer.p_first, 3),
            "selected": "✓" if offer.selected else "",
        }


def _flags(flags: RedFlags, lang: Lang) -> Iterator[dict[str, Json]]:
    join = Text("、", ", ").within(lang)
    for code, covered in flags.coverage.items():
        excluded = covered["excluded"]
        assert isinstance(excluded, dict)
        told = [f"{EXCLUDED.get(k, Text.same(k)).within(lang)} {n}" for k, n in excluded.items()]
        by_group = [
            f"{GROUP[g].within(lang)} {n}"
            for g, subjects in flags.results.items()
            if (n := sum(code in c for c in subjects.values()))
        ]
        computed = covered["computed"]
        assert isinstance(computed, int)
        yield {
            "code": code,
            "name": FLAG[code].within(lang),
            "flagged": join.join(by_group) or "0",
            "computed": computed,
            "excluded": join.join(told) or "0",
        }


def results(result: PartResult) -> dict[str, object]:
    """Return the records of ``report.json``."""
    return {
        "purchases": [
            {
                "id": p.purchase.id,
                "state": p.checks.outcome,
                "checks": check_records(p.checks),
                "market": market_record(p.market) if p.market is not None else None,
                "evaluation": evaluation_records(p.evaluation) if p.evaluation is not None else None,
            }
            for p in result.purchases
        ],
        "redflags": None
        if result.flags is None
        else {"results": result.flags.results, "meta": result.flags.meta, "coverage": result.flags.coverage},
    }
