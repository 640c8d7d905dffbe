"""The sub-commands of transfer; each reads, calls and tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from biaochi.core.errors import UsageError
from biaochi.core.text import Text
from biaochi.exchange.command import (
    AsOfOption,
    AtOption,
    ConfidenceOption,
    Format,
    FormatOption,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.transfer.decisions import Comparison, pass_gate, pilot_comparison, rate_platform, repeats
from biaochi.mechanisms.transfer.files.tables import read_bookings, read_passages, read_platforms
from biaochi.mechanisms.transfer.model import Passage, PassageOutcome, Platform, Stage
from biaochi.methods.survival import aalen_johansen, kaplan_meier, log_rank, split_at_use

PARAMETERS = "biaochi.mechanisms.transfer"
app = typer.Typer(no_args_is_help=True, help="概念验证与中试 / transfer: gates, platforms, how long stages take")


class By(StrEnum):
    """What curves are grouped by."""

    NONE = "none"
    TRACK = "track"
    PLATFORM = "platform"
    PILOT = "pilot"


class Strata(StrEnum):
    """What comparisons are stratified by."""

    NONE = "none"
    TRACK = "track"
    YEAR = "year"


@app.command("check", help="核对每一关的证据与平台使用 / check gates and platforms")
def check(
    projects: Annotated[Path, typer.Argument(help="项目阶段表 / table of passages")],
    platforms: Annotated[Path | None, typer.Option("--platforms", help="平台表 / platforms")] = None,
    bookings: Annotated[Path | None, typer.Option("--bookings", help="预约表 / bookings of platforms")] = None,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Check every passage against its gate, and how platforms are used."""
    with invocation("biaochi.transfer.check/1", Options(out, form, lang, seed, at, as_of)) as call:
        faults = Faults()
        passages = read_passages(call, projects, faults)
        found = read_platforms(call, platforms, faults) if platforms else []
        booked = read_bookings(call, bookings, faults) if bookings else None
        names = {p.platform for p in found}
        if platforms:
            _known(passages, names, projects.name, faults)
        faults.check()
        snapshot = load_parameters(PARAMETERS).at(call.at)
        call.parameters = snapshot
        records = []
        for passage in passages:
            decision = pass_gate(passage, at=call.at, parameters=snapshot)
            criteria = [
                {"code": r.rule, "verdict": r.verdict.value, "reason": r.text.within(call.lang)}
                for r in decision.reasons
            ]
            records.append(
                {
                    "project": passage.project,
                    "stage": passage.stage.value,
                    "verdict": decision.outcome,
                    "criteria": criteria,
                }
            )
        rated = []
        for platform in found:
            opened, used = _hours(platform, booked)
            alike = [p.platform for p in found if repeats(platform, p)]
            count = sum(p.platform == platform.platform for p in passages)
            decision = rate_platform(
                platform,
                open_hours=opened,
                used_hours=used,
                projects=count,
                alike=alike,
                at=call.at,
                parameters=snapshot,
            )
            rated.append(
                {
                    "platform": platform.platform,
                    "open": opened,
                    "used": used,
                    "utilisation": used / opened if opened and used is not None else None,
                    "flags": [r.rule for r in decision.reasons],
                }
            )
        call.finish({"passages": records, "platforms": rated})


def _known(passages: Sequence[Passage], names: set[str], file: str, faults: Faults) -> None:
    for p in passages:
        if p.platform and p.platform not in names:
            faults.add(
                "unknown_reference",
                Text(f"没有平台 {p.platform}", f"there is no platform {p.platform}"),
                Text("请核对标识", "check the identifier"),
                row=p.row,
                column="platform",
                seen=p.platform,
                file=file,
            )


def _hours(platform: Platform, booked: pd.DataFrame | None) -> tuple[float | None, float | None]:
    """Return unit-hours open and used over the span of all bookings."""
    if booked is None or not len(booked):
        return None, None
    span = (max(booked["to"]) - min(booked["from"])).total_seconds() / 3600
    own = booked[(booked["resource"] == platform.platform) & (booked["status"] == "used")]
    units = own["used_units"].fillna(own["units"]).fillna(1.0)
    hours = np.array([(b - a).total_seconds() / 3600 for a, b in zip(own["from"], own["to"], strict=True)])
    used = float((units.to_numpy() * hours).sum())
    return (None if platform.capacity is None else platform.capacity * span), used


