"""What the numbers mean for teams and programmes, and how past forecasts have fared."""

from biaochi.mechanisms.fund.decisions.calibration import Calibration, CalibrationBin, calibrate
from biaochi.mechanisms.fund.decisions.outlook import OutlookPriors, Plan, RoutePrior, priors_of, programme_of
from biaochi.mechanisms.fund.decisions.packet import Packet, PartInputs, make_packet, run_part
from biaochi.mechanisms.fund.decisions.teams import decide_team, may_decide, may_open

__all__ = [
    "Calibration",
    "CalibrationBin",
    "OutlookPriors",
    "Packet",
    "PartInputs",
    "Plan",
    "RoutePrior",
    "calibrate",
    "decide_team",
    "make_packet",
    "may_decide",
    "may_open",
    "priors_of",
    "programme_of",
    "run_part",
]
