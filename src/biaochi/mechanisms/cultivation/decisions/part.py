"""Cultivation's part of one turn of the programme: every firm assessed, the register checked."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from biaochi.core.parameters import Snapshot
from biaochi.core.turn import Turn
from biaochi.mechanisms.cultivation.decisions.register import RegistryCheck, check_registry
from biaochi.mechanisms.cultivation.model import Grant
from biaochi.methods.rules import Assessment, RuleSet, evaluate


@dataclass(frozen=True)
class PartInputs:
    """Cultivation's inputs in a programme: all rule sets, the firms, their evidence and the register of titles."""

    rulesets: tuple[RuleSet, ...]
    firms: pd.DataFrame
    evidence: pd.DataFrame | None
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class PartResult:
    """How many firms stand how in each set, and the duties ahead.

    Parameters
    ----------
    firms : int
        Firms assessed.
    assessment : Assessment
        Every firm against every set.
    check : RegistryCheck
        Duties and unlinked successors of the register.
    """

    firms: int
    assessment: Assessment
    check: RegistryCheck


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Assess every firm of the programme and check its register."""
    evidence = inputs.evidence
    if evidence is not None:
        evidence = evidence[[d is None or d <= turn.as_of for d in evidence["observed_on"]]]
    found = evaluate(list(inputs.rulesets), inputs.firms, at=turn.at, evidence=evidence)
    return PartResult(len(inputs.firms), found, check_registry(inputs.grants, at=turn.at, parameters=parameters))
