"""What terms, cash flows and losses come to."""

from biaochi.mechanisms.capital.decisions.cashflow import (
    FundFigures,
    Irr,
    fund_figures,
    irr,
    jcurve,
    portfolio_figures,
    vintage_figures,
)
from biaochi.mechanisms.capital.decisions.part import PartInputs, PartResult, run_part
from biaochi.mechanisms.capital.decisions.terms import check_terms
from biaochi.mechanisms.capital.decisions.tolerance import Exceedance, shipped_tiers, tolerance
from biaochi.mechanisms.capital.decisions.waterfall import PartyResult, Waterfall, WaterfallStep, waterfall

__all__ = [
    "Exceedance",
    "FundFigures",
    "Irr",
    "PartInputs",
    "PartResult",
    "PartyResult",
    "Waterfall",
    "WaterfallStep",
    "check_terms",
    "fund_figures",
    "irr",
    "jcurve",
    "portfolio_figures",
    "run_part",
    "shipped_tiers",
    "tolerance",
    "vintage_figures",
    "waterfall",
]
