"""Eleven red flags over OCDS releases, with their coverage; "
"definitions of the Open Contracting Partnership's Cardinal."""

from biaochi.mechanisms.procurement.decisions.redflags.finish import RedFlags, finish, red_flags
from biaochi.mechanisms.procurement.decisions.redflags.scan import Scan
from biaochi.mechanisms.procurement.decisions.redflags.settings import CODES, FlagSettings

__all__ = ["CODES", "FlagSettings", "RedFlags", "Scan", "finish", "red_flags"]
