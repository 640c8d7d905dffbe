"""The verb that turns a folder into a report: index.html, report.xlsx, report.json."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from biaochi import __version__
from biaochi.core.errors import InputError, UsageError
from biaochi.core.figure import Figure
from biaochi.core.text import Lang, Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    Format,
    FormatOption,
    Invocation,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
    tables_of,
)
from biaochi.exchange.documents import to_html
from biaochi.exchange.faults import Faults
from biaochi.exchange.jsonfile import jsonable, to_json
from biaochi.exchange.workbook import to_workbook
from biaochi.mechanisms.layout.cli.declared import as_they_stood
from biaochi.mechanisms.layout.cli.forecast import lay_windows, used
from biaochi.mechanisms.layout.cli.options import (
    Absent,
    AbsentOption,
    EventOption,
    LevelOption,
    WindowOption,
)
from biaochi.mechanisms.layout.cli.planning import PlanRequest, planned
from biaochi.mechanisms.layout.cli.simulating import simulated
from biaochi.mechanisms.layout.files.reading import load_activity, parse_event, windowed
from biaochi.mechanisms.layout.files.tables import demands, read_plans, read_tracks, read_universe, records
from biaochi.mechanisms.layout.model import Documents, Level, national_days, read_crowding
from biaochi.mechanisms.layout.model.similarity import read_plan_similarity
from biaochi.mechanisms.layout.report import (
    backtest_body,
    backtest_summary,
    crowding_body,
    crowding_summary,
    indicators_body,
    indicators_summary,
    similarity_body,
    similarity_summary,
)
from biaochi.mechanisms.layout.report.figures import (
    crowding_strip,
    frontier_figure,
    plan_heat_map,
    relatedness_quadrant,
    reliability_figure,
    similarity_heat_map,
)
from biaochi.mechanisms.layout.report.paper import Part, document
from biaochi.methods.specialisation import Conventions, Panel
from biaochi.methods.specialisation import backtest as run_backtest
from biaochi.methods.specialisation import indicators as compute_indicators

LANGUAGES: tuple[Lang, ...] = ("zh", "en")
DRAWS = 1000
BOOTSTRAP = 200
LEVEL = 0.9


@dataclass
class _Folder:
    """A folder's files and what has been made of them."""

    place: Path
    call: Invocation
    parts: list[Part] = field(default_factory=list)
    bodies: dict[str, Mapping[str, object]] = field(default_factory=dict)
    absent: list[Text] = field(default_factory=list)

    def file(self, name: str) -> Path | None:
        """Return a file of the folder, None when it is not there."""
        found = self.place / name
        return found if found.is_file() else None

    def add(self, part: Part, body: Mapping[str, object]) -> None:
        """Keep a part and its results."""
        self.parts.append(part)
        self.bodies[part.key] = body

    def missing(self, key: str, zh: str, en: str) -> None:
        """Say that a part is absent, and why."""
        self.absent.append(Text(zh, en))
        self.bodies[key] = {"state": "absent", "reason": en}


