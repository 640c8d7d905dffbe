"""Reading the files of transfer: passages, platforms, bookings of platforms, a programme folder."""

from biaochi.mechanisms.transfer.files.part import read_part

__all__ = ["read_part"]
