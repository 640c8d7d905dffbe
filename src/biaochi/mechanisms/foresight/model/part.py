"""Everything foresight contributes to one turn of the programme."""

from __future__ import annotations

from dataclasses import dataclass

from biaochi.core.errors import Warn
from biaochi.mechanisms.foresight.model.forecasts import ForecastResult, HindcastResult
from biaochi.mechanisms.foresight.model.outlooks import (
    QuestionCalibration,
    ReadinessResult,
    RouteOutlook,
    SeedCalibration,
    SignalResult,
)
from biaochi.mechanisms.foresight.model.surveys import SurveyResult
from biaochi.methods.forecasting.series import Series


@dataclass(frozen=True, eq=False)
class PartResult:
    """Results by what the folder held; ``None`` where its files are absent or too few."""

    series: tuple[Series, ...] = ()
    forecasts: ForecastResult | None = None
    hindcast: HindcastResult | None = None
    survey: SurveyResult | None = None
    seeds: SeedCalibration | None = None
    questions: QuestionCalibration | None = None
    routes: RouteOutlook | None = None
    readiness: ReadinessResult | None = None
    signals: SignalResult | None = None
    warnings: tuple[Warn, ...] = ()
    absent: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the records of every part that was done."""
        parts = {
            "forecast": self.forecasts,
            "hindcast": self.hindcast,
            "survey": self.survey,
            "seeds": self.seeds,
            "questions": self.questions,
            "routes": self.routes,
            "readiness": self.readiness,
            "emergence": self.signals,
        }
        return {name: part.to_dict() for name, part in parts.items() if part is not None}
