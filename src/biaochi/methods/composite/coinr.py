"""Read the two tables of a COINr project: iMeta (the tree) and iData (the values)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from biaochi.methods.composite.dataset import Dataset
from biaochi.methods.composite.errors import Problems
from biaochi.methods.composite.framework import Framework

_DEFAULT_METHOD = [{"normalise": {"method": "minmax", "to": [0, 100]}}, {"aggregate": "arithmetic"}]


def read_coinr(
    imeta: pd.DataFrame, idata: pd.DataFrame, *, method: list[Any] | None = None, file: str = "iData.csv"
) -> tuple[Framework, Dataset]:
    """Return the framework and the dataset of a COINr project.

    Parameters
    ----------
    imeta : DataFrame
        ``iCode, Type, Level, Parent, Direction, Weight`` and optionally ``iName, Unit, Target, Denominator``.
    idata : DataFrame
        ``uCode``, optionally ``uName`` and ``Time``, and one column for each indicator, denominator and group.
    method : list or None
        Steps; by default min–max 0–100 and arithmetic means.
    """
    framework = coinr_framework(imeta, method=method)
    return framework, coinr_dataset(idata, imeta, framework, file=file)


def coinr_framework(imeta: pd.DataFrame, *, method: list[Any] | None = None, file: str = "iMeta.csv") -> Framework:
    """Return the framework an iMeta table describes."""
    problems = Problems(file)
    for column in ("iCode", "Type", "Parent", "Direction", "Weight"):
        if column not in imeta:
            problems.add("missing_column", row=1, column=column)
    problems.check()
    nodes = []
    for line in _kind(imeta, "Aggregate", "Indicator"):
        node: dict[str, Any] = {
            "code": line["iCode"],
            "name": {"zh": line.get("iName") or line["iCode"], "en": line.get("iName") or line["iCode"]},
            "parent": line["Parent"],
            "weight": _number(line.get("Weight"), 1.0),
        }
        if line["Type"] == "Indicator":
            node["polarity"] = "negative" if _number(line.get("Direction"), 1.0) < 0 else "positive"
            node["unit"] = line.get("Unit", "")
            node["denominator"] = line.get("Denominator", "")
            node["target"] = _number(line.get("Target"), None)
        nodes.append(node)
    root = next((n for n in nodes if not n["parent"]), {"code": "", "name": {"zh": "", "en": ""}})
    bottoms = [
        {"code": d["iCode"], "name": {"zh": d.get("iName") or d["iCode"], "en": d.get("iName") or d["iCode"]}}
        for d in _kind(imeta, "Denominator")
    ]
    return Framework.from_mapping(
        {
            "code": root["code"] or "COINr",
            "version": "1",
            "name": root["name"],
            "nodes": nodes,
            "denominators": bottoms,
            "method": method or _DEFAULT_METHOD,
        },
        file=file,
    )


def coinr_units(idata: pd.DataFrame, imeta: pd.DataFrame) -> pd.DataFrame:
    """Return the units with their names, groups and other context."""
    frame = idata.drop_duplicates("uCode")
    units = pd.DataFrame({"unit": frame["uCode"].astype(str)})
    if "uName" in frame:
        units["name_zh"] = units["name_en"] = frame["uName"].astype(str)
    for line in _kind(imeta, "Group", "Other", "Denominator"):
        if line["iCode"] in frame:
            units[line["iCode"]] = frame[line["iCode"]].to_numpy()
    return units


def coinr_long(idata: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Return iData as long rows; ``row`` is kept when the table has one."""
    problems = Problems("iData.csv")
    if "uCode" not in idata:
        problems.add("missing_column", row=1, column="uCode")
    problems.check()
    codes = [*framework.leaves, *(d.code for d in framework.denominators)]
    frame = pd.DataFrame({"unit": idata["uCode"], "period": idata.get("Time", "0001")})
    frame["row"] = idata["row"] if "row" in idata else range(2, len(idata) + 2)
    held = [c for c in codes if c in idata]
    wide = pd.concat([frame, idata[held]], axis=1)
    return wide.melt(["unit", "period", "row"], held, "indicator", "value")


def coinr_dataset(
    idata: pd.DataFrame, imeta: pd.DataFrame, framework: Framework, *, file: str = "iData.csv"
) -> Dataset:
    """Return the dataset of an iData table."""
    units = coinr_units(idata, imeta)
    return Dataset.from_long(coinr_long(idata, framework), framework, units=units, file=file)


def is_imeta(columns: list[str]) -> bool:
    """Whether a header is that of an iMeta table."""
    return {"iCode", "Parent", "Direction"} <= set(columns)


def _kind(imeta: pd.DataFrame, *kinds: str) -> list[dict[str, Any]]:
    text = imeta.fillna("").astype(str)
    records: list[dict[str, Any]] = [{str(k): v for k, v in r.items()} for r in text.to_dict("records")]
    return [r for r in records if r["Type"] in kinds]


def _number(value: Any, default: Any) -> Any:
    try:
        return float(value) if value not in (None, "", "NA") else default
    except ValueError:
        return default
