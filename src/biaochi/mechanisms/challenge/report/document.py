"""Challenges in the yearly report: sentences, sections and records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biaochi.core.canonical import Json
from biaochi.core.document import Grid, Section
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.challenge.decisions import PartResult
from biaochi.mechanisms.challenge.report.names import DUTY_NAMES, OUTCOME_NAMES, ZONE_NAMES
from biaochi.mechanisms.challenge.report.records import diligence_records, ranking_records
from biaochi.methods.allocation import Ranking


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence a result."""
    said: list[Text] = []
    if result.ranking is not None:
        zone = [b for b in result.ranking.bids if b.zone == "lottery"]
        said.append(
            Text(
                f"{len(result.ranking.bids)} 份标书争 {result.slots} 个名额：评分分不出高下的有 {len(zone)} 份。",
                f"{len(result.ranking.bids)} bids for {result.slots} places: "
                f"the scores cannot tell {len(zone)} of them apart.",
            )
        )
    if result.off_scale:
        said.append(
            Text(
                f"{result.off_scale} 个评分超出方案的评分范围，未作排序。",
                f"{result.off_scale} scores are off the programme's scale; bids were not ranked.",
            )
        )
    for award, file in result.files:
        word = OUTCOME_NAMES[file.outcome]
        said.append(Text(f"{award} 的尽职免责材料：{word.zh}。", f"Exemption file of {award}: {word.en}."))
    return tuple(t.within(lang) for t in said)


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return ranks with their intervals, and the duties of each award."""
    found = []
    if result.ranking is not None:
        heading = Text("期望名次与抽签区", "Expected ranks and the lottery zone")
        found.append(Section("challenge-ranks", heading.within(lang), (ranks(result.ranking, lang),)))
    if result.files:
        title = Text("尽职免责材料", "Exemption files")
        columns = {
            "award": Text("项目", "award"),
            "duty": Text("义务", "duty"),
            "verdict": Text("结论", "verdict"),
            "because": Text("依据", "because"),
        }
        rows: list[Mapping[str, Json]] = [
            {
                "award": award,
                "duty": DUTY_NAMES[duty.duty].within(lang),
                "verdict": duty.verdict.text.within(lang),
                "because": ("；" if lang == "zh" else "; ").join(
                    dict.fromkeys(r.text.within(lang) for r in duty.reasons if r.verdict is duty.verdict)
                ),
            }
            for award, file in result.files
            for duty in file.duties
            if duty.verdict is not Verdict.NOT_APPLICABLE
        ]
        found.append(Section("challenge-duties", title.within(lang), (_grid("duties", title, columns, rows, lang),)))
    return tuple(found)


def ranks(found: Ranking, lang: Lang) -> Figure:
    """Return expected ranks with the central half of each rank, and the line."""
    rows = [
        {
            "bid": b.bid,
            "expected_rank": b.expected_rank,
            "low": b.rank_interval[0],
            "high": b.rank_interval[1],
            "zone": ZONE_NAMES[b.zone].within(lang),
        }
        for b in found.bids
    ]
    order = [b.bid for b in found.bids]
    zones = {
        "domain": [t.within(lang) for t in ZONE_NAMES.values()],
        "range": ["token:met", "token:manual-review", "token:unknown"],
    }
    y = {"field": "bid", "type": "nominal", "sort": order, "title": None}
    colour = {"field": "zone", "type": "nominal", "scale": zones, "title": None}
    spec = {
        "width": 440,
        "height": {"step": 20},
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 3},
                "encoding": {
                    "y": y,
                    "x": {"field": "low", "type": "quantitative", "title": Text("名次", "rank").within(lang)},
                    "x2": {"field": "high"},
                    "color": colour,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 70},
                "encoding": {"y": y, "x": {"field": "expected_rank", "type": "quantitative"}, "color": colour},
            },
            {
                "mark": {"type": "rule", "color": "token:threshold", "strokeDash": [4, 3]},
                "encoding": {"x": {"datum": found.line, "type": "quantitative"}},
            },
        ],
    }
    counts = {z: sum(b.zone == z for b in found.bids) for z in ZONE_NAMES}
    alternative = Text(
        f"线上 {counts['above']} 份，抽签区 {counts['lottery']} 份，线下 {counts['below']} 份；横线为名次的中间一半。",
        f"{counts['above']} above the line, {counts['lottery']} in the lottery zone, {counts['below']} below; "
        "bars are the central half of each rank.",
    ).within(lang)
    return Figure("ranks", Text("期望名次", "Expected ranks").within(lang), alternative, spec, tuple(rows))


def results(result: PartResult) -> dict[str, object]:
    """Return the records of ``report.json``."""
    body: dict[str, object] = {"files": [{"award": award, **diligence_records(file)} for award, file in result.files]}
    if result.ranking is not None:
        body["ranking"] = ranking_records(result.ranking, ())
    return body


def _grid(key: str, title: Text, columns: Mapping[str, Text], rows: Sequence[Mapping[str, Json]], lang: Lang) -> Grid:
    return Grid(key, title.within(lang), {k: v.within(lang) for k, v in columns.items()}, tuple(rows))
