"""The fund's own words: verdicts on teams, a decision that was taken, and what was forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from biaochi.core.text import Text


class TeamVerdict(StrEnum):
    """What the advice says of a team this round."""

    START = "start"
    RESERVE = "reserve"
    CONTINUE = "continue"
    ADJUST = "adjust"
    PAUSE = "pause"
    STOP = "stop"
    SUCCEEDED = "succeeded"

    @property
    def text(self) -> Text:
        """The verdict in words."""
        return _TEXT[self]


_TEXT = {
    TeamVerdict.START: Text("启动", "start"),
    TeamVerdict.RESERVE: Text("候补", "reserve"),
    TeamVerdict.CONTINUE: Text("继续", "continue"),
    TeamVerdict.ADJUST: Text("调整后继续", "adjust"),
    TeamVerdict.PAUSE: Text("暂停", "pause"),
    TeamVerdict.STOP: Text("停止", "stop"),
    TeamVerdict.SUCCEEDED: Text("已成功", "succeeded"),
}


@dataclass(frozen=True, slots=True)
class PastDecision:
    """One decision of a review: the forecast then, what was recommended and decided, and what came of it.

    ``forecast`` is the chance of a pass that was stated; ``outcome`` 1 pass, 0 miss, ``None`` not known yet.
    """

    at: date
    team: str
    forecast: float | None
    recommended: str
    decided: str
    reason: str
    outcome: int | None
