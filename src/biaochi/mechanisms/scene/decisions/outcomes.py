"""What came of scenes: the way from application to first purchase, time to adoption, and who got the slots."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from biaochi.methods.survival import aalen_johansen, wilson

STAGES: tuple[str, ...] = ("applied", "eligible", "selected", "trial", "ended", "adopted", "first_purchase")


def trial_funnel(
    trials: pd.DataFrame, applications: pd.DataFrame | None, *, by: str, small_cell: int, level: float
) -> list[dict[str, object]]:
    """Count each stage by group; a share is that of the stage before, with Wilson's interval.

    Parameters
    ----------
    trials : pandas.DataFrame
        ``scene, firm, started_on, ended_on, outcome``.
    applications : pandas.DataFrame or None
        ``scene, firm, eligible, selected``.
    by : str
        ``scene``, ``year`` of the start or of the application, or empty for all together.
    small_cell : int
        Counts from 1 to below this are not shown (``suppressed``).
    level : float
        Level of the intervals.

    Returns
    -------
    list of dict
        ``group, stage, n, share, lo, hi, suppressed``.
    """
    counted: dict[tuple[str, str], int] = {}
    groups: list[str] = []
    for frame, stages in ((applications, STAGES[:3]), (trials, STAGES[3:])):
        if frame is None or not len(frame):
            continue
        labels = _labels(frame, by)
        groups += [g for g in dict.fromkeys(labels) if g not in groups]
        for stage in stages:
            inside = _reached(frame, stage)
            for group in dict.fromkeys(labels):
                counted[(group, stage)] = int((inside & (labels == group)).sum())
    return [record for group in sorted(groups) for record in _stages(group, counted, small_cell, level)]


def _stages(group: str, counted: dict[tuple[str, str], int], small_cell: int, level: float) -> list[dict[str, object]]:
    records: list[dict[str, object]] = []
    before: int | None = None
    for stage in STAGES:
        n = counted.get((group, stage))
        if n is None:
            continue
        hidden = 0 < n < small_cell or (before is not None and 0 < before - n < small_cell and before >= small_cell)
        # An interval tells its denominator: where that count is hidden, so is the share.
        known = before is not None and before >= small_cell
        estimate = wilson(min(n, before), before, level) if before and known else None
        records.append(
            {
                "group": group,
                "stage": stage,
                "n": None if hidden else n,
                "share": None if hidden or estimate is None else estimate.value,
                "lo": None if hidden or estimate is None else estimate.low,
                "hi": None if hidden or estimate is None else estimate.high,
                "suppressed": hidden,
            }
        )
        before = n
    return records


def _labels(frame: pd.DataFrame, by: str) -> np.ndarray:
    if by == "scene":
        return frame["scene"].astype(str).to_numpy(dtype=object)
    if by == "year":
        column = "started_on" if "started_on" in frame else "applied_on"
        return np.array(["" if d is None else str(d.year) for d in frame[column]], dtype=object)
    return np.full(len(frame), "all", dtype=object)


def _reached(frame: pd.DataFrame, stage: str) -> np.ndarray:
    match stage:
        case "applied" | "trial":
            return np.ones(len(frame), dtype=bool)
        case "eligible" | "selected":
            return (frame[stage] == 1).to_numpy()
        case "ended":
            return frame["ended_on"].notna().to_numpy()
        case "adopted":
            return frame["outcome"].isin(["adopt", "first_purchase"]).to_numpy()
        case _:
            return (frame["outcome"] == "first_purchase").to_numpy()


def adoption_curves(trials: pd.DataFrame, *, by: str, as_of: date, level: float) -> list[dict[str, object]]:
    """Return the share adopted by days since the start; failing competes, what still runs is censored.

    Returns
    -------
    list of dict
        ``group, t, value, lo, hi``.
    """
    labels = _labels(trials, by)
    records: list[dict[str, object]] = []
    for group in sorted(dict.fromkeys(labels)):
        own = trials[labels == group]
        ends = [e if e is not None and e <= as_of else as_of for e in own["ended_on"]]
        time = np.array([(e - s).days for e, s in zip(ends, own["started_on"], strict=True)], dtype=float)
        over = np.array([e is not None and e <= as_of for e in own["ended_on"]])
        adopted = own["outcome"].isin(["adopt", "first_purchase"]).to_numpy()
        cause = np.where(~over, 0, np.where(adopted, 1, np.where(own["outcome"] == "failed", 2, 0)))
        kept = time >= 0
        found = aalen_johansen(time[kept], cause[kept], level=level).get(1) if kept.any() else None
        if found is not None:
            records += [
                {"group": group, **{str(k): v for k, v in r.items()}} for r in found.to_frame().to_dict("records")
            ]
    return records


def fairness_of(
    trials: pd.DataFrame, applications: pd.DataFrame | None, offers: pd.DataFrame | None
) -> dict[str, float | None]:
    """Return who got the trials: shares of start-ups, of newcomers and of the largest holder, HHI, days to the answer.

    Returns
    -------
    dict
        ``startup_share`` (``None`` without offers), ``new_share`` (first trial of a firm in the table), ``top_share``,
        ``hhi`` (0..1), ``informed_days`` (median from decision to information; ``None`` without applications).
    """
    counts = trials["firm"].value_counts()
    total = int(counts.sum())
    shares = counts / total if total else counts
    first = trials.sort_values("started_on", kind="stable").duplicated("firm")
    startup = None
    if offers is not None and total:
        flag = offers.drop_duplicates("firm").set_index("firm")["startup"]
        known = trials["firm"].map(flag).dropna()
        startup = float(known.mean()) if len(known) else None
    days = None
    if applications is not None and len(applications):
        waits = [
            (i - d).days
            for d, i in zip(applications["decided_on"], applications["informed_on"], strict=True)
            if d is not None and i is not None
        ]
        days = float(np.median(waits)) if waits else None
    return {
        "startup_share": startup,
        "new_share": float((~first).mean()) if total else None,
        "top_share": float(shares.max()) if total else None,
        "hhi": float((shares**2).sum()) if total else None,
        "informed_days": days,
    }
