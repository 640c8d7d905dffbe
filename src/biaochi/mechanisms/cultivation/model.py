"""What cultivation is about: grades, titles granted, duties that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from biaochi.core.text import Text
from biaochi.methods.rules import RuleSet

SETS: tuple[str, ...] = (
    "tech_sme",
    "innovative",
    "srdi",
    "little_giant",
    "key_little_giant",
    "champion",
    "hnte",
    "young_eagle",
    "gazelle",
    "unicorn",
    "unicorn_potential",
)
"""Rule sets in the order every table shows them."""

NAMES: dict[str, Text] = {
    "tech_sme": Text("科技型中小企业", "science and technology SME"),
    "innovative": Text("创新型中小企业", "innovative SME"),
    "srdi": Text("专精特新中小企业", "SRDI SME"),
    "little_giant": Text("专精特新“小巨人”企业", "little giant"),
    "key_little_giant": Text("重点“小巨人”企业", "key little giant"),
    "champion": Text("制造业单项冠军企业", "single-product champion in manufacturing"),
    "hnte": Text("高新技术企业", "high- and new-technology enterprise"),
    "young_eagle": Text("杭州“新雏鹰”企业", "Hangzhou young eagle"),
    "gazelle": Text("瞪羚企业", "gazelle"),
    "unicorn": Text("独角兽企业", "unicorn"),
    "unicorn_potential": Text("潜在独角兽企业", "potential unicorn"),
}
"""What titles are called; rule sets of one's own carry their names themselves."""

LADDER: tuple[str, ...] = ("innovative", "srdi", "little_giant", "champion")
"""The rungs a firm climbs, lowest first; the other sets stand beside the ladder."""

PARTS: tuple[tuple[str, str], ...] = (
    ("main_revenue_1", "revenue_1"),
    ("main_revenue_2", "revenue_2"),
    ("main_revenue_3", "revenue_3"),
    ("hightech_income_1", "total_income_1"),
    ("staff_tech", "employees"),
    ("staff_rd", "employees"),
    ("ip1_own", "ip1"),
    ("ip1_high_value", "ip1"),
    ("ip1_linked", "ip1"),
    ("ip_core_granted", "ip_core_filed"),
    ("equity_2y", "equity_3y"),
    ("equity_3y", "equity_total"),
)
"""Columns that are a part of another and may not exceed it."""


class EndCause(StrEnum):
    """How a title ended."""

    PROMOTED = "promoted"
    LAPSED = "lapsed"
    REMOVED = "removed"
    MERGED = "merged"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class Grant:
    """One title of one firm, from its grant to its end.

    Parameters
    ----------
    firm, grade : str
        Who holds what.
    batch : str
        Batch of the grant.
    granted_on : datetime.date
        First day.
    valid_to : datetime.date or None
        Last day of validity.
    ended_on : datetime.date or None
        When it ended; ``None`` while it runs.
    end_cause : EndCause or None
        How it ended.
    successor : str
        The firm's new identifier after a merger or a change of name.
    listed_from : datetime.date or None
        From when the register was observed; earlier ends are unseen (late entry).
    row : int
        Spreadsheet row.
    """

    firm: str
    grade: str
    batch: str
    granted_on: date
    valid_to: date | None = None
    ended_on: date | None = None
    end_cause: EndCause | None = None
    successor: str = ""
    listed_from: date | None = None
    row: int = 0


@dataclass(frozen=True, slots=True)
class Duty:
    """Something a title holder must do by a day."""

    firm: str
    duty: str
    due_on: date
    state: str
    grade: str = ""


@dataclass(frozen=True, slots=True)
class TitleFacts:
    """A title as its life cycle sees it: the firm's organisation, who made the case and who verified it."""

    firm: str
    created_by: str
    verified_by: str
    grade: str


def in_order(rulesets: Iterable[RuleSet]) -> list[RuleSet]:
    """Return rule sets in the order of :data:`SETS`, others after them, versions by their first day."""
    place: Mapping[str, int] = {code: i for i, code in enumerate(SETS)}
    return sorted(rulesets, key=lambda r: (place.get(r.code, len(SETS)), r.code, r.valid_from))