@app.command("survival", help="各阶段要多久、有无中试的差别 / how long stages take, with and without a pilot")
def survival(
    projects: Annotated[Path, typer.Argument(help="项目阶段表 / table of passages")],
    start: Annotated[Stage, typer.Option("--from", help="起始阶段 / stage left")] = Stage.POC,
    goal: Annotated[Stage, typer.Option("--to", help="到达阶段 / stage reached")] = Stage.PRODUCTION,
    by: Annotated[By, typer.Option("--by", help="分组 / group by")] = By.NONE,
    landmark: Annotated[
        float | None, typer.Option("--landmark", min=0, help="界标天数 / landmark, days from the start")
    ] = None,
    strata: Annotated[Strata, typer.Option("--strata", help="分层 / stratify by")] = Strata.NONE,
    confidence: ConfidenceOption = 0.95,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Follow projects from one stage to another; compare those with a pilot platform and those without."""
    with invocation("biaochi.transfer.survival/1", Options(out, form, lang, seed, at, as_of)) as call:
        if goal.place <= start.place:
            raise UsageError(Text("--to 须在 --from 之后", "--to must come after --from"))
        faults = Faults()
        passages = read_passages(call, projects, faults)
        faults.check()
        cases = journeys(passages, start, goal, call.as_of)
        if not len(cases):
            text = Text(f"没有项目进入 {start.value}", f"no project entered {start.value}")
            raise UsageError(text)
        call.finish(_answer(cases, by, landmark, strata, confidence))


def journeys(passages: Sequence[Passage], start: Stage, goal: Stage, as_of: date) -> pd.DataFrame:
    """Return one row a project that entered the first stage: days to the end, its cause, and first use of a pilot.

    ``cause`` is 1 reached the goal, 2 failed, 3 stopped, 0 still under way on ``as_of``.
    """
    rows = []
    by_project: dict[str, list[Passage]] = {}
    for p in passages:
        if p.entered_on is not None and p.entered_on <= as_of:
            by_project.setdefault(p.project, []).append(p)
    for project, own in by_project.items():
        begun = min((p.entered_on for p in own if p.stage is start and p.entered_on), default=None)
        if begun is None:
            continue
        reached = min((p.entered_on for p in own if p.stage.place >= goal.place and p.entered_on), default=None)
        ends = [
            (p.left_on, 2 if p.outcome is PassageOutcome.FAILED else 3)
            for p in own
            if p.outcome in (PassageOutcome.FAILED, PassageOutcome.STOPPED) and p.left_on and p.left_on <= as_of
        ]
        end, cause = (reached, 1) if reached is not None else max(ends, default=(as_of, 0))
        pilots = [p.entered_on for p in own if p.stage is Stage.PILOT and p.platform and p.entered_on]
        first = min(pilots, default=None)
        track = next((p.track for p in own if p.track), "")
        platform = next((p.platform for p in own if p.platform), "")
        use = np.nan if first is None else float((first - begun).days)
        rows.append((project, track, platform, begun.year, float((end - begun).days), cause, use))
    frame = pd.DataFrame(rows, columns=["project", "track", "platform", "year", "time", "cause", "use"])
    return frame[frame["time"] >= 0].reset_index(drop=True)


_CAUSES = {1: "reached", 2: "failed", 3: "stopped"}


def _answer(cases: pd.DataFrame, by: By, landmark: float | None, strata: Strata, level: float) -> dict[str, object]:
    curves: list[dict[str, object]] = []
    incidence: list[dict[str, object]] = []
    medians: list[dict[str, object]] = []
    parts = _grouped(cases, by)
    for group, own in parts.groupby("group", sort=True):
        time, cause, entry = own["time"], own["cause"], own["entry"]
        # What competes with reaching the goal is censored in the curve of waiting and counted by cause beside it.
        curve = kaplan_meier(time, cause == 1, entry=entry, level=level)
        curves += [{"group": group, **{str(k): v for k, v in r.items()}} for r in curve.to_frame().to_dict("records")]
        low, high = curve.quantile_interval()
        medians.append({"group": group, "median": curve.quantile(), "lo": low, "hi": high})
        for code, found in aalen_johansen(time, cause, entry=entry, level=level).items():
            frame = found.to_frame().to_dict("records")
            incidence += [{"group": group, "cause": _CAUSES[code], **{str(k): v for k, v in r.items()}} for r in frame]
    test = None
    if parts["group"].nunique() > 1:
        layers = None if strata is Strata.NONE else parts[strata.value].astype(str)
        found_test = log_rank(parts["time"], parts["cause"] == 1, parts["group"], entry=parts["entry"], strata=layers)
        test = {"chi2": found_test.chi2, "df": found_test.df, "p": found_test.p}
    return {
        "curves": curves,
        "incidence": incidence,
        "medians": medians,
        "test": test,
        "comparison": _comparison(cases, landmark, strata, level),
    }


def _grouped(cases: pd.DataFrame, by: By) -> pd.DataFrame:
    """Return cases with ``group`` and ``entry``; users of a pilot count as without until their first use."""
    if by is not By.PILOT:
        group = "all" if by is By.NONE else cases[by.value].where(cases[by.value] != "", "none")
        return cases.assign(group=group, entry=-1.0)
    parts = split_at_use(cases["time"], cases["cause"] != 0, cases["use"])
    frame = cases.iloc[parts.case].reset_index(drop=True)
    frame["cause"] = np.where(parts.event, frame["cause"], 0)
    frame["time"] = parts.time
    frame["entry"] = np.where(parts.entry > 0, parts.entry, -1.0)
    frame["group"] = np.where(parts.used, "with", "without")
    return frame


def _comparison(cases: pd.DataFrame, landmark: float | None, strata: Strata, level: float) -> dict[str, object] | None:
    """Compare projects whose end is known, by whether a pilot had been used (by the landmark, if one is given)."""
    kept = cases if landmark is None else cases[cases["time"] > landmark]
    kept = kept[kept["cause"] != 0]
    used = (kept["use"].notna() & (kept["use"] <= (np.inf if landmark is None else landmark))).to_numpy()
    if not used.any() or used.all():
        return None
    layers = None if strata is Strata.NONE else kept[strata.value].astype(str).tolist()
    return _told(pilot_comparison((kept["cause"] == 1).to_numpy(), used, layers, level))


def _told(found: Comparison) -> dict[str, object]:
    def triple(value: tuple[float, float, float] | None) -> dict[str, float] | None:
        return None if value is None else {"estimate": value[0], "lo": value[1], "hi": value[2]}

    def share(value: tuple[float, float, float], counts: tuple[int, int]) -> dict[str, float]:
        return {"estimate": value[0], "lo": value[1], "hi": value[2], "successes": counts[0], "n": counts[1]}

    return {
        "with": share(found.with_pilot, found.with_n),
        "without": share(found.without_pilot, found.without_n),
        "difference": triple(found.difference),
        "stratified": triple(found.stratified),
        "ratio": triple(found.ratio),
        "e_value": found.e_value,
    }
