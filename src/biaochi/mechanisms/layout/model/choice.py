"""What a region answers to its menu: it chooses, and says why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from biaochi.core.text import Text


class ChoiceKind(StrEnum):
    """A region's answer to one track."""

    CHOSEN = "chosen"
    DEFERRED = "deferred"
    DECLINED = "declined"
    OUTSIDE_MENU = "outside_menu"

    @property
    def text(self) -> Text:
        """The answer in words."""
        return _TEXT[self]


_TEXT = {
    ChoiceKind.CHOSEN: Text("选择", "chosen"),
    ChoiceKind.DEFERRED: Text("暂缓", "deferred"),
    ChoiceKind.DECLINED: Text("不选", "declined"),
    ChoiceKind.OUTSIDE_MENU: Text("另选菜单之外", "chosen outside the menu"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer, by a person, with a reason.

    Examples
    --------
    >>> Choice("浙江", "bci", ChoiceKind.OUTSIDE_MENU, "officer-7", "local clinics lead").kind.value
    'outside_menu'
    """

    region: str
    track: str
    kind: ChoiceKind
    person: str
    reason: str

    def __post_init__(self) -> None:
        if not self.person.strip() or not self.reason.strip():
            raise ValueError("a choice needs the person who made it and a reason")


@dataclass(frozen=True, slots=True)
class MenuRecord:
    """A stored menu as its life cycle sees it; ``region_organisation`` is the office it goes to, empty until known."""

    computed_by: str
    region_organisation: str
    answers: int