def report(
    folder: Annotated[Path, typer.Argument(help="输入文件夹 / folder with the input tables")],
    window: WindowOption = 1,
    event: EventOption = "loose",
    level: LevelOption = Level.PROVINCE,
    absent: AbsentOption = Absent.MISSING,
    refits: Annotated[int, typer.Option("--refits", min=0, help="重抽样拟合次数 / refits on resampled regions")] = 200,
    out: OutOption = None,
    output: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """一个文件夹变成双语报告 / a folder becomes a bilingual report: index.html, report.xlsx, report.json."""
    options = Options(out, output, lang, seed, at, as_of)
    with invocation("biaochi.layout.report/1", options) as call:
        if out is None:
            raise UsageError(Text("请用 --out 指定报告文件夹", "name the report's folder with --out"))
        if not folder.is_dir():
            raise UsageError(Text(f"{folder} 不是文件夹", f"{folder} is not a folder"))
        parse_event(event)
        work = _Folder(folder, call)
        today = call.at
        _declared_parts(work, level)
        call.at = options.at or today
        _activity_parts(work, window, event, absent, refits)
        _simulation_part(work)
        colophon = [("seed", str(seed)), ("at", call.at.isoformat()), ("Biaochi", __version__)]
        first: Lang = options.language
        order = [first, *(x for x in LANGUAGES if x != first)]
        pages = [document(work.parts, work.absent, x, colophon) for x in order]
        sheets: dict[str, pd.DataFrame] = {}
        for key, body in work.bodies.items():
            plain = {k: jsonable(v) for k, v in body.items()}
            sheets |= {f"{key}.{name}": frame for name, frame in tables_of(plain).items()}
        whole = {**call.head(), "parts": {k: {"state": "done", **b} for k, b in work.bodies.items()}}
        files: dict[str, str | bytes] = {
            "index.html": to_html(pages),
            "report.xlsx": to_workbook(sheets),
            "report.json": to_json(whole),
        }
        n = len(work.parts)
        call.finish(
            {
                "parts": [{"part": k, "state": str(jsonable(b).get("state", "done"))} for k, b in work.bodies.items()],
                "files": sorted(files),
            },
            files=files,
            summary=Text(f"报告含 {n} 个部分", f"the report has {n} parts"),
        )


def _figures(make: Callable[[Lang], list[Figure]]) -> dict[Lang, list[Figure]]:
    return {lang: make(lang) for lang in LANGUAGES}


def _declared_parts(work: _Folder, level: Level) -> None:
    call, faults = work.call, Faults()
    listed = read_tracks(call, work.file("tracks.csv"), faults)
    codes = [str(t) for t in listed.frame["track"]]
    own = work.file("plans.csv")
    if work.file("tracks.csv") and own is None:
        work.missing("crowding", "没有 plans.csv，拥挤度未计", "no plans.csv, so crowding is not shown")
        faults.check()
        return
    everyone = read_universe(call, work.file("universe.txt"), level, faults)
    rows = read_plans(call, own, codes, everyone, level, faults)
    faults.check()
    declared = as_they_stood(call, rows, level, codes, everyone, Documents.LATEST)
    rng = np.random.default_rng(call.options.seed)
    directions = {str(r["track"]): str(r["direction"]) for r in records(listed)}
    reading = read_crowding(
        declared, national=national_days(rows, declared.at), directions=directions, draws=DRAWS, rng=rng
    )
    body = crowding_body(reading, demands(listed))
    names = {str(r["track"]): Text(str(r["name_zh"]), str(r["name_en"])) for r in records(listed)}
    strips = body["tracks"]
    assert isinstance(strips, list)
    figures = _figures(lambda x: [crowding_strip(strips, names, x), plan_heat_map(declared, names, x)])
    heading = Text("规划有多拥挤，为什么相像", "How crowded plans are, and why they are alike")
    table = pd.DataFrame(strips)
    work.add(Part("crowding", heading, crowding_summary(reading), figures, {"tracks": table}), body)
    alike = read_plan_similarity(declared, rows, "track", directions, level=LEVEL, draws=DRAWS, rng=rng)
    figures = _figures(lambda x: [similarity_heat_map(alike.pairs, alike.measure, x)])
    heading = Text("谁与谁最像", "Who is like whom")
    work.add(
        Part("similarity", heading, similarity_summary(alike), figures, {"pairs": alike.pairs}), similarity_body(alike)
    )


def _activity_parts(work: _Folder, window: int, event: str, absent: Absent, refits: int) -> None:
    call, path = work.call, work.file("activity.csv")
    if path is None:
        work.missing("indicators", "没有 activity.csv：只有声明，没有实际活动", "no activity.csv: declared plans only")
        return
    faults = Faults()
    loaded = load_activity(call, path, absent.value, faults)
    faults.check()
    assert loaded is not None
    panel = windowed(loaded, window, faults)
    faults.check()
    found = compute_indicators(panel, Conventions(), period=panel.periods[-1])
    body = indicators_body([found], [panel.complete(found.period)[0]], [None], [None], None)
    cells, tracks = body["cells"], body["tracks"]
    assert isinstance(cells, pd.DataFrame)
    assert isinstance(tracks, pd.DataFrame)
    figures = _figures(lambda x: [relatedness_quadrant(cells, tracks, x)])
    tables = {"regions": found.regions.reset_index(names="region"), "tracks": tracks}
    heading = Text("各地在做什么", "What regions do")
    work.add(Part("indicators", heading, indicators_summary(found), figures, tables), body)
    windows = lay_windows(loaded, window, window, None, Faults())
    if len(windows.panel.periods) < 3:
        work.missing("backtest", "时期太少，不能回测与测算菜单", "too few periods for a back-test and menus")
        return
    _backtest_part(work, windows.panel, event)
    _plan_part(work, path, window, event, absent, refits)


def _backtest_part(work: _Folder, panel: Panel, event: str) -> None:
    call = work.call
    rules = used(call.at)
    found = run_backtest(
        panel,
        event=parse_event(event),
        min_events=int(str(rules["layout.min_events"].value)),
        bootstrap=BOOTSTRAP,
        level=LEVEL,
        rng=np.random.default_rng(call.options.seed),
    )
    met = found.gate == "met"
    names = list(found.runs[0].forecasts) if found.runs else []
    body = backtest_body(found, None, rules, at=call.at, names=names)
    figures: dict[Lang, list[Figure]] = {}
    if met:
        figures = _figures(lambda x: [reliability_figure(found.reliability, found.chosen, x)])
    heading = Text("预测当时准不准", "Would forecasts have been right")
    tables = {"scores": found.scores, "skill": found.skill} if met else {"origins": found.origins}
    work.add(Part("backtest", heading, backtest_summary(found), figures, tables), body)


def _plan_part(work: _Folder, path: Path, window: int, event: str, absent: Absent, refits: int) -> None:
    request = PlanRequest(
        path,
        plans=work.file("plans.csv") if work.file("tracks.csv") else None,
        tracks=work.file("tracks.csv"),
        constraints=work.file("constraints.yaml"),
        gains=work.file("gains.csv"),
        window=window,
        event=event,
        absent=absent,
        refits=refits,
    )
    body, summary, _ = planned(work.call, request)
    frontier = pd.DataFrame(jsonable(body["frontier"]))
    menus = jsonable(body["menus"])
    lines = [
        {"region": m["region"], **{k: i[k] for k in ("track", "tier", "frequency", "p", "low", "high", "verdict")}}
        for m in menus
        for i in m["items"]
    ]
    rows = frontier.to_dict("records")
    figures = _figures(lambda x: [frontier_figure([{str(k): v for k, v in r.items()} for r in rows], x)])
    heading = Text("菜单与错位的代价", "Menus, and what differing costs")
    work.add(Part("plan", heading, summary, figures if rows else {}, {"menus": pd.DataFrame(lines)}), body)


def _simulation_part(work: _Folder) -> None:
    tracks, gains = work.file("tracks.csv"), work.file("gains.csv")
    if tracks is None or gains is None:
        work.missing(
            "simulate",
            "没有需求区间（tracks.csv、gains.csv），未作模拟",
            "no demand ranges (tracks.csv, gains.csv): not simulated",
        )
        return
    try:
        body, summary = simulated(work.call, tracks, gains, None, BOOTSTRAP, LEVEL)
    except InputError as error:
        if all(f.code == "demand_missing" for f in error.faults):
            work.missing("simulate", "缺少需求区间，未作模拟", "demand ranges are missing: not simulated")
            return
        raise
    frame = pd.DataFrame(jsonable(body["advisory"]))
    heading = Text("各自为政与统筹", "Herding, disclosure, coordination")
    work.add(Part("simulate", heading, summary, {}, {"advisory": frame}), body)
