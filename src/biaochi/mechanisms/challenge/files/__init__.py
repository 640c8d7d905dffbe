"""The files of open-bid challenges."""

from biaochi.mechanisms.challenge.files.case import read_case
from biaochi.mechanisms.challenge.files.part import read_part
from biaochi.mechanisms.challenge.files.scores import CONFLICTS, SCORES, read_scores

__all__ = ["CONFLICTS", "SCORES", "read_case", "read_part", "read_scores"]
