"""合作创新采购与首购:需求写成功能,市场检查数清谁能满足;每一步依条文核对;数据以 OCDS 公开,红旗连同覆盖面一起报告。

Co-innovation and first purchase: needs as functions, a market check of who could meet them, every step held against
its article, open data in OCDS, red flags together with their coverage.
"""

from biaochi.mechanisms.procurement.decisions import (
    FlagSettings,
    RedFlags,
    check_purchase,
    evaluate,
    market,
    red_flags,
)
from biaochi.mechanisms.procurement.model import Need, Offer, ProductFact, Purchase

__all__ = [
    "FlagSettings",
    "Need",
    "Offer",
    "ProductFact",
    "Purchase",
    "RedFlags",
    "check_purchase",
    "evaluate",
    "market",
    "red_flags",
]
