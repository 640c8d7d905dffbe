"""What a fund's page shows: the answer, terms against rules, money, the J-curve, who got what, tolerance, the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.capital.decisions import (
    FundFigures,
    PartResult,
    check_terms,
    fund_figures,
    portfolio_figures,
    vintage_figures,
)
from biaochi.mechanisms.capital.decisions.terms import WARNED, status_of, warned
from biaochi.mechanisms.capital.report import (
    CLASS_NAMES,
    FLOW_NAMES,
    IRR_NAMES,
    PHASE_NAMES,
    RULE_NAMES,
    STATUS_NAMES,
    STEP_NAMES,
    curve,
)
from biaochi.mechanisms.capital.web import services
from biaochi.mechanisms.capital.web.models import GuidanceFund, MoneyFlow
from biaochi.registry.marks import interval_mark

KEPT = 3600


def result_of(fund: GuidanceFund) -> PartResult:
    """Return everything that can be said of a fund today, kept while neither terms, money nor deals change."""
    money = [[f.at.isoformat(), f.kind, f.party, str(f.amount)] for f in fund.known_flows(timezone.localdate())]
    deals = [[d.deal, d.kind, str(d.amount), d.p_success, d.loss_share, d.group, d.p_group] for d in fund.known_deals()]
    key = f"capital:{digest([fund.public_id, fund.document, money, deals, timezone.localdate().isoformat()])}"
    found: PartResult | None = cache.get(key)
    if found is None:
        found = services.result_of(fund)
        cache.set(key, found, KEPT)
    return found


def answer(result: PartResult, lang: Lang) -> str:
    """Return the state of the fund in one sentence."""
    if not result.funds:
        return Text("尚无现金流。", "No money has moved yet.").within(lang)
    f = result.funds[0]
    if f.phase == "too_early":
        return Text(
            f"仍在投资期，收益率不作评价：实缴 {f.paid_in:,.0f} 元，已分配 {f.distributed:,.0f} 元。",
            f"Still investing, returns are not assessed: {f.paid_in:,.0f} yuan paid in, "
            f"{f.distributed:,.0f} distributed.",
        ).within(lang)
    multiple = "–" if f.tvpi is None else f"{f.tvpi:.2f}"
    return Text(
        f"全周期看：每缴 1 元，已收回 {f.dpi or 0:.2f} 元，连同净值共 {multiple} 元；IRR {_rate(f, 'zh')}。",
        f"Over its whole life: of each yuan paid in {f.dpi or 0:.2f} came back, {multiple} with what is still held; "
        f"IRR {_rate(f, 'en')}.",
    ).within(lang)


def _rate(f: FundFigures, lang: Lang) -> str:
    if f.phase == "too_early":
        return PHASE_NAMES["too_early"].within(lang)
    if f.irr.value is None:
        return IRR_NAMES.get(f.irr.reason, Text.same(f.irr.reason)).within(lang)
    note = IRR_NAMES[f.irr.reason].within(lang) if f.irr.reason else ""
    extra = Text(f"（{note}）", f" ({note})").within(lang) if note else ""
    return f"{f.irr.value:.1%}{extra}"


def terms_rows(fund: GuidanceFund, lang: Lang) -> dict[str, Any]:
    """Return every rule with what the terms say of it; what a rule discourages is a warning."""
    parameters = services.rules()
    found = check_terms(fund.terms, at=timezone.localdate(), parameters=parameters)
    rows = []
    for r in found.reasons:
        status = status_of(r, parameters)
        rows.append(
            {
                "rule": RULE_NAMES[r.rule],
                "verdict": r.verdict.value,
                "text": r.text,
                "citation": str(r.citation) if r.citation else "",
                "status": STATUS_NAMES[status] if status else None,
            }
        )
    checked = bool(fund.checked_basis) and fund.checked_basis == fund.basis
    warnings = [WARNED[code].within(lang) for code in warned(fund.terms)]
    resting = [r for r in rows if r["verdict"] == Verdict.NOT_APPLICABLE.value]
    due = [r for r in rows if r not in resting]
    return {"rows": due, "resting": resting, "checked": checked, "warnings": warnings}


def money_rows(fund: GuidanceFund, keeps: bool) -> dict[str, Any]:
    """Return every flow with the money called so far; voided ones stay visible."""
    called = Decimal(0)
    rows = []
    for f in MoneyFlow.objects.filter(fund=fund).order_by("at", "pk"):
        if f.kind == "call" and f.voided_at is None:
            called += f.amount
        rows.append({"flow": f, "kind": FLOW_NAMES[f.kind], "called": called, "void": f.voided_at is not None})
    return {"rows": rows, "keeps": keeps, "obj": fund}


def waterfall_rows(result: PartResult) -> dict[str, Any]:
    """Return what each party paid and got, and every step that led there."""
    if result.waterfall is None:
        return {}
    steps = [{"step": STEP_NAMES[s.step], "row": s} for s in result.waterfall.steps]
    return {"parties": result.waterfall.parties, "steps": steps}


def tolerance_rows(result: PartResult, fund: GuidanceFund, lang: Lang) -> list[dict[str, Any]]:
    """Return the chance that each class loses more than the rule tolerates."""
    invested: dict[str, Decimal] = {}
    for d in fund.known_deals():
        invested[d.kind] = invested.get(d.kind, Decimal(0)) + d.amount
    rows = []
    for e in result.tolerance:
        low, high = max(0.0, e.p_exceeds - 1.96 * e.se), min(1.0, e.p_exceeds + 1.96 * e.se)
        exact = e.se == 0
        label = f"{e.p_exceeds:.1%}" + ("" if exact else f" ({low:.1%}–{high:.1%})")
        how = Text("精确", "exact") if exact else Text("模拟", "simulated")
        rows.append(
            {
                "kind": CLASS_NAMES.get(e.kind, Text.same(e.kind)),
                "tier": f"{e.tier:.0%}",
                "invested": invested[e.kind],
                "mark": interval_mark(low, high, label=label, least=0, most=1, middle=e.p_exceeds),
                "p": label,
                "how": how.within(lang),
            }
        )
    return rows


def figure(result: PartResult, fund: GuidanceFund, lang: Lang) -> Any:
    """Return the J-curve under the fund's own name, or nothing while no money moved."""
    name = fund.title.within(lang)
    named = replace(result, jcurve=tuple(replace(p, fund=name) for p in result.jcurve))
    return curve(named, lang) if result.jcurve else None


