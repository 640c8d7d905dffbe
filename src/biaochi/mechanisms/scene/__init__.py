"""场景开放：央国企等把真实场景拿出来试新技术；谁来试、凭什么选、试得怎样，都有据可查。

Scene: state-owned owners open real situations to new technology; whom to try, by which rule, and what came of it.
A score that is not calibrated is a similarity; a reserve for start-ups is a policy choice.
"""

from biaochi.mechanisms.scene.decisions import check_diligence, check_scene, judge_trial, select_firms
from biaochi.mechanisms.scene.lifecycle import WORKFLOWS
from biaochi.mechanisms.scene.model import Application, LogEntry, Scene, Trial

__all__ = [
    "WORKFLOWS",
    "Application",
    "LogEntry",
    "Scene",
    "Trial",
    "check_diligence",
    "check_scene",
    "judge_trial",
    "select_firms",
]
