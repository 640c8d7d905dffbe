"""The scenes' part of one turn of the programme: records checked, firms matched, trials followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from biaochi.core.decision import Decision
from biaochi.core.parameters import Snapshot
from biaochi.core.turn import Turn
from biaochi.mechanisms.scene.decisions.matching import MatchResult, MatchSettings, match_scenes
from biaochi.mechanisms.scene.decisions.outcomes import trial_funnel
from biaochi.mechanisms.scene.decisions.record import check_scene
from biaochi.mechanisms.scene.model import Application, LogEntry, Scene
from biaochi.methods.matching import Concepts, cosine, tfidf

TOP = 5
LEVEL = 0.9


@dataclass(frozen=True)
class PartInputs:
    """Scenes with whatever else the folder holds."""

    scenes: tuple[Scene, ...]
    offers: pd.DataFrame | None
    applications: Mapping[str, list[Application]] | None
    log: Mapping[str, list[LogEntry]] | None
    trials: pd.DataFrame | None
    concepts: Concepts


@dataclass(frozen=True)
class PartResult:
    """Each scene's record, the firms that fit, the way of the trials."""

    checks: tuple[Decision, ...]
    match: MatchResult | None
    funnel: tuple[Mapping[str, object], ...]


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Check every scene, match firms, count the trials."""
    limit = float(str(parameters["duplicate_similarity"].value))
    alike = similar_scenes(inputs.scenes, limit)
    checks = tuple(
        check_scene(
            s,
            at=turn.at,
            parameters=parameters,
            similar=alike[s.scene],
            applications=None if inputs.applications is None else inputs.applications.get(s.scene, []),
            log=None if inputs.log is None else inputs.log.get(s.scene, []),
        )
        for s in inputs.scenes
    )
    weights = parameters["match_weights"].value
    shipped = {str(k): float(str(v)) for k, v in weights.items()} if isinstance(weights, Mapping) else {}
    settings = MatchSettings(shipped, TOP)
    match = None if inputs.offers is None else match_scenes(inputs.scenes, inputs.offers, inputs.concepts, settings)
    funnel: list[dict[str, object]] = []
    if inputs.trials is not None:
        small = int(str(parameters["small_cell"].value))
        funnel = trial_funnel(inputs.trials, None, by="", small_cell=small, level=LEVEL)
    return PartResult(checks, match, tuple(funnel))


def similar_scenes(scenes: Sequence[Scene], limit: float) -> dict[str, list[str]]:
    """Return for each scene the others of its track whose stated need is as alike as the limit or more."""
    vectors = tfidf([s.problem for s in scenes])
    found: dict[str, list[str]] = {s.scene: [] for s in scenes}
    for i, scene in enumerate(scenes):
        others = np.array([j for j, o in enumerate(scenes) if j != i and o.track == scene.track], dtype=np.int64)
        if others.size and scene.problem.strip():
            near = cosine(vectors, np.full(others.size, i), others) >= limit - 1e-9
            found[scene.scene] = [scenes[j].scene for j in others[near]]
    return found
