"""Pure decisions about scenes: the record, the matching, the outcomes."""

from biaochi.mechanisms.scene.decisions.assigning import assignment_record
from biaochi.mechanisms.scene.decisions.matching import MatchResult, MatchSettings, match_scenes
from biaochi.mechanisms.scene.decisions.outcomes import adoption_curves, fairness_of, trial_funnel
from biaochi.mechanisms.scene.decisions.part import PartInputs, PartResult, run_part, similar_scenes
from biaochi.mechanisms.scene.decisions.record import (
    LogCheck,
    check_diligence,
    check_scene,
    judge_trial,
)
from biaochi.mechanisms.scene.decisions.selection import least_reserve, select_firms

__all__ = [
    "LogCheck",
    "MatchResult",
    "MatchSettings",
    "PartInputs",
    "PartResult",
    "adoption_curves",
    "assignment_record",
    "check_diligence",
    "check_scene",
    "fairness_of",
    "judge_trial",
    "least_reserve",
    "match_scenes",
    "run_part",
    "select_firms",
    "similar_scenes",
    "trial_funnel",
]
