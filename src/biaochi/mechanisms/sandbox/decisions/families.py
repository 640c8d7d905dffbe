"""Guardrails judged together by e-BH as readings arrive, and cases judged one after another by e-LOND."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from biaochi.mechanisms.sandbox.model import PortfolioTest
from biaochi.methods.surveillance import e_bh, e_lond

LARGEST = 700.0


@dataclass(frozen=True)
class Member:
    """A member's log e after each of its arrivals; ``order`` places each arrival among all of the case."""

    guardrail: str
    order: NDArray[np.int64]
    log_e: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rejection:
    """The first time a member was rejected: at which arrival of the case, with what log e against what threshold."""

    guardrail: str
    order: int
    log_e: float
    threshold: float


def e_value(log_e: float) -> float:
    """Return e, capped below overflow at e^700."""
    return math.exp(min(log_e, LARGEST)) if not math.isnan(log_e) else 1.0


def first_rejections(members: Sequence[Member], alpha: float) -> list[Rejection]:
    """Run e-BH after every arrival on current e-values; a member without data has e = 1."""
    moments = np.unique(np.concatenate([m.order for m in members])) if members else np.empty(0, dtype=np.int64)
    if not moments.size:
        return []
    logs = np.zeros((moments.size, len(members)))
    for j, member in enumerate(members):
        place = np.searchsorted(member.order, moments, side="right") - 1
        known = place >= 0
        values = np.where(np.isnan(member.log_e), 0.0, member.log_e)
        if values.size:
            logs[:, j] = np.where(known, values[np.maximum(place, 0)], 0.0)
    rejected = e_bh(np.exp(np.minimum(logs, LARGEST)), alpha)
    found = []
    for j, member in enumerate(members):
        if rejected[:, j].any():
            i = int(rejected[:, j].argmax())
            threshold = math.log(len(members) / (alpha * int(rejected[i].sum())))
            found.append(Rejection(member.guardrail, int(moments[i]), float(logs[i, j]), threshold))
    return found


def judge_portfolio(
    e_values: Mapping[str, float], registered: Mapping[str, datetime], alpha: float
) -> tuple[PortfolioTest, ...]:
    """Test every case in order of registration, then id, by e-LOND."""
    order = sorted(e_values, key=lambda case: (registered[case], case))
    if not order:
        return ()
    found = e_lond([e_values[c] for c in order], alpha)
    return tuple(
        PortfolioTest(case, float(found.e[i]), float(found.alpha_t[i]), bool(found.rejected[i]))
        for i, case in enumerate(order)
    )
