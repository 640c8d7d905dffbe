"""Sharing's part of a programme folder."""

from __future__ import annotations

from pathlib import Path

from biaochi.core.turn import Turn
from biaochi.exchange.faults import Faults
from biaochi.exchange.tables import PlainReader
from biaochi.mechanisms.sharing.decisions import PartInputs
from biaochi.mechanisms.sharing.files.tables import read_bookings, read_prices, read_resources, timed


def read_part(folder: Path, turn: Turn, faults: Faults) -> PartInputs | None:
    """Read ``resources.csv`` with ``bookings.csv`` and ``prices.csv``; ``None`` when there are no resources."""
    path = folder / "resources.csv"
    if not path.is_file():
        return None
    reader = PlainReader()
    resources = read_resources(reader, path, faults)
    booked = prices = None
    if (folder / "bookings.csv").is_file():
        booked = read_bookings(reader, folder / "bookings.csv", resources, faults)
    if (folder / "prices.csv").is_file():
        prices = read_prices(reader, folder / "prices.csv", resources, faults)
    if len(faults):
        return None
    return PartInputs(resources, None if booked is None else timed(booked), prices)
