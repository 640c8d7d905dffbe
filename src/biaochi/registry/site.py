"""What a mechanism contributes to the site, declared once in its ``web/site.py`` as ``SITE``.

The composition root builds navigation, home, portal, search, imports, clock, API and the demonstration from these
declarations; a mechanism never registers anything anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.registry.importing import Importer
from biaochi.registry.models.governed import Governed


class Station(StrEnum):
    """The five stations of the loop."""

    MEASURE = "measure"
    FORESEE = "foresee"
    EXPLORE = "explore"
    SUPERVISE = "supervise"
    ADOPT = "adopt"

    @property
    def text(self) -> Text:
        """The station in words."""
        return _STATION_TEXT[self]


_STATION_TEXT = {
    Station.MEASURE: Text("测度", "Measure"),
    Station.FORESEE: Text("预见", "Foresee"),
    Station.EXPLORE: Text("探索", "Explore"),
    Station.SUPERVISE: Text("监管", "Supervise"),
    Station.ADOPT: Text("采用", "Adopt"),
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """A link on the station's page.

    ``url`` is a URL name such as ``"ruler:profile"``; ``roles`` empty means everybody.
    """

    title: Text
    url: str
    purpose: Text
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class HomeFigure:
    """The one live figure of a mechanism on the home page.

    ``figure`` large, ``small`` beside it (its interval), ``mark`` an inline SVG from
    :mod:`biaochi.registry.marks` or empty, ``sentence`` what it means, ``url`` the page that explains it.
    """

    figure: Text
    small: Text | None
    sentence: Text
    url: str
    mark: str = ""
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class TodoItem:
    """Something only this actor can do now.  ``due_at`` ``None`` means without deadline."""

    title: Text
    then: Text
    url: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PortalEntry:
    """A row of "what is open" on the public portal."""

    title: Text
    kind: Text
    public_id: str
    who: Text
    url: str
    due_on: date | None = None
    code: str = "open"
    state: Text | None = None


@dataclass(frozen=True, slots=True)
class PortalSection:
    """A section of the public portal: heading, the template that draws it, and what it needs."""

    code: str
    title: Text
    note: Text
    template: str
    context: Callable[[], Mapping[str, Any]]
    kind: str = "simulated"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A day that matters, for the calendar and its iCal feed."""

    public_id: str
    title: Text
    on: date
    url: str


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """Money of one technology route: what was granted and what was paid out, in yuan."""

    route: Text
    granted: Decimal
    paid: Decimal
    url: str
    simulated: bool = True


@dataclass(frozen=True, slots=True)
class Offer:
    """A result of one mechanism that may become another's evidence.

    ``payload`` holds plain values only (it enters the ledger); ``subject`` is the public identifier of the object the
    result comes from, ``decision`` that of the decision that made it final.
    """

    subject: str
    title: Text
    at: datetime
    payload: Mapping[str, Any]
    decision: str = ""


@dataclass(frozen=True)
class Demo:
    """What a mechanism gets to fill the demonstration programme: actors by role, and the instant to work from.

    ``actors`` holds one actor for each role; ``second`` another person of the same role and organisation (for what
    may not be decided by its creator); ``other_firm`` a firm that is not the first.
    """

    region: str
    now: datetime
    actors: Mapping[Role, Actor]
    second: Mapping[Role, Actor]
    other_firm: Actor


@dataclass(frozen=True)
class Site:
    """Everything a mechanism adds to the site.

    Parameters
    ----------
    code : str
        The mechanism's name, also the application's label and the URL namespace.
    station : Station
        Where it stands in the loop.
    title, purpose : Text
        Its name, and in one sentence what it is for.
    models : tuple of Governed subclasses
        What it stores; todo, search, clock, feeds, API and permission tests follow from it.
    nav : tuple of NavItem
        Links on the station's page.
    home_figure : callable or None
        ``(actor, now) -> HomeFigure | None``; at most three queries.
    todo : callable or None
        ``(actor, now) -> sequence of TodoItem`` beyond the moves that wait in ``models``.
    portal_open : callable or None
        ``(now) -> sequence of PortalEntry``: what is open to everybody.
    portal_sections : tuple of PortalSection
        Further sections of the public portal.
    calendar : callable or None
        ``(actor, now) -> sequence of CalendarEntry`` beyond the deadlines of ``models``.
    money : callable or None
        ``(actor, now) -> sequence of MoneyRow``: money by route of what the actor may see, for the programme page.
    importers : tuple of Importer
        Tables that can be uploaded.
    jobs : mapping
        Code → ``(Progress, arguments) -> result``: long work, queued with ``registry.jobs.enqueue``.
    gives : mapping
        Kind of result → ``(actor, now) -> sequence of Offer``: final results the actor may see.
    takes : mapping
        Kind of evidence → ``(offer, actor) -> url``: keeps an offer as evidence, through the usual services, inside one
        transaction; returns the page to go to.  Which result goes where is decided in ``biaochi.web.journeys``.
    clock : callable or None
        ``(now) -> int`` what the clock does each minute beyond overdue moves; idempotent; returns how much it did.
    api : callable or None
        ``() -> ninja.Router`` mounted at ``/api/v1/<code>/`` (generic objects and moves are there already).
    demo : callable or None
        ``(Demo) -> None`` fills the demonstration programme through the same services as everybody.
    """

    code: str
    station: Station
    title: Text
    purpose: Text
    models: tuple[type[Governed], ...] = ()
    nav: tuple[NavItem, ...] = ()
    home_figure: Callable[[Actor, datetime], HomeFigure | None] | None = None
    todo: Callable[[Actor, datetime], Sequence[TodoItem]] | None = None
    portal_open: Callable[[datetime], Sequence[PortalEntry]] | None = None
    portal_sections: tuple[PortalSection, ...] = ()
    calendar: Callable[[Actor, datetime], Sequence[CalendarEntry]] | None = None
    money: Callable[[Actor, datetime], Sequence[MoneyRow]] | None = None
    importers: tuple[Importer, ...] = field(default=())
    jobs: Mapping[str, Callable[[Any, Mapping[str, Any]], Mapping[str, Any]]] = field(default_factory=dict)
    gives: Mapping[str, Callable[[Actor, datetime], Sequence[Offer]]] = field(default_factory=dict)
    takes: Mapping[str, Callable[[Offer, Actor], str]] = field(default_factory=dict)
    clock: Callable[[datetime], int] | None = None
    api: Callable[[], Any] | None = None
    demo: Callable[[Demo], None] | None = None
