"""Patient capital in the yearly report: sentences, sections and records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biaochi.core.canonical import Json
from biaochi.core.document import Grid, Section
from biaochi.core.figure import Figure
from biaochi.core.money import written
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.capital.decisions import PartResult
from biaochi.mechanisms.capital.report.names import CLASS_NAMES, PHASE_NAMES, RULE_NAMES, STATUS_NAMES
from biaochi.mechanisms.capital.report.records import cashflow_records, terms_records, waterfall_records


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence a result."""
    said: list[Text] = []
    if result.terms is not None:
        unmet = [r for r in result.terms.reasons if r.verdict is Verdict.UNMET]
        review = [r for r in result.terms.reasons if r.verdict is Verdict.MANUAL_REVIEW]
        said.append(
            Text(
                f"基金条款：{len(unmet)} 项不符合，{len(review)} 项须人工审核。",
                f"Fund terms: {len(unmet)} unmet, {len(review)} for a person to review.",
            )
        )
    early = [f for f in result.funds if f.phase == "too_early"]
    if result.funds:
        said.append(
            Text(
                f"{len(result.funds)} 只基金有现金流，其中 {len(early)} 只仍在投资期，收益率不作评价。",
                f"{len(result.funds)} funds have flows; {len(early)} still invest and are not assessed.",
            )
        )
    said += [
        Text(
            f"{_class(e.kind).zh}类损失比例超过 {e.tier:.0%} 的概率为 {e.p_exceeds:.1%}。",
            f"Losses of class {_class(e.kind).en} exceed {e.tier:.0%} with probability {e.p_exceeds:.1%}.",
        )
        for e in result.tolerance
    ]
    return tuple(t.within(lang) for t in said)


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return terms, figures with the J-curve, and who got what."""
    found = []
    if result.terms is not None:
        rows = [_named(r, lang) for r in _flat(terms_records(result.terms, result.parameters)["reasons"])]
        columns = {
            "rule": Text("规则", "rule"),
            "verdict": Text("结论", "verdict"),
            lang: Text("所见与要求", "seen and required"),
            "status": Text("规则状态", "status"),
            "citation": Text("出处", "citation"),
        }
        title = Text("条款对照规则", "Terms against the rules")
        found.append(Section("capital-terms", title.within(lang), (_grid("terms", title, columns, rows, lang),)))
    if result.funds:
        title = Text("现金流指标", "Figures of the funds")
        columns = {
            "fund": Text("基金", "fund"),
            "paid_in": Text("实缴（元）", "paid in, yuan"),
            "distributed": Text("已分配（元）", "distributed, yuan"),
            "nav": Text("净值（元）", "NAV, yuan"),
            "dpi": Text("DPI", "DPI"),
            "tvpi": Text("TVPI", "TVPI"),
            "irr": Text("IRR", "IRR"),
            "phase": Text("阶段", "phase"),
        }
        rows = [
            {
                "fund": f.name,
                "paid_in": written(f.paid_in),
                "distributed": written(f.distributed),
                "nav": None if f.nav is None else written(f.nav),
                "dpi": f.dpi,
                "tvpi": f.tvpi,
                "irr": f.irr.value if f.phase == "assessable" else None,
                "phase": PHASE_NAMES[f.phase].within(lang),
            }
            for f in result.funds
        ]
        grid = _grid("funds", title, columns, rows, lang)
        found.append(Section("capital-funds", title.within(lang), (curve(result, lang), grid)))
    if result.waterfall is not None:
        title = Text("分配结果", "Who got what")
        columns = {
            "party": Text("当事方", "party"),
            "contributed": Text("出资（元）", "contributed, yuan"),
            "received": Text("所得（元）", "received, yuan"),
            "multiple": Text("倍数", "multiple"),
        }
        rows = [
            {
                "party": p.party,
                "contributed": written(p.contributed),
                "received": written(p.received),
                "multiple": p.multiple,
            }
            for p in result.waterfall.parties
        ]
        found.append(Section("capital-parties", title.within(lang), (_grid("parties", title, columns, rows, lang),)))
    return tuple(found)


def curve(result: PartResult, lang: Lang) -> Figure:
    """Return the J-curves: cumulative net money of each fund over time."""
    rows = [{"fund": p.fund, "at": p.at.isoformat(), "cumulative": float(p.cumulative)} for p in result.jcurve]
    spec = {
        "width": 440,
        "height": 220,
        "data": {"values": rows},
        "layer": [
            {"mark": {"type": "rule", "color": "token:axis"}, "encoding": {"y": {"datum": 0, "type": "quantitative"}}},
            {
                "mark": {"type": "line", "interpolate": "step-after", "point": True},
                "encoding": {
                    "x": {"field": "at", "type": "temporal", "title": None},
                    "y": {"field": "cumulative", "type": "quantitative", "title": Text("元", "yuan").within(lang)},
                    "color": {"field": "fund", "type": "nominal", "title": None},
                },
            },
        ],
    }
    title = Text("累计净现金流", "Cumulative net money").within(lang)
    low = min(result.jcurve, key=lambda p: p.cumulative)
    alternative = Text(
        f"最低点：{low.fund} 在 {low.at} 为 {written(low.cumulative)} 元。",
        f"Lowest: {low.fund} on {low.at}, {written(low.cumulative)} yuan.",
    ).within(lang)
    return Figure("jcurve", title, alternative, spec, tuple(rows))


def results(result: PartResult) -> dict[str, object]:
    """Return the records of ``report.json``."""
    body: dict[str, object] = cashflow_records(result.funds, result.vintages, result.jcurve, result.tolerance)
    if result.terms is not None:
        body["terms"] = terms_records(result.terms, result.parameters)
    if result.waterfall is not None:
        body["waterfall"] = waterfall_records(result.waterfall)
    return body


def _class(code: str) -> Text:
    return CLASS_NAMES.get(code, Text.same(code))


def _named(record: Mapping[str, Json], lang: Lang) -> Mapping[str, Json]:
    """Return a reason's record with words where it had codes."""
    rule, status = str(record["rule"]), record["status"]
    return {
        **record,
        "rule": RULE_NAMES[rule].within(lang),
        "verdict": Verdict(str(record["verdict"])).text.within(lang),
        "status": None if status is None else STATUS_NAMES[str(status)].within(lang),
    }


def _flat(records: object) -> list[Mapping[str, Json]]:
    return [dict(r) for r in records] if isinstance(records, list) else []


def _grid(key: str, title: Text, columns: Mapping[str, Text], rows: Sequence[Mapping[str, Json]], lang: Lang) -> Grid:
    return Grid(key, title.within(lang), {k: v.within(lang) for k, v in columns.items()}, tuple(rows))
