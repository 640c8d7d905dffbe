"""What is stored of foresight: studies with their items, sealed seats and sheets, questions, functions with routes.

Who was invited is known; who said what is not.  An invitation names a person; a seat has a pseudonym and a digest of a
code only the expert holds; nothing joins the two.  Seats and sheets are made in random order before anybody answers,
carry no time, and leave no line in the ledger but one digest of all of them when a round closes or a cut is taken.
"""

from biaochi.mechanisms.foresight.web.models.outlook import FunctionOfRoutes, TermScan
from biaochi.mechanisms.foresight.web.models.panel import Invitation, Remark, Seat, Sheet
from biaochi.mechanisms.foresight.web.models.question import OUTCOMES, Question
from biaochi.mechanisms.foresight.web.models.study import DESIGNS, MEASURES, TYPES, Study, StudyItem

__all__ = [
    "DESIGNS",
    "MEASURES",
    "OUTCOMES",
    "TYPES",
    "FunctionOfRoutes",
    "Invitation",
    "Question",
    "Remark",
    "Seat",
    "Sheet",
    "Study",
    "StudyItem",
    "TermScan",
]
