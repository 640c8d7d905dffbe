"""What the pages of a survey say: the sheet item by item, what the panel said, results, the record after a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from django.utils.safestring import SafeString

from biaochi.core.canonical import digest
from biaochi.core.distribution import Distribution
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.foresight import report
from biaochi.mechanisms.foresight.decisions import MiddleHalf, beyond, combined_interval, middle_half
from biaochi.mechanisms.foresight.model import ItemRow, ItemState, SurveyResult
from biaochi.mechanisms.foresight.web import readings
from biaochi.mechanisms.foresight.web.forms import page_lang
from biaochi.mechanisms.foresight.web.models import Invitation, Seat, Sheet, Study, StudyItem
from biaochi.registry.marks import interval_mark

ANSWER_COLUMNS: Mapping[str, tuple[tuple[str, Text], ...]] = {
    "likert": (("answer", Text("评分", "rating")),),
    "probability": (("answer", Text("概率（0–1）", "probability (0–1)")),),
    "choice": (("answer", Text("选择", "choice")),),
    "rank": (("answer", Text("名次（1 为首位）", "rank (1 is first)")),),
    "interval": (
        ("low", Text("最低可能", "lowest plausible")),
        ("best", Text("最佳估计", "best estimate")),
        ("high", Text("最高可能", "highest plausible")),
        ("confidence", Text("区间含真值的把握（0–1）", "confidence that it holds the truth (0–1)")),
    ),
    "quantiles": (
        ("p05", Text("5% 分位", "5 % quantile")),
        ("p50", Text("中位", "median")),
        ("p95", Text("95% 分位", "95 % quantile")),
    ),
    "year": (
        ("year_p10", Text("10% 把握的年份", "year, 10 % sure")),
        ("year_p50", Text("50% 把握的年份", "year, 50 % sure")),
        ("year_p90", Text("90% 把握的年份", "year, 90 % sure")),
        ("p_never", Text("永不实现的概率（0–1）", "probability of never (0–1)")),
    ),
}
FAMILIAR = (
    ("3", Text("很熟悉", "very familiar")),
    ("2", Text("熟悉", "familiar")),
    ("1", Text("不熟悉", "not familiar")),
)


@dataclass(frozen=True)
class Field:
    """One control of a sheet."""

    name: str
    title: Text
    value: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Block:
    """One item on the sheet: the own earlier answer first, then what the panel said, then the controls."""

    item: StudyItem
    own: str
    feedback: str
    mark: SafeString | str
    state: str
    groups: tuple[str, ...]
    reasons: tuple[str, ...]
    remarks: tuple[str, ...]
    fields: tuple[Field, ...]
    familiarity: Field
    rationale: Field
    faults: tuple[str, ...] = field(default=())


def content_of(study: Study, data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return a sheet's content from what a form sent: items, columns, texts; nothing else is taken."""
    found = {}
    for item in study.asked:
        names = [c for c, _ in ANSWER_COLUMNS[item.type]]
        said = {n: str(data.get(f"{item.code}.{n}", "")).strip()[:200] for n in names}
        said["familiarity"] = str(data.get(f"{item.code}.familiarity", ""))[:1]
        said["rationale"] = str(data.get(f"{item.code}.rationale", "")).strip()[:2000]
        said = {k: v for k, v in said.items() if v}
        if said:
            found[item.code] = said
    return found


def remarks_of(study: Study, data: Mapping[str, Any]) -> dict[str, str]:
    """Return what a form says of the items between two rounds."""
    said = {i.code: str(data.get(f"{i.code}.remark", "")).strip()[:2000] for i in study.asked}
    return {code: text for code, text in said.items() if text}


