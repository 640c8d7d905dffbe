"""Commands of open-bid challenges: ``biaochi challenge <verb>``."""

from biaochi.mechanisms.challenge.cli import diligence, ranking
from biaochi.mechanisms.challenge.cli.frame import app

__all__ = ["app", "diligence", "ranking"]
