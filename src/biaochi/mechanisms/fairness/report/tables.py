"""Findings as records and tables, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from biaochi.mechanisms.fairness.decisions import Measured
from biaochi.methods.textreview.engine import ClauseReview, Finding
from biaochi.methods.textreview.rule_pack import Rule


def finding_record(finding: Finding, measured: Mapping[str, Measured]) -> dict[str, object]:
    """Return one finding as every output carries it."""
    rule = finding.rule
    known = measured.get(rule.id)
    return {
        "id": rule.id,
        "verdict": finding.verdict,
        "state": finding.state.value,
        "start": finding.start,
        "end": finding.end,
        "quote": finding.quote,
        "force": finding.force.value,
        "reason": finding.reason.to_dict(),
        "citation": rule.citation.to_dict(),
        "exception": {"checked": finding.exception_checked, "result": finding.exception_result},
        "necessity": finding.necessity,
        "evidence_needed": rule.evidence.to_dict() if rule.evidence else None,
        "suggestion": rule.suggestion.to_dict(),
        "precision": known.precision_record() if known else None,
        "also": list(finding.also),
    }


def clause_record(
    reviewed: ClauseReview, measured: Mapping[str, Measured], *, cleared: bool = False
) -> dict[str, object]:
    """Return one clause with its findings; ``cleared`` adds those the context cleared."""
    clause = reviewed.clause
    shown: Sequence[Finding] = (*reviewed.findings, *(reviewed.cleared if cleared else ()))
    return {
        "id": clause.id,
        "document": clause.document,
        "start": clause.start,
        "end": clause.end,
        "text": clause.text,
        "path": list(clause.path),
        "role": clause.role,
        "stem": clause.stem,
        "verdict": reviewed.verdict,
        "findings": [finding_record(f, measured) for f in shown],
    }


def findings_table(clauses: Sequence[ClauseReview], measured: Mapping[str, Measured], lang: str) -> pd.DataFrame:
    """Return one row a finding, for people who read tables."""
    rows = []
    for reviewed in clauses:
        for finding in reviewed.findings:
            known = measured.get(finding.rule.id)
            rows.append(
                {
                    "document": reviewed.clause.document,
                    "clause": reviewed.clause.id,
                    "id": finding.rule.id,
                    "verdict": finding.verdict,
                    "state": finding.state.value,
                    "start": finding.start,
                    "end": finding.end,
                    "quote": finding.quote,
                    "force": finding.force.value,
                    "reason": finding.reason.within("en" if lang == "en" else "zh"),
                    "citation": cited(finding.rule),
                    "suggestion": finding.rule.suggestion.within("en" if lang == "en" else "zh"),
                    "precision": known.precision[0] if known else None,
                    "also": " ".join(finding.also),
                    "text": reviewed.clause.text,
                }
            )
    columns = [
        "document",
        "clause",
        "id",
        "verdict",
        "state",
        "start",
        "end",
        "quote",
        "force",
        "reason",
        "citation",
        "suggestion",
        "precision",
        "also",
        "text",
    ]
    return pd.DataFrame(rows, columns=columns)


def cited(rule: Rule) -> str:
    """Return a rule's citation in one line."""
    source = rule.citation
    article = f" 第{source.article}条" if source.article else ""
    return f"{source.title}{article}" + (f"第{source.item}项" if source.item else "")


def rule_record(rule: Rule, measured: Measured | None) -> dict[str, object]:
    """Return one rule as ``rules`` lists it."""
    return {
        "id": rule.id,
        "title": rule.title.to_dict(),
        "execution": rule.execution,
        "kinds": sorted(rule.kinds),
        "citation": rule.citation.to_dict(),
        "valid_from": rule.valid_from,
        "valid_to": rule.valid_to,
        "labelled": {
            "n": measured.labelled if measured else 0,
            "precision": measured.precision[0] if measured and measured.reported else None,
            "recall": measured.recall if measured else None,
        },
    }
