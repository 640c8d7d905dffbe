"""Reading the files of sharing: resources, bookings, prices, a programme folder."""

from biaochi.mechanisms.sharing.files.part import read_part

__all__ = ["read_part"]
