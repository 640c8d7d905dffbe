"""The verdict chain and the grades of evidence."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.evidence import Evidence, EvidenceGrade
from biaochi.core.verdict import Verdict, all_of, any_of

verdicts = st.lists(st.sampled_from(list(Verdict)))
CHAIN = [Verdict.UNMET, Verdict.UNKNOWN, Verdict.MANUAL_REVIEW, Verdict.MET]


@given(verdicts)
def test_all_and_any_are_minimum_and_maximum_of_the_chain(found: list[Verdict]) -> None:
    applicable = sorted(CHAIN.index(v) for v in found if v in CHAIN)
    if not applicable:
        assert all_of(found) is any_of(found) is Verdict.NOT_APPLICABLE
    else:
        assert all_of(found) is CHAIN[applicable[0]]
        assert any_of(found) is CHAIN[applicable[-1]]


@given(verdicts, st.randoms())
def test_order_does_not_matter(found: list[Verdict], random: object) -> None:
    mixed = list(found)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert all_of(mixed) is all_of(found)
    assert any_of(mixed) is any_of(found)


def test_firm_verdicts() -> None:
    assert {v for v in Verdict if v.firm} == {Verdict.MET, Verdict.UNMET, Verdict.NOT_APPLICABLE}
    assert all(v.text.zh and v.text.en for v in Verdict)


def test_grades_are_ordered() -> None:
    assert EvidenceGrade.A.at_least(EvidenceGrade.C)
    assert not EvidenceGrade.C.at_least(EvidenceGrade.B)
    assert all(g.text.en for g in EvidenceGrade)


def test_evidence_is_a_record() -> None:
    known = Evidence("过会", "会议纪要", date(2026, 1, 2), EvidenceGrade.A, "ab")
    assert known.to_dict()["observed_on"] == "2026-01-02"
    assert Evidence("c", "s", None, EvidenceGrade.C).to_dict()["observed_on"] is None
