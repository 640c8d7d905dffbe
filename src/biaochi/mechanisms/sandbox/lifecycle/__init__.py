"""The life cycles of the sandbox, as data: case, waiver, voucher, ethics review, data grant, accelerator service."""

from biaochi.core.workflow import Workflow
from biaochi.mechanisms.sandbox.lifecycle.case import CASE
from biaochi.mechanisms.sandbox.lifecycle.ethics import ETHICS
from biaochi.mechanisms.sandbox.lifecycle.grant import GRANT
from biaochi.mechanisms.sandbox.lifecycle.service import SERVICE
from biaochi.mechanisms.sandbox.lifecycle.voucher import VOUCHER
from biaochi.mechanisms.sandbox.lifecycle.waiver import WAIVER

WORKFLOWS: tuple[Workflow, ...] = (CASE, WAIVER, VOUCHER, ETHICS, GRANT, SERVICE)

__all__ = ["CASE", "ETHICS", "GRANT", "SERVICE", "VOUCHER", "WAIVER", "WORKFLOWS"]
