"""Drafting a plan: its text is checked whole, simulated, and kept; it is registered when it is agreed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import yaml

from biaochi.core.decision import Decision, Scalar
from biaochi.core.errors import Fault, InputError, RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.exchange.source import Source
from biaochi.mechanisms.sandbox.decisions import PlanSimulation, simulate_plan
from biaochi.mechanisms.sandbox.files import read_cases
from biaochi.mechanisms.sandbox.model import Plan, plan_digest
from biaochi.mechanisms.sandbox.web.models import ZONE, SandboxCase
from biaochi.mechanisms.sandbox.web.models.case import local_minute
from biaochi.methods.survival import wilson
from biaochi.registry.transition import record

DRAFTED_IN = ("draft", "more_info", "submitted", "screening", "ethics_review")
STREAMS = 1000
MOST_READINGS = 400
TEMPLATE = """feeds:
- {metric: near_miss, period_hours: 24, amber_after_hours: 30, suspend_after_hours: 72}
- {metric: injury, period_hours: 24, amber_after_hours: 30, suspend_after_hours: 72}
guardrails:
- {id: G1, metric: near_miss, method: beta, cap: 0.02, alpha: 0.05, action: pause, prior: [1, 24], family: true}
- {id: G2, metric: near_miss, method: e_detector, base: beta, kind: sr, cap: 0.02, arl: 1000, action: notify}
- {id: G3, metric: injury, method: hard, cap: 0, action: stop}
family: {method: e_bh, alpha: 0.05, action: notify}
incidents: {report_within_hours: 24, stop_at: serious}
"""


@dataclass(frozen=True)
class Draft:
    """A plan that could be read: as written, and as the decisions know it."""

    written: Mapping[str, Any]
    plan: Plan


def read_plan(text: str, now: datetime) -> Draft:
    """Read the text of a plan with the reader of ``cases.yaml``; rows are those of the text.

    Raises
    ------
    InputError
        With every fault and its row.
    """
    head = [
        "schema: biaochi.sandbox.cases/1",
        f"timezone: {ZONE}",
        "cases:",
        "- id: draft",
        "  state: draft",
        "  plan:",
        f'    registered_at: "{local_minute(now)}"',
    ]
    body = [f"    {line}" for line in text.replace("\r\n", "\n").replace("\t", "  ").split("\n")]
    try:
        found = read_cases(Source("plan.yaml", "\n".join([*head, *body, ""]).encode()))
    except InputError as error:
        raise InputError([_moved(f, len(head)) for f in error.faults]) from error
    written = {k: v for k, v in found.raw["draft"]["plan"].items() if k not in ("registered_at", "amendments")}
    plan = found.cases[0].plan
    if plan is None or plan.amendments:
        message = Text("起草时不写修订", "a draft holds no amendments")
        raise InputError([Fault("unknown_key", message, Text("请删去", "remove them"), file="plan.yaml")])
    return Draft(written, plan)


def _moved(fault: Fault, by: int) -> Fault:
    row = max(0, fault.row - by)
    column = fault.column.removeprefix("cases[0].plan.")
    return Fault(fault.code, fault.message, fault.fix, file="plan.yaml", row=row, column=column, seen=fault.seen)


def simulate(
    plan: Plan, *, exposure: float, readings: int, worse: float, streams: int = STREAMS
) -> dict[str, dict[str, Any]]:
    """Simulate every guardrail at its cap and ``worse`` times its cap; one without a distribution says so."""
    found = {}
    for guardrail in plan.guardrails:
        rule = guardrail.versions[0].rule
        calm = rule.mu0 if rule.cap is None else rule.cap
        level = worse * calm if calm is not None else 0.0
        if rule.likelihood == "beta":
            level = min(level, 0.99)
        try:
            seen = simulate_plan(
                rule,
                worse=level,
                exposure=exposure,
                readings=min(readings, MOST_READINGS),
                rng=np.random.default_rng(0),
                streams=streams,
            )
        except ValueError:
            found[guardrail.id] = {"worse": level}
            continue
        found[guardrail.id] = _kept(seen, level)
    return found


def _kept(seen: PlanSimulation, worse: float) -> dict[str, Any]:
    kept: dict[str, Any] = {"worse": worse, "streams": seen.streams, "readings": seen.readings}
    for name in ("false_alarm", "detected"):
        share = float(getattr(seen, name))
        interval = wilson(round(share * seen.streams), seen.streams)
        kept |= {name: share, f"{name}_low": float(interval.low), f"{name}_high": float(interval.high)}
    kept["delay"] = [None if math.isinf(d) else d for d in seen.delay]
    return kept


def simulated(trial: SandboxCase) -> dict[str, PlanSimulation]:
    """Return what was simulated of the draft."""
    return {
        name: PlanSimulation(
            s["false_alarm"],
            s["detected"],
            tuple(math.inf if d is None else d for d in s["delay"]),  # type: ignore[arg-type]
            s["streams"],
            s["readings"],
        )
        for name, s in trial.simulation.items()
        if "false_alarm" in s
    }


def as_text(plan: Mapping[str, Any]) -> str:
    """Return a plan as text to be edited, lists of small tables one a line."""
    parts = []
    for key, value in plan.items():
        if key in ("registered_at", "amendments"):
            continue
        if isinstance(value, list):
            parts.append(f"{key}:")
            parts += [f"- {_inline(v)}" for v in value]
        else:
            parts.append(f"{key}: {_inline(value)}")
    return "\n".join(parts) + "\n"


def _inline(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000)
    return text.strip().removesuffix("...").strip()


def may_draft(trial: SandboxCase, actor: Actor) -> bool:
    """Whether the actor may write the plan: the applicant and the regulator, until it is agreed."""
    own = trial.organisation is not None and trial.organisation.public_id == actor.organisation
    writer = actor.role is Role.REGULATOR or (actor.role is Role.FIRM and own)
    return writer and trial.state in DRAFTED_IN


def keep_draft(trial: SandboxCase, draft: Draft, simulation: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Keep a draft with its simulation; its digest enters the ledger, marked as a draft's."""
    if not may_draft(trial, actor):
        raise RefusedError(
            "plan_frozen", Text("方案已登记，只能修订", "the plan is registered; only amendments change it")
        )
    trial.plan = {**draft.written, "registered_at": local_minute(now)}
    trial.simulation = dict(simulation)
    SandboxCase.objects.filter(pk=trial.pk).update(plan=trial.plan, simulation=trial.simulation)
    facts: dict[str, Scalar] = {"draft_digest": plan_digest(draft.written), "guardrails": len(draft.plan.guardrails)}
    record(trial, "plan_drafted", actor, "", Decision("drafted", (), now, facts=facts), now=now)
