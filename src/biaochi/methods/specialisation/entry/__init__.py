"""Forecasting which region enters which track next, and testing the forecast honestly."""

from biaochi.methods.specialisation.entry.additive import AdditiveModel, fit_additive
from biaochi.methods.specialisation.entry.backtest import (
    Backtest,
    backtest,
    calibrate_on,
    choose,
    contributions_at,
    forecast,
    scores_at,
)
from biaochi.methods.specialisation.entry.baselines import BASELINES, LEARNERS, MODELS, score
from biaochi.methods.specialisation.entry.calibrate import calibration
from biaochi.methods.specialisation.entry.events import EntryEvent
from biaochi.methods.specialisation.entry.features import FEATURES, features
from biaochi.methods.specialisation.entry.history import History, Origin

__all__ = [
    "BASELINES",
    "FEATURES",
    "LEARNERS",
    "MODELS",
    "AdditiveModel",
    "Backtest",
    "EntryEvent",
    "History",
    "Origin",
    "backtest",
    "calibrate_on",
    "calibration",
    "choose",
    "contributions_at",
    "features",
    "fit_additive",
    "forecast",
    "score",
    "scores_at",
]
