"""What is done to frameworks and submissions: filled from a file, edited, audited, handed in, fed, a band set."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from django.db import transaction

from biaochi.core.canonical import digest, sha256
from biaochi.core.decision import Decision, Reason
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column
from biaochi.mechanisms.ruler.web import readings
from biaochi.mechanisms.ruler.web.checking import incomplete_leaves, read_tree
from biaochi.mechanisms.ruler.web.models import Band, Cell, Framework, Look, Submission
from biaochi.methods.composite.tree import Polarity
from biaochi.registry import ledger
from biaochi.registry.transition import create, record

COLUMNS = (
    Column("unit", "code", Text("单位", "unit"), example="330000"),
    Column("indicator", "code", Text("指标", "indicator"), example="rd_exp"),
    Column("period", "period", Text("时期", "period"), example="2025"),
    Column("value", "number", Text("值", "value"), blank=True, example="2850.1"),
    Column("se", "number", Text("标准误", "standard error"), required=False, low=0),
    Column("grade", "choice", Text("证据等级", "evidence grade"), required=False, choices=("A", "B", "C"), example="A"),
    Column("source", "text", Text("来源", "source"), required=False, example="统计公报"),
    Column(
        "status",
        "choice",
        Text("状态", "status"),
        required=False,
        choices=("observed", "provisional", "imputed", "missing", "not_applicable", "too_early"),
        example="observed",
    ),
    Column("vintage", "date", Text("版本日期", "vintage"), required=False),
)


def fill(framework: Framework) -> None:
    """Set what a framework's file says of itself."""
    tree, faults = read_tree(framework.document)
    framework.faults = len(faults)
    if tree is not None:
        framework.code, framework.revision, framework.digest = tree.code, tree.version, tree.digest
        framework.incomplete_leaves = incomplete_leaves(tree)


def store_audit(framework: Framework, actor: Actor, now: datetime) -> None:
    """Compute the audit on what is handed in, keep it with the framework, and write it to the ledger.

    Before a framework is in force there is nothing published for it, so the audit rests on every clean submission.
    """
    files = readings.bundle(framework)
    found = readings.audit_reading(framework, files)
    framework.audit = {"gate": found["gate"], "tiers": found["tiers"], "said": found["said"]}
    framework.audit_digest = files.basis
    framework.gate = found["gate"]["verdict"]
    framework.save(update_fields=["audit", "audit_digest", "gate"])
    facts: dict[str, Any] = {"gate": framework.gate, "basis": files.basis}
    record(framework, "audit_stored", actor, "", Decision("audit_stored", (), now, facts=facts), now=now)


def edit(framework: Framework, document: str, actor: Actor, reason: str, now: datetime) -> None:
    """Keep a draft's changed file, and write both digests to the ledger; an audit of the old one no longer counts."""
    if framework.state != "draft":
        raise RefusedError(
            "not_a_draft", Text("只有起草中的指标体系可以修改", "only a framework in draft may be changed")
        )
    before = framework.digest
    with transaction.atomic():
        framework.document = document
        fill(framework)
        framework.audit, framework.audit_digest, framework.gate = None, "", Verdict.UNKNOWN.value
        framework.save(
            update_fields=[
                "document",
                "faults",
                "code",
                "revision",
                "digest",
                "incomplete_leaves",
                "audit",
                "audit_digest",
                "gate",
            ]
        )
        facts: dict[str, Any] = {"before": before, "after": framework.digest}
        record(framework, "edited", actor, reason, Decision("edited", (), now, facts=facts), now=now)


def set_band(
    framework: Framework,
    indicator: str,
    ends: tuple[float, float],
    day: date,
    citation: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Set an indicator's band from a day on; the ledger keeps what it rests on, an earlier band stays what it was."""
    tree, _ = read_tree(framework.document)
    node = tree.by_code.get(indicator) if tree else None
    if node is None or node.polarity is not Polarity.BAND:
        raise RefusedError("band_invalid", Text("该指标不是适度指标", "the indicator is not of polarity band"))
    low, high = ends
    if not low < high:
        raise RefusedError("band_invalid", Text("下限须小于上限", "the lower end must be below the upper one"))
    with transaction.atomic():
        made, new = Band.objects.get_or_create(
            framework=framework,
            indicator=indicator,
            effective_on=day,
            defaults={"low": low, "high": high, "citation": citation[:300], "set_by": actor.person, "at": now},
        )
        if not new:
            raise RefusedError(
                "band_kept",
                Text(
                    "这一天起的区间已设定，不能改写；请另定生效日",
                    "a band from that day is set and stays; choose another day",
                ),
            )
        text = Text(
            f"{indicator}：自 {day.isoformat()} 起 {low:g}–{high:g}",
            f"{indicator}: {low:g}–{high:g} from {day.isoformat()}",
        )
        reason = Reason("band", Verdict.MET, text, f"{made.low:g}–{made.high:g}")
        facts: dict[str, Any] = {"indicator": indicator, "band": [low, high], "effective_on": day.isoformat()}
        record(framework, "band_set", actor, citation, Decision("band_set", (reason,), now, facts=facts), now=now)


def note_look(framework: Framework, card: str, text: str, basis: str, actor: Actor, now: datetime) -> None:
    """Keep an auditor's note on a gaming card; only digests enter the ledger, so that nobody is accused by its line."""
    with transaction.atomic():
        Look.objects.create(framework=framework, card=card, text=text, basis=basis, by=actor.person, at=now)
        ledger.append(
            actor=actor,
            at=now,
            subject=f"GC-{digest([framework.public_id, card])[:20]}",
            transition_code="looked_at",
            reason="",
            decision={"note_sha256": sha256(text), "basis": basis},
        )


def hand_in(
    framework: Framework,
    frame: pd.DataFrame,
    source: Source,
    actor: Actor,
    *,
    simulated: bool = False,
    vintage: date | None = None,
) -> Submission:
    """Store clean rows as a new submission.

    Parameters
    ----------
    frame : DataFrame
        :data:`COLUMNS`; what a ledger fed also has ``low``, ``high`` and ``cases``.
    vintage : date or None
        The day all of it became known.
    """
    submission = Submission(
        title_zh=f"{framework.title_zh}：{source.name}"[:200],
        title_en=f"{framework.title_en}: {source.name}"[:200],
        framework=framework,
        file=source.name[:200],
        sha256=source.sha256,
        rows=len(frame),
        faults=0,
        vintage=vintage,
        simulated=simulated,
    )
    create(submission, actor)
    held = [c for c in (*(c.name for c in COLUMNS), "low", "high", "cases") if c in frame]
    cells = []
    for line in frame[held].to_dict("records"):
        fields = {str(k): v for k, v in line.items()}
        fields |= {key: _number(fields.get(key)) for key in ("value", "se", "low", "high")}
        cells.append(Cell(submission=submission, **fields))
    Cell.objects.bulk_create(cells, batch_size=500)
    return submission


def _number(value: Any) -> float | None:
    return None if value is None or np.isnan(value) else float(value)
