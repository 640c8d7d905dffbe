"""Pure decisions about sharing: bookings and prices, utilisation and access, links between large and small firms."""

from biaochi.mechanisms.sharing.decisions.bookings import (
    access_rates,
    check_prices,
    confirm_booking,
    due_charge,
    utilisation,
)
from biaochi.mechanisms.sharing.decisions.links import Link, LinkKind, LinkSummary, summarise_links
from biaochi.mechanisms.sharing.decisions.part import PartInputs, PartResult, run_part

__all__ = [
    "Link",
    "LinkKind",
    "LinkSummary",
    "PartInputs",
    "PartResult",
    "access_rates",
    "check_prices",
    "confirm_booking",
    "due_charge",
    "run_part",
    "summarise_links",
    "utilisation",
]