def faults_of(study: Study, content: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    """Return every fault of a sheet by item; an answer outside the middle half without a reason is one."""
    lang = page_lang()
    frame, faults = readings.checked_sheet(study, content, study.round)
    items = [i.code for i in study.asked]
    found: dict[str, list[str]] = {}
    for fault in faults.all():
        code = items[fault.row - 2] if 0 <= fault.row - 2 < len(items) else items[0]
        found.setdefault(code, []).append(f"{fault.message.within(lang)} — {fault.fix.within(lang)}")
    for code, text in beyond(frame, [i.to_domain() for i in study.asked], study.survey_year):
        found.setdefault(code, []).append(text.within(lang))
    for item in study.asked:
        if item.type == "choice" and content.get(item.code, {}).get("answer", "") not in ("", *item.choices):
            found.setdefault(item.code, []).append(Text("没有这个选项", "no such option").within(lang))
    if not found and study.round > 1:
        found = _asked_why(study, content, frame, lang)
    return found


def _asked_why(
    study: Study, content: Mapping[str, Mapping[str, str]], frame: pd.DataFrame, lang: Lang
) -> dict[str, list[str]]:
    before = readings.survey(study)
    found: dict[str, list[str]] = {}
    for item in study.asked if before is not None else ():
        half = middle_half(before[1], item.code, study.round - 1) if before is not None else None
        said = frame.loc[frame["item"] == item.code, "value"]
        if half is None or half.n < study.subgroup_minimum or len(said) == 0 or np.isnan(said.iloc[0]):
            continue
        if half.outside(float(said.iloc[0])) and not content.get(item.code, {}).get("rationale"):
            text = Text(
                "您的回答在中间一半之外：请写明为什么", "your answer lies outside the middle half: please say why"
            )
            found[item.code] = [text.within(lang)]
    return found


def blocks(
    study: Study,
    seat: Seat | None,
    sheet: Sheet | None,
    content: Mapping[str, Any] | None,
    faults: Mapping[str, list[str]],
    lang: Lang,
) -> list[Block]:
    """Return the sheet item by item; feedback only from closed rounds with enough answers."""
    if seat is None:
        return []
    closed = readings.closed_round(study)
    found = readings.survey(study) if closed else None
    earlier = seat.sheets.filter(round=closed, submitted=True).first() if closed else None
    said = content if content is not None else (sheet.content if sheet is not None else {})
    return [_block(study, item, found, closed, earlier, said, faults, lang) for item in study.asked]


def _block(
    study: Study,
    item: StudyItem,
    found: tuple[SurveyResult, pd.DataFrame] | None,
    closed: int,
    earlier: Sheet | None,
    said: Mapping[str, Any],
    faults: Mapping[str, list[str]],
    lang: Lang,
) -> Block:
    own = said.get(item.code, {})
    half = middle_half(found[1], item.code, closed) if found else None
    row = _row(found[0], item.code, closed) if found else None
    enough = row is not None and row.n >= study.subgroup_minimum
    past = earlier.content.get(item.code, {}) if earlier else {}
    choices = _choices(item)
    fields = tuple(Field(f"{item.code}.{c}", t, str(own.get(c, "")), choices) for c, t in ANSWER_COLUMNS[item.type])
    familiar = tuple((c, t.within(lang)) for c, t in FAMILIAR)
    return Block(
        item,
        said_in_words(item, past),
        _feedback(item, row, half, _pooled(item, found, closed), study.subgroup_minimum, lang) if closed else "",
        half_mark(item, half, lang) if enough and half else "",
        row.state.text.within(lang) if enough and row and row.round > 1 else "",
        _groups(row, lang) if enough else (),
        reasons_shuffled(found[1], item.code, closed) if found and enough else (),
        remarks_shuffled(item, closed) if enough else (),
        fields,
        Field(f"{item.code}.familiarity", Text("熟悉程度", "familiarity"), str(own.get("familiarity", "")), familiar),
        Field(
            f"{item.code}.rationale",
            Text("理由（匿名给专家组看）", "reason (shown to the panel without a name)"),
            str(own.get("rationale", "")),
        ),
        tuple(faults.get(item.code, ())),
    )


def _choices(item: StudyItem) -> tuple[tuple[str, str], ...]:
    if item.type == "choice":
        return tuple((c, c) for c in item.choices)
    if item.type == "rank":
        ranked = sum(i.type == "rank" for i in item.study.asked)
        return tuple((f"{v}", f"{v}") for v in range(1, ranked + 1))
    if item.type == "likert" and item.low is not None and item.high is not None:
        return tuple((f"{v}", f"{v}") for v in range(int(item.low), int(item.high) + 1))
    return ()


def said_in_words(item: StudyItem, said: Mapping[str, str]) -> str:
    """Return one's own earlier answer as one line."""
    return " · ".join(str(said[c]) for c, _ in ANSWER_COLUMNS[item.type] if said.get(c))


def _row(result: SurveyResult, code: str, round_: int) -> ItemRow | None:
    return next((r for r in result.items if r.item == code and r.round == round_), None)


def _feedback(
    item: StudyItem,
    row: ItemRow | None,
    half: MiddleHalf | None,
    pooled: Distribution | None,
    least: int,
    lang: Lang,
) -> str:
    if row is None or row.n < least:
        return Text(f"少于 {least} 人回答，不给出汇总。", f"Fewer than {least} answered; no summary is given.").within(
            lang
        )
    if item.type == "choice" or half is None:
        top = f"{row.top_share:.0%}" if row.top_share is not None else "–"
        return Text(f"{row.n} 人；最多的选项占 {top}", f"{row.n} answered; the most chosen has {top}").within(lang)
    numbers = [_plain(v, lang) for v in (half.median, half.low, half.high)]
    text = Text(
        f"{row.n} 人；中位 {numbers[0]}，中间一半 {numbers[1]}–{numbers[2]}",
        f"{row.n} answered; median {numbers[0]}, middle half {numbers[1]}–{numbers[2]}",
    )
    if pooled is not None:
        ends = [_plain(pooled.quantile(q), lang) for q in (0.05, 0.5, 0.95)]
        text = Text(
            f"{text.zh}；合并后中位 {ends[1]}，90% 区间 {ends[0]}–{ends[2]}",
            f"{text.en}; combined median {ends[1]}, 90 % between {ends[0]} and {ends[2]}",
        )
    never = row.p_never
    if never is None:
        return text.within(lang)
    return text.within(lang) + Text(f"；永不实现 {never:.0%}", f"; never {never:.0%}").within(lang)


def _pooled(item: StudyItem, found: tuple[SurveyResult, pd.DataFrame] | None, round_: int) -> Distribution | None:
    return combined_interval(found[1], item.code, round_) if found is not None and item.type == "interval" else None


def _plain(value: float, lang: Lang) -> str:
    return f"{value:.6g}" if np.isfinite(value) else Text("永不", "never").within(lang)


def half_mark(item: StudyItem, half: MiddleHalf, lang: Lang) -> SafeString | str:
    """Return the middle half as a mark on the item's own scale."""
    if not np.isfinite(half.high):
        return ""
    width = max(half.high - half.low, 1.0)
    least, most = (
        (item.low, item.high)
        if item.type == "likert" and item.low is not None
        else (half.low - width, half.high + width)
    )
    if item.type == "probability":
        least, most = 0.0, 1.0
    label = Text(f"中间一半 {half.low:g}–{half.high:g}", f"middle half {half.low:g}–{half.high:g}").within(lang)
    return interval_mark(
        half.low, half.high, label=label, least=float(least or 0.0), most=float(most or 1.0), middle=half.median
    )


def _groups(row: ItemRow | None, lang: Lang) -> tuple[str, ...]:
    if row is None:
        return ()
    hidden = Text("人数太少，不显示", "too few, withheld").within(lang)
    colon = "：" if lang == "zh" else ": "
    return tuple(
        f"{g.group or '–'}{colon}{hidden if g.median is None else f'{g.median:g} (n = {g.n})'}" for g in row.groups
    )


def reasons_shuffled(frame: pd.DataFrame, code: str, round_: int) -> tuple[str, ...]:
    """Return the reasons of a round in an order that has nothing to do with who gave them."""
    own = frame[(frame["item"] == code) & (frame["round"] == round_) & (frame["rationale"] != "")]
    return tuple(sorted({str(t) for t in own["rationale"]}, key=lambda t: digest([code, round_, t])))


def remarks_shuffled(item: StudyItem, round_: int) -> tuple[str, ...]:
    """Return what the panel said of an item after a round, in an order that has nothing to do with who or when."""
    said = set(item.remarks.filter(round=round_).values_list("text", flat=True))
    return tuple(sorted(said, key=lambda t: digest([item.code, round_, t])))


def answer_heading(study: Study, invitation: Invitation, seat: Seat | None, sheet: Sheet | None, lang: Lang) -> str:
    """Return what this expert can do now."""
    if seat is None and invitation.state == "invited":
        return Text(f"邀请您参与：{study.title_zh}", f"You are invited: {study.title_en}").within(lang)
    if seat is None:
        return Text("请输入席位代码", "Enter the code of your seat").within(lang)
    if seat.state == "withdrawn":
        return Text("您已退出本研究", "You have left this study").within(lang)
    if sheet is None and study.state == "feedback_open":
        return Text("讨论：看汇总，匿名回应", "Discussion: read the summary, reply without a name").within(lang)
    if sheet is None:
        return Text("现在没有开放的轮次", "No round is open now").within(lang)
    if sheet.submitted:
        return Text(f"第 {sheet.round} 轮：您的回答已提交", f"Round {sheet.round}: your answers are in").within(lang)
    return Text(f"第 {sheet.round} 轮：请作答", f"Round {sheet.round}: your answers, please").within(lang)


@dataclass(frozen=True)
class ResultRow:
    """One item in the last closed round."""

    code: str
    title: Text
    n: int
    summary: str
    mark: SafeString | str
    agreement: str
    changed: str
    state: ItemState
    badge: str
    with_familiarity: str
    without: str


def result_rows(study: Study, found: tuple[SurveyResult, pd.DataFrame], lang: Lang) -> list[ResultRow]:
    """Return the items of the last closed round with what their rule says."""
    closed = readings.closed_round(study)
    rows = []
    for item in study.asked:
        row = _row(found[0], item.code, closed)
        if row is None:
            continue
        half = middle_half(found[1], item.code, closed)
        badge = {"consensus": "met", "stable_dissent": "manual_review", "unstable": "unmet"}.get(
            row.state.value, "unknown"
        )
        seen = "–" if row.consensus.value is None else f"{row.consensus.value:.2f} / {row.consensus.threshold:g}"
        rows.append(
            ResultRow(
                item.code,
                item.title,
                row.n,
                _feedback(item, row, half, _pooled(item, found, closed), study.subgroup_minimum, lang),
                half_mark(item, half, lang) if half and row.n >= study.subgroup_minimum else "",
                seen,
                "–" if row.share_changed is None else f"{row.share_changed:.0%}",
                row.state,
                badge,
                _index(row.familiarity["with"]),
                _index(row.familiarity["without"]),
            )
        )
    return rows


def _index(value: float | None) -> str:
    return "–" if value is None else f"{value:.5g}"


def result_figures(study: Study, found: tuple[SurveyResult, pd.DataFrame], lang: Lang) -> list[Figure]:
    """Return the years by round of every year item, and agreement against stability."""
    titles = {i.code: i.title.within(lang) for i in study.asked}
    result = replace(found[0], items=tuple(replace(r, item=titles.get(r.item, r.item)) for r in found[0].items))
    figures = [
        replace(
            _simulated(report.years_by_round(result, item.title.within(lang), lang), study), key=f"years-{item.code}"
        )
        for item in study.asked
        if item.type == "year" and any(r.item == item.code and r.cdf for r in found[0].items)
    ]
    if any(r.share_changed is not None and r.consensus.value is not None for r in result.items):
        figures.append(_simulated(report.consensus_by_stability(result, lang), study))
    return figures


def _simulated(figure: Figure, study: Study) -> Figure:
    return replace(figure, simulated=study.simulated)


def scored_rows(study: Study, lang: Lang) -> dict[str, Any] | None:
    """Return the panel's record: each question, and the chart of what came true."""
    found = readings.questions_scored(study)
    if found is None:
        return None
    titles = {i.code: i.title.within(lang) for i in study.asked}
    rows = [
        {
            "title": titles.get(str(r["item"]), str(r["item"])),
            "due_on": r["due_on"],
            "outcome": outcome_text(str(r["outcome"])),
            "score": f"{r['score']:.3f}",
            "baseline": f"{r['baseline']:.3f}",
            "skill": "–" if r["skill"] is None or np.isnan(r["skill"]) else f"{r['skill']:+.0%}".replace("-", "−"),
        }
        for r in found.questions.to_dict("records")
    ]
    figure = _simulated(report.reliability_chart(found, lang), study) if rows else None
    return {"rows": rows, "figure": figure, "partial": found.partial, "excluded": found.excluded}


def outcome_text(code: str) -> Text:
    """Return an outcome in words."""
    return {
        "realised": Text("已实现", "realised"),
        "partial": Text("部分实现", "partly realised"),
        "not_yet": Text("未实现", "not yet"),
        "void": Text("作废", "void"),
    }[code]


def own_record(study: Study, seat: Seat | None, lang: Lang) -> str:
    """Return how good this seat was, for its holder alone; pulled towards the panel where it answered little."""
    found = readings.questions_scored(study) if seat is not None else None
    if found is None or seat is None or len(found.experts) == 0:
        return ""
    own = found.experts[found.experts["expert"] == seat.pseudonym]
    if len(own) == 0:
        return ""
    score, mean = float(own["shrunk"].iloc[0]), float(found.questions["score"].mean())
    return Text(
        f"您的得分 {score:.3f}（越低越好，按题数向专家组收缩）；专家组合并后 {mean:.3f}。",
        f"Your score {score:.3f} (less is better, shrunk towards the panel by the number of items); "
        f"the panel combined {mean:.3f}.",
    ).within(lang)
