"""Patient capital's part of a programme folder."""

from __future__ import annotations

from pathlib import Path

from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.mechanisms.capital.decisions import PartInputs
from biaochi.mechanisms.capital.files.money import read_deals, read_flows, read_tiers
from biaochi.mechanisms.capital.files.terms import read_terms


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs | None:
    """Read ``terms.yaml``, ``flows.csv``, ``deals.csv`` and ``tiers.yaml``, each optional.

    ``None`` when neither terms nor flows are there; every fault goes to ``faults``.
    """
    places = {name: folder / name for name in ("terms.yaml", "flows.csv", "deals.csv", "tiers.yaml")}
    there = {name: path for name, path in places.items() if path.is_file()}
    if "terms.yaml" not in there and "flows.csv" not in there:
        return None
    terms = read_terms(there["terms.yaml"], faults)[0] if "terms.yaml" in there else None
    flows = read_flows(there["flows.csv"], faults)[0] if "flows.csv" in there else []
    deals = read_deals(there["deals.csv"], faults)[0] if "deals.csv" in there else []
    tiers = read_tiers(there["tiers.yaml"], faults)[0] if "tiers.yaml" in there else None
    return PartInputs(terms, tuple(flows), tuple(deals), None if tiers is None else tuple(tiers))
