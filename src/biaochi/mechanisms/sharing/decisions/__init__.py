"""Pure decisions about sharing: bookings and prices, utilisation and access, links between large and small firms."""

from biaochi.mechanisms.sharing.decisions.bookings import (
    access_rates,
    check_prices,
    confirm_booking,
    due_charge,
    utilisation,
)
from biaochi.mechanisms.sharing.decisions.links import Link, LinkKind, LinkSummary, summarise_links

__all__ = [
    "Link",
    "LinkKind",
    "LinkSummary",
    "access_rates",
    "check_prices",
    "confirm_booking",
    "due_charge",
    "summarise_links",
    "utilisation",
]
