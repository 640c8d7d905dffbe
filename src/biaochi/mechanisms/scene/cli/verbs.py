"""The sub-commands of scenes; each reads, calls and tells."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

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
    Invocation,
    LangOption,
    Language,
    Options,
    OutOption,
    SeedOption,
    invocation,
)
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters
from biaochi.exchange.tables import to_csv
from biaochi.mechanisms.scene.cli.labels import judged_by_labels
from biaochi.mechanisms.scene.decisions import (
    MatchSettings,
    adoption_curves,
    assignment_record,
    check_diligence,
    check_scene,
    fairness_of,
    match_scenes,
    similar_scenes,
    trial_funnel,
)
from biaochi.mechanisms.scene.files.part import concepts
from biaochi.mechanisms.scene.files.tables import (
    APPLICATION_COLUMNS,
    LABEL_COLUMNS,
    LOG_COLUMNS,
    OFFER_COLUMNS,
    PREFERENCE_COLUMNS,
    TRIAL_COLUMNS,
    applications_of,
    known,
    log_of,
    parse_weights,
    read,
    read_scenes,
)
from biaochi.mechanisms.scene.model import Scene
from biaochi.methods.matching import FEATURES, blocking_recall

PARAMETERS = "biaochi.mechanisms.scene"
app = typer.Typer(no_args_is_help=True, help="场景开放 / scenes: whom to try, is the record complete, what came of it")


class Assign(StrEnum):
    """How slots are given."""

    NONE = "none"
    FLOW = "flow"
    STABLE = "stable"


class By(StrEnum):
    """What outcomes are grouped by."""

    NONE = "none"
    SCENE = "scene"
    YEAR = "year"


ScenesArgument = Annotated[Path, typer.Argument(help="场景表 / table of scenes")]
ApplicationsOption = Annotated[Path | None, typer.Option("--applications", help="申请表 / table of applications")]


@app.command("match", help="为场景匹配企业 / match firms to scenes")
def match(
    scenes: ScenesArgument,
    offers: Annotated[Path, typer.Argument(help="企业能力表 / table of offers")],
    applications: ApplicationsOption = None,
    preferences: Annotated[Path | None, typer.Option("--preferences", help="双方偏好 / preferences")] = None,
    labels: Annotated[Path | None, typer.Option("--labels", help="标注 / labels")] = None,
    weights: Annotated[str, typer.Option("--weights", help="text:0.5;track:0.5 各部分权重 / weights of parts")] = "",
    top: Annotated[int, typer.Option("--top", min=1, max=1000, help="每个场景取几家 / firms kept a scene")] = 20,
    block: Annotated[bool, typer.Option("--block", help="分块检索 / blocked search")] = False,
    assign: Annotated[Assign, typer.Option("--assign", help="分配名额 / assign slots")] = Assign.NONE,
    startup_share: Annotated[
        float | None, typer.Option("--startup-share", min=0, max=1, help="初创最低比例 / least share of start-ups")
    ] = None,
    group_share: Annotated[
        float | None, typer.Option("--group-share", min=0, max=1, help="集团最高比例 / largest share of a group")
    ] = None,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Rank firms for every scene, assign slots, measure against labels."""
    with invocation("biaochi.scene.match/1", Options(out, form, lang, seed, at, as_of)) as call:
        faults = Faults()
        found = read_scenes(call, scenes, faults)
        firms = read(call, offers, OFFER_COLUMNS, faults, key=("firm",), duplicate="duplicate_firm")
        applied = _optional(call, applications, APPLICATION_COLUMNS, faults, found, firms)
        stated = _optional(call, preferences, PREFERENCE_COLUMNS, faults, found, firms)
        labelled = _optional(call, labels, LABEL_COLUMNS, faults, found, firms)
        settings = _settings(call, weights, top, block, faults)
        faults.check()
        result = match_scenes(found, firms, concepts(), settings)
        pairs = _applied_only(result.pairs, applied)
        rng = np.random.default_rng(seed)
        evaluation: dict[str, Any] = {}
        probability = pd.Series(np.nan, index=pairs.index)
        if labelled is not None:
            probability, evaluation = judged_by_labels(call, pairs, labelled, rng)
        assignment = (
            None
            if assign is Assign.NONE
            else assignment_record(assign.value, pairs, found, firms, stated, startup_share, group_share, rng)
        )
        recall = (
            blocking_recall(result.index, result.texts, candidates=result.candidates, top=top, rng=rng)
            if block
            else None
        )
        pairs.insert(4, "probability", probability)
        call.finish(
            {
                "scenes": result.scenes,
                "assignment": assignment,
                "evaluation": evaluation,
                "blocking_recall": recall,
            },
            files={"pairs.csv": to_csv(pairs)},
        )


