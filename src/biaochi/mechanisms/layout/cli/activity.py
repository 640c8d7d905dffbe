"""Verbs about activity: indicators and similarity."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    ConfidenceOption,
    Format,
    FormatOption,
    Invocation,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Table, read_header
from biaochi.mechanisms.layout.cli.declared import as_they_stood
from biaochi.mechanisms.layout.cli.options import (
    Absent,
    AbsentOption,
    ActivityArgument,
    AnchorOption,
    Diagonal,
    DocumentsOption,
    DrawsOption,
    Granularity,
    LevelOption,
    Measure,
    PciScale,
    Proximity,
    TracksOption,
    UniverseOption,
    WindowOption,
)
from biaochi.mechanisms.layout.files.reading import Activity, load_activity, load_anchor, one_of, windowed
from biaochi.mechanisms.layout.files.tables import (
    CONCORDANCE,
    read,
    read_plans,
    read_tracks,
    read_universe,
    records,
)
from biaochi.mechanisms.layout.model import Documents, Level
from biaochi.mechanisms.layout.model.similarity import SimilarityReading, read_activity_similarity, read_plan_similarity
from biaochi.mechanisms.layout.report import (
    indicators_body,
    indicators_summary,
    similarity_body,
    similarity_summary,
)
from biaochi.methods.specialisation import Conventions, Panel, shrunk_quotient
from biaochi.methods.specialisation import indicators as compute_indicators
from biaochi.methods.specialisation.concordance import weights
from biaochi.methods.specialisation.location_quotient import quotient_interval


def indicators(
    activity: ActivityArgument,
    period: Annotated[
        str | None,
        typer.Option("--period", help="时期，默认最新；all 为全部 / period, default newest, or all"),
    ] = None,
    window: WindowOption = 1,
    proximity: Annotated[Proximity, typer.Option("--proximity", help="邻近度 / proximity")] = Proximity.CONDITIONAL,
    diagonal: Annotated[Diagonal, typer.Option("--diagonal", help="邻近度对角线 / its diagonal")] = Diagonal.ZERO,
    pci_scale: Annotated[PciScale, typer.Option("--pci-scale", help="PCI 的尺度 / scale of PCI")] = PciScale.ECI,
    anchor: AnchorOption = None,
    absent: AbsentOption = Absent.MISSING,
    concordance: Annotated[
        Path | None, typer.Option("--concordance", help="未来赛道的归属表 / classes future tracks grow out of")
    ] = None,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    output: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """区位商、关联密度、复杂度、集中度 / quotients, relatedness density, complexity, concentration."""
    options = Options(out, output, lang, seed, at, as_of)
    with invocation("biaochi.layout.indicators/1", options) as call:
        faults = Faults()
        loaded = load_activity(call, activity, absent.value, faults)
        parents = read(call, concordance, CONCORDANCE, faults, key=("track", "class")) if concordance else None
        faults.check()
        assert loaded is not None
        panel = windowed(loaded, window, faults)
        fixed = load_anchor(call, anchor, panel.tracks, panel.regions, faults)
        if parents is not None:
            _known_classes(parents, panel, faults)
        faults.check()
        rules = Conventions(1.0, proximity.value, diagonal.value, pci_scale.value, fixed)
        periods = _periods(panel, period)
        found = [compute_indicators(panel, rules, period=p) for p in periods]
        values = [panel.complete(p)[0] for p in periods]
        shrunk = [shrunk_quotient(x, level=confidence) if panel.counts else None for x in values]
        ends = []
        for p, x in zip(periods, values, strict=True):
            se = panel.standard_errors(p, list(x.index))
            ends.append(None if se is None or se.isna().any(axis=None) else quotient_interval(x, se, level=confidence))
        w = weights(parents.frame) if parents is not None else None
        if not found[-1].direction.determined:
            call.warn(
                "direction_undetermined",
                Text(
                    "复杂度方向未定：正负号不能解读",
                    "the direction of complexity is undetermined: do not read its sign",
                ),
            )
        call.finish(indicators_body(found, values, shrunk, ends, w), summary=indicators_summary(found[-1]))


def similarity(
    table: Annotated[Path, typer.Argument(help="活动表或规划表 / activity.csv or plans.csv")],
    measure: Annotated[Measure | None, typer.Option("--measure", help="相似度量 / measure")] = None,
    by: Annotated[Granularity, typer.Option("--by", help="按赛道或方向 / by track or direction")] = Granularity.TRACK,
    tracks: TracksOption = None,
    universe: UniverseOption = None,
    level: LevelOption = Level.PROVINCE,
    documents: DocumentsOption = Documents.LATEST,
    draws: DrawsOption = 1000,
    window: WindowOption = 1,
    absent: AbsentOption = Absent.MISSING,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    output: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """产业结构有多相似 / how alike the structures of regions are."""
    options = Options(out, output, lang, seed, at, as_of)
    with invocation("biaochi.layout.similarity/1", options) as call:
        faults = Faults()
        rng = np.random.default_rng(seed)
        declared_plans = "coverage" in read_header(Source.read(table))
        if declared_plans:
            if measure is not None:
                one_of("--measure", [measure.value], ["jaccard"])
            reading = _plans(call, table, tracks, universe, level, documents, by, draws, confidence, rng, faults)
        else:
            loaded = load_activity(call, table, absent.value, faults)
            directions = _directions(call, tracks, faults) if by is Granularity.DIRECTION else {}
            faults.check()
            assert loaded is not None
            panel = windowed(loaded, window, faults)
            if by is Granularity.DIRECTION:
                _known_tracks(loaded, directions, faults)
            faults.check()
            if by is Granularity.DIRECTION:
                panel = panel.grouped([directions[t] for t in panel.tracks])
            reading = read_activity_similarity(
                panel,
                (measure or Measure.UNIDO).value,
                by.value,
                level=confidence,
                draws=draws,
                rng=rng,
            )
        call.finish(similarity_body(reading), summary=similarity_summary(reading))


def _plans(
    call: Invocation,
    table: Path,
    tracks: Path | None,
    universe: Path | None,
    level: Level,
    documents: Documents,
    by: Granularity,
    draws: int,
    confidence: float,
    rng: np.random.Generator,
    faults: Faults,
) -> SimilarityReading:
    listed = read_tracks(call, tracks, faults)
    codes = [str(t) for t in listed.frame["track"]]
    everyone = read_universe(call, universe, level, faults)
    rows = read_plans(call, table, codes, everyone, level, faults)
    faults.check()
    declared = as_they_stood(call, rows, level, codes, everyone, documents)
    directions = {str(r["track"]): str(r["direction"]) for r in records(listed)}
    return read_plan_similarity(declared, rows, by.value, directions, level=confidence, draws=draws, rng=rng)


def _directions(call: Invocation, tracks: Path | None, faults: Faults) -> dict[str, str]:
    return {str(r["track"]): str(r["direction"]) for r in records(read_tracks(call, tracks, faults))}


def _known_tracks(loaded: Activity, directions: dict[str, str], faults: Faults) -> None:
    first = loaded.table.frame.drop_duplicates("track")
    for row in first[~first["track"].isin(list(directions))].to_dict("records"):
        faults.add(
            "unknown_track",
            Text("赛道表中没有这个代码，不知属于哪个方向", "the table of tracks does not say this track's direction"),
            Text("请补入 --tracks 指定的表", "add it to the table given with --tracks"),
            row=int(row["row"]),
            column="track",
            seen=row["track"],
            file=loaded.table.source.name,
        )


def _known_classes(parents: Table, panel: Panel, faults: Faults) -> None:
    for row in records(parents):
        if row["class"] and row["class"] not in panel.tracks:
            faults.add(
                "unknown_track",
                Text("活动表中没有这个类别", "the activity table holds no such class"),
                Text("请对照活动表的 track 列", "compare it with the column track of the activity table"),
                row=int(row["row"]),
                column="class",
                seen=row["class"],
                file=parents.source.name,
            )


def _periods(panel: Panel, wanted: str | None) -> list[str]:
    if wanted is None:
        return [panel.periods[-1]]
    if wanted == "all":
        return list(panel.periods)
    if wanted not in panel.periods:
        raise UsageError(
            Text(
                f"没有时期 {wanted}；可选 {'、'.join(panel.periods)}",
                f"there is no period {wanted}; choose from {', '.join(panel.periods)}",
            )
        )
    return [wanted]
