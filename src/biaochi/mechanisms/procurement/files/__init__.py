"""Reading what procurement needs: purchases, the market, offers, releases; the rules of a day; the yearly part."""

from biaochi.mechanisms.procurement.files.flag_settings import read_settings
from biaochi.mechanisms.procurement.files.market import products_of, read_calendar, read_products
from biaochi.mechanisms.procurement.files.offers import rates_in_range, read_offers, read_scores
from biaochi.mechanisms.procurement.files.part import read_part
from biaochi.mechanisms.procurement.files.purchase import purchase_of, read_purchase, valid_credit_code
from biaochi.mechanisms.procurement.files.releases import Releases, read_all
from biaochi.mechanisms.procurement.files.rules import rules_on

__all__ = [
    "Releases",
    "products_of",
    "purchase_of",
    "rates_in_range",
    "read_all",
    "read_calendar",
    "read_offers",
    "read_part",
    "read_products",
    "read_purchase",
    "read_scores",
    "read_settings",
    "rules_on",
    "valid_credit_code",
]
