"""Who gets what of each distribution: tiers in order, then first loss, then concession; exact to the fen.

Investors are all parties that paid in.  Each tier is shared among them in proportion to what that tier owes them; spare
fen go by largest remainder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from biaochi.core.money import FEN, shared_out
from biaochi.mechanisms.capital.model import (
    CatchUp,
    Flow,
    Preferred,
    ReturnOfCapital,
    Split,
    Terms,
)

ZERO = Decimal("0.00")
YEAR = Decimal(365)
PRECISION = 40


@dataclass(frozen=True, slots=True)
class WaterfallStep:
    """Money one party got (or gave up, negative) in one step."""

    at: date
    step: str
    party: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PartyResult:
    """What a party paid in and got back; ``multiple`` is ``None`` where it paid nothing."""

    party: str
    contributed: Decimal
    received: Decimal
    multiple: float | None


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Every party's result, and every step."""

    parties: tuple[PartyResult, ...]
    steps: tuple[WaterfallStep, ...]


class _Books:
    """What each investor is owed, and what each party got."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.codes = [p.code for p in terms.parties]
        self.managers = [p.code for p in terms.parties if p.role == "gp"]
        self.paid = dict.fromkeys(self.codes, ZERO)
        self.got = dict.fromkeys(self.codes, ZERO)
        self.owed = dict.fromkeys(self.codes, ZERO)
        self.due = dict.fromkeys(self.codes, Decimal(0))
        self.due_on: date | None = None
        self.profit, self.carry = ZERO, ZERO
        self.steps: list[WaterfallStep] = []
        self.rate = next((t.rate for t in terms.tiers if isinstance(t, Preferred)), Decimal(0))

    def accrue(self, at: date) -> None:
        """Let the preferred return grow to a day."""
        if self.due_on is not None and at > self.due_on:
            years = Decimal((at - self.due_on).days) / YEAR
            growth = (1 + self.rate) ** years
            self.due = {code: value * growth for code, value in self.due.items()}
        self.due_on = at

    def call(self, at: date, shares: Mapping[str, Decimal]) -> None:
        self.accrue(at)
        for code, amount in shares.items():
            self.paid[code] += amount
            self.owed[code] += amount
            self.due[code] += amount

    def give(self, at: date, step: str, party: str, amount: Decimal) -> None:
        if amount:
            self.got[party] += amount
            self.steps.append(WaterfallStep(at, step, party, amount))

    def share(self, at: date, step: str, total: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Share an amount by weights and book it."""
        codes = [c for c, w in weights.items() if w > 0]
        if not total or not codes:
            return {}
        parts = dict(zip(codes, shared_out(total, [weights[c] for c in codes]), strict=True))
        for code, amount in parts.items():
            self.give(at, step, code, amount)
        return parts


def waterfall(terms: Terms, flows: Sequence[Flow]) -> Waterfall:
    """Distribute a fund's money by its terms.

    Parameters
    ----------
    terms : Terms
        Parties, tiers, first loss and concession.
    flows : sequence of Flow
        Calls and distributions; without a party a call is shared in proportion to what was paid in so far (equally at
        first, among the investors), a distribution goes through the tiers; with a party it goes to that party alone.
    """
    with localcontext() as context:
        context.prec = PRECISION
        books = _Books(terms)
        last: date | None = None
        for flow in sorted(flows, key=lambda f: (f.at, f.kind != "call")):
            if flow.kind == "nav":
                continue
            last = flow.at
            if flow.kind == "call":
                books.call(flow.at, _called(books, flow))
            elif flow.party:
                books.accrue(flow.at)
                books.give(flow.at, "direct", flow.party, flow.amount)
                _settle(books, {flow.party: flow.amount})
            else:
                _distribute(books, flow)
        if last is not None:
            _first_loss(books, last)
            _concession(books, last)
        return Waterfall(
            tuple(
                PartyResult(
                    c, books.paid[c], books.got[c], float(books.got[c] / books.paid[c]) if books.paid[c] else None
                )
                for c in books.codes
            ),
            tuple(books.steps),
        )


def _called(books: _Books, flow: Flow) -> dict[str, Decimal]:
    if flow.party:
        return {flow.party: flow.amount}
    weights = {c: v for c, v in books.paid.items() if v > 0}
    if not weights:
        weights = {p.code: Decimal(1) for p in books.terms.parties if p.role == "lp"}
    return dict(zip(weights, shared_out(flow.amount, list(weights.values())), strict=True))


