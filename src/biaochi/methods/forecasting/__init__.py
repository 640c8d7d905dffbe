"""Technology forecasts that know their own error, and the hindcasts that show it.

Series in, frozen results out.  Random walk, trend, Moore, Wright, both with a reference class, S-curves and Bass with
a required ceiling; hindcasts, combination, recalibration; readiness graphs, emergence of terms, portfolios of routes.
"""

from biaochi.methods.forecasting.bass import Bass
from biaochi.methods.forecasting.burst import burst
from biaochi.methods.forecasting.combine import LinearPool, log_score_weights, odds_pool, quantile_average
from biaochi.methods.forecasting.emergence import signals
from biaochi.methods.forecasting.hindcast import Hindcast, hindcast
from biaochi.methods.forecasting.moore import Moore, PooledMoore
from biaochi.methods.forecasting.predictive import Forecast
from biaochi.methods.forecasting.random_walk import RandomWalk
from biaochi.methods.forecasting.readiness import Graph, Node, Stage, ready_by
from biaochi.methods.forecasting.routes import Function, Route, route_outlook
from biaochi.methods.forecasting.scurve import SCurve
from biaochi.methods.forecasting.series import Series, improving
from biaochi.methods.forecasting.trend import Trend
from biaochi.methods.forecasting.wright import Extrapolated, Given, PooledWright, Scenario, Wright

__all__ = [
    "Bass",
    "Extrapolated",
    "Forecast",
    "Function",
    "Given",
    "Graph",
    "Hindcast",
    "LinearPool",
    "Moore",
    "Node",
    "PooledMoore",
    "PooledWright",
    "RandomWalk",
    "Route",
    "SCurve",
    "Scenario",
    "Series",
    "Stage",
    "Trend",
    "Wright",
    "burst",
    "hindcast",
    "improving",
    "log_score_weights",
    "odds_pool",
    "quantile_average",
    "ready_by",
    "route_outlook",
    "signals",
]
