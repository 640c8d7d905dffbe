"""The technology facts shipped with the product: series, their index, published rates."""

from __future__ import annotations

from importlib.resources import files

import pandas as pd

from biaochi.core.text import Text
from biaochi.exchange.faults import Faults
from biaochi.exchange.source import Source
from biaochi.exchange.tables import Column, read_table
from biaochi.mechanisms.foresight.files.series import SeriesFile, read_series

FOLDER = "biaochi.data"


def _source(name: str) -> Source:
    return Source(name, (files(FOLDER) / "foresight" / name).read_bytes())


def shipped_series() -> SeriesFile:
    """Return the shipped series: those regular enough to forecast, and the names of those only shown."""
    faults = Faults()
    found = read_series(_source("technology_series.csv"), faults)
    faults.check()
    return found


def shipped_table(name: str) -> pd.DataFrame:
    """Return a shipped table as text, with the source of each row: ``technology_series.csv``,
    ``technology_series_index.csv`` or ``published_rates.csv``."""
    first = Column("technology", "text", Text("技术", "technology"))
    return read_table(_source(name), (first,), extra="keep").frame


def template_source(name: str) -> Source:
    """Return a shipped survey template for ``read_items``: ``nistep.yaml`` or ``cn.yaml``, both unverified."""
    return Source(name, (files("biaochi.mechanisms.foresight") / "parameters" / name).read_bytes())
