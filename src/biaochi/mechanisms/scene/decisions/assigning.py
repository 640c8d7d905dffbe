"""From ranked pairs to an assignment of slots, with what its constraints cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.mechanisms.scene.model import Scene
from biaochi.methods.matching import Proposals, assign_flow, blocking_pairs, deferred_acceptance, strict


def assignment_record(
    how: str,
    pairs: pd.DataFrame,
    scenes: Sequence[Scene],
    offers: pd.DataFrame,
    preferences: pd.DataFrame | None,
    startup_share: float | None,
    group_share: float | None,
    rng: np.random.Generator,
) -> dict[str, object]:
    """Return ``assignment`` of the answer, by flow or by stable matching."""
    slots = {s.scene: s.slots or 0 for s in scenes}
    facts = offers.set_index("firm")
    usable = pairs.assign(
        group=pairs["firm"].map(facts["group"]),
        startup=pairs["firm"].map(facts["startup"]).fillna(0.0),
    )
    capacity = facts["capacity"].fillna(1.0).map(int).to_dict()
    proposals, scene_names, firm_names = _proposals(usable, preferences, rng)
    places = np.array([slots.get(s, 0) for s in scene_names], dtype=np.int64)
    young = np.array([facts["startup"].get(f, 0) == 1 for f in firm_names], dtype=bool)
    reserved = np.ceil((startup_share or 0.0) * places - 1e-9).astype(np.int64)
    if how == "stable":
        return _stable(usable, proposals, scene_names, firm_names, places, reserved, young, slots)
    found = assign_flow(
        usable,
        slots,
        {str(k): int(v) for k, v in capacity.items()},
        group_share=group_share,
        startup_share=startup_share,
    )
    held = np.full(len(firm_names), -1, dtype=np.int64)
    at_scene, at_firm = ({n: i for i, n in enumerate(names)} for names in (scene_names, firm_names))
    for s, f in zip(found.pairs["scene"], found.pairs["firm"], strict=True):
        held[at_firm[f]] = at_scene[s]
    share = found.startup_share
    return {
        "value": found.value,
        "bound": found.bound,
        "gap": found.gap,
        "pairs": [{"scene": s, "firm": f} for s, f in zip(found.pairs["scene"], found.pairs["firm"], strict=True)],
        "unfilled": _unfilled(found.unfilled),
        "startup_share": None if np.isnan(share) else share,
        "price": [{"constraint": k, "lost": v} for k, v in found.prices.items()],
        "blocking_pairs": int(blocking_pairs(proposals, held, places).size),
    }


def _unfilled(left: dict[str, int]) -> list[dict[str, object]]:
    return [{"scene": s, "slots": n} for s, n in left.items()]


def _proposals(
    pairs: pd.DataFrame, preferences: pd.DataFrame | None, rng: np.random.Generator
) -> tuple[Proposals, list[str], list[str]]:
    """Return preferences: as stated, else by score on both sides; ties by lottery."""
    table = pairs[["scene", "firm"]]
    scene_rank = firm_rank = -pairs["score"].to_numpy(dtype=float)
    if preferences is not None:
        table = preferences[["scene", "firm"]]
        # An empty rank on either side means that the pair is not acceptable to it.
        stated = preferences["scene_rank"].notna() & preferences["firm_rank"].notna()
        table, own = table[stated], preferences[stated]
        scene_rank, firm_rank = own["scene_rank"].to_numpy(dtype=float), own["firm_rank"].to_numpy(dtype=float)
    scene_codes, scene_names = pd.factorize(table["scene"])
    firm_codes, firm_names = pd.factorize(table["firm"])
    scene_at, firm_at = scene_codes.astype(np.int64), firm_codes.astype(np.int64)
    # scene_rank is the firm's place in the scene's order; firm_rank the scene's place in the firm's order.
    proposals = Proposals(firm_at, scene_at, strict(firm_rank, firm_at, rng), strict(scene_rank, scene_at, rng))
    return proposals, [str(s) for s in scene_names], [str(f) for f in firm_names]


def _stable(
    pairs: pd.DataFrame,
    proposals: Proposals,
    scene_names: list[str],
    firm_names: list[str],
    places: NDArray[np.int64],
    reserved: NDArray[np.int64],
    young: NDArray[np.bool_],
    slots: dict[str, int],
) -> dict[str, object]:
    held = deferred_acceptance(proposals, len(firm_names), places, reserved, young)
    matched = np.flatnonzero(held >= 0)
    chosen = [(scene_names[held[i]], firm_names[i]) for i in matched]
    scores = dict(zip(zip(pairs["scene"], pairs["firm"], strict=True), pairs["score"], strict=True))
    value = float(sum(scores.get(p, 0.0) for p in chosen))
    filled: dict[str, int] = {}
    for s, _ in chosen:
        filled[s] = filled.get(s, 0) + 1
    price: list[dict[str, object]] = []
    if reserved.any():
        free = deferred_acceptance(proposals, len(firm_names), places)
        other = sum(scores.get((scene_names[free[i]], firm_names[i]), 0.0) for i in np.flatnonzero(free >= 0))
        price.append({"constraint": "startup_share", "lost": float(other) - value})
    left = {s: n - filled.get(s, 0) for s, n in slots.items() if n > filled.get(s, 0)}
    return {
        "value": value,
        "bound": None,
        "gap": None,
        "pairs": [{"scene": s, "firm": f} for s, f in sorted(chosen)],
        "unfilled": _unfilled(left),
        "startup_share": float(young[matched].mean()) if matched.size else None,
        "price": price,
        "blocking_pairs": int(blocking_pairs(proposals, held, places, reserved, young).size),
    }
