"""Texts, rankings, assignment, stability and calendars: goldens, slow obvious twins, properties, errors."""

from __future__ import annotations

import json
from itertools import combinations, permutations, product
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biaochi.methods.matching import (
    Concepts,
    Index,
    Proposals,
    assign_flow,
    assign_stable,
    blocking_pairs,
    blocking_recall,
    calibrate,
    conflicts,
    cosine,
    deferred_acceptance,
    funnel,
    overlap_share,
    strict,
    tfidf,
    tokens,
    weighted,
)
from biaochi.methods.matching.calibrate import isotonic, logistic
from biaochi.methods.matching.evaluate import average_precision, ndcg

WORDS = st.lists(st.text(alphabet="中试机器人巡检量子计算 ab", min_size=0, max_size=12), min_size=1, max_size=12)


def test_pairs_survive_where_dictionaries_cut() -> None:
    assert tokens("中试验证") == ["中", "试", "验", "证", "中试", "试验", "验证"]
    assert tokens("ＡＩ Lab-3") == ["ai", "lab", "3"]
    assert tokens("") == []


def test_a_concept_is_the_bridge_between_languages() -> None:
    concepts = Concepts.of({"quantum": ["量子科技", "quantum technology"]})
    texts = ["量子科技试验", "quantum technology trial", "robots"]
    assert Index.build(texts).scores(["quantum technology"]).toarray()[0, 0] == 0
    bridged = Index.build(texts, concepts).scores(["Quantum Technology"]).toarray()[0]
    assert bridged[0] > 0
    assert bridged[2] == 0
    assert concepts.found("quantum technologyx") == []


@pytest.mark.reference
def test_bm25_equals_the_golden(shared: Path) -> None:
    golden = json.loads((shared / "reference" / "adoption" / "goldens.json").read_text(encoding="utf-8"))["bm25"]
    seen = Index.build(golden["documents"]).scores([golden["query"]]).toarray()[0]
    np.testing.assert_allclose(seen, golden["scores"], rtol=1e-12)


@pytest.mark.reference
def test_retrieval_of_programme_titles_equals_the_golden(shared: Path) -> None:
    path = shared / "data" / "b_region_tech" / "cn_nkrdp_projects_with_province_2018_2020.csv.gz"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame["title"] = frame["title"].str.strip()
    kept = frame[(frame["title"] != "") & (frame["type"] != "")].drop_duplicates("title")
    kept = kept[kept.groupby("type")["type"].transform("size") >= 2].reset_index(drop=True)
    assert (len(kept), kept["type"].nunique()) == (2274, 86)
    scores = Index.build(kept["title"].tolist()).scores(kept["title"].tolist()).toarray()
    types = kept["type"].to_numpy()
    average, gain, precision = [], [], []
    for i in range(len(kept)):
        order = np.argsort(-scores[i], kind="stable")
        relevant = types[order[order != i]] == types[i]
        average.append(average_precision(relevant))
        gain.append(ndcg(relevant))
        precision.append(relevant[:10].mean())
    golden = json.loads((shared / "reference" / "adoption" / "goldens.json").read_text(encoding="utf-8"))
    expected = golden["text_retrieval"]["bm25_chars_and_pairs"]
    assert np.mean(average) == pytest.approx(expected["map"], abs=1e-4)
    assert np.mean(gain) == pytest.approx(expected["ndcg10"], abs=1e-4)
    assert np.mean(precision) == pytest.approx(expected["p10"], abs=1e-4)


@given(WORDS, WORDS)
def test_query_equals_sorting_all_scores(documents: list[str], asked: list[str]) -> None:
    index = Index.build(documents)
    scores = index.scores(asked).toarray()
    found = index.query(asked, top=4).to_frame()
    for q in range(len(asked)):
        order = sorted((d for d in range(len(documents)) if scores[q, d] > 0), key=lambda d: (-scores[q, d], d))[:4]
        own = found[found["query"] == q]
        np.testing.assert_allclose(own["score"], scores[q, order])
        assert own["rank"].tolist() == list(range(1, len(order) + 1))
    assert (found["score"] > 0).all()