def _settle(books: _Books, parts: Mapping[str, Decimal]) -> None:
    """Count money against what is owed and due."""
    for code, amount in parts.items():
        books.owed[code] = max(ZERO, books.owed[code] - amount)
        books.due[code] = max(Decimal(0), books.due[code] - amount)


def _distribute(books: _Books, flow: Flow) -> None:
    at, left = flow.at, flow.amount
    books.accrue(at)
    for tier in books.terms.tiers:
        if isinstance(tier, ReturnOfCapital):
            left -= _return_capital(books, at, left)
        elif isinstance(tier, Preferred):
            left -= _preferred(books, at, left)
        elif isinstance(tier, CatchUp):
            left -= _catch_up(books, at, left, tier)
        elif isinstance(tier, Split):
            left -= _split(books, at, left, tier)
    if left:
        parts = books.share(at, "pro_rata", left, books.paid)
        profit = sum(parts.values(), ZERO) - sum((min(a, books.owed[c]) for c, a in parts.items()), ZERO)
        books.profit += profit
        _settle(books, parts)


def _return_capital(books: _Books, at: date, left: Decimal) -> Decimal:
    amount = min(left, sum(books.owed.values(), ZERO))
    parts = books.share(at, "return_of_capital", amount, books.owed)
    _settle(books, parts)
    return amount


def _preferred(books: _Books, at: date, left: Decimal) -> Decimal:
    owing = {c: max(Decimal(0), books.due[c] - books.owed[c]) for c in books.codes}
    amount = min(left, sum(owing.values(), Decimal(0)).quantize(FEN))
    parts = books.share(at, "preferred", amount, owing)
    for code, value in parts.items():
        books.due[code] = max(Decimal(0), books.due[code] - value)
    books.profit += amount
    return amount


def _catch_up(books: _Books, at: date, left: Decimal, tier: CatchUp) -> Decimal:
    gap = tier.until * (books.profit + books.carry) - books.carry
    if gap <= 0 or not books.managers:
        return ZERO
    amount = min(left, (gap / (tier.share - tier.until)).quantize(FEN))
    _divide(books, at, "catch_up", amount, tier.share)
    return amount


def _split(books: _Books, at: date, left: Decimal, tier: Split) -> Decimal:
    _divide(books, at, "split", left, tier.gp if books.managers else Decimal(0))
    return left


def _divide(books: _Books, at: date, step: str, amount: Decimal, managers: Decimal) -> None:
    """Give the managers their share of an amount and the investors the rest."""
    if not amount:
        return
    to_managers, to_investors = shared_out(amount, [managers, 1 - managers])
    books.share(at, step, to_managers, {c: Decimal(1) for c in books.managers})
    books.share(at, step, to_investors, books.paid)
    books.carry += to_managers
    books.profit += to_investors


def _first_loss(books: _Books, at: date) -> None:
    """Move the investors' shortfall to the parties that bear it first; the rest is borne by contributions."""
    investors = {c: v for c, v in books.paid.items() if v > 0}
    shortfall = {c: max(ZERO, v - books.got[c]) for c, v in investors.items()}
    total = sum(shortfall.values(), ZERO)
    if not books.terms.first_loss or not total:
        return
    bears = dict.fromkeys(investors, ZERO)
    rest = total
    for rule in books.terms.first_loss:
        own = min(rest, (rule.share * books.paid.get(rule.party, ZERO)).quantize(FEN))
        if own > 0:
            bears[rule.party] += own
            rest -= own
    if rest:
        for code, amount in zip(investors, shared_out(rest, list(investors.values())), strict=True):
            bears[code] += amount
    for code in investors:
        books.give(at, "first_loss", code, shortfall[code] - bears[code])


def _concession(books: _Books, at: date) -> None:
    rule = books.terms.concession
    if rule is None:
        return
    gain = books.got[rule.source] - books.paid[rule.source]
    amount = (rule.share * max(ZERO, gain)).quantize(FEN)
    weights = {c: books.paid[c] for c in rule.to}
    if not amount:
        return
    if not any(weights.values()):
        weights = {c: Decimal(1) for c in rule.to}
    books.give(at, "concession", rule.source, -amount)
    books.share(at, "concession", amount, weights)
