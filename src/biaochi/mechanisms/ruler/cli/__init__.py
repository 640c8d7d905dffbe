"""The ruler on the command line: check, build, audit, profile, compare, report, replay."""

from biaochi.mechanisms.ruler.cli.commands import app
from biaochi.mechanisms.ruler.files import Loaded, load, read_plan

__all__ = ["Loaded", "app", "load", "read_plan"]
