"""Scenes against offers: hard filters with a funnel, scores explained part by part, many thousands at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biaochi.mechanisms.scene.model import Scene
from biaochi.methods.matching import Concepts, Index, funnel, level_fit, overlap_share, weighted
from biaochi.methods.matching.block import BUDGET

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """How to match.

    Parameters
    ----------
    weights : mapping
        Feature → weight, summing to one.
    top : int
        Firms kept a scene.
    block : bool
        Whether only the rarest terms of a scene are read first.
    wording : sequence of str
        Patterns of access terms that bar by place or ownership.
    """

    weights: Mapping[str, float]
    top: int = 20
    block: bool = False
    wording: Sequence[str] = ()


@dataclass(frozen=True)
class MatchResult:
    """Ranked pairs and, for each scene, who was left after which condition.

    Parameters
    ----------
    pairs : pandas.DataFrame
        ``scene, firm, rank, score, text, cosine, track, trl, date, capacity, terms``.
    scenes : list
        One record a scene: ``scene, funnel, flags``.
    index : Index
        The offers' texts, to explain or to measure blocking.
    texts : list of str
        The scenes' texts, as they were asked.
    candidates : list of arrays
        Offers that passed all conditions of each scene.
    """

    pairs: pd.DataFrame
    scenes: list[dict[str, object]]
    index: Index
    texts: list[str]
    candidates: list[NDArray[np.int64]]


@dataclass
class _Offers:
    """Offers as arrays, with masks remembered by condition."""

    frame: pd.DataFrame
    masks: dict[tuple[object, ...], Bools] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.trl = self.frame["trl"].to_numpy(dtype=float)
        self.capacity = self.frame["capacity"].to_numpy(dtype=float)
        self.start, self.end = (_ordinals(self.frame[c]) for c in ("available_from", "available_to"))
        self.tracks = _membership(self.frame["tracks"])
        self.licences = _membership(self.frame["licences"])
        self.region = self.frame["region"].astype(str).to_numpy(dtype=object)
        self.group = self.frame["group"].astype(str).to_numpy(dtype=object)

    def mask(self, key: tuple[object, ...]) -> Bools:
        """Return who passes a condition; what an offer leaves open does not bar it."""
        if key not in self.masks:
            self.masks[key] = self._mask(key)
        return self.masks[key]

    def _mask(self, key: tuple[object, ...]) -> Bools:
        n = len(self.frame)
        name, *values = key
        found: Bools
        match name:
            case "track":
                return self.tracks.get(str(values[0]), np.zeros(n, bool)) | self.tracks.get("", np.zeros(n, bool))
            case "trl":
                low, high = float(str(values[0])), float(str(values[1]))
                found = np.isnan(self.trl) | ((self.trl >= low) & (self.trl <= high))
                return found
            case "date":
                low, high = float(str(values[0])), float(str(values[1]))
                return (np.isnan(self.start) | (self.start <= high)) & (np.isnan(self.end) | (self.end >= low))
            case "capacity":
                found = np.isnan(self.capacity) | (self.capacity >= 1)
                return found
            case "licence":
                return self.licences.get(str(values[0]), np.zeros(n, bool))
            case "region":
                prefix = str(values[0]).rstrip("0") or str(values[0])
                return np.array([r.startswith(prefix) for r in self.region], dtype=bool)
            case _:
                return np.array([g == values[0] for g in self.group], dtype=bool)


def _ordinals(column: pd.Series) -> Floats:
    return np.array([np.nan if d is None else float(d.toordinal()) for d in column], dtype=float)


def _membership(column: pd.Series) -> dict[str, Bools]:
    codes, values = pd.factorize(column.astype(str))
    found: dict[str, Bools] = {}
    for code, value in enumerate(values):
        parts = [p.strip() for p in re.split("[;；]", str(value))]
        for part in parts if any(parts) else [""]:
            here = codes == code
            found[part] = here | found[part] if part in found else here
    return found


def match_scenes(
    scenes: Sequence[Scene], offers: pd.DataFrame, concepts: Concepts, settings: MatchSettings
) -> MatchResult:
    """Rank the firms that fit each scene.

    Parameters
    ----------
    scenes : sequence of Scene
        What is open.
    offers : pandas.DataFrame
        ``firm, group, startup, tracks, region, capability, trl, capacity, available_from, available_to, licences``.
    concepts : Concepts
        Track names in both languages.
    settings : MatchSettings
        Weights and size.

    Returns
    -------
    MatchResult
    """
    table = _Offers(offers)
    capability = offers["capability"].astype(str).tolist()
    index = Index.build(capability, concepts)
    texts = [f"{s.problem} {s.offers}".strip() for s in scenes]
    records: list[dict[str, object]] = []
    passed: list[NDArray[np.int64]] = []
    remembered: dict[tuple[object, ...], tuple[NDArray[np.int64], list[dict[str, object]]]] = {}
    for scene in scenes:
        keys = _conditions(scene)
        if keys not in remembered:
            kept, steps = funnel([(str(k[0]), table.mask(k)) for k in keys])
            told: list[dict[str, object]] = [{"filter": s.filter, "left": s.left, "without": s.without} for s in steps]
            remembered[keys] = (np.flatnonzero(kept).astype(np.int64), told)
        allowed, told = remembered[keys]
        passed.append(allowed)
        records.append({"scene": scene.scene, "funnel": told, "flags": _flags(scene, allowed.size, settings)})
    # Half of the places come from the text; the rest of the candidates are ranked by their other parts.
    found = index.query(texts, candidates=passed, top=4 * settings.top, budget=BUDGET if settings.block else None)
    query, document, text = _widened(found.query, found.document, found.score, passed, settings.top)
    pairs = _scored(scenes, offers, table, index, texts, query, document, text, settings)
    return MatchResult(pairs, records, index, texts, passed)


def _conditions(scene: Scene) -> tuple[tuple[object, ...], ...]:
    keys: list[tuple[object, ...]] = []
    if scene.track:
        keys.append(("track", scene.track))
    if scene.trl_min is not None or scene.trl_max is not None:
        keys.append(("trl", scene.trl_min or 0.0, 9.0 if scene.trl_max is None else scene.trl_max))
    if scene.starts_on is not None and scene.ends_on is not None:
        keys.append(("date", scene.starts_on.toordinal(), scene.ends_on.toordinal()))
    keys.append(("capacity",))
    keys += [("licence", v) for v in scene.conditions("licence")]
    keys += [("region", v) for v in scene.conditions("region")]
    keys += [("ownership", v) for v in scene.conditions("ownership")]
    return tuple(keys)


def _flags(scene: Scene, left: int, settings: MatchSettings) -> list[str]:
    flags = []
    if left == 1:
        flags.append("one_firm_left")
    if left == 0:
        flags.append("no_firm_left")
    if scene.conditions("region"):
        flags.append("place_filter")
    if scene.conditions("ownership"):
        flags.append("ownership_filter")
    if any(re.search(p, scene.access, re.IGNORECASE) for p in settings.wording):
        flags.append("place_or_ownership_wording")
    return flags


def _widened(
    query: NDArray[np.int64],
    document: NDArray[np.int64],
    score: Floats,
    passed: Sequence[NDArray[np.int64]],
    top: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Add candidates without a shared term where the text alone gives fewer than asked for."""
    counts = np.bincount(query, minlength=len(passed))
    starts = np.concatenate([[0], np.cumsum(counts)])
    more_query, more_document = [], []
    for q in np.flatnonzero(counts < top).tolist():
        have = document[starts[q] : starts[q + 1]]
        # Among the first |have| + missing candidates at least ``missing`` are new, if there are so many.
        pool = passed[q][:top]
        extra = pool[~np.isin(pool, have)][: top - have.size]
        more_query.append(np.full(extra.size, q))
        more_document.append(extra)
    if more_query:
        query = np.concatenate([query, *more_query])
        document = np.concatenate([document, *more_document])
        score = np.concatenate([score, np.zeros(query.size - score.size)])
    return query, document, score


