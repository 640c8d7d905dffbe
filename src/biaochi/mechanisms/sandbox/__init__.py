"""监管沙箱：在限定的时间、范围和规则之内暂时豁免，过程持续监测，到期自行终止，出箱有结论、有摘要、可核验。

每个护栏有两条路径（先到与更正后），报警只注明、不撤销；数据沉默先亮黄灯，再自动暂停；严重事件立即停止。
显著性水平按单个护栏计；监测不证明安全，只让超出上限的情形难以久藏。

The regulatory sandbox: rules relieved for a time and within limits, watched as it runs, ending by itself, with a
conclusion, a public summary and evidence that anybody can recompute.

Each guardrail is followed on two paths (as received and as corrected); an alarm is annotated, never withdrawn.  A
silent feed turns amber and then suspends the case; serious harm stops it at once.  Levels hold for each guardrail
alone, and monitoring proves no safety: it makes harm above a cap hard to hide for long.
"""

from biaochi.mechanisms.sandbox.decisions import supervise
from biaochi.mechanisms.sandbox.lifecycle import WORKFLOWS

__all__ = ["WORKFLOWS", "supervise"]
