"""Results of the layout as tables, chart specifications and sentences in both languages."""

from biaochi.mechanisms.layout.report.backtest import backtest_body, backtest_summary, chosen_reason
from biaochi.mechanisms.layout.report.crowding import (
    crowding_body,
    crowding_heading,
    crowding_page,
    crowding_summary,
    crowding_tracks,
    real_shares,
)
from biaochi.mechanisms.layout.report.indicators import (
    indicators_body,
    indicators_summary,
    proximity_pairs,
    similarity_body,
    similarity_summary,
)
from biaochi.mechanisms.layout.report.part import findings, results, sections
from biaochi.mechanisms.layout.report.plan import (
    gate_unmet_body,
    menu_record,
    menus,
    plan_body,
    plan_summary,
    simulation_body,
    simulation_summary,
)
from biaochi.mechanisms.layout.report.real import real_by, real_heading, real_of, real_page, standing_counts
from biaochi.mechanisms.layout.report.study import study_page, trade_heading, trade_steps

__all__ = [
    "backtest_body",
    "backtest_summary",
    "chosen_reason",
    "crowding_body",
    "crowding_heading",
    "crowding_page",
    "crowding_summary",
    "crowding_tracks",
    "findings",
    "gate_unmet_body",
    "indicators_body",
    "indicators_summary",
    "menu_record",
    "menus",
    "plan_body",
    "plan_summary",
    "proximity_pairs",
    "real_by",
    "real_heading",
    "real_of",
    "real_page",
    "real_shares",
    "results",
    "sections",
    "similarity_body",
    "similarity_summary",
    "simulation_body",
    "simulation_summary",
    "standing_counts",
    "study_page",
    "trade_heading",
    "trade_steps",
]
