"""Facts of a purchase and dated rules in, decisions out."""

from biaochi.mechanisms.procurement.decisions.disclose import Publication, publications
from biaochi.mechanisms.procurement.decisions.evaluate import Evaluation, evaluate
from biaochi.mechanisms.procurement.decisions.market import Market, market
from biaochi.mechanisms.procurement.decisions.needs import Fit, fit, meets
from biaochi.mechanisms.procurement.decisions.part import (
    PartInputs,
    PartPurchase,
    PartResult,
    PurchaseResult,
    run_part,
)
from biaochi.mechanisms.procurement.decisions.redflags import FlagSettings, RedFlags, red_flags
from biaochi.mechanisms.procurement.decisions.schedule import WorkingCalendar
from biaochi.mechanisms.procurement.decisions.stage import check_purchase, state_of

__all__ = [
    "Evaluation",
    "Fit",
    "FlagSettings",
    "Market",
    "PartInputs",
    "PartPurchase",
    "PartResult",
    "Publication",
    "PurchaseResult",
    "RedFlags",
    "WorkingCalendar",
    "check_purchase",
    "evaluate",
    "fit",
    "market",
    "meets",
    "publications",
    "red_flags",
    "run_part",
    "state_of",
]
