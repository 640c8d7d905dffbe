"""Reading the files of scenes: scenes, offers, applications, preferences, labels, log, trials, a programme folder."""

from biaochi.mechanisms.scene.files.part import read_part

__all__ = ["read_part"]