def figures_row(f: FundFigures, name: Text, lang: Lang, url: str = "") -> dict[str, Any]:
    """Return one line of figures; a rate only where the phase lets it be judged."""
    return {
        "name": name,
        "url": url,
        "paid_in": f.paid_in,
        "distributed": f.distributed,
        "nav": f.nav,
        "dpi": None if f.dpi is None else f"{f.dpi:.2f}",
        "tvpi": None if f.tvpi is None else f"{f.tvpi:.2f}",
        "irr": _rate(f, lang),
        "phase": PHASE_NAMES[f.phase],
        "badge": "too_early" if f.phase == "too_early" else "met",
    }


def portfolio(funds: Sequence[GuidanceFund], lang: Lang) -> dict[str, Any]:
    """Return all funds the viewer may see, by fund, by vintage and together."""
    today, parameters = timezone.localdate(), services.rules()
    rows: list[dict[str, Any]] = []
    flows = []
    for fund in funds:
        own = fund.known_flows(today)
        if own:
            found = fund_figures(fund.public_id, own, at=today, parameters=parameters)
            rows.append(figures_row(found, fund.title, lang, fund.get_absolute_url()))
            flows += own
    if not flows:
        return {"rows": [], "vintages": [], "whole": None}
    whole = portfolio_figures("portfolio", flows, at=today, parameters=parameters)
    vintages = [
        figures_row(v, Text(f"{v.name} 年", v.name), lang)
        for v in vintage_figures(flows, at=today, parameters=parameters)
    ]
    return {
        "rows": rows,
        "vintages": vintages,
        "whole": figures_row(whole, Text("全部基金", "all funds"), lang),
        "early": sum(r["badge"] == "too_early" for r in rows),
    }
