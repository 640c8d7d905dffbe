"""What foresight is made of: studies and answers, forecasts and their record, routes and their outlook."""

from biaochi.mechanisms.foresight.model.forecasts import (
    Backtest,
    Comparison,
    ForecastResult,
    HindcastResult,
    ModelCode,
    TechnologyForecast,
)
from biaochi.mechanisms.foresight.model.inputs import PartInputs
from biaochi.mechanisms.foresight.model.outlooks import (
    QuestionCalibration,
    ReadinessResult,
    RouteOutlook,
    SeedCalibration,
    SignalResult,
)
from biaochi.mechanisms.foresight.model.part import PartResult
from biaochi.mechanisms.foresight.model.routes import FunctionSpec, RouteSpec
from biaochi.mechanisms.foresight.model.standing import QuestionFacts, StudyFacts
from biaochi.mechanisms.foresight.model.study import (
    Answer,
    ConsensusRule,
    Design,
    Item,
    ItemState,
    Outcome,
    Participation,
    Question,
    Round,
    Study,
    StudyRules,
)
from biaochi.mechanisms.foresight.model.surveys import GroupRow, ItemRow, Judgement, RoundRow, SurveyResult

__all__ = [
    "Answer",
    "Backtest",
    "Comparison",
    "ConsensusRule",
    "Design",
    "ForecastResult",
    "FunctionSpec",
    "GroupRow",
    "HindcastResult",
    "Item",
    "ItemRow",
    "ItemState",
    "Judgement",
    "ModelCode",
    "Outcome",
    "PartInputs",
    "PartResult",
    "Participation",
    "Question",
    "QuestionCalibration",
    "QuestionFacts",
    "ReadinessResult",
    "Round",
    "RoundRow",
    "RouteOutlook",
    "RouteSpec",
    "SeedCalibration",
    "SignalResult",
    "Study",
    "StudyFacts",
    "StudyRules",
    "SurveyResult",
    "TechnologyForecast",
]
