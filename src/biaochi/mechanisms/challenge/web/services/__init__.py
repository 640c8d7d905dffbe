"""What happens beside the moves: the ceremony of keys, reviewing, contracting."""

from biaochi.mechanisms.challenge.web.services import ceremony, contracting, reviewing

__all__ = ["ceremony", "contracting", "reviewing"]
