"""``biaochi procurement``: check a purchase, evaluate offers, compute red flags, exchange OCDS."""

from biaochi.mechanisms.procurement.cli.verbs import app

__all__ = ["app"]
