"""The ruler on the command line: check, build, audit, profile, compare, report, replay."""

from biaochi.mechanisms.ruler.cli.commands import app

__all__ = ["app"]
