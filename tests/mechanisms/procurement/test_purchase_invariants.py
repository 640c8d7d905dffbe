"""The invariants of a purchase as properties: number of suppliers, weights, working days, sums of compensation, publicity."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from biaochi.core.decision import Reason
from biaochi.core.parameters import Snapshot
from biaochi.core.period import add_years
from biaochi.core.verdict import Verdict
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.procurement.decisions import WorkingCalendar, check_purchase, publications
from biaochi.mechanisms.procurement.decisions.compensation import account, may_agree, settle, within_total
from biaochi.mechanisms.procurement.decisions.disclose import DOCUMENTS
from biaochi.mechanisms.procurement.model import (
    Buyer,
    Contract,
    Criterion,
    Dates,
    Disclosure,
    FirstPurchase,
    GroupMember,
    MoneyOfPurchase,
    Purchase,
    Stage,
    Title,
)

AT = date(2027, 6, 1)
SIGNED = date(2026, 6, 1)
CODES = ("design", "principle", "component", "prototype", "trial")
BASE = Purchase("P", "co_innovation", Title("甲", "A"), Buyer("示例单位", "provincial"))
yuan = st.integers(0, 5_000_000).map(lambda n: Decimal(n) / 100)
days = st.dates(date(2026, 1, 1), date(2027, 5, 1))


def rules() -> Snapshot:
    return load_parameters("biaochi.mechanisms.procurement").at(AT)


def reason(purchase: Purchase, code: str, calendar: WorkingCalendar | None = None) -> Reason:
    found = check_purchase(purchase, at=AT, parameters=rules(), calendar=calendar)
    return next(r for r in found.reasons if r.rule == code)


def contract(stages: list[Stage], cap: Decimal, supplier: str = "S", **more: object) -> Contract:
    return Contract(supplier, cap, SIGNED, date(2028, 5, 31), ("labour", "testing"), stages=tuple(stages), **more)  # type: ignore[arg-type]


@st.composite
def stage_lists(draw: st.DrawFn) -> list[Stage]:
    verdicts = draw(st.lists(st.sampled_from(["met", "unmet", None]), max_size=5))
    return [
        Stage(
            CODES[i],  # type: ignore[arg-type]
            starts_on=SIGNED + timedelta(days=30 * i + 1),
            midterm_on=SIGNED + timedelta(days=30 * i),
            amount=draw(yuan),
            scope=tuple(draw(st.lists(st.sampled_from(["labour", "testing", "travel"]), max_size=3))),
            report="r" if draw(st.booleans()) else None,
            evidence=("e",) if draw(st.booleans()) else (),
            verdict=v,  # type: ignore[arg-type]
            decided_on=SIGNED + timedelta(days=30 * i + 20) if v else None,
        )
        for i, v in enumerate(verdicts)
    ]


@given(st.integers(1, 9), st.integers(0, 9))
def test_at_most_three_suppliers_however_many_are_planned_or_signed(planned: int, signed: int) -> None:
    contracts = tuple(contract([], Decimal(1), f"S{i}") for i in range(signed))
    found = reason(replace(BASE, planned_suppliers=planned, contracts=contracts), "suppliers")
    assert (found.verdict is Verdict.MET) == (max(planned, signed) <= 3)
    assert found.seen == max(planned, signed)
    assert found.citation is not None
    assert found.citation.article == "23"


@given(st.lists(st.floats(0, 100, allow_nan=False), min_size=1, max_size=4))
def test_the_proposal_weighs_half_or_more(weights: list[float]) -> None:
    names = ("proposal", "price", "time", "service")
    criteria = tuple(Criterion(n, "expert", w) for n, w in zip(names, weights, strict=False))
    found = reason(replace(BASE, criteria=criteria), "proposal_weight")
    assert (found.verdict is Verdict.MET) == (weights[0] >= 50)
    assert found.citation is not None
    assert found.citation.article == "18"


@given(days, st.integers(0, 60), st.booleans())
def test_periods_count_working_days_without_the_first_and_an_unknown_year_is_for_a_person(
    start: date, length: int, known: bool
) -> None:
    end = start + timedelta(days=length)
    declared = {date(y, 12, 31): True for y in (2026, 2027)} if known else {}
    calendar = WorkingCalendar(declared)
    slow = sum((start + timedelta(days=i)).weekday() < 5 for i in range(1, length + 1))
    dates = Dates(file_issued=start, first_response=end, notice=start, applications_close=end)
    response = reason(replace(BASE, dates=dates), "response_days", calendar)
    assert response.seen == slow or date(2026, 12, 31) in {start + timedelta(days=i) for i in range(length + 1)}
    if not known:
        assert response.verdict is Verdict.MANUAL_REVIEW
    else:
        assert response.verdict is (Verdict.MET if int(str(response.seen)) >= 10 else Verdict.UNMET)
    notice = reason(replace(BASE, dates=dates), "notice_days", calendar)
    assert notice.verdict is Verdict.MANUAL_REVIEW, "the 20 days were only recalled: never firm"
    assert notice.threshold == 20


@given(stage_lists(), yuan)
def test_stages_stay_within_cap_and_scope(stages: list[Stage], cap: Decimal) -> None:
    signed = contract(stages, cap)
    purchase = replace(BASE, contracts=(signed,))
    total = sum((s.amount for s in stages), Decimal(0))
    assert (reason(purchase, "stage_cap").verdict is Verdict.MET) == (total <= cap)
    inside = all(set(s.scope) <= {"labour", "testing"} for s in stages)
    assert (reason(purchase, "scope").verdict is Verdict.MET) == inside


@given(stage_lists(), yuan, yuan)
def test_what_may_be_agreed_never_breaks_the_cap_the_scope_or_the_order(
    stages: list[Stage], cap: Decimal, amount: Decimal
) -> None:
    signed = contract(stages, cap)
    following = Stage(CODES[min(len(stages), 4)], amount=amount, scope=("labour",))  # type: ignore[arg-type]
    decision = may_agree(signed, following, at=AT)
    assert all(r.citation is not None and r.citation.article == "24" for r in decision.reasons)
    if decision.outcome == "agreed":
        after = contract([*stages, following], cap)
        assert account(after).agreed <= cap
        assert all(s.verdict == "met" for s in stages)
        assert len({s.code for s in after.stages}) == len(after.stages)
    else:
        broken = account(signed).agreed + amount > cap
        assert broken or len(stages) == 5 or any(s.verdict != "met" for s in stages)


@given(stage_lists(), yuan, st.integers(-100, 10**9).map(Decimal))
def test_a_settlement_never_pays_above_the_stage_or_the_cap(stages: list[Stage], cap: Decimal, costs: Decimal) -> None:
    signed = contract(stages, cap)
    decision = settle(signed, costs, at=AT)
    failed = [s for s in stages if s.verdict == "unmet"]
    proved = bool(failed) and bool(failed[-1].evidence) and bool(failed[-1].report)
    assert (decision.outcome == "settled") == proved
    if proved:
        amount = Decimal(str(decision.facts["amount"]))
        assert 0 <= amount <= failed[-1].amount
        assert amount <= max(costs, Decimal(0))
        money = account(signed, amount)
        assert money.paid <= max(cap, money.earned)
        assert any(r.verdict is Verdict.MANUAL_REVIEW for r in decision.reasons), "an unverified rule is never firm"


@given(stage_lists(), yuan)
def test_an_elimination_stands_only_on_verified_evidence(stages: list[Stage], cap: Decimal) -> None:
    purchase = replace(BASE, contracts=(contract(stages, cap, outcome="eliminated"),))
    proved = any(s.verdict == "unmet" and s.evidence and s.report for s in stages)
    assert (reason(purchase, "elimination").verdict is Verdict.MET) == proved


@given(st.lists(yuan, max_size=3), yuan, yuan)
def test_caps_and_first_purchase_stay_within_the_maximum(caps: list[Decimal], first: Decimal, most: Decimal) -> None:
    contracts = tuple(contract([], c, f"S{i}") for i, c in enumerate(caps))
    purchase = replace(BASE, money=MoneyOfPurchase(most, first), contracts=contracts)
    fits = sum(caps, Decimal(0)) + first <= most
    assert (reason(purchase, "total").verdict is Verdict.MET) == fits == within_total(caps, first, most)
    paid = replace(purchase, first_purchase=FirstPurchase("S0", first + 1, None, None))
    assert (reason(paid, "total").verdict is Verdict.MET) == (sum(caps, Decimal(0)) + first + 1 <= most)


@given(st.integers(0, 1500), st.booleans())
def test_a_contract_ends_within_two_years_or_three_for_a_major_project(length: int, major: bool) -> None:
    ends = SIGNED + timedelta(days=length)
    signed = Contract("S", Decimal(1), SIGNED, ends, ("labour",), major)
    found = reason(replace(BASE, contracts=(signed,)), "term")
    assert found.verdict is Verdict.MANUAL_REVIEW, "the term was only recalled: never firm"
    assert (found.seen == 0) == (ends <= add_years(SIGNED, 3 if major else 2))


@given(st.lists(st.sampled_from(["legal", "economics", "technical", "buyer"]), max_size=9))
def test_the_group_is_odd_five_or_more_with_law_and_economics(roles: list[str]) -> None:
    group = tuple(GroupMember(f"E{i}", r) for i, r in enumerate(roles))  # type: ignore[arg-type]
    purchase = replace(BASE, group=group)
    assert reason(purchase, "group").verdict is Verdict.MANUAL_REVIEW
    assert (reason(purchase, "legal").verdict is Verdict.MET) == ("legal" in roles)
    assert (reason(purchase, "economics").verdict is Verdict.MET) == ("economics" in roles)


@given(st.sets(st.sampled_from(DOCUMENTS)), st.sets(st.sampled_from(DOCUMENTS)), st.integers(0, 30))
def test_every_due_document_is_public_or_exempt_and_never_late_in_silence(
    public: set[str], exempt: set[str], delay: int
) -> None:
    due = date(2026, 3, 2)
    said = [Disclosure(d, on=due + timedelta(days=delay)) for d in sorted(public)]  # type: ignore[arg-type]
    said += [Disclosure(d, exempt="涉密") for d in sorted(exempt)]  # type: ignore[arg-type]
    purchase = replace(
        BASE,
        dates=Dates(intention=due, notice=due, file_issued=due, result=due),
        contracts=(replace(contract([], Decimal(1)), signed_on=due),),
        first_purchase=FirstPurchase("S", Decimal(1), due, due),
        disclosures=tuple(said),
    )
    found = {p.document: p for p in publications(purchase, at=AT, parameters=rules())}
    assert tuple(found) == DOCUMENTS
    settled = {d for d, p in found.items() if p.settled}
    assert settled == public | exempt
    assert (reason(purchase, "disclosed").verdict is Verdict.MET) == (settled == set(DOCUMENTS))
    limited = {"result", "rd_contract", "first_purchase_agreement"}
    for document, p in found.items():
        assert (p.last_on is not None) == (document in limited)
        if p.last_on is not None and p.published_on is not None:
            assert p.late == (p.published_on > date(2026, 3, 4))
