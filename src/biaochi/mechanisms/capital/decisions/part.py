"""Everything a programme folder lets be said of its funds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biaochi.core.decision import Decision
from biaochi.core.parameters import Snapshot
from biaochi.core.turn import Turn
from biaochi.mechanisms.capital.decisions.cashflow import FundFigures, JPoint, fund_figures, jcurve, vintage_figures
from biaochi.mechanisms.capital.decisions.terms import check_terms
from biaochi.mechanisms.capital.decisions.tolerance import Exceedance, shipped_tiers, tolerance
from biaochi.mechanisms.capital.decisions.waterfall import Waterfall, waterfall
from biaochi.mechanisms.capital.model import Deal, Flow, LossTier, Terms


@dataclass(frozen=True)
class PartInputs:
    """What the folder holds; ``tiers`` ``None`` means the shipped ones."""

    terms: Terms | None
    flows: Sequence[Flow]
    deals: Sequence[Deal]
    tiers: Sequence[LossTier] | None


@dataclass(frozen=True)
class PartResult:
    """What was found."""

    terms: Decision | None
    funds: tuple[FundFigures, ...]
    vintages: tuple[FundFigures, ...]
    jcurve: tuple[JPoint, ...]
    tolerance: tuple[Exceedance, ...]
    waterfall: Waterfall | None
    parameters: Snapshot


def run_part(inputs: PartInputs, turn: Turn, parameters: Snapshot) -> PartResult:
    """Check the terms, read the flows known by the day, and distribute them where the terms name parties."""
    flows = [f for f in inputs.flows if f.at <= turn.as_of]
    names = list(dict.fromkeys(f.fund for f in flows))
    by_fund = {name: [f for f in flows if f.fund == name] for name in names}
    tiers = shipped_tiers(parameters) if inputs.tiers is None else inputs.tiers
    terms = inputs.terms
    shared = None
    if terms is not None and terms.fund in by_fund:
        known = {p.code for p in terms.parties} | {""}
        if any(p.role == "lp" for p in terms.parties) and all(f.party in known for f in by_fund[terms.fund]):
            shared = waterfall(terms, by_fund[terms.fund])
    return PartResult(
        None if terms is None else check_terms(terms, at=turn.at, parameters=parameters),
        tuple(fund_figures(n, by_fund[n], at=turn.as_of, parameters=parameters) for n in names),
        tuple(vintage_figures(flows, at=turn.as_of, parameters=parameters)),
        tuple(p for n in names for p in jcurve(n, by_fund[n])),
        tuple(tolerance(inputs.deals, tiers, seed=turn.seed)),
        shared,
        parameters,
    )
