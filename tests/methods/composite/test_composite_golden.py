"""Every reference output of the ASEM example, at 1e-10."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from biaochi.methods.composite import Composite, Dataset, Framework, Method

pytestmark = pytest.mark.reference
Build = Callable[[list[object]], Composite]
Golden = Callable[[str], pd.DataFrame]
Apart = Callable[[pd.DataFrame, pd.DataFrame], float]
TIGHT = 1e-10
DENOMINATE = ["denominate"]
END = [{"normalise": "prank"}, {"aggregate": "arithmetic"}]


def with_steps(example: list[object], **changes: object) -> list[object]:
    """Return the example with some steps replaced."""
    names = [s if isinstance(s, str) else next(iter(s)) for s in example]  # type: ignore[call-overload]
    return [{n: changes[n]} if n in changes else s for n, s in zip(names, example, strict=True)]


@pytest.mark.parametrize(
    ("stage", "name"),
    [
        ("denominated", "02_denominated"),
        ("imputed", "03_imputed_example"),
        ("screened", "04_screened_example"),
        ("treated", "05_treated_example_winmax5"),
        ("normalised", "06_norm_minmax_0_100"),
        ("aggregated", "07_agg_example_amean"),
    ],
)
def test_example_chain(
    stage: str, name: str, example: list[object], build: Build, golden: Golden, apart: Apart
) -> None:
    assert apart(build(example).stage(stage), golden(name)) <= TIGHT


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ({"method": "mean"}, "03_imputed_mean"),
        ({"method": "median"}, "03_imputed_median"),
        ({"method": "group_mean", "by": "EurAsia_group"}, "03_imputed_mean_grp_EurAsia"),
        ({"method": "row_mean"}, "03_imputed_rowmean_pillar"),
    ],
)
def test_imputation(step: object, name: str, build: Build, golden: Golden, apart: Apart) -> None:
    assert apart(build([*DENOMINATE, {"impute": step}, *END]).stage("imputed"), golden(name)) <= TIGHT


@pytest.mark.parametrize(("least", "name"), [(0.9, "0.90"), (0.95, "0.95")])
def test_screening(least: float, name: str, build: Build, golden: Golden) -> None:
    found = build([*DENOMINATE, {"screen": {"min_available": least}}, *END]).screening().set_index("unit")
    theirs = golden(f"04_screen_denominated_byNA_{name}")
    assert (found.loc[theirs.index, "included"].to_numpy() == theirs["Included"].to_numpy()).all()
    assert np.abs(found.loc[theirs.index, "available"] - theirs["Dat_Avail"]).max() <= TIGHT


TREATED: list[tuple[str, list[object]]] = [
    ("05_treated_raw_default", [{"treat": {"winmax": 5}}]),
    ("05_treated_screened_winmax1", [{"treat": {"winmax": 1}}]),
    ("05_treated_screened_winmax0_logCTorig", [{"treat": {"winmax": 0, "then": "log_ct_orig"}}]),
    ("05_treated_example_winmax5", [{"treat": {"winmax": 5}}]),
]


@pytest.mark.parametrize(("name", "step"), TREATED)
def test_treatment(
    name: str, step: list[object], example: list[object], build: Build, golden: Golden, apart: Apart
) -> None:
    before = [] if "raw" in name else example[:3]
    composite = build([*before, *step, *END])
    assert apart(composite.stage("treated"), golden(name)) <= TIGHT
    details = golden(f"{name}_dets").set_index("iCode")
    table = composite.treatment().set_index("indicator").loc[details.index]
    assert np.abs(table["skew"] - details["check_SkewKurt0.Skew"].astype(float)).max() <= 1e-9
    assert np.abs(table["kurtosis"] - details["check_SkewKurt0.Kurt"].astype(float)).max() <= 1e-9
    assert (table["passed"].to_numpy() == details["check_SkewKurt0.Pass"].to_numpy().astype(bool)).all()
    if "winsorise.nwin" in details:
        assert (table["nwin"] == details["winsorise.nwin"].fillna(0).astype(int)).all()
    points = golden(f"{name}_points").fillna("")
    ours = composite.points().set_index("unit").loc[points.index, points.columns]
    same = ours.map(lambda v: v.replace("log_ct_orig", "log_CT_orig").replace("log_ct", "log_CT"))
    points = points.map(lambda v: v.removeprefix("+"))
    assert (same.to_numpy() == points.to_numpy()).all()


NORMALISED: list[tuple[str, object]] = [
    ("06_norm_minmax_0_100", {"method": "minmax", "to": [0, 100]}),
    ("06_norm_minmax_1_100", {"method": "minmax", "to": [1, 100]}),
    ("06_norm_zscore_0_1", "zscore"),
    ("06_norm_zscore_10_2", {"method": "zscore", "mean": 10, "sd": 2}),
    ("06_norm_dist2max", "dist2max"),
    ("06_norm_prank", "prank"),
    ("06_norm_rank", "rank"),
    ("06_norm_scaled_0_50", {"method": "scaled", "lower": 0, "upper": 50, "factor": 100}),
]


@pytest.mark.parametrize(("name", "step"), NORMALISED)
def test_normalisation(
    name: str, step: object, example: list[object], build: Build, golden: Golden, apart: Apart
) -> None:
    steps = [*example[:4], {"normalise": step}, {"aggregate": "arithmetic"}]
    assert apart(build(steps).stage("normalised"), golden(name)) <= TIGHT


def test_goalposts_and_missing(
    asem: tuple[Framework, Dataset], example: list[object], build: Build, golden: Golden, apart: Apart
) -> None:
    framework, dataset = asem
    from dataclasses import replace  # noqa: PLC0415

    nodes = tuple(
        replace(n, worst=0.0, best=50.0 if n.polarity == "positive" else -50.0) if n.polarity else n
        for n in framework.nodes
    )
    posts = replace(dataset, framework=replace(framework, nodes=nodes))
    method = Method.from_steps([*example[:4], {"normalise": "goalposts"}, {"aggregate": "arithmetic"}])
    assert apart(method.fit(posts).transform(posts).stage("normalised"), golden("06_norm_goalposts_0_50_100")) <= TIGHT
    steps: list[object] = [
        *DENOMINATE,
        {"normalise": {"method": "minmax", "to": [1, 100]}},
        {"aggregate": "arithmetic"},
    ]
    assert apart(build(steps).stage("normalised"), golden("06_norm_missing_minmax_1_100")) <= TIGHT


AGGREGATED: list[tuple[str, object]] = [
    ("amean_1_100", "arithmetic"),
    ("gmean_1_100", "geometric"),
    ("hmean_1_100", "harmonic"),
    ("genmean_p2_1_100", {"*": {"method": "power", "p": 2}}),
    ("amean_amean_gmean_1_100", {"*": "arithmetic", "level:4": "geometric"}),
    ("copeland_all_levels_1_100", "copeland"),
]


@pytest.mark.parametrize(("name", "step"), AGGREGATED)
def test_aggregation(
    name: str, step: object, example: list[object], build: Build, golden: Golden, apart: Apart
) -> None:
    steps = [*example[:4], {"normalise": {"method": "minmax", "to": [1, 100]}}, {"aggregate": step}]
    assert apart(build(steps).stage("aggregated"), golden(f"07_agg_{name}")) <= TIGHT


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("amean", "arithmetic"),
        ("gmean", "geometric"),
        ("amean_datthresh0.8", {"*": "arithmetic", "min_available": 0.8}),
    ],
)
def test_aggregation_with_missing(name: str, step: object, build: Build, golden: Golden, apart: Apart) -> None:
    steps = [*DENOMINATE, {"normalise": {"method": "minmax", "to": [1, 100]}}, {"aggregate": step}]
    assert apart(build(steps).stage("aggregated"), golden(f"07_agg_missing_{name}")) <= TIGHT


def test_weights_levels_and_availability(
    asem: tuple[Framework, Dataset], example: list[object], build: Build, golden: Golden
) -> None:
    framework, dataset = asem
    theirs = golden("01_effective_weights")
    code, weight = "iCode", "EffWeight"
    ours = build(example).weights().set_index("node")["effective"]
    assert np.abs(ours.loc[theirs[code]].to_numpy() - theirs[weight].to_numpy()).max() <= 1e-14
    lineage = golden("01_lineage")
    for line in lineage.to_dict("records"):
        assert framework.by_code[line["Indicator"]].parent == line["Pillar"]
    groups = golden("01_data_avail_bygroup")
    table = dataset.availability().pivot(index="unit", columns="node", values="share")
    assert np.abs(table.loc[groups.index, groups.columns] - groups).to_numpy().max() <= TIGHT


def test_ranks_exact(example: list[object], build: Build, golden: Golden) -> None:
    composite = build(example)
    ranks = golden("08_results_full_ranks")
    scores = golden("08_results_full_scores").drop(columns="Rank")
    for node in ranks.columns:
        ours = composite.ranks(node, "2018")
        assert (ours.loc[ranks.index] == ranks[node]).all(), node
    wide = composite.stage("aggregated").set_index("unit")
    assert np.abs(wide.loc[scores.index, scores.columns] - scores).to_numpy().max() <= 1e-11
