"""Reading what a route says of its stages: pass tables, item response, grades with gates, prizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from biaochi.methods.allocation.irt import ROUTE_LEVEL, TEAM_LEVEL, irt_pass
from biaochi.methods.allocation.plain_data import EPS_SUM, Reader, said
from biaochi.methods.allocation.routes import FloatArray, Payoff


def read_outcomes(
    reader: Reader, item: Mapping[str, Any], path: str, stages: int, team_class: FloatArray
) -> tuple[list[FloatArray], list[int]]:
    """Read ``pass``, ``irt`` or ``grades`` with ``gate``: the grade tables of every stage, and the gates."""
    K, J = team_class.shape
    given = [key for key in ("pass", "irt", "grades") if key in item]
    if len(given) != 1:
        reader.fault(
            "missing_field" if not given else "bad_structure",
            f"{path}.pass",
            ",".join(given),
            *said("须且只须写 pass、irt、grades 中的一个", "state exactly one of pass, irt, grades"),
        )
        return [], []
    if given == ["grades"]:
        return _grades(reader, item, path, stages, K, J)
    if "gate" in item:
        reader.fault(
            "unknown_key", f"{path}.gate", item["gate"], *said("gate 只与 grades 同用", "gate belongs to grades")
        )
    if given == ["irt"]:
        table = _irt(reader, item["irt"], f"{path}.irt", stages, K, J)
    else:
        table = reader.array(item["pass"], f"{path}.pass", (stages, K, J), low=0.0, high=1.0)
    return [np.stack([1 - q, q]) for q in table], [1] * stages


def _irt(reader: Reader, value: object, path: str, stages: int, K: int, J: int) -> FloatArray:
    optional = ("route_level", "team_level", "false_pass", "false_miss", "gaming", "slope")
    found = reader.mapping(value, path, ("difficulty",), optional) or {}
    before = len(reader.faults)
    difficulty = reader.array(found.get("difficulty"), f"{path}.difficulty", (stages,))
    route_level = reader.array(found.get("route_level", list(ROUTE_LEVEL)), f"{path}.route_level", (K,))
    team_level = reader.array(found.get("team_level", list(TEAM_LEVEL)), f"{path}.team_level", (J,))
    f = reader.number(found.get("false_pass", 0.0), f"{path}.false_pass", low=0.0, high=1.0)
    n = reader.number(found.get("false_miss", 0.0), f"{path}.false_miss", low=0.0, high=1.0)
    gaming = reader.array(found.get("gaming", [0.0] * J), f"{path}.gaming", (J,), low=0.0, high=1.0)
    slope = reader.number(found.get("slope", 1.0), f"{path}.slope", low=0.0)
    if len(reader.faults) == before and np.any(f + gaming + n > 1):
        reader.fault(
            "out_of_range",
            f"{path}.false_pass",
            float((f + gaming + n).max()),
            *said("误过、造假与误否之和不能超过 1", "false_pass + gaming + false_miss must not exceed 1"),
        )
    if len(reader.faults) > before:
        return np.zeros((stages, K, J))
    return irt_pass(
        difficulty.tolist(),
        route_level=route_level,
        team_level=team_level,
        false_pass=f,
        false_miss=n,
        gaming=gaming,
        slope=slope,
    )


def _grades(
    reader: Reader, item: Mapping[str, Any], path: str, stages: int, K: int, J: int
) -> tuple[list[FloatArray], list[int]]:
    tables, gates = item["grades"], item.get("gate")
    for key, value in (("grades", tables), ("gate", gates)):
        if not isinstance(value, list) or len(value) != stages:
            reader.fault(
                "ragged_table",
                f"{path}.{key}",
                len(value) if isinstance(value, list) else value,
                *said(f"应有 {stages} 项，一阶段一项", f"there must be {stages} entries, one a stage"),
            )
            return [], []
    outcomes: list[FloatArray] = []
    read: list[int] = []
    for s in range(stages):
        table = reader.array(tables[s], f"{path}.grades[{s}]", (None, K, J), low=0.0, high=1.0)
        off = np.abs(table.sum(axis=0) - 1)
        if table.size and off.max() > EPS_SUM:
            k, j = divmod(int(off.argmax()), off.shape[1])
            reader.fault(
                "sum_not_one",
                f"{path}.grades[{s}][:][{k}][{j}]",
                float(table.sum(axis=0)[k, j]),
                *said("各等级概率之和应为 1", "the probabilities of the grades must sum to 1"),
            )
        read.append(reader.integer(item["gate"][s], f"{path}.gate[{s}]", low=0, high=max(table.shape[0] - 1, 0)))
        outcomes.append(table)
    return outcomes, read


def read_prizes(
    reader: Reader, item: Mapping[str, Any], path: str, payoff: Payoff, outcomes: list[FloatArray], gate: list[int]
) -> FloatArray | None:
    """Read the prizes by grade of the last stage; a single prize is that of a pass."""
    place = f"{path}.prizes"
    if "prizes" not in item:
        if payoff.kind == "best_prize":
            reader.missing(place)
        return None
    grades = outcomes[-1].shape[0] if outcomes else None
    prizes = reader.array(item["prizes"], place, (None,), low=0.0)
    if grades == 2 and prizes.size == 1:
        return np.array([0.0, prizes[0]])
    if grades is not None and prizes.size != grades:
        reader.fault(
            "ragged_table",
            place,
            prizes.size,
            *said(
                f"应有 {grades} 个，最后阶段每个等级一个",
                f"there must be {grades}, one for each grade of the last stage",
            ),
        )
    return prizes
