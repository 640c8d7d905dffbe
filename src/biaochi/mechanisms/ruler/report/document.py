"""The ruler's findings, sections and records: for its own report and for the programme's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from biaochi.core.canonical import Json
from biaochi.core.document import Document, Grid, Paragraph, Section
from biaochi.core.text import Lang, Text
from biaochi.mechanisms.ruler.model import PartResult
from biaochi.mechanisms.ruler.report.figures import (
    interval_dots,
    lever_bars,
    profile_dots,
    tier_strip,
    waterfall,
)
from biaochi.mechanisms.ruler.report.sentences import said_audit, said_build, said_profile
from biaochi.mechanisms.ruler.report.sheets import audit_tables, profile_tables
from biaochi.mechanisms.ruler.report.trajectory import trajectory_figure
from biaochi.methods.composite.dataset import units_mapping
from biaochi.methods.composite.pipeline import STAGES

LIMITS = (
    Text(
        "区间只涵盖所列的选择与所报的误差；可靠的是某一句判断，不是整个指数。权重是判断，熵权只奖励离散程度。",
        "Intervals cover the declared choices and the stated errors only; robustness belongs to a claim, not to an "
        "index. Weights are judgements; entropy rewards dispersion.",
    ),
)


def findings(result: PartResult, lang: Lang) -> tuple[str, ...]:
    """Return one sentence a result."""
    said = [said_build(result.composite), said_audit(result.audit)]
    if result.profile is not None:
        said.append(said_profile(result.profile, result.composite))
    early = result.composite.dataset.counts()["too_early"]
    if early:
        said.append(Text(f"{early} 个单元格尚早，不计入得分。", f"{early} cells are too early and do not count."))
    stop = "。" if lang == "zh" else "."
    return tuple(t.within(lang).rstrip("。.") + stop for t in said)


def sections(result: PartResult, lang: Lang) -> tuple[Section, ...]:
    """Return the evidence: intervals and tiers, the own region's profile, sensitivity and coherence, the method."""
    composite, audit = result.composite, result.audit
    found = [
        Section(
            "ruler-where",
            said_audit(audit).within(lang),
            (interval_dots(audit, composite, lang), tier_strip(audit, composite, lang)),
        )
    ]
    own = result.profile
    if own is not None:
        blocks = [profile_dots(own, composite, lang), waterfall(own, composite, lang)]
        blocks.append(lever_bars(own, composite, lang))
        name = units_mapping(composite.dataset.context).get(own.unit, Text.same(own.unit))
        points = [{str(k): v for k, v in r.items()} for r in own.trajectory.to_dict("records")]
        if len(points) > 1:
            blocks.append(trajectory_figure(points, name, lang))
        found.append(Section("ruler-own", said_profile(own, composite).within(lang), tuple(blocks)))
    shift = audit.sensitivity[audit.sensitivity["target"] == "mean_abs_rank_shift"].drop(columns="target")
    known = shift.dropna(subset="total").sort_values("total", ascending=False)
    largest = str(known["factor"].iloc[0]) if len(known) else "–"
    heading = Text(f"名次变动主要来自 {largest}", f"Most of the movement in ranks comes from {largest}")
    found.append(
        Section(
            "ruler-sensitivity",
            heading.within(lang),
            (
                _grid("sensitivity", Text("敏感性（Sobol'）", "Sensitivity (Sobol')"), shift, lang),
                _grid("coherence", Text("一致性", "Coherence"), audit.coherence, lang),
            ),
        )
    )
    words = Text("做法与局限", "Method and limits").within(lang)
    card = composite.card()
    steps = pd.DataFrame(
        [{"step": k, "parameters": str(v)} for step in card["method"]["steps"] for k, v in step.items()]
    )
    notes = [Paragraph(t.within(lang)) for t in LIMITS]
    notes += [Paragraph(w.message.within(lang)) for w in result.warnings]
    if result.plan_default:
        text = Text("没有给出不确定性方案，采用默认因素。", "No plan was given; default factors are used.")
        notes.append(Paragraph(text.within(lang)))
    found.append(Section("ruler-method", words, (_grid("method", Text("步骤", "Steps"), steps, lang), *notes)))
    return tuple(found)


def results(result: PartResult) -> dict[str, object]:
    """Return the records of ``report.json``; the machine's speed is left out, so that equal inputs give equal bytes."""
    composite = result.composite
    audited = audit_tables(result.audit, ranks=False)
    audited.pop("rate")
    framework = composite.dataset.framework
    records: dict[str, object] = {
        "framework": {"code": framework.code, "version": framework.version, "digest": framework.digest},
        "method": {"digest": composite.method.digest, "steps": composite.method.to_list()},
        "periods": list(composite.dataset.periods),
        "scores": composite.scores,
        **({"bands": result.bands.to_records()} if len(result.bands) else {}),
        **audited,
    }
    if result.profile is not None:
        records["profile"] = profile_tables(result.profile)
    return records


def document(result: PartResult, lang: Lang, colophon: Sequence[tuple[str, str]]) -> Document:
    """Return the ruler's own report in one language."""
    framework = result.composite.dataset.framework
    period = result.audit.uncertainty.period
    head = (
        (Text("框架摘要", "framework digest").within(lang), framework.digest),
        (Text("方法摘要", "method digest").within(lang), result.composite.method.digest),
    )
    title = Text(f"{framework.name.zh}:{period}", f"{framework.name.en}: {period}")
    subtitle = Text("先看画像、差距与抓手；不作排名", "Profile, gaps and levers first; no league table")
    return Document(
        title.within(lang),
        subtitle.within(lang),
        lang,
        findings(result, lang),
        sections(result, lang),
        tuple(t.within(lang) for t in LIMITS),
        (*head, *colophon),
    )


def stages(result: PartResult) -> dict[str, pd.DataFrame]:
    """Return every stage of the build as a table, for the workbook."""
    return {name: result.composite.stage(name) for name in STAGES}


def _grid(key: str, title: Text, frame: pd.DataFrame, lang: Lang) -> Grid:
    rows: tuple[Mapping[str, Json], ...] = tuple(
        {str(k): _plain(v) for k, v in record.items()} for record in frame.to_dict("records")
    )
    return Grid(f"ruler-{key}", title.within(lang), {str(c): str(c) for c in frame.columns}, rows)


def _plain(value: object) -> Json:
    if isinstance(value, str | bool | int) or value is None:
        return value
    number = float(str(value))
    return number if math.isfinite(number) else None
