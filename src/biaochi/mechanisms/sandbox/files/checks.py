"""What readings must satisfy beyond their columns: known plans, order in time, keys and revisions, possible values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.sandbox.decisions import microseconds
from biaochi.mechanisms.sandbox.model import Plan
from biaochi.methods.surveillance import READING_FAULTS, Rule, impossible, reading_fault


def _row(frame: pd.DataFrame, position: int | np.integer[Any]) -> int:
    return int(frame["row"].to_numpy()[position])


def positions_of(frame: pd.DataFrame) -> dict[tuple[str, str], np.ndarray]:
    """Return the positions of each case and metric, in order of first appearance."""
    found: Any = frame.groupby(["case", "metric"], sort=False, observed=True).indices
    return {(str(case), str(metric)): np.asarray(places) for (case, metric), places in found.items()}


def groups_of(frame: pd.DataFrame, plans: Mapping[str, Plan], faults: Faults) -> dict[tuple[str, str], np.ndarray]:
    """Return the positions of each case and metric, noting those that no plan knows."""
    found = positions_of(frame)
    for (case, metric), positions in found.items():
        plan = plans.get(case)
        if plan is not None and metric in plan.metrics:
            continue
        for position in positions:
            row = _row(frame, position)
            if plan is None:
                faults.add(
                    "unknown_case", Text("没有这个案例或它没有计划", "there is no such case, or it has no plan"),
                    Text("请核对编号与 cases 文件", "check the id against the cases file"),
                    row=row, column="case", seen=case,
                )  # fmt: skip
            else:
                faults.add(
                    "unknown_metric", Text("计划中没有这个指标", "the plan has no such metric"),
                    Text("请核对指标名与 feeds", "check the name against feeds"), row=row, column="metric", seen=metric,
                )  # fmt: skip
    return found


def check_arrival(frame: pd.DataFrame, raw: pd.DataFrame, faults: Faults) -> None:
    """Note readings that arrived before they happened."""
    early = np.flatnonzero((frame["received_at"] < frame["at"]).to_numpy())
    for i in early:
        faults.add(
            "received_before_at", Text("到达早于发生", "it arrived before it happened"),
            Text("请核对两个时刻与时区", "check both instants and their time zone"),
            row=_row(frame, i), column="received_at", seen=raw["received_at"].to_numpy()[i],
        )  # fmt: skip


def check_registration(frame: pd.DataFrame, raw: pd.DataFrame, plans: Mapping[str, Plan], faults: Faults) -> None:
    """Note readings from before their plan was registered."""
    registered = {case: microseconds(plan.registered_at) for case, plan in plans.items()}
    limits = frame["case"].astype(object).map(registered).to_numpy(dtype=np.int64)
    for i in np.flatnonzero(frame["at"].to_numpy() < limits):
        faults.add(
            "before_registration", Text("读数早于计划登记", "the reading lies before the plan was registered"),
            Text("登记之前的数据不能用于判断", "data from before registration cannot be judged"),
            row=_row(frame, i), column="at", seen=raw["at"].to_numpy()[i],
        )  # fmt: skip


def check_keys(frame: pd.DataFrame, faults: Faults) -> None:
    """Note repeated keys, gaps between revisions, and corrections that came before what they correct."""
    key = ["case", "metric", "at", "seq"]
    codes = frame[[*key, "revision"]].copy()
    for name in ("case", "metric"):
        codes[name] = pd.factorize(codes[name])[0]
    for i in np.flatnonzero(codes.duplicated().to_numpy()):
        line = frame.iloc[int(i)]
        faults.add(
            "duplicate_key", Text("案例、指标、时刻、序号与修订号重复", "case, metric, at, seq and revision repeat"),
            Text("更正请用更大的修订号", "a correction takes a higher revision"),
            row=int(line["row"]), column="case,metric,at,seq,revision",
            seen=f"{line['case']}, {line['metric']}, seq {line['seq']}, revision {line['revision']}",
        )  # fmt: skip
    if not codes["revision"].any():
        return
    codes["received_at"], codes["place"] = frame["received_at"], np.arange(len(frame))
    ordered = codes.drop_duplicates([*key, "revision"]).sort_values([*key, "revision"], kind="stable")
    same = (ordered[key] == ordered[key].shift()).all(axis=1).to_numpy()
    before, arrived = ordered["revision"].shift(), ordered["received_at"].shift()
    gap = np.where(same, ordered["revision"] - before != 1, ordered["revision"] != 0)
    early = same & (ordered["received_at"] < arrived).to_numpy()
    for place, is_gap, is_early in zip(ordered["place"].tolist(), gap.tolist(), early.tolist(), strict=True):
        if is_gap:
            faults.add(
                "revision_gap", Text("修订号不连续", "the revisions have a gap"),
                Text("修订号从 0 起逐一递增", "revisions count up from 0 by one"),
                row=_row(frame, place), column="revision", seen=int(frame["revision"].to_numpy()[place]),
            )  # fmt: skip
        elif is_early:
            faults.add(
                "revision_early", Text("更正早于所更正的读数到达", "a correction arrived before what it corrects"),
                Text("请核对到达时刻与修订号", "check arrival and revision"),
                row=_row(frame, place), column="received_at", seen=int(frame["revision"].to_numpy()[place]),
            )  # fmt: skip


def check_values(
    frame: pd.DataFrame, plans: Mapping[str, Plan], groups: Mapping[tuple[str, str], np.ndarray], faults: Faults
) -> None:
    """Note exposures outside their range and readings that a guardrail of the metric cannot have."""
    value, exposure = frame["value"].to_numpy(), frame["exposure"].to_numpy()
    low, high = frame["low"].to_numpy(), frame["high"].to_numpy()
    bad = np.flatnonzero(~(exposure > 0) | (low <= 0) | (low > exposure) | (high < exposure))
    for i in bad:
        positive = exposure[i] > 0 and not low[i] <= 0
        column = "exposure" if not positive else "exposure_low" if low[i] > exposure[i] else "exposure_high"
        code = "out_of_range" if positive else "exposure_not_positive"
        message, fix = READING_FAULTS[code]
        if positive:
            message = Text("暴露量不在其上下限之内", "the exposure lies outside its own range")
            fix = Text("应有 下限 ≤ 暴露量 ≤ 上限", "it must hold that low <= exposure <= high")
        faults.add(code, message, fix, row=_row(frame, i), column=column, seen=f"{exposure[i]:g}")
    refused = set(bad.tolist())
    for (case, metric), positions in groups.items():
        for rule in _rules(plans[case], metric):
            x, e = value[positions], exposure[positions]
            for i in positions[impossible(rule, np.where(np.isnan(x), _harmless(rule), x), e)]:
                if i in refused:
                    continue
                refused.add(int(i))
                code = reading_fault(rule, float(value[i]), float(exposure[i]))
                message, fix = READING_FAULTS[code]
                faults.add(code, message, fix, row=_row(frame, i), column="value", seen=f"{value[i]:g}")


def _rules(plan: Plan, metric: str) -> list[Rule]:
    return [v.rule for g in plan.guardrails if g.metric == metric for v in g.versions]


def _harmless(rule: Rule) -> float:
    """Return a reading every rule of this kind accepts, in the place of an empty cell."""
    return rule.bounds[0] if rule.likelihood == "betting" else 0.0