def test_a_blocked_search_with_a_full_budget_loses_nothing() -> None:
    rng = np.random.default_rng(3)
    texts = ["".join(rng.choice(list("机器人巡检量子计算中试验证平台"), 8)) for _ in range(300)]
    index = Index.build(texts)
    full, blocked = index.query(texts[:20], top=5), index.query(texts[:20], top=5, budget=10**9)
    assert full.document.tolist() == blocked.document.tolist()
    recall = blocking_recall(index, texts, top=5, budget=200, rng=np.random.default_rng(0))
    assert 0.5 < recall <= 1


def test_candidates_bound_a_query_and_shared_terms_explain_it() -> None:
    index = Index.build(["机器人巡检", "巡检无人机", "量子计算"])
    found = index.query(["无人巡检"], candidates=[np.array([0, 2])])
    assert found.document.tolist() == [0]
    terms = index.shared("无人巡检", 1)
    assert [t for t, _ in terms] == ["无人", "巡检"]
    assert 0 < sum(v for _, v in terms) < index.scores(["无人巡检"]).toarray()[0, 1]


def test_cosines_lie_between_none_and_same() -> None:
    vectors = tfidf(["量子计算", "量子计算", "机器人", ""])
    assert cosine(vectors, np.array([0, 0, 0]), np.array([1, 2, 3])).round(9).tolist() == [1.0, 0.0, 0.0]


def test_the_funnel_counts_with_and_without() -> None:
    masks = [
        ("a", np.array([1, 1, 1, 0], bool)),
        ("b", np.array([1, 0, 1, 1], bool)),
        ("c", np.array([1, 0, 0, 1], bool)),
    ]
    passed, steps = funnel(masks)
    assert passed.tolist() == [True, False, False, False]
    assert [(s.left, s.without) for s in steps] == [(3, 2), (2, 1), (1, 2)]
    assert funnel([])[1] == []


def test_missing_parts_are_left_out_of_a_score() -> None:
    parts = {"a": np.array([1.0, np.nan]), "b": np.array([0.0, 0.5])}
    assert weighted(parts, {"a": 0.5, "b": 0.5}).tolist() == [0.5, 0.5]
    assert overlap_share([0], [9], [np.nan], [4]).tolist() == [0.5]


def test_probabilities_come_from_other_scenes_only() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random(400)
    labels = rng.random(400) < scores
    found = calibrate(scores, labels, groups=np.arange(400) // 10, rng=np.random.default_rng(1))
    assert found.method == "logistic"
    assert found.brier.lo <= found.brier.estimate <= found.brier.hi < 0.25
    many = calibrate(np.tile(scores, 4), np.tile(labels, 4), groups=np.arange(1600) // 10, rng=np.random.default_rng(1))
    assert many.method == "isotonic"
    assert (np.diff(many.predict(np.linspace(0, 1, 50))) >= 0).all()


def test_calibration_without_both_kinds_of_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="both kinds"):
        calibrate([0.1, 0.2], [1, 1], groups=[0, 1], rng=np.random.default_rng(0))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=12))
def test_isotonic_is_the_best_rising_fit(cases: list[tuple[int, bool]]) -> None:
    x, y = np.array([float(a) for a, _ in cases]), np.array([b for _, b in cases])
    fitted = isotonic(x, y)(x)
    order = np.argsort(x, kind="stable")
    assert (np.diff(fitted[order]) >= -1e-12).all()
    # The mean of a pool equals the mean of its labels, so the overall mean is kept.
    assert fitted.mean() == pytest.approx(y.mean())


def test_separated_labels_do_not_break_the_logistic_fit() -> None:
    predict = logistic(np.array([0.0, 0.1, 0.9, 1.0]), np.array([False, False, True, True]))
    assert np.isfinite(predict(np.array([0.0, 0.5, 1.0]))).all()


def _random_pairs(rng: np.random.Generator, scenes: int, firms: int) -> pd.DataFrame:
    rows = [(f"s{s}", f"f{f}") for s, f in product(range(scenes), range(firms)) if rng.random() < 0.6]
    frame = pd.DataFrame(rows, columns=["scene", "firm"])
    frame["score"] = rng.random(len(frame)).round(3)
    frame["group"] = ["g" + str(int(f[1:]) % 2) for f in frame["firm"]]
    frame["startup"] = [int(f[1:]) % 3 == 0 for f in frame["firm"]]
    return frame


