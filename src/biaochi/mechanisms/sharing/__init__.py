"""要素共享：设备、中试线、算力、数据、人才、技术、资本、标准，谁来用、用多少、收多少，不重占、不乱收。

Sharing: equipment, pilot lines, compute, data, talent, technology, capital and standards; who uses how much at which
price, never booked twice and charged as listed.
"""

from biaochi.mechanisms.sharing.decisions import (
    Link,
    LinkSummary,
    access_rates,
    check_prices,
    confirm_booking,
    summarise_links,
    utilisation,
)
from biaochi.mechanisms.sharing.lifecycle import WORKFLOWS
from biaochi.mechanisms.sharing.model import Resource

__all__ = [
    "WORKFLOWS",
    "Link",
    "LinkSummary",
    "Resource",
    "access_rates",
    "check_prices",
    "confirm_booking",
    "summarise_links",
    "utilisation",
]
