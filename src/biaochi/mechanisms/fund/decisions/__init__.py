"""What the numbers mean for teams and programmes, and how past forecasts have fared."""

from biaochi.mechanisms.fund.decisions.calibration import Calibration, CalibrationBin, calibrate
from biaochi.mechanisms.fund.decisions.packet import Packet, PartInputs, make_packet, run_part
from biaochi.mechanisms.fund.decisions.teams import decide_team, may_decide, may_open

__all__ = [
    "Calibration",
    "CalibrationBin",
    "Packet",
    "PartInputs",
    "calibrate",
    "decide_team",
    "make_packet",
    "may_decide",
    "may_open",
    "run_part",
]