def _best(frame: pd.DataFrame, slots: dict[str, int], group_cap: float | None, share: float | None) -> float:
    best, n = 0.0, len(frame)
    total = sum(slots.values())
    for size in range(n + 1):
        for rows in combinations(range(n), size):
            own = frame.iloc[list(rows)]
            if any(n > slots[str(s)] for s, n in own["scene"].value_counts().items()):
                continue
            if own["firm"].duplicated().any():
                continue
            if group_cap is not None and size and own["group"].value_counts().max() > int(group_cap * total + 1e-9):
                continue
            if share is not None and size and own["startup"].mean() < share - 1e-9:
                continue
            best = max(best, float(own["score"].sum()))
    return best


@pytest.mark.parametrize("seed", range(3))
def test_flow_equals_trying_everything(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = _random_pairs(rng, 3, 4)
    slots = {"s0": 1, "s1": 2, "s2": 1}
    for group_cap, share in ((None, None), (0.5, None), (None, 0.5), (0.75, 0.4)):
        found = assign_flow(frame, slots, {}, group_share=group_cap, startup_share=share)
        assert found.value == pytest.approx(_best(frame, slots, group_cap, share))
        assert found.gap == pytest.approx(0, abs=1e-6)
        assert all(lost >= 0 for lost in found.prices.values())


def test_flow_equals_min_cost_flow_of_networkx() -> None:
    rng = np.random.default_rng(11)
    frame = _random_pairs(rng, 6, 15)
    slots = {f"s{i}": int(rng.integers(1, 4)) for i in range(6)}
    capacity = {f"f{i}": int(rng.integers(1, 3)) for i in range(15)}
    graph = nx.DiGraph()
    for s, n in slots.items():
        graph.add_edge("source", s, capacity=n, weight=0)
    for f, n in capacity.items():
        graph.add_edge(f, "sink", capacity=n, weight=0)
    for s, f, v in zip(frame["scene"], frame["firm"], frame["score"], strict=True):
        graph.add_edge(s, f, capacity=1, weight=-round(v * 1000))
    graph.add_edge("source", "sink", capacity=sum(slots.values()), weight=0)
    graph.add_node("source", demand=-sum(slots.values()))
    graph.add_node("sink", demand=sum(slots.values()))
    cost = nx.network_simplex(graph)[0]
    assert assign_flow(frame, slots, capacity).value == pytest.approx(-cost / 1000)


def test_flow_of_nothing_and_of_repeats() -> None:
    empty = pd.DataFrame({"scene": [], "firm": [], "score": []})
    assert assign_flow(empty, {"s": 2}, {}).unfilled == {"s": 2}
    twice = pd.DataFrame({"scene": ["s", "s"], "firm": ["f", "f"], "score": [1.0, 2.0]})
    with pytest.raises(ValueError, match="once"):
        assign_flow(twice, {"s": 1}, {})


@pytest.mark.reference
def test_reserves_equal_the_golden(shared: Path) -> None:
    golden = json.loads((shared / "reference" / "adoption" / "goldens.json").read_text(encoding="utf-8"))[
        "stable_reserve"
    ]
    order = golden["firms_in_scene_order"]
    prefs = {f: ["s"] for f in order}
    with_reserve = assign_stable(prefs, {"s": order}, {"s": 2}, reserves={"s": 1}, startups=golden["startups"])
    assert with_reserve["s"] == golden["outcome"]
    assert assign_stable(prefs, {"s": order}, {"s": 2})["s"] == golden["no_reserve"]
    without = {f: ["s"] for f in order if f != "S1"}
    assert (
        assign_stable(without, {"s": order}, {"s": 2}, reserves={"s": 1}, startups=["S1"])["s"] == golden["without_S1"]
    )


def _market(rng: np.random.Generator, firms: int, scenes: int) -> tuple[Proposals, np.ndarray, np.ndarray, np.ndarray]:
    pairs = np.array([(f, s) for f, s in product(range(firms), range(scenes)) if rng.random() < 0.7], dtype=np.int64)
    pairs = pairs.reshape(-1, 2)
    proposals = Proposals(
        pairs[:, 0],
        pairs[:, 1],
        strict(rng.random(len(pairs)), pairs[:, 0], rng),
        strict(rng.random(len(pairs)), pairs[:, 1], rng),
    )
    slots = rng.integers(1, 4, scenes)
    return proposals, slots, np.minimum(rng.integers(0, 3, scenes), slots), rng.random(firms) < 0.4


def _choose(ranks: dict[int, float], young: np.ndarray, slots: int, reserved: int) -> set[int]:
    order = sorted(ranks, key=ranks.__getitem__)
    first = [f for f in order if young[f]][:reserved]
    rest = [f for f in order if f not in first]
    return set(first + rest[: slots - len(first)])


@given(st.integers(0, 10_000))
def test_no_pair_blocks_and_the_fast_check_equals_the_slow_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    proposals, slots, reserved, young = _market(rng, 7, 4)
    held = deferred_acceptance(proposals, 7, slots, reserved, young)
    assert (np.bincount(held[held >= 0], minlength=4) <= slots).all()
    assert blocking_pairs(proposals, held, slots, reserved, young).size == 0
    # A random outcome is judged alike by the fast check and by asking each scene to choose again.
    order = rng.permutation(len(proposals.firm))
    other = np.full(7, -1)
    for i in order[: len(order) // 2]:
        f, s = proposals.firm[i], proposals.scene[i]
        if other[f] < 0 and (other == s).sum() < slots[s]:
            other[f] = s
    rank = {(int(s), int(f)): r for s, f, r in zip(proposals.scene, proposals.firm, proposals.scene_rank, strict=True)}
    own = {(int(s), int(f)): r for s, f, r in zip(proposals.scene, proposals.firm, proposals.firm_rank, strict=True)}
    slow = []
    for i, (f, s) in enumerate(zip(proposals.firm.tolist(), proposals.scene.tolist(), strict=True)):
        if other[f] == s or (other[f] >= 0 and own[(s, f)] > own[(int(other[f]), f)]):
            continue
        pool = {int(g): rank[(s, int(g))] for g in np.flatnonzero(other == s)} | {f: rank[(s, f)]}
        if f in _choose(pool, young, int(slots[s]), int(reserved[s])):
            slow.append(i)
    assert blocking_pairs(proposals, other, slots, reserved, young).tolist() == slow


def test_firms_get_the_best_stable_outcome() -> None:
    firms = {"a": ["x", "y"], "b": ["y", "x"]}
    scenes = {"x": ["b", "a"], "y": ["a", "b"]}
    assert assign_stable(firms, scenes, {"x": 1, "y": 1}) == {"x": ["a"], "y": ["b"]}
    assert {tuple(p) for p in permutations("ab")} == {("a", "b"), ("b", "a")}


def _bookings(*rows: tuple[str, str, int, int, float]) -> pd.DataFrame:
    start = pd.Timestamp("2026-01-01")
    return pd.DataFrame(
        [(b, r, start + pd.Timedelta(hours=a), start + pd.Timedelta(hours=z), u) for b, r, a, z, u in rows],
        columns=["booking", "resource", "from", "to", "units"],
    )


def test_an_interval_does_not_hold_its_end() -> None:
    assert conflicts(_bookings(("a", "r", 0, 2, 1), ("b", "r", 2, 4, 1)), {"r": 1}) == []
    found = conflicts(_bookings(("a", "r", 0, 3, 1), ("b", "r", 2, 4, 1)), {"r": 1})
    assert [(c.units, c.bookings, c.start.hour, c.end.hour) for c in found] == [(2.0, ("a", "b"), 2, 3)]
    assert conflicts(_bookings(), {}) == []


@given(
    st.lists(st.tuples(st.sampled_from("rq"), st.integers(0, 10), st.integers(1, 5), st.integers(1, 3)), max_size=12)
)
def test_conflicts_equal_counting_every_hour(rows: list[tuple[str, int, int, int]]) -> None:
    frame = _bookings(*[(f"b{i}", r, a, a + n, u) for i, (r, a, n, u) in enumerate(rows)])
    found = conflicts(frame, {"r": 3, "q": 4})
    seen = {
        (c.resource, h)
        for c in found
        for h in range(
            int((c.start - pd.Timestamp("2026-01-01")) / pd.Timedelta(hours=1)),
            int((c.end - pd.Timestamp("2026-01-01")) / pd.Timedelta(hours=1)),
        )
    }
    slow = set()
    for r, most in (("r", 3), ("q", 4)):
        for h in range(16):
            if sum(u for s, a, n, u in rows if s == r and a <= h < a + n) > most:
                slow.add((r, h))
    assert seen == slow
