"""The ruler on the command line: check, build, audit, profile, compare, report, replay."""

from biaochi.mechanisms.ruler.cli import auditing, building, checking, guiding, reporting
from biaochi.mechanisms.ruler.cli.frame import app

__all__ = ["app", "auditing", "building", "checking", "guiding", "reporting"]
