"""A survey's rounds: what was said, how far it is agreed and stable, and whether to ask again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

import numpy as np
import pandas as pd

from biaochi.core.parameters import Citation, Snapshot
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.foresight.decisions.rounds import decide_round
from biaochi.mechanisms.foresight.model.study import ConsensusRule, Item, ItemState, StudyRules
from biaochi.mechanisms.foresight.model.surveys import GroupRow, ItemRow, Judgement, RoundRow, SurveyResult
from biaochi.methods.elicitation.attrition import attrition
from biaochi.methods.elicitation.consensus import importance_index, kendall_w, summarise_round, weighted_median
from biaochi.methods.elicitation.realisation import realisation_cdfs
from biaochi.methods.elicitation.stability import Stability, stability

FAMILIARITY_WEIGHT = "familiarity_weights"
STUDY = Citation("the study's own rules, set before its first round")


def run_survey(
    frame: pd.DataFrame,
    *,
    items: Mapping[tuple[str, str], Item] | None,
    rules: StudyRules,
    parameters: Snapshot,
    at: date,
    group: str | None = None,
    by: Sequence[int] = (),
    rng: np.random.Generator,
) -> SurveyResult:
    """Summarise every round of a survey and decide what the last calls for.

    Parameters
    ----------
    frame : DataFrame
        Answers as read by ``files.read_answers``.
    items : mapping or None
        Items by code and version.
    rules : StudyRules
        The study's own; where it sets none, the office's parameters serve.
    parameters : Snapshot
        Office parameters in force.
    at : date
        Day of the decision; its year is the survey year unless the rules name one.
    group : str or None
        Column of groups.
    by : sequence of int
        Years for which P(realised) is reported.
    """
    work = _pooled_versions(frame, items)
    specs = {code: item.spec for (code, _), item in (items or {}).items()}
    finite = work.assign(value=work["value"].replace(np.inf, np.nan))
    summaries = summarise_round(finite, specs or None).to_dict("records")
    lines = {(int(r["round"]), str(r["item"]), str(r["version"])): r for r in summaries}
    survey_year = rules.survey_year or at.year
    rows = []
    previous: dict[tuple[str, str], pd.DataFrame] = {}
    for key, asked in work.groupby(["round", "item", "version"], sort=True):
        round_, code, version = (str(part) for part in key)
        numbers = lines[(int(float(round_)), code, version)]
        before = previous.get((code, version))
        moved = _moved(before, asked) if before is not None else None
        has_top = code in specs and specs[code].top is not None
        rows.append(
            _item_row(asked, numbers, int(float(round_)), moved, rules, parameters, group, by, survey_year, has_top)
        )
        previous[(code, version)] = asked
    last = max(int(r) for r in work["round"].unique())
    decision = decide_round([r for r in rows if r.round == last], last, rules, at=at, parameters=parameters)
    first_answers = finite[["round", "expert", "item", "value"]]
    return SurveyResult(_rounds(work), tuple(rows), _kendall(work), tuple(attrition(first_answers, rng)), decision)


def _pooled_versions(frame: pd.DataFrame, items: Mapping[tuple[str, str], Item] | None) -> pd.DataFrame:
    """Join versions that two people agreed to pool under the newer one."""
    joined = {(code, old): item.version for (code, _), item in (items or {}).items() for old in item.pooled_with}
    if not joined:
        return frame
    versions = [joined.get((c, v), v) for c, v in zip(frame["item"], frame["version"], strict=True)]
    return frame.assign(version=versions)


def _moved(before: pd.DataFrame, after: pd.DataFrame) -> Stability:
    if (after["type"] == "choice").any():
        one, other = before.set_index("expert")["answer"], after.set_index("expert")["answer"]
        both = pd.concat([one, other], axis=1, join="inner", keys=["a", "b"])
        both = both[(both["a"] != "") & (both["b"] != "")]
        changed = float((both["a"] != both["b"]).mean()) if len(both) else float("nan")
        return Stability(len(both), changed, float("nan"), float("nan"), float("nan"))
    one, other = before.set_index("expert")["value"], after.set_index("expert")["value"]
    both = pd.concat([one, other], axis=1, join="inner", keys=["a", "b"]).replace(np.inf, 9999.0)
    return stability(both["a"].to_numpy(), both["b"].to_numpy())


def _item_row(
    asked: pd.DataFrame,
    numbers: Any,
    round_: int,
    moved: Stability | None,
    rules: StudyRules,
    parameters: Snapshot,
    group: str | None,
    by: Sequence[int],
    survey_year: int,
    has_top: bool,
) -> ItemRow:
    kind = str(asked["type"].iloc[0])
    n = _answered(asked)
    cdf, p_never = _years(asked, by, survey_year) if kind == "year" else ({}, None)
    values = {
        "top_share": _number(numbers["top_share"]),
        "iqr": _number(numbers["iqr"]),
        "iqr_share": _number(numbers["iqr_share"]),
    }
    if kind not in ("likert", "probability") and not has_top:
        values["top_share"] = None
    if kind == "choice":
        shares = asked.loc[asked["answer"] != "", "answer"].value_counts(normalize=True)
        values["top_share"] = float(shares.iloc[0]) if len(shares) else None
    agreed = judge_consensus(kind, values, rules, parameters)
    steady = judge_stability(moved, rules, parameters)
    return ItemRow(
        str(asked["item"].iloc[0]),
        str(asked["version"].iloc[0]),
        round_,
        kind,
        n,
        len(asked) - n,
        _median(asked, kind, numbers),
        values["iqr"],
        values["top_share"],
        cdf,
        p_never,
        agreed,
        steady,
        moved.share_changed if moved else None,
        moved.kappa if moved else None,
        item_state(agreed, steady),
        bool(numbers["polarised"]),
        _familiarity(asked, kind, parameters),
        _groups(asked, group, rules, parameters) if group else (),
    )


def _answered(asked: pd.DataFrame) -> int:
    if (asked["type"] == "choice").any():
        return int((asked["answer"] != "").sum())
    return int(asked["value"].notna().sum())


def _median(asked: pd.DataFrame, kind: str, numbers: Any) -> float | None:
    if kind != "year":
        return _number(numbers["median"])
    values = asked["value"].dropna().to_numpy(dtype=np.float64)
    if len(values) == 0:
        return None
    ordered = np.sort(values)
    middle = (ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2])
    return None if np.isinf(middle[1]) else float(np.mean(middle))


def _number(value: Any) -> float | None:
    return None if value is None or np.isnan(value) else float(value)


def _years(asked: pd.DataFrame, by: Sequence[int], survey_year: int) -> tuple[dict[int, float], float | None]:
    said = asked[asked["value"].notna()]
    if len(said) == 0:
        return {}, None
    points = said[["year_p10", "year_p50", "year_p90"]].fillna(9999.0).to_numpy(dtype=np.float64)
    never = said["p_never"].fillna(0.0).to_numpy(dtype=np.float64)
    if not by:
        return {}, float(never.mean())
    panel = realisation_cdfs(points, never, survey_year, list(by)).mean(axis=0)
    return {int(y): float(p) for y, p in zip(by, panel, strict=True)}, float(never.mean())


def consensus_rule(kind: str, rules: StudyRules, parameters: Snapshot) -> tuple[ConsensusRule, bool, Citation] | None:
    """Return the rule for a kind of item, whether it is confirmed, and its source; None when there is none."""
    own = rules.by_type.get(kind) or rules.consensus
    if own is not None:
        return own, True, STUDY
    if kind in ("likert", "probability", "choice") and "consensus_top_share" in parameters:
        office = parameters["consensus_top_share"]
        return ConsensusRule("top_share", float(str(office.value))), office.confirmed, office.citation
    return None


def judge_consensus(
    kind: str, values: Mapping[str, float | None], rules: StudyRules, parameters: Snapshot
) -> Judgement:
    """Say whether an item is agreed by the rule set beforehand."""
    found = consensus_rule(kind, rules, parameters)
    if found is None:
        return Judgement(Verdict.NOT_APPLICABLE, None, None)
    rule, confirmed, _ = found
    value = values[rule.measure]
    if value is None:
        return Judgement(Verdict.UNKNOWN, None, rule.threshold)
    holds = value >= rule.threshold - 1e-12 if rule.at_least else value <= rule.threshold + 1e-12
    firm = Verdict.MET if holds else Verdict.UNMET
    return Judgement(firm if confirmed else Verdict.MANUAL_REVIEW, value, rule.threshold, holds)


def judge_stability(moved: Stability | None, rules: StudyRules, parameters: Snapshot) -> Judgement:
    """Say whether answers still move; a first round cannot tell."""
    if rules.stability_threshold is not None:
        threshold, confirmed = rules.stability_threshold, True
    else:
        office = parameters["stability_share_changed"]
        threshold, confirmed = float(str(office.value)), office.confirmed
    if moved is None or moved.n == 0:
        return Judgement(Verdict.UNKNOWN, None, threshold)
    kappa = rules.stability_measure == "kappa" and rules.stability_threshold is not None
    value = moved.kappa if kappa else moved.share_changed
    if np.isnan(value):
        return Judgement(Verdict.UNKNOWN, None, threshold)
    holds = value >= threshold if kappa else value <= threshold + 1e-12
    firm = Verdict.MET if holds else Verdict.UNMET
    return Judgement(firm if confirmed else Verdict.MANUAL_REVIEW, value, threshold, holds)


def item_state(agreed: Judgement, steady: Judgement) -> ItemState:
    """Return what an item has come to: nothing is settled before answers were seen to be stable."""
    if steady.holds is None:
        return ItemState.OPEN
    if not steady.holds:
        return ItemState.UNSTABLE
    if agreed.holds is None:
        return ItemState.OPEN
    return ItemState.CONSENSUS if agreed.holds else ItemState.STABLE_DISSENT


def _familiarity(asked: pd.DataFrame, kind: str, parameters: Snapshot) -> dict[str, float | None]:
    said = asked[asked["value"].notna() & np.isfinite(asked["value"])]
    if kind == "choice" or len(said) == 0:
        return {"with": None, "without": None}
    scale = parameters[FAMILIARITY_WEIGHT].value if FAMILIARITY_WEIGHT in parameters else [4, 2, 1]
    high, middle, low = (float(v) for v in cast("list[float]", scale))
    weight = said["familiar"].map({3.0: high, 2.0: middle, 1.0: low}).fillna(low).to_numpy()
    values = said["value"].to_numpy(dtype=np.float64)
    four_levels = kind == "likert" and set(values.tolist()) <= {1.0, 2.0, 3.0, 4.0}
    if four_levels and values.max() <= 4:
        plain = [float(np.sum(values == level)) for level in (4, 3, 2, 1)]
        heavy = [float(weight[values == level].sum()) for level in (4, 3, 2, 1)]
        return {"with": importance_index(heavy), "without": importance_index(plain)}
    return {"with": weighted_median(values, weight), "without": weighted_median(values, np.ones(len(values)))}


def _groups(asked: pd.DataFrame, group: str, rules: StudyRules, parameters: Snapshot) -> tuple[GroupRow, ...]:
    """Return medians by group; too small groups are withheld, and so many more that none can be told by subtraction."""
    least = rules.subgroup_minimum or int(str(parameters["subgroup_minimum"].value))
    said = asked[asked["value"].notna() & np.isfinite(asked["value"])]
    sizes = said.groupby(group).size().sort_values(kind="stable")
    sizes = sizes[sizes > 0]
    withheld = [str(g) for g in sizes.index if sizes[g] < least]
    shown = [str(g) for g in sizes.index if sizes[g] >= least]
    while withheld and shown and (len(withheld) == 1 or sum(int(sizes[g]) for g in withheld) < least):
        withheld.append(shown.pop(0))
    return tuple(
        GroupRow(str(g), None, None)
        if str(g) in withheld
        else GroupRow(str(g), int(sizes[g]), float(said.loc[said[group] == g, "value"].median()))
        for g in sorted(sizes.index)
    )


def _rounds(frame: pd.DataFrame) -> tuple[RoundRow, ...]:
    invited: set[str] = set()
    rows = []
    given = frame.assign(given=frame["value"].notna() | ((frame["type"] == "choice") & (frame["answer"] != "")))
    for round_, asked in given.groupby("round", sort=True):
        invited |= set(asked["expert"])
        each = asked.groupby("expert")["given"].sum()
        rows.append(
            RoundRow(
                int(float(str(round_))),
                len(invited),
                int((each > 0).sum()),
                int((each == asked["item"].nunique()).sum()),
            )
        )
    return tuple(rows)


def _kendall(frame: pd.DataFrame) -> tuple[dict[str, float], ...]:
    found = []
    for round_, asked in frame[frame["type"] == "rank"].groupby("round", sort=True):
        table = asked.pivot(index="expert", columns="item", values="value").dropna()
        if min(table.shape) >= 2:
            w = kendall_w(table.to_numpy())
            found.append({"round": int(float(str(round_))), "w": w.w, "chi2": w.chi2, "df": w.df, "p": w.p})
    return tuple(found)
