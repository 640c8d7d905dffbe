"""Ruler (创新标尺): measure regions with uncertainty, and guide them without crowning any.

创新标尺:按指标体系计算得分,说明得分有多可靠;先给画像、差距、层级区间与抓手,只在要求时给名次区间。

An office writes an indicator framework and hands in observations; the ruler checks both, builds scores with every
step recorded, audits how far they depend on choices, profiles one region (gaps, obstacles, levers, peers, what is too
early), and compares places, periods, vintages and frameworks.  Two life cycles: a framework is drafted, consulted on,
adopted and retired; a submission of observations is validated by another organisation, published, and revised by new
vintages only.
"""

from biaochi.mechanisms.ruler.lifecycle import FRAMEWORK, SUBMISSION, WORKFLOWS
from biaochi.mechanisms.ruler.model import Audit, Comparison, Profile, audit, compare, profile

__all__ = ["FRAMEWORK", "SUBMISSION", "WORKFLOWS", "Audit", "Comparison", "Profile", "audit", "compare", "profile"]
