"""Who acts: the role codes of the platform and the person who acts in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from biaochi.core.text import Text


class Role(StrEnum):
    """A role in force.  ``clock`` is the system actor: expiries, deadlines and alarms only."""

    OFFICER = "officer"
    FUND_MANAGER = "fund_manager"
    REVIEWER = "reviewer"
    REGULATOR = "regulator"
    ETHICS_MEMBER = "ethics_member"
    BUYER = "buyer"
    COMPETITION_REVIEWER = "competition_reviewer"
    SCENE_OWNER = "scene_owner"
    FIRM = "firm"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    PUBLIC = "public"
    CLOCK = "clock"

    @property
    def text(self) -> Text:
        """The role in words."""
        return _TEXT[self]

    @property
    def decides(self) -> bool:
        """Whether the role may move anything at all: administrators, auditors, analysts and the public never do."""
        return self not in _NEVER_DECIDE


_TEXT = {
    Role.OFFICER: Text("未来产业办", "office officer"),
    Role.FUND_MANAGER: Text("基金管理人", "fund manager"),
    Role.REVIEWER: Text("评审专家", "expert reviewer"),
    Role.REGULATOR: Text("沙箱监管人", "sandbox regulator"),
    Role.ETHICS_MEMBER: Text("伦理委员", "ethics member"),
    Role.BUYER: Text("采购人", "buyer"),
    Role.COMPETITION_REVIEWER: Text("公平竞争审查员", "competition reviewer"),
    Role.SCENE_OWNER: Text("场景业主", "scene owner"),
    Role.FIRM: Text("企业与团队", "firm or team"),
    Role.ANALYST: Text("分析员", "analyst"),
    Role.AUDITOR: Text("审计员", "auditor"),
    Role.ADMINISTRATOR: Text("系统管理员", "administrator"),
    Role.PUBLIC: Text("公众", "public"),
    Role.CLOCK: Text("系统时钟", "system clock"),
}

_NEVER_DECIDE = frozenset({Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR, Role.PUBLIC})


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting in one role for one organisation, within one scope.

    Parameters
    ----------
    person : str
        Public identifier of the person; ``clock`` for the system.
    role : Role
        The role in force.
    organisation : str
        Public identifier of the organisation the person acts for; empty for none.
    scope : str
        What the membership covers: a region code, a fund, a case; empty for everything of the role.
    """

    person: str
    role: Role
    organisation: str = ""
    scope: str = ""


CLOCK = Actor("clock", Role.CLOCK)
