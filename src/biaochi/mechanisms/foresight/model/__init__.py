"""What foresight is made of: studies and answers, forecasts and their record, routes and their outlook."""

from biaochi.mechanisms.foresight.model.forecasts import (
    Backtest,
    Comparison,
    ForecastResult,
    HindcastResult,
    ModelCode,
    TechnologyForecast,
)

__all__ = [
    "Backtest",
    "Comparison",
    "ForecastResult",
    "HindcastResult",
    "ModelCode",
    "TechnologyForecast",
]