def _settings(call: Invocation, weights: str, top: int, block: bool, faults: Faults) -> MatchSettings:
    snapshot = load_parameters(PARAMETERS).at(call.at)
    call.parameters = snapshot.only("match_weights", "place_or_ownership_wording")
    shipped, wording = snapshot["match_weights"].value, snapshot["place_or_ownership_wording"].value
    given = {code: float(w) for code, w in parse_weights(weights, 0, "--weights", faults)}
    unknown = [c for c in given if c not in FEATURES]
    if unknown:
        raise UsageError(
            Text(
                f"没有这样的部分：{'、'.join(unknown)}；可选 {'、'.join(FEATURES)}",
                f"unknown parts {', '.join(unknown)}; choose from {', '.join(FEATURES)}",
            )
        )
    used = given or ({str(k): float(str(v)) for k, v in shipped.items()} if isinstance(shipped, dict) else {})
    return MatchSettings(used, top, block, [str(w) for w in wording] if isinstance(wording, list) else [])


def _optional(
    call: Invocation, path: Path | None, columns: Any, faults: Faults, scenes: list[Scene], firms: pd.DataFrame | None
) -> pd.DataFrame | None:
    if path is None:
        return None
    frame = read(call, path, columns, faults)
    known(frame, "scene", {s.scene for s in scenes}, path.name, faults)
    if firms is not None:
        known(frame, "firm", set(firms["firm"]), path.name, faults)
    return frame


def _applied_only(pairs: pd.DataFrame, applied: pd.DataFrame | None) -> pd.DataFrame:
    """Keep the firms that applied and were not found ineligible, when applications are given; rank them anew."""
    if applied is None:
        return pairs
    standing = applied[applied["eligible"] != 0]
    keys = pd.MultiIndex.from_frame(standing[["scene", "firm"]])
    kept = pairs[pd.MultiIndex.from_frame(pairs[["scene", "firm"]]).isin(keys)].reset_index(drop=True)
    return kept.assign(rank=kept.groupby("scene").cumcount() + 1)


@app.command("check", help="核对场景记录是否完整 / check that scenes' records are complete")
def check(
    scenes: ScenesArgument,
    applications: ApplicationsOption = None,
    log: Annotated[Path | None, typer.Option("--log", help="尽职记录 / diligence log")] = None,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Check every scene: wording, review, rule, terms, slots, metrics, period, duplicates, answers, log."""
    with invocation("biaochi.scene.check/1", Options(out, form, lang, seed, at, as_of)) as call:
        faults = Faults()
        found = read_scenes(call, scenes, faults)
        applied = _optional(call, applications, APPLICATION_COLUMNS, faults, found, None)
        logged = _optional(call, log, LOG_COLUMNS, faults, found, None)
        faults.check()
        snapshot = load_parameters(PARAMETERS).at(call.at)
        call.parameters = snapshot.only("supplier_wording", "inform_days", "duplicate_similarity")
        limit = float(str(snapshot["duplicate_similarity"].value))
        alike = similar_scenes(found, limit)
        by_scene = applications_of(applied) if applied is not None else None
        entries = log_of(logged) if logged is not None else None
        records, logs = [], []
        for scene in found:
            own = by_scene.get(scene.scene, []) if by_scene is not None else None
            mine = entries.get(scene.scene, []) if entries is not None else None
            decision = check_scene(
                scene, at=call.at, parameters=snapshot, similar=alike[scene.scene], applications=own, log=mine
            )
            records.append(
                {
                    "scene": scene.scene,
                    "verdict": decision.outcome,
                    "criteria": [
                        {"code": r.rule, "verdict": r.verdict.value, "reason": r.text.within(call.lang)}
                        for r in decision.reasons
                    ],
                }
            )
            if mine is not None:
                logs += [
                    {"scene": c.scene, "kind": c.kind.value, "present": c.present, "in_time": c.in_time}
                    for c in check_diligence(scene, mine, applications=own or (), at=call.at)
                ]
        call.finish({"scenes": records, "log": logs})


@app.command("outcomes", help="场景的结果 / what came of the trials")
def outcomes(
    trials: Annotated[Path, typer.Argument(help="试用表 / table of trials")],
    applications: ApplicationsOption = None,
    offers: Annotated[Path | None, typer.Option("--offers", help="企业能力表 / offers, for start-ups")] = None,
    by: Annotated[By, typer.Option("--by", help="分组 / group by")] = By.NONE,
    confidence: ConfidenceOption = 0.9,
    out: OutOption = None,
    form: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    seed: SeedOption = 0,
    at: AtOption = None,
    as_of: AsOfOption = None,
) -> None:
    """Follow applications to adoption; say who got the trials."""
    with invocation("biaochi.scene.outcomes/1", Options(out, form, lang, seed, at, as_of)) as call:
        faults = Faults()
        tried = read(call, trials, TRIAL_COLUMNS, faults)
        applied = read(call, applications, APPLICATION_COLUMNS, faults) if applications else None
        firms = read(call, offers, OFFER_COLUMNS, faults, key=("firm",), duplicate="duplicate_firm") if offers else None
        faults.check()
        snapshot = load_parameters(PARAMETERS).at(call.at)
        call.parameters = snapshot.only("small_cell")
        small = int(str(snapshot["small_cell"].value))
        grouped = "" if by is By.NONE else by.value
        begun = tried[[d <= call.as_of for d in tried["started_on"]]].reset_index(drop=True)
        call.finish(
            {
                "funnel": trial_funnel(begun, applied, by=grouped, small_cell=small, level=confidence),
                "adoption": adoption_curves(begun, by=grouped, as_of=call.as_of, level=confidence),
                "fairness": fairness_of(begun, applied, firms),
            }
        )
