"""Reference outputs of single methods, and the hand values of the reference's notes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from biaochi.core.verdict import Verdict
from biaochi.methods.composite import (
    Composite,
    Dataset,
    Framework,
    Plan,
    benefit_of_doubt,
    cohere,
    replay,
    sobol_indices,
)
from biaochi.methods.composite.aggregate import combine
from biaochi.methods.composite.coherence import correlation_p_values, correlations, cronbach_alpha
from biaochi.methods.composite.contributions import secant_slopes
from biaochi.methods.composite.treat import shape_moments
from biaochi.methods.composite.weights import (
    ahp_weights,
    balance_weights,
    critic_weights,
    entropy_weights,
    pca_weights,
)

Build = Callable[[list[object]], Composite]
Golden = Callable[[str], pd.DataFrame]
TIGHT = 1e-10


@pytest.mark.reference
def test_skewness_and_kurtosis(golden: Golden) -> None:
    x = golden("16_skewkurt_input")["x"].to_numpy(dtype=float)
    out = golden("16_skewkurt_out").iloc[0]
    _, skew, kurtosis = shape_moments(x)
    assert abs(float(skew) - out["skew"]) <= TIGHT
    assert abs(float(kurtosis) - out["kurt"]) <= TIGHT


@pytest.mark.reference
@pytest.mark.parametrize("level", [1, 2])
def test_principal_weights_where_the_loadings_have_one_sign(
    level: int, asem: tuple[Framework, Dataset], golden: Golden
) -> None:
    framework = asem[0]
    scores = golden("07_agg_example_amean")
    loadings = golden(f"09_pca_weights_L{level}").set_index("iCode")["Weight"]
    groups = ["ConEcFin", "P2P", "Physical", "Political", "Social"] if level == 1 else ["Conn"]
    for group in groups:
        children = list(framework.children[group])
        theirs = loadings[children].to_numpy()
        assert (theirs > 0).all() or (theirs < 0).all()
        ours = pca_weights(scores[children].to_numpy(dtype=float))
        assert np.abs(ours.weights - np.abs(theirs) / np.abs(theirs).sum()).max() <= TIGHT
        assert not ours.corner


HAND = {
    "Environ": (["Renew", "PrimEner", "CO2", "MatCon", "Forest"], [0.2394, 0.1662, 0.3049, 0.2895, 0]),
    "Instit": (
        ["CostImpEx", "Tariff", "TBTs", "TIRcon", "RTAs", "Visa"],
        [0.2393, 0.1801, 0, 0.1410, 0.2212, 0.2185],
    ),
    "SusEcFin": (["PubDebt", "PrivDebt", "GDPGrow", "RDExp", "NEET"], [0.2058, 0.3994, 0.3948, 0, 0]),
}


@pytest.mark.reference
@pytest.mark.parametrize("group", HAND)
def test_non_negative_principal_weights(group: str, golden: Golden) -> None:
    codes, expected = HAND[group]
    found = pca_weights(golden("07_agg_example_amean")[codes].to_numpy(dtype=float))
    assert np.abs(found.weights - expected).max() <= 6e-5


@pytest.mark.reference
def test_a_corner_fails_the_gate(golden: Golden) -> None:
    scores = golden("07_agg_example_amean")
    children = ["Environ", "Social", "SusEcFin"]
    z = scores[children].to_numpy(dtype=float)
    assert pca_weights(z).corner
    found = cohere("Sust", children, z, scores["Sust"].to_numpy(dtype=float))
    assert found.verdict is Verdict.UNMET
    assert abs(found.alpha + 0.28981095087620828) <= TIGHT


@pytest.mark.reference
def test_balanced_weights(golden: Golden) -> None:
    scores, result = golden("07_agg_example_amean"), golden("09_opt_balance_L3_result")
    found = balance_weights(scores[["Conn", "Sust"]].to_numpy(dtype=float))
    assert np.abs(found.weights - result["OptWeight"].to_numpy()).max() <= 1e-6
    share = found.correlations / found.correlations.sum()
    assert np.abs(share - 0.5).max() <= TIGHT


def square(long: pd.DataFrame) -> pd.DataFrame:
    """Return correlations listed as pairs as a matrix."""
    return long.pivot(index="Var1", columns="Var2", values="Correlation")


@pytest.mark.reference
@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_correlations(method: str, golden: Golden) -> None:
    theirs = square(golden(f"10_corr_L1_{method}"))
    scores = golden("07_agg_example_amean")[list(theirs.columns)].to_numpy(dtype=float)
    assert np.abs(correlations(scores, method) - theirs.loc[theirs.columns].to_numpy(dtype=float)).max() <= TIGHT


@pytest.mark.reference
def test_correlations_of_pillars_and_p_values(golden: Golden) -> None:
    theirs, p = square(golden("10_corr_L2")), golden("10_pvals_L2").set_index("Var")
    scores = golden("07_agg_example_amean")[list(theirs.columns)].to_numpy(dtype=float)
    assert np.abs(correlations(scores) - theirs.loc[theirs.columns].to_numpy(dtype=float)).max() <= TIGHT
    assert (
        np.abs(correlation_p_values(scores) - p.loc[theirs.columns, theirs.columns].to_numpy(dtype=float)).max()
        <= TIGHT
    )


@pytest.mark.reference
def test_family_correlations_and_high_pairs(asem: tuple[Framework, Dataset], golden: Golden) -> None:
    framework, scores = asem[0], golden("07_agg_example_amean")
    levels = {"Pillar": 2, "Sub-index": 3, "Index": 4}
    for line in golden("10_corr_family_L1").to_dict("records"):
        node = line["Var2"]
        for _ in range(levels[line["Var1"]] - 1):
            node = framework.by_code[node].parent
        r = np.corrcoef(scores[line["Var2"]].to_numpy(dtype=float), scores[node].to_numpy(dtype=float))[0, 1]
        assert abs(r - line["Correlation"]) <= TIGHT
    high = {
        tuple(sorted((a, b)))
        for parent in framework.parents
        if framework.levels[parent] == 2
        for i, a in enumerate(framework.children[parent])
        for b in framework.children[parent][:i]
        if np.corrcoef(scores[a].to_numpy(dtype=float), scores[b].to_numpy(dtype=float))[0, 1] > 0.75
    }
    flagged = golden("10_corr_flags_high_0.75")
    assert high == {tuple(sorted(p)) for p in zip(flagged["Ind1"], flagged["Ind2"], strict=True)}


@pytest.mark.reference
def test_alpha(asem: tuple[Framework, Dataset], golden: Golden) -> None:
    framework, scores = asem[0], golden("07_agg_example_amean")
    for line in golden("10_cronbach_aggregated").to_dict("records"):
        codes = list(framework.leaves) if line["group"] == "ALL_L1" else list(framework.children[line["group"]])
        assert abs(cronbach_alpha(scores[codes].to_numpy(dtype=float)) - line["alpha"]) <= TIGHT


@pytest.mark.reference
def test_mpi(golden: Golden) -> None:
    z, theirs = golden("11_mpi_input_z100_10"), golden("11_mpi_compind")
    ours = combine(z.to_numpy(dtype=float).T, np.full(z.shape[1], 1 / z.shape[1]), "mpi")
    assert np.abs(ours - theirs.loc[z.index, "mpi_neg_penalty"].to_numpy()).max() <= TIGHT


@pytest.mark.reference
def test_sobol_totals_on_the_reference_design(golden: Golden) -> None:
    table, theirs = golden("12_ishigami_design_y"), golden("12_ishigami_estimate")
    y = table["y"].to_numpy(dtype=float).reshape(5, 4096)
    found = sobol_indices(y[0], y[1], y[2:], rng=np.random.default_rng(0), resamples=10)
    assert np.abs(found.total[:, 0] - theirs["STi"].to_numpy()).max() <= TIGHT


@pytest.mark.reference
def test_ranks_within_groups(
    asem: tuple[Framework, Dataset], example: list[object], build: Build, golden: Golden
) -> None:
    theirs = golden("08_results_groupranks_GDP")
    scores = build(example).stage("aggregated").set_index("unit")
    groups = pd.Series(asem[1].group("GDP_group"), index=list(asem[1].units))
    for node in [c for c in theirs.columns if c in scores.columns]:
        ours = scores[node].groupby(groups).rank(ascending=False, method="min")
        assert (ours.loc[theirs.index] == theirs[node]).all(), node


X = np.array([[0.1, 0.9, 0.5], [0.4, 0.6, 0.5], [0.7, 0.2, 0.8], [1, 0.4, 0.9]])


def test_entropy_and_critic_by_hand() -> None:
    assert np.abs(entropy_weights(X) - [0.57034356, 0.33575031, 0.09390613]).max() <= 1e-8
    scaled = (X - X.min(0)) / np.ptp(X, axis=0)
    assert np.abs(critic_weights(scaled) - [0.24450706, 0.46619892, 0.28929402]).max() <= 1e-8


def test_pairwise_comparison_by_hand() -> None:
    found = ahp_weights(np.array([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]]))
    assert np.abs(found.weights - [0.64832901, 0.22965079, 0.12202019]).max() <= 1e-8
    assert abs(found.eigenvalue - 3.0036946) <= 1e-7
    assert abs(found.consistency_ratio - (found.eigenvalue - 3) / (2 * 0.525)) <= 1e-12


def test_geometric_contributions_by_hand() -> None:
    z, reference, w = np.array([60.0, 30, 80]), np.array([50.0, 40, 40]), np.array([0.5, 0.3, 0.2])
    parts = secant_slopes(z, reference, w, "geometric") * (z - reference)
    assert np.abs(parts - [4.38382303, -4.15029572, 6.66653933]).max() <= 1e-8
    assert abs(parts.sum() - (51.62142619 - 44.72135955)) <= 2e-8


def ishigami(x: np.ndarray) -> np.ndarray:
    """The Ishigami function with a = 7, b = 0.1 on (−π, π)³."""
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_sobol_against_the_exact_indices() -> None:
    from scipy.stats import qmc  # noqa: PLC0415

    worst = 0.0
    for seed in range(5):
        u = (2 * qmc.Sobol(6, rng=np.random.default_rng(seed)).random(1024) - 1) * np.pi
        a, b = u[:, :3], u[:, 3:]
        mixed = []
        for k in range(3):
            block = a.copy()
            block[:, k] = b[:, k]
            mixed.append(ishigami(block))
        found = sobol_indices(ishigami(a), ishigami(b), np.stack(mixed), rng=np.random.default_rng(0), resamples=20)
        worst = max(
            worst,
            float(np.abs(found.first[:, 0] - [0.313905, 0.442411, 0]).max()),
            float(np.abs(found.total[:, 0] - [0.557589, 0.442411, 0.243684]).max()),
        )
    assert worst <= 0.02


@pytest.mark.reference
def test_unbounded_benefit_of_doubt_calls_too_many_efficient(golden: Golden) -> None:
    scores = golden("07_agg_example_amean")
    pillars = ["Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin"]
    y = scores[pillars].to_numpy(dtype=float) / 100
    free, bound = benefit_of_doubt(y, bounded=False), benefit_of_doubt(y)
    assert (free.scores > 1 - 1e-9).sum() == 20
    assert (bound.scores > 1 - 1e-9).sum() < 20
    assert np.nanmax(bound.scores - free.scores) <= 1e-9
    low, high = 0.5 / 8, 2 / 8
    assert (bound.shares >= low - 1e-7).all()
    assert (bound.shares <= high + 1e-7).all()


@pytest.mark.reference
def test_screening_before_and_after_imputation(example: list[object], build: Build) -> None:
    end = [{"normalise": "prank"}, {"aggregate": "arithmetic"}]
    before = build(["denominate", {"screen": {"min_available": 0.9}}, *end]).screening()
    after = build([*example[:3], *end]).screening()
    assert (~before["included"]).sum() == 5
    assert after["included"].all()


@pytest.mark.reference
def test_replications_equal_single_runs(asem: tuple[Framework, Dataset], example: list[object]) -> None:
    framework, dataset = asem
    assert framework.method is not None
    sets = pd.DataFrame({"code": ["Conn", "Sust", "Physical"], "s1": [1.0, 2.0, 1.0], "s2": [3.0, 1.0, 0.5]})
    options = {
        "impute": ["mean", {"method": "group_mean", "by": "Pop_group"}],
        "screen.min_available": [0.85, 0.95],
        "treat.winmax": [0, 3, 5],
        "normalise": [{"method": "minmax", "to": [1, 100]}, {"method": "zscore", "mean": 100, "sd": 10}],
        "aggregate[Conn]": ["geometric", "harmonic", "min"],
        "aggregate.min_available": [0, 0.5],
    }
    plan = Plan.from_mapping({"factors": {**{p: {"choice": o} for p, o in options.items()}, "weights": {"sets": sets}}})
    design = plan.sample(24, rng=np.random.default_rng(3))
    found = replay(framework.method, dataset, plan, design)
    from dataclasses import replace  # noqa: PLC0415

    for r in range(24):
        method = framework.method
        for j, (path, values) in enumerate(options.items()):
            method = method.with_(path, values[int(design.values[r, j]) - 1])
        chosen = sets.set_index("code")[f"s{int(design.values[r, -1])}"]
        nodes = tuple(replace(n, weight=float(chosen.get(n.code, n.weight))) for n in framework.nodes)
        other = replace(dataset, framework=replace(framework, nodes=nodes))
        own = method.fit(other).transform(other)
        expected = own.table[own.frame.column["Index"]]
        assert (np.isnan(expected) == np.isnan(found.scores[r])).all()
        assert np.nanmax(np.abs(expected - found.scores[r]), initial=0) <= 1e-12 * 100
