"""One document read against the rules of its day, with the exceptions that are claimed for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from biaochi.mechanisms.fairness.decisions.conclude import ClaimCheck, apply_claims, check_claim
from biaochi.mechanisms.fairness.model import Claim
from biaochi.methods.textreview.engine import Facts, Memo, Reranker, Review, review
from biaochi.methods.textreview.rule_pack import ActivePack
from biaochi.methods.textreview.segment import Clause


@dataclass(frozen=True)
class Reading:
    """A document as read.

    Attributes
    ----------
    plain : Review
        What the rules say of the text alone.
    checks : tuple of ClaimCheck
        The claims, each with what is missing from it.
    claimed : Review
        The findings with the complete claims applied.
    """

    plain: Review
    checks: tuple[ClaimCheck, ...]
    claimed: Review


def read_document(
    clauses: Iterable[Clause],
    active: ActivePack,
    *,
    at: date,
    facts: Facts | None = None,
    claims: Sequence[Claim] = (),
    reranker: Reranker | None = None,
    memo: Memo | None = None,
) -> Reading:
    """Read a document's clauses and apply its claims.

    Parameters
    ----------
    clauses : iterable of Clause
        The document, cut or whole.
    active : ActivePack
        Rules in force for its kind on its date.
    at : datetime.date
        Day on which the claims are looked at; one that ended before it has lapsed.
    facts, reranker, memo
        See :func:`biaochi.methods.textreview.engine.review`.
    claims : sequence of Claim
        Exceptions claimed.
    """
    plain = review(clauses, active, facts=facts, reranker=reranker, memo=memo)
    checks = tuple(check_claim(c, at=at) for c in claims)
    return Reading(plain, checks, apply_claims(plain, checks))
