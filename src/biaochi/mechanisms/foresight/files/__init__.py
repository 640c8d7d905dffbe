"""Reading the files of foresight, once, for the command line, the site and the yearly programme."""

from biaochi.mechanisms.foresight.files.answers import AnswersFile, read_answers
from biaochi.mechanisms.foresight.files.items import read_items, read_rules
from biaochi.mechanisms.foresight.files.kinds import CheckedFile, check_file
from biaochi.mechanisms.foresight.files.part import read_part
from biaochi.mechanisms.foresight.files.routes import build_graph, read_readiness, read_routes
from biaochi.mechanisms.foresight.files.series import SeriesFile, read_experience, read_series
from biaochi.mechanisms.foresight.files.shipped import shipped_series, shipped_table, template_source
from biaochi.mechanisms.foresight.files.truth import (
    SeedsFile,
    outcomes_after_survey,
    quantile_answers,
    read_counts,
    read_dtt,
    read_evidence,
    read_outcomes,
    read_seeds,
)

__all__ = [
    "AnswersFile",
    "CheckedFile",
    "SeedsFile",
    "SeriesFile",
    "build_graph",
    "check_file",
    "outcomes_after_survey",
    "quantile_answers",
    "read_answers",
    "read_counts",
    "read_dtt",
    "read_evidence",
    "read_experience",
    "read_items",
    "read_outcomes",
    "read_part",
    "read_readiness",
    "read_routes",
    "read_rules",
    "read_seeds",
    "read_series",
    "shipped_series",
    "shipped_table",
    "template_source",
]
