"""Germany 2015 (16 Länder × 17 industries): golden values of five published programmes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from biaochi.methods.specialisation.complexity import complexity
from biaochi.methods.specialisation.concentration import concentration
from biaochi.methods.specialisation.conventions import Anchor, Conventions
from biaochi.methods.specialisation.density import density, relative_density
from biaochi.methods.specialisation.fitness import fitness
from biaochi.methods.specialisation.indicators import indicators
from biaochi.methods.specialisation.location_quotient import location_quotient
from biaochi.methods.specialisation.panel import Panel
from biaochi.methods.specialisation.proximity import activity, proximity
from biaochi.methods.specialisation.similarity import similarity

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def place(shared: Path) -> Path:
    return shared / "reference" / "layout"


@pytest.fixture(scope="module")
def x(place: Path) -> pd.DataFrame:
    return table(place, "matrix")


def table(place: Path, name: str) -> pd.DataFrame:
    frame = pd.read_csv(place / f"{name}.csv", index_col=0)
    return frame.rename_axis(index=None)


def close(ours: pd.DataFrame | pd.Series, theirs: pd.DataFrame | pd.Series, tolerance: float) -> None:
    if isinstance(ours, pd.DataFrame):
        theirs = theirs.loc[ours.index, ours.columns]
    else:
        theirs = theirs.loc[ours.index]
    assert np.abs(ours.to_numpy(float) - theirs.to_numpy(float)).max() <= tolerance


def same_axis(ours: pd.Series, theirs: np.ndarray, least: float) -> None:
    assert abs(np.corrcoef(ours, theirs)[0, 1]) >= least


@pytest.fixture(scope="module")
def m(x: pd.DataFrame) -> pd.DataFrame:
    return activity(location_quotient(x))


def test_quotients_and_activity(place: Path, x: pd.DataFrame, m: pd.DataFrame) -> None:
    close(location_quotient(x), table(place, "datawheel_rca"), 1e-12)
    close(location_quotient(x), table(place, "EconGeo_rca_round2"), 0.0051)
    assert location_quotient(x).loc["BB", "WZ08-B"] == pytest.approx(2.53143634949, abs=1e-11)
    assert m.to_numpy().sum() == 133
    assert (m.to_numpy(int) == table(place, "EconGeo_mcp").to_numpy()).all()
    rounded = table(place, "EconGeo_rca_round2") >= 1
    assert (rounded.to_numpy() != m.to_numpy()).sum() == 3, "a quotient rounded before it is compared flips three cells"


def test_proximity_kinds(place: Path, x: pd.DataFrame) -> None:
    close(proximity(x), table(place, "datawheel_proximity_max_diag0"), 1e-12)
    long = pd.read_csv(place / "growthlab_proximity_diag1.csv").pivot(index="prod_1", columns="prod_2")["proximity"]
    close(proximity(x, Conventions(diagonal="one")), long, 1e-10)


@pytest.mark.parametrize("kind", ["association", "cosine", "jaccard"])
def test_proximity_and_density_of_econgeo(place: Path, x: pd.DataFrame, kind: str) -> None:
    rules = Conventions(proximity=kind)  # type: ignore[arg-type]
    close(proximity(x, rules), table(place, f"EconGeo_relatedness_{kind}"), 1e-12)
    close(100 * density(x, rules), table(place, f"EconGeo_density_round2_{kind}"), 0.0051)


def test_co_occurrence_counts(place: Path) -> None:
    held = table(place, "EconGeo_mcp").to_numpy()
    common = held.T @ held
    np.fill_diagonal(common, 0)
    assert (common == table(place, "EconGeo_cooccurrence").to_numpy()).all()


def test_density_and_its_relative_form(place: Path, x: pd.DataFrame) -> None:
    close(100 * density(x), table(place, "econcomplex_density_pct_diag0"), 1e-12 * 100)
    close(density(x), table(place, "datawheel_relatedness_diag0"), 1e-12)
    relative = relative_density(density(x).to_numpy(), location_quotient(x).to_numpy())
    theirs = table(place, "datawheel_relative_relatedness")
    close(pd.DataFrame(relative, index=x.index, columns=x.columns), theirs, 1e-12)
    assert density(x).loc["BB", "WZ08-B"] == pytest.approx(0.77195255656, abs=1e-11)
    one = density(x, Conventions(diagonal="one")).loc["BB", "WZ08-B"]
    assert one == pytest.approx(0.80742361754, abs=1e-11)


def test_complexity_and_its_sign(place: Path, x: pd.DataFrame, m: pd.DataFrame) -> None:
    found = complexity(m)
    assert found.eigenvalue == pytest.approx(0.30033439605, abs=1e-11)
    assert not found.direction.determined
    assert found.direction.corr_eci_diversity > 0
    assert found.eci["BW"] == pytest.approx(-2.31642592917, abs=1e-10), "by diversity"
    anchored = complexity(m, Conventions(anchor=Anchor("tracks", {"WZ08-J": 1.0})))
    assert anchored.direction.determined
    assert anchored.eci["BW"] == pytest.approx(2.31642592917, abs=1e-10)
    held = m.loc["BW"]
    assert anchored.raw_eci["BW"] == pytest.approx(anchored.raw_pci[held].mean(), abs=1e-12)
    region, track = table(place, "econcomplex_region"), table(place, "econcomplex_track")
    same_axis(found.eci, region.loc[x.index, "eci"].to_numpy(), 1 - 1e-12)
    same_axis(found.pci, track.loc[x.columns, "pci"].to_numpy(), 1 - 1e-12)
    same_axis(found.eci, table(place, "datawheel_eci_refl20").loc[x.index].to_numpy()[:, 0], 0.999)
    same_axis(found.pci, table(place, "datawheel_pci_refl20").loc[x.columns].to_numpy()[:, 0], 0.999)
    same_axis(found.eci, table(place, "EconGeo_kci").to_numpy()[:, 0], 1 - 1e-6)
    same_axis(found.pci, table(place, "EconGeo_tci").to_numpy()[:, 0], 1 - 1e-6)


def test_growth_lab_with_its_own_conventions(place: Path, x: pd.DataFrame) -> None:
    theirs = pd.read_csv(place / "growthlab_ecomplexity_0.5.3.csv.gz")
    found = indicators(Panel.single(x), Conventions(diagonal="one"))
    cells = {"rca": found.quotient, "density": found.density, "cog": found.cog, "mcp": found.active}
    for name, ours in cells.items():
        close(ours.astype(float), theirs.pivot(index="loc", columns="prod", values=name), 1e-10)
    for name, column in {"eci": "eci", "coi": "coi", "diversity": "diversity"}.items():
        close(found.regions[column], theirs.groupby("loc")[name].first(), 1e-10)
    close(found.tracks["pci"], theirs.groupby("prod")["pci"].first(), 1e-10)


def test_fitness(place: Path, m: pd.DataFrame) -> None:
    found = fitness(m)
    assert found.converged
    region, track = table(place, "econcomplex_region"), table(place, "econcomplex_track")
    close(found.fitness, region["fitness"], 1e-6)
    close(found.complexity, track["complexity"], 1e-6)


def test_concentration(place: Path, x: pd.DataFrame) -> None:
    found = concentration(x)
    peers = table(place, "econcomplex_specialization")
    for ours, theirs in {"krugman": "krugman", "hhi_normalised": "hhi_norm", "entropy": "entropy_bits"}.items():
        close(found[ours], peers[theirs], 1e-12)
    for ours, theirs in {"hachman": "hachman", "hhi": "herfindahl", "krugman": "krugman"}.items():
        close(found[ours], table(place, f"EconGeo_{theirs}")["V1"], 1e-12)
    close(found["krugman"] / 2, table(place, "EconGeo_spec_coeff")["V1"], 1e-12)


@pytest.mark.parametrize(
    ("measure", "name"),
    [
        ("unido", "sim_unido_cosine_sklearn"),
        ("krugman", "krugman_pairwise_scipy_cityblock"),
        ("bahar", "datawheel_export_similarity_bahar"),
    ],
)
def test_similarity(place: Path, x: pd.DataFrame, measure: str, name: str) -> None:
    close(similarity(x, measure), table(place, name), 1e-12)  # type: ignore[arg-type]
