"""What is decided in a sandbox, each from facts and dated parameters alone."""

from biaochi.mechanisms.sandbox.decisions.admission import (
    EXIT_MOVES,
    admit_case,
    agree_plan,
    ethics_settled,
    exit_move,
    resume_case,
)
from biaochi.mechanisms.sandbox.decisions.amendments import amend_plan
from biaochi.mechanisms.sandbox.decisions.ethics import ETHICS_CODES, EthicsDue, ethics_due, review_ethics
from biaochi.mechanisms.sandbox.decisions.exit import ExitFile, review_exit
from biaochi.mechanisms.sandbox.decisions.export import release_export
from biaochi.mechanisms.sandbox.decisions.families import e_value, judge_portfolio
from biaochi.mechanisms.sandbox.decisions.online import Book, Row, Watch, advance
from biaochi.mechanisms.sandbox.decisions.part import PartInputs, PartResult, run_part
from biaochi.mechanisms.sandbox.decisions.paths import Arrivals, follow
from biaochi.mechanisms.sandbox.decisions.planning import PlanSimulation, simulate_plan
from biaochi.mechanisms.sandbox.decisions.points import Point, points_along
from biaochi.mechanisms.sandbox.decisions.replaying import Run, run_of
from biaochi.mechanisms.sandbox.decisions.screening import WAIVER_CODES, grant_waiver, screen_application
from biaochi.mechanisms.sandbox.decisions.silence import microseconds, moment
from biaochi.mechanisms.sandbox.decisions.standing import health_now
from biaochi.mechanisms.sandbox.decisions.supervision import supervise
from biaochi.mechanisms.sandbox.decisions.vouchers import allocate_vouchers, lottery_ticket, normalised

__all__ = [
    "ETHICS_CODES",
    "EXIT_MOVES",
    "WAIVER_CODES",
    "Arrivals",
    "Book",
    "EthicsDue",
    "ExitFile",
    "PartInputs",
    "PartResult",
    "PlanSimulation",
    "Point",
    "Row",
    "Run",
    "Watch",
    "admit_case",
    "advance",
    "agree_plan",
    "allocate_vouchers",
    "amend_plan",
    "e_value",
    "ethics_due",
    "ethics_settled",
    "exit_move",
    "follow",
    "grant_waiver",
    "health_now",
    "judge_portfolio",
    "lottery_ticket",
    "microseconds",
    "moment",
    "normalised",
    "points_along",
    "release_export",
    "resume_case",
    "review_ethics",
    "review_exit",
    "run_of",
    "run_part",
    "screen_application",
    "simulate_plan",
    "supervise",
]