def _scored(
    scenes: Sequence[Scene],
    offers: pd.DataFrame,
    table: _Offers,
    index: Index,
    texts: Sequence[str],
    query: NDArray[np.int64],
    document: NDArray[np.int64],
    text: Floats,
    settings: MatchSettings,
) -> pd.DataFrame:
    spans = np.array(
        [[_number(s.trl_min), _number(s.trl_max), _day(s.starts_on), _day(s.ends_on), _number(s.slots)] for s in scenes]
    ).reshape(-1, 5)
    low, high, start, end, slots = spans[query].T if query.size else np.empty((5, 0))
    parts: dict[str, Floats] = {
        "text": _relative(query, text),
        "cosine": index.cosine(texts, query, document),
        "track": _track_fit(scenes, table, query, document),
        "trl": level_fit(table.trl[document], low, high),
        "date": overlap_share(start, end, table.start[document], table.end[document]),
        "capacity": np.minimum(table.capacity[document] / np.maximum(slots, 1), 1.0),
    }
    score = weighted(parts, settings.weights)
    order = np.lexsort((document, -score, query))
    ranked = query[order]
    rank = np.arange(ranked.size) - np.searchsorted(ranked, ranked) + 1
    keep = rank <= settings.top
    order, rank = order[keep], rank[keep]
    names = np.array([s.scene for s in scenes], dtype=object)
    frame = pd.DataFrame(
        {
            "scene": names[query[order]],
            "firm": offers["firm"].astype(str).to_numpy(dtype=object)[document[order]],
            "rank": rank,
            "score": score[order],
            **{name: parts[name][order] for name in parts},
        }
    )
    terms = index.shared_terms(texts, query[order], document[order])
    return frame.assign(terms=[" ".join(t for t, _ in own) for own in terms])


def _relative(query: NDArray[np.int64], text: Floats) -> Floats:
    """Return BM25 scores as a share of the best of their scene."""
    best = np.zeros(int(query.max(initial=-1)) + 1)
    np.maximum.at(best, query, text)
    with np.errstate(divide="ignore", invalid="ignore"):
        share: Floats = np.where(best[query] > 0, text / best[query], 0.0)
    return share


def _track_fit(
    scenes: Sequence[Scene], table: _Offers, query: NDArray[np.int64], document: NDArray[np.int64]
) -> Floats:
    found = np.full(query.size, np.nan)
    codes, tracks = pd.factorize(np.array([s.track for s in scenes], dtype=object))
    here = codes[query] if query.size else np.zeros(0, dtype=np.intp)
    nothing = np.zeros(len(table.frame), bool)
    for code, track in enumerate(tracks):
        if track:
            rows = here == code
            found[rows] = table.tracks.get(str(track), nothing)[document[rows]]
    return found


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _day(value: date | None) -> float:
    return np.nan if value is None else float(value.toordinal())
