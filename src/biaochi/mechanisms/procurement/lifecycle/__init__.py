"""The life of a co-innovation purchase, of each sealed offer, and of each R&D contract.

Articles are those of 财库〔2024〕13号 unless another document is named; a guard that fails is told with its article.
"""

from biaochi.core.workflow import Workflow
from biaochi.mechanisms.procurement.lifecycle.contract import CONTRACT
from biaochi.mechanisms.procurement.lifecycle.offer import OFFER
from biaochi.mechanisms.procurement.lifecycle.purchase import PURCHASE

WORKFLOWS: tuple[Workflow, ...] = (PURCHASE, OFFER, CONTRACT)

__all__ = ["CONTRACT", "OFFER", "PURCHASE", "WORKFLOWS"]
