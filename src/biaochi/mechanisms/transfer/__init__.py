"""概念验证与中试：从实验室到产线，每一关要什么证据、多久过、中试平台用得怎样。

Transfer: from laboratory through proof of concept and pilot scale to the line; what each gate asks, how long it takes,
how platforms are used.  The effect of a pilot is observed, not caused.
"""

from biaochi.mechanisms.transfer.decisions import pass_gate, pilot_comparison, rate_platform
from biaochi.mechanisms.transfer.lifecycle import WORKFLOWS
from biaochi.mechanisms.transfer.model import Passage, Platform, Stage

__all__ = ["WORKFLOWS", "Passage", "Platform", "Stage", "pass_gate", "pilot_comparison", "rate_platform"]
