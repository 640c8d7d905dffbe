"""Pure decisions and runs of foresight: facts and dated parameters in, results with reasons out."""

from biaochi.mechanisms.foresight.decisions.asking import MiddleHalf, beyond, combined_interval, middle_half
from biaochi.mechanisms.foresight.decisions.forecasts import (
    build_model,
    ceiling_prior,
    choose_model,
    run_forecasts,
    run_hindcast,
)
from biaochi.mechanisms.foresight.decisions.outlooks import (
    assumed_survey_year,
    run_question_calibration,
    run_readiness,
    run_routes,
    run_seed_calibration,
)
from biaochi.mechanisms.foresight.decisions.part import run_part
from biaochi.mechanisms.foresight.decisions.rounds import (
    decide_model,
    decide_resolution,
    decide_round,
    decide_watch,
    decide_weights,
    propose_resolution,
)
from biaochi.mechanisms.foresight.decisions.signals import Watched, run_signals
from biaochi.mechanisms.foresight.decisions.surveys import run_survey

__all__ = [
    "MiddleHalf",
    "Watched",
    "assumed_survey_year",
    "beyond",
    "build_model",
    "ceiling_prior",
    "choose_model",
    "combined_interval",
    "decide_model",
    "decide_resolution",
    "decide_round",
    "decide_watch",
    "decide_weights",
    "middle_half",
    "propose_resolution",
    "run_forecasts",
    "run_hindcast",
    "run_part",
    "run_question_calibration",
    "run_readiness",
    "run_routes",
    "run_seed_calibration",
    "run_signals",
    "run_survey",
]
