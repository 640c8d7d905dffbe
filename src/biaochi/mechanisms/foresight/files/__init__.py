"""Reading the files of foresight, once, for the command line, the site and the yearly programme."""

from biaochi.mechanisms.foresight.files.series import SeriesFile, read_experience, read_series

__all__ = ["SeriesFile", "read_experience", "read_series"]
