"""What the numbers mean for teams and programmes, and how past forecasts have fared."""

from biaochi.mechanisms.fund.decisions.calibration import Calibration, CalibrationBin, calibrate
from biaochi.mechanisms.fund.decisions.teams import decide_team, may_decide, may_open

__all__ = ["Calibration", "CalibrationBin", "calibrate", "decide_team", "may_decide", "may_open"]
