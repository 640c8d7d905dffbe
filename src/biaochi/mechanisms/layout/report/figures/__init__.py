"""The layout's figures as Vega-Lite specifications; every number comes from the result, never from the chart."""

from biaochi.mechanisms.layout.report.figures.activity import real_heat_map, relatedness_quadrant
from biaochi.mechanisms.layout.report.figures.forecast import frontier_figure, reliability_figure, trade_figure
from biaochi.mechanisms.layout.report.figures.plans import (
    clustered,
    crowding_strip,
    plan_heat_map,
    similarity_heat_map,
)

__all__ = [
    "clustered",
    "crowding_strip",
    "frontier_figure",
    "plan_heat_map",
    "real_heat_map",
    "relatedness_quadrant",
    "reliability_figure",
    "similarity_heat_map",
    "trade_figure",
]
