"""Pure decisions and runs of foresight: facts and dated parameters in, results with reasons out."""

from biaochi.mechanisms.foresight.decisions.forecasts import (
    build_model,
    ceiling_prior,
    choose_model,
    run_forecasts,
    run_hindcast,
)

__all__ = ["build_model", "ceiling_prior", "choose_model", "run_forecasts", "run_hindcast"]
