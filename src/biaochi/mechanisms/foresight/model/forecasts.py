"""What forecasts and hindcasts found, as the command line, the site and the report carry it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from biaochi.core.distribution import Distribution
from biaochi.core.text import Text
from biaochi.methods.forecasting.hindcast import Skill


class ModelCode(StrEnum):
    """The models of the foresight."""

    RANDOM_WALK = "random_walk"
    TREND = "trend"
    MOORE = "moore"
    POOLED_MOORE = "pooled_moore"
    WRIGHT = "wright"
    POOLED_WRIGHT = "pooled_wright"
    SCURVE = "scurve"
    BASS = "bass"
    POOL = "pool"

    @property
    def text(self) -> Text:
        """The model in words."""
        return _MODEL_TEXT[self]


_MODEL_TEXT = {
    ModelCode.RANDOM_WALK: Text("随机游走", "random walk"),
    ModelCode.TREND: Text("趋势外推（仅作基线）", "trend (baseline only)"),
    ModelCode.MOORE: Text("摩尔定律", "Moore's law"),
    ModelCode.POOLED_MOORE: Text("合并摩尔定律", "Moore with a reference class"),
    ModelCode.WRIGHT: Text("赖特定律", "Wright's law"),
    ModelCode.POOLED_WRIGHT: Text("合并赖特定律", "Wright with a reference class"),
    ModelCode.SCURVE: Text("S 曲线", "S-curve"),
    ModelCode.BASS: Text("巴斯扩散", "Bass diffusion"),
    ModelCode.POOL: Text("线性合并", "linear pool"),
}


@dataclass(frozen=True, slots=True)
class Backtest:
    """How the model did on this technology's own past; ``None`` where there was nothing to score.

    The baseline is the random walk.
    """

    n: int
    crps: float | None
    coverage90: float | None
    baseline_crps: float | None

    def to_dict(self) -> dict[str, object]:
        """Return the record."""
        return {"n": self.n, "crps": self.crps, "coverage90": self.coverage90, "baseline_crps": self.baseline_crps}


@dataclass(frozen=True, eq=False)
class TechnologyForecast:
    """The forecast of one technology; ``path`` holds year, horizon and distribution."""

    technology: str
    kind: str
    unit: str
    model: ModelCode
    reason: Text
    origin: int
    n_points: int
    fit: Mapping[str, float]
    path: tuple[tuple[int, int, Distribution], ...]
    backtest: Backtest

    def to_dict(self) -> dict[str, object]:
        """Return the record."""
        return {
            "technology": self.technology,
            "model": self.model.value,
            "reason": self.reason.to_dict(),
            "origin": self.origin,
            "n_points": self.n_points,
            "fit": dict(self.fit),
            "path": [{"year": y, "horizon": h, **d.to_dict()} for y, h, d in self.path],
            "backtest": self.backtest.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Probability that a is cheaper (better, for performance) than b in a year."""

    a: str
    b: str
    year: int
    p_a_cheaper: float

    def to_dict(self) -> dict[str, object]:
        """Return the record."""
        return {"a": self.a, "b": self.b, "year": self.year, "p_a_cheaper": self.p_a_cheaper}


@dataclass(frozen=True, eq=False)
class ForecastResult:
    """Forecasts of several technologies."""

    forecasts: tuple[TechnologyForecast, ...]
    compare: tuple[Comparison, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the record."""
        return {
            "forecasts": [f.to_dict() for f in self.forecasts],
            "compare": [c.to_dict() for c in self.compare],
        }


@dataclass(frozen=True, eq=False)
class HindcastResult:
    """Hindcasts of several models."""

    n_series: int
    n_selected: int
    n_forecasts: int
    leak: bool
    models: pd.DataFrame
    horizons: pd.DataFrame
    skill: tuple[Skill, ...]
    selected_in_hindsight: bool
    scores: pd.DataFrame

    def to_dict(self) -> dict[str, object]:
        """Return the record."""
        return {
            "n_series": self.n_series,
            "n_selected": self.n_selected,
            "n_forecasts": self.n_forecasts,
            "leak": self.leak,
            "models": [_model_record(r) for r in self.models.to_dict("records")],
            "horizons": [_horizon_record(r) for r in self.horizons.to_dict("records")],
            "skill": [_skill_record(s) for s in self.skill],
        }


def _model_record(row: Mapping[Hashable, object]) -> dict[str, object]:
    plain: dict[str, object] = {k: row[k] for k in ("model", "n", "crps", "log_score", "mae", "mean_pit", "ks")}
    return plain | {"coverage": {level: row[f"coverage_{level}"] for level in ("0.5", "0.8", "0.9", "0.95")}}


def _horizon_record(row: Mapping[Hashable, object]) -> dict[str, object]:
    plain: dict[str, object] = {k: row[k] for k in ("model", "horizon", "n", "xi", "rmse", "mae", "crps")}
    return plain | {"coverage": row["coverage_0.9"]}


def _skill_record(skill: Skill) -> dict[str, object]:
    return {
        "model": skill.model,
        "baseline": skill.baseline,
        "pooled": vars(skill.pooled),
        "balanced": vars(skill.balanced),
        "share_better": skill.share_better,
        "worst": skill.worst,
    }
