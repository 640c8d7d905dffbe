"""公平竞争审查:逐条审读政策文本与采购文件,指出谁被何条规定排斥、可改成什么;例外须有理由、有期限。

Fair-competition review: which words exclude whom, by which article, and what to write instead; an exception needs a
ground, an alternative considered and an end.  A finding is a point for review, not legal advice.
"""

from biaochi.mechanisms.fairness.decisions import Conclusion, conclude, decide_review
from biaochi.mechanisms.fairness.model import Alternative, Claim, Ground

__all__ = ["Alternative", "Claim", "Conclusion", "Ground", "conclude", "decide_review"]
