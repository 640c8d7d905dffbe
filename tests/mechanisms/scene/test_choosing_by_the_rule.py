"""Choosing by the published rule with a soft reserve: the hand example, ties, and a slow twin over every order of ties."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.verdict import Verdict
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.scene import select_firms
from biaochi.mechanisms.scene.decisions import check_scene, least_reserve
from biaochi.mechanisms.scene.model import Scene

AT = date(2026, 5, 1)


def scene(slots: int, reserved: int) -> Scene:
    return Scene("S", slots=slots, reserved=reserved, rule=(("a", Decimal(1)),))


def points(**totals: float) -> dict[str, dict[str, float]]:
    return {firm: {"a": total} for firm, total in totals.items()}


def test_two_large_and_one_start_up_with_one_of_two_slots_reserved() -> None:
    found = select_firms(scene(2, 1), points(L1=0.9, L2=0.8, S1=0.7), at=AT, startups={"S1"})
    assert found.facts["selected"] == "L1;S1"
    by_firm = {r.rule.removeprefix("rule:"): r for r in found.reasons}
    assert by_firm["L2"].verdict is Verdict.UNMET
    assert "reserved" in by_firm["S1"].text.en


def test_what_start_ups_leave_goes_to_anyone() -> None:
    found = select_firms(scene(2, 2), points(L1=0.9, L2=0.8), at=AT, startups={"S1"})
    assert found.facts["selected"] == "L1;L2"


def test_a_tie_for_the_reserved_slot_waits_for_a_person() -> None:
    found = select_firms(scene(2, 1), points(L1=0.9, S1=0.5, S2=0.5), at=AT, startups={"S1", "S2"})
    said = {r.rule.removeprefix("rule:"): r.verdict for r in found.reasons}
    assert found.outcome == "manual_review"
    assert said == {"L1": Verdict.MET, "S1": Verdict.MANUAL_REVIEW, "S2": Verdict.MANUAL_REVIEW}


@given(
    st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3]), st.booleans()), min_size=1, max_size=5),
    st.integers(1, 4),
    st.integers(0, 4),
)
def test_who_is_sure_has_a_slot_in_every_order_of_the_ties(
    firms: list[tuple[float, bool]], slots: int, reserved: int
) -> None:
    reserved = min(reserved, slots)
    names = [f"f{i}" for i in range(len(firms))]
    total = {n: f[0] for n, f in zip(names, firms, strict=True)}
    young = {n for n, f in zip(names, firms, strict=True) if f[1]}
    always, ever = set(names), set()
    for order in itertools.permutations(names):
        if [total[n] for n in order] != sorted(total.values(), reverse=True):
            continue
        first = [n for n in order if n in young][:reserved]
        chosen = {*first, *[n for n in order if n not in first][: slots - len(first)]}
        always &= chosen
        ever |= chosen
    found = select_firms(scene(slots, reserved), points(**total), at=AT, startups=young)
    said = {r.rule.removeprefix("rule:"): r.verdict for r in found.reasons}
    assert {n for n, v in said.items() if v is Verdict.MET} == always
    assert {n for n, v in said.items() if v is Verdict.MANUAL_REVIEW} == ever - always


def test_a_reserve_is_told_and_lies_within_the_slots() -> None:
    parameters = load_parameters("biaochi.mechanisms.scene").at(AT)
    assert least_reserve(5, parameters) == 0
    for reserved, verdict in ((1, Verdict.MET), (3, Verdict.UNMET)):
        said = check_scene(scene(2, reserved), at=AT, parameters=parameters)
        reason = next(r for r in said.reasons if r.rule == "slots")
        assert reason.verdict is verdict
        assert "policy choice" in reason.text.en
