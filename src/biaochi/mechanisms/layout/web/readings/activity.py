"""What uploaded activity says: declared against real, back-tests, plans; computed once and kept under its digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.errors import InputError
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import read_table
from biaochi.mechanisms.layout import report
from biaochi.mechanisms.layout.decisions import study_rules
from biaochi.mechanisms.layout.files import ACTIVITY, CONCORDANCE, Constraints, Unrecorded, limits_of, read_constraints
from biaochi.mechanisms.layout.files.constraints import beyond_p0, known
from biaochi.mechanisms.layout.model.planning import ProblemCode
from biaochi.mechanisms.layout.model.real import RealActivity, real_activity
from biaochi.mechanisms.layout.model.study import LEAST_WINDOWS, study
from biaochi.mechanisms.layout.web.models import ActivityTable, Concordance, Reading
from biaochi.mechanisms.layout.web.readings.plans import (
    SEED,
    VERSION,
    basis_of,
    newest,
    plan_table,
    rules,
)
from biaochi.methods.specialisation import Conventions, Panel, Problem, indicators
from biaochi.methods.specialisation.concordance import weights
from biaochi.registry.jobs import Progress

EVENTS = ("loose", "strict")


def panel_of(uploaded: ActivityTable) -> Panel:
    """Return an uploaded table as a panel; a cell without a row is zero, as counts of projects are."""
    frame = read_table(Source(uploaded.file, uploaded.content.encode()), ACTIVITY).frame
    return Panel.from_frame(frame, absent="zero", unit=str(frame["unit"].iloc[0]))


def parents_of(uploaded: ActivityTable) -> tuple[str, pd.DataFrame | None]:
    """Return the digest and the weights of what tracks grow out of, for those whose classes are all in the table."""
    kept = Concordance.of(uploaded.organisation)
    if kept is None:
        return "", None
    frame = read_table(Source("concordance.csv", kept.content.encode()), CONCORDANCE).frame
    classes = set(panel_of(uploaded).tracks)
    whole = frame.groupby("track")["class"].transform(lambda c: c.isin(classes).all())
    usable = frame[whole & (frame["weight"] > 0)]
    return kept.sha256, weights(usable) if len(usable) else None


def real_reading(uploaded: ActivityTable, *, whole: bool = False) -> Any:
    """Return what regions really do in the newest period, or in all of them together: shares, quotients, complexity."""
    sha256, parents = parents_of(uploaded)

    def compute() -> dict[str, object]:
        panel = panel_of(uploaded)
        n = len(panel.periods)
        seen = panel.from_starts([0], n) if whole else panel
        period = seen.periods[-1]
        found = indicators(seen, Conventions(), period=period)
        body = report.indicators_body([found], [seen.complete(period)[0]], [None], [None], parents)
        page = report.real_page(real_activity(seen, parents), report.indicators_summary(found), panel.unit)
        span = period if not whole or n == 1 else f"{panel.periods[0]}–{panel.periods[-1]}"
        return {
            **page,
            "period": span,
            "periods": n,
            "cells": body["cells"],
            "listed": body["tracks"],
            "determined": found.direction.determined,
        }

    return Reading.once("real", digest([VERSION, uploaded.sha256, sha256, whole]), compute)


def real_of(reading: Mapping[str, Any]) -> RealActivity:
    """Return a stored reading as the model knows it."""
    return report.real_of(reading)


def limits_in(text: str, faults: Faults) -> Constraints:
    """Return the limits written as YAML; none for an empty text; faults go to ``faults``."""
    if not text.strip():
        return Constraints()
    try:
        found = read_constraints(Unrecorded(), Source("constraints.yaml", text.encode()), faults)
    except InputError as error:
        faults.extend(error)
        return Constraints()
    return found or Constraints()


def checked_limits(uploaded: ActivityTable, text: str, faults: Faults) -> Constraints:
    """Return the limits written as YAML, every region, track and direction held against the table and the taxonomy."""
    found = limits_in(text, faults)
    reading, directions = real_reading(uploaded), plan_table().directions
    known(found, reading["regions"], reading["tracks"], set(directions.values()), faults, "constraints.yaml")
    return found


def problem_of(uploaded: ActivityTable, k: int, panel: Panel) -> tuple[Problem, list[str]]:
    """Return the limits of a study, and what of them only P1 knows."""
    found = limits_in(uploaded.limits, Faults())
    directions = {t: d for t, d in plan_table().directions.items() if t in panel.tracks}
    return limits_of(found, k=found.k or k, cap=found.cap, most={}, least={}, directions=directions), beyond_p0(found)


def study_basis(uploaded: ActivityTable, event: str) -> str:
    """Return the digest a back-test and its plans rest on."""
    table = plan_table()
    return digest([VERSION, SEED, uploaded.sha256, event, uploaded.limits, basis_of(table), rules().to_records()])


def study_reading(uploaded: ActivityTable, event: str) -> Any:
    """Return the kept back-test and plans of a table, or ``None`` while they are not computed."""
    return Reading.kept("study", study_basis(uploaded, event))


def run_study(progress: Progress, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Back-test entry and coordinate, as a job: it takes seconds, so the result is kept as a reading."""
    uploaded, event = ActivityTable.objects.get(public_id=arguments["table"]), str(arguments["event"])
    table, parameters, today = plan_table(), rules(), timezone.localdate()
    declared = table.stood(newest(table))

    def compute() -> dict[str, object]:
        panel = panel_of(uploaded)
        known_tracks = set(declared.tracks)
        asked = study_rules(parameters)
        limits, joint = problem_of(uploaded, asked.k, panel)
        problems: tuple[ProblemCode, ...] = ("p0", "p1", "p2")
        done = study(
            panel,
            asked,
            rng=np.random.default_rng(SEED),
            event=event,
            limits=limits,
            problems=problems,
            named={t: int(declared.named[t]) if t in known_tracks else 0 for t in panel.tracks},
            possible={t: int(declared.possible[t]) if t in known_tracks else 0 for t in panel.tracks},
            demands=table.demands,
            progress=lambda n, total: progress.tell(n / total, "refits"),
        )
        page = report.study_page(done, at=today, parameters=parameters, names=table.names)
        return {**page, "joint": joint}

    Reading.once("study", study_basis(uploaded, event), compute)
    return {"table": uploaded.public_id, "event": event}


def enough_windows(uploaded: ActivityTable) -> bool:
    """Whether a back-test has a period before and after some origin."""
    return int(real_reading(uploaded)["periods"]) >= LEAST_WINDOWS
