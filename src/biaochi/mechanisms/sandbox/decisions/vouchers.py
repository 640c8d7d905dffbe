"""Who gets compute vouchers: checks, caps, and an allocation anybody can repeat by hand."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal

import networkx as nx

from biaochi.core.money import FEN, shared_out
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict
from biaochi.mechanisms.sandbox.model.money import Allocation, Award, BookEntry, Claim, ClaimReason, Scheme

_PUNCTUATION = re.compile(r"[\W_]+")
ZERO = Decimal("0.00")


def normalised(text: str) -> str:
    """Return a document's number as it is compared: NFKC, upper case, no punctuation or spaces.

    Examples
    --------
    >>> normalised("合同-2026/01 a") == normalised("合同２０２６01A")
    True
    """
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text).upper())


def allocate_vouchers(
    scheme: Scheme, claims: Sequence[Claim], affiliations: Iterable[tuple[str, str]] = (), *, parameters: Snapshot
) -> Allocation:
    """Decide every claim of a scheme.

    Parameters
    ----------
    scheme : Scheme
        Budget, period, caps, rates and manner of allocation.
    claims : sequence of Claim
        All claims, in any order.
    affiliations : iterable of (str, str)
        Pairs of organisations under common control; whoever is connected belongs to one group.
    parameters : Snapshot
        Rules in force, for the citation of the fairness question.

    Returns
    -------
    Allocation
        One award a claim in order (submitted_at, claim); Σ awarded ≤ budget; every entry debits what it credits.
    """
    group = _groups(affiliations)
    ordered = sorted(claims, key=lambda c: (c.submitted_at, c.id))
    reasons: dict[str, list[ClaimReason]] = defaultdict(list)
    for claim in ordered:
        reasons[claim.id].extend(_own_faults(scheme, claim, group))
    for claim, reason in _doubles([c for c in ordered if not _refused(reasons[c.id])]):
        reasons[claim.id].append(reason)
    entitled = _entitlements(scheme, ordered, group, reasons)
    payable = [c for c in ordered if not reasons_block(reasons[c.id]) and entitled[c.id] > 0]
    awarded = _within_budget(scheme, payable, entitled)
    awards = tuple(
        _award(c, entitled[c.id], awarded.get(c.id, ZERO), reasons[c.id], payable_ids={p.id for p in payable})
        for c in ordered
    )
    entries = tuple(_entries(scheme, {c.id: c for c in ordered}, awards))
    return Allocation(awards, entries, _balances(entries), _fairness(scheme, parameters))


def _groups(affiliations: Iterable[tuple[str, str]]) -> dict[str, int]:
    graph = nx.Graph()
    graph.add_edges_from(affiliations)
    return {name: i for i, component in enumerate(nx.connected_components(graph)) for name in component}


def _own_faults(scheme: Scheme, claim: Claim, group: Mapping[str, int]) -> Iterable[ClaimReason]:
    unmet = Verdict.UNMET
    if claim.holder == claim.provider or (
        claim.holder in group and group.get(claim.holder) == group.get(claim.provider)
    ):
        yield ClaimReason("affiliated", unmet, Text("与服务方有关联", "holder and provider are affiliated"))
    if claim.paid_amount <= 0:
        yield ClaimReason("unpaid", unmet, Text("合同未付款", "nothing was paid on the contract"))
    if not scheme.start_on <= claim.submitted_on <= scheme.end_on:
        yield ClaimReason("out_of_period", unmet, Text("不在申领期内", "submitted outside the scheme's period"))
    if claim.other_subsidy:
        yield ClaimReason("other_subsidy", unmet, Text("已享受其他补贴", "another subsidy was taken"))
    if claim.kind not in scheme.rates:
        yield ClaimReason("kind_without_rate", unmet, Text("该类算力没有补贴比例", "this kind of compute has no rate"))


def _refused(reasons: Sequence[ClaimReason]) -> bool:
    return any(r.verdict is Verdict.UNMET for r in reasons)


def reasons_block(reasons: Sequence[ClaimReason]) -> bool:
    """Whether a claim cannot be paid as it stands: refused, or waiting for a person."""
    return any(r.verdict in (Verdict.UNMET, Verdict.MANUAL_REVIEW) for r in reasons)


def _doubles(ordered: Sequence[Claim]) -> Iterable[tuple[Claim, ClaimReason]]:
    """Find claims on one contract of one provider, or on one invoice."""
    same: dict[tuple[str, ...], list[Claim]] = defaultdict(list)
    for claim in ordered:
        contract, invoice = normalised(claim.contract), normalised(claim.invoice)
        if contract:
            same["contract", normalised(claim.provider), contract].append(claim)
        if invoice:
            same["invoice", invoice].append(claim)
    told: set[tuple[str, str]] = set()
    for key, group in same.items():
        across = len({c.holder for c in group}) > 1
        for position, claim in enumerate(group):
            earlier = [c for c in group[:position] if c.holder == claim.holder]
            if earlier and ("double_claim", claim.id) not in told:
                told.add(("double_claim", claim.id))
                yield (
                    claim,
                    ClaimReason(
                        "double_claim",
                        Verdict.UNMET,
                        Text(f"与 {earlier[0].id} 为同一{_THING[key[0]].zh}", f"same {key[0]} as {earlier[0].id}"),
                    ),
                )
            elif across and ("shared_document", claim.id) not in told:
                told.add(("shared_document", claim.id))
                others = ", ".join(sorted(c.id for c in group if c.holder != claim.holder))
                yield (
                    claim,
                    ClaimReason(
                        "shared_document",
                        Verdict.MANUAL_REVIEW,
                        Text(
                            f"与他人的 {others} 为同一{_THING[key[0]].zh}",
                            f"same {key[0]} as {others} of another holder",
                        ),
                    ),
                )


_THING = {"contract": Text("合同", "contract"), "invoice": Text("发票", "invoice")}


def _entitlements(
    scheme: Scheme, ordered: Sequence[Claim], group: Mapping[str, int], reasons: Mapping[str, list[ClaimReason]]
) -> dict[str, Decimal]:
    """Return rate × paid floored to the fen, caps used up in order; a claim under review shows its due, unreserved."""
    used: dict[object, Decimal] = defaultdict(lambda: ZERO)
    found = {}
    for claim in ordered:
        if _refused(reasons[claim.id]):
            found[claim.id] = ZERO
            continue
        due = (scheme.rates[claim.kind] * claim.paid_amount).quantize(FEN, ROUND_FLOOR)
        if claim.face is not None and due > claim.face:
            text = Text(f"超出券面 {claim.face:f} 元", f"over the voucher's face of {claim.face:f} yuan")
            reasons[claim.id].append(ClaimReason("face_reached", Verdict.MET, text))
            due = claim.face
        owner: object = group.get(claim.holder, claim.holder) if scheme.cap_by == "group" else claim.holder
        left = max(ZERO, scheme.holder_cap - used[owner])
        if due > left:
            text = Text(f"超出上限，余额 {left:f} 元", f"over the cap, {left:f} yuan were left")
            reasons[claim.id].append(ClaimReason("cap_reached", Verdict.MET, text))
            due = left
        if not reasons_block(reasons[claim.id]):
            used[owner] += due
        found[claim.id] = due
    return found


def _within_budget(scheme: Scheme, payable: Sequence[Claim], entitled: Mapping[str, Decimal]) -> dict[str, Decimal]:
    if sum((entitled[c.id] for c in payable), ZERO) <= scheme.budget:
        return {c.id: entitled[c.id] for c in payable}
    if scheme.allocation == "pro_rata":
        by_claim = sorted(payable, key=lambda c: c.id)
        parts = shared_out(scheme.budget, [entitled[c.id] for c in by_claim])
        return {c.id: part for c, part in zip(by_claim, parts, strict=True)}
    queue = list(payable)
    if scheme.allocation == "lottery":
        queue.sort(key=lambda c: (lottery_ticket(scheme.seed, c.id), c.id))
    left, found = scheme.budget, {}
    for claim in queue:
        found[claim.id] = min(left, entitled[claim.id])
        left -= found[claim.id]
        if found[claim.id] < entitled[claim.id]:
            left = ZERO
    return found


def lottery_ticket(seed: str, claim: str) -> str:
    """Return hex SHA-256 of ``seed|claim``; the least ticket is served first.

    Examples
    --------
    >>> lottery_ticket("2026", "C1") == hashlib.sha256(b"2026|C1").hexdigest()
    True
    """
    return hashlib.sha256(f"{seed}|{claim}".encode()).hexdigest()


def _award(
    claim: Claim, entitled: Decimal, awarded: Decimal, reasons: Sequence[ClaimReason], payable_ids: set[str]
) -> Award:
    verdict = Verdict.MET
    if _refused(reasons):
        verdict = Verdict.UNMET
    elif reasons_block(reasons):
        verdict = Verdict.MANUAL_REVIEW
    told = list(reasons)
    if claim.id in payable_ids and awarded < entitled:
        text = Text("预算不足，按分配办法调减", "the budget did not suffice; reduced as the scheme allocates")
        told.append(ClaimReason("over_budget", Verdict.MET, text))
    return Award(claim.id, claim.holder, entitled, awarded, verdict, tuple(told))


def _entries(scheme: Scheme, claims: Mapping[str, Claim], awards: Sequence[Award]) -> Iterable[BookEntry]:
    yield BookEntry(1, scheme.start_on.isoformat(), "available", "appropriation", scheme.budget, None)
    seq = 1
    for award in awards:
        if award.awarded > 0:
            seq += 1
            at = claims[award.claim].submitted_at.isoformat().replace("+00:00", "Z")
            yield BookEntry(seq, at, f"voucher:{award.holder}", "available", award.awarded, award.claim)


def _balances(entries: Sequence[BookEntry]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in entries:
        found[entry.debit] += entry.amount
        found[entry.credit] -= entry.amount
    return dict(sorted(found.items()))


def _fairness(scheme: Scheme, parameters: Snapshot) -> tuple[Mapping[str, object], ...]:
    if not scheme.local_only:
        return ()
    citation = parameters["voucher_local_only_question"].citation
    return (
        {
            "code": "local_only",
            "zh": "只补贴本地注册企业属于选择性优惠：是否符合第十二条的例外，或改用客观、不排他的条件？",
            "en": "Paying only locally registered firms is a selective benefit: does the exception of Art 12 apply, "
            "or can objective, non-exclusive conditions be used?",
            "citation": str(citation),
        },
    )
