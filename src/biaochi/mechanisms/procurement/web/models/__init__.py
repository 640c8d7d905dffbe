"""What is stored of purchases: the purchase, its suppliers, sealed offers, scores, R&D contracts.  No key, no share."""

from biaochi.mechanisms.procurement.web.models.contract import RdContract
from biaochi.mechanisms.procurement.web.models.offer import Interest, OfferScore, SealedOffer
from biaochi.mechanisms.procurement.web.models.purchase import CoPurchase, Participant, ProcurementTotal, WorkingDay

__all__ = [
    "CoPurchase",
    "Interest",
    "OfferScore",
    "Participant",
    "ProcurementTotal",
    "RdContract",
    "SealedOffer",
    "WorkingDay",
]
