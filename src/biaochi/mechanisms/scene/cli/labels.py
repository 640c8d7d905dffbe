"""A ranking held against labels: probabilities where they suffice, measures with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from biaochi.core.text import Text
from biaochi.exchange.command import Invocation
from biaochi.methods.matching import calibrate
from biaochi.methods.matching.evaluate import Measure, ranking_measures


def judged_by_labels(
    call: Invocation, pairs: pd.DataFrame, labels: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.Series, dict[str, Measure]]:
    """Return a probability for every pair (NaN where labels do not suffice) and the measures of the ranking."""
    known = labels.drop_duplicates(["scene", "firm"]).set_index(["scene", "firm"])["label"]
    keys = pd.MultiIndex.from_frame(pairs[["scene", "firm"]])
    label = known.reindex(keys).to_numpy(dtype=float)
    totals = labels[labels["label"] == 1].groupby("scene").size()
    measures: dict[str, Measure] = {}
    for name, column in (("", "score"), ("text_", "text")):
        ordered = pairs.assign(label=label).sort_values(["scene", column], ascending=[True, False], kind="stable")
        groups = [(str(s), g["label"].to_numpy() == 1) for s, g in ordered.groupby("scene", sort=True)]
        counts = [int(totals.get(s, 0)) for s, _ in groups]
        found = ranking_measures([g for _, g in groups], counts, np.arange(len(groups)), rng)
        measures |= {f"{name}{k}": v for k, v in found.items()}
    here = ~np.isnan(label)
    probability = pd.Series(np.nan, index=pairs.index)
    try:
        fit = calibrate(
            pairs["score"].to_numpy()[here],
            label[here] == 1,
            groups=pairs["scene"].to_numpy(dtype=object)[here].astype(str),
            rng=rng,
        )
    except ValueError:
        call.warn(
            "not_calibrated",
            Text(
                "标注不足（须两类、来自至少两个场景），得分只是相似度",
                "too few labels (both kinds from at least two scenes are needed); scores are similarity only",
            ),
        )
        return probability, measures
    values = fit.predict(pairs["score"].to_numpy())
    values[here] = fit.probability
    return pd.Series(values, index=pairs.index), {**measures, "brier": fit.brier, "log_loss": fit.log_loss}
