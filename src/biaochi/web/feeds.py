"""Deadlines as iCal and decisions as Atom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

from django.core import signing
from django.utils import timezone

from biaochi.core.roles import Actor
from biaochi.core.text import Lang, Text
from biaochi.registry.models.governed import Governed
from biaochi.registry.models.people import Membership
from biaochi.registry.site import CalendarEntry, Site
from biaochi.web.recent import Told
from biaochi.web.sites import sites

_SALT = "biaochi.calendar"
_ATOM = "http://www.w3.org/2005/Atom"
AHEAD = timedelta(days=366)
_MOST = 300


def calendar_entries(actor: Actor, now: datetime) -> list[CalendarEntry]:
    """Return the deadlines of the year ahead that the actor may see, in order."""
    return _in_order([e for _, entries in calendar_lanes(actor, now) for e in entries])


def calendar_lanes(actor: Actor, now: datetime) -> list[tuple[Site, list[CalendarEntry]]]:
    """Return the same deadlines by mechanism, without those that have none."""
    today = timezone.localtime(now).date()
    lanes = []
    for site in sites():
        found = [e for model in site.models for e in _deadlines(model, actor)]
        if site.calendar is not None:
            found.extend(site.calendar(actor, now))
        ahead = _in_order([e for e in found if today <= e.on <= today + AHEAD])
        if ahead:
            lanes.append((site, ahead))
    return lanes


def _deadlines(model: type[Governed], actor: Actor) -> Iterator[CalendarEntry]:
    states = {s for t in model.workflow.transitions if t.deadline is not None for s in t.sources}
    if not states:
        return
    inside = model._default_manager.filter(model.scope_of(actor), state__in=states)
    for obj in model.visible(actor, inside).order_by("entered_at")[:_MOST]:
        due = obj.due_at
        if due is not None:
            yield CalendarEntry(obj.public_id, obj.title, timezone.localtime(due).date(), obj.get_absolute_url())


def _in_order(entries: list[CalendarEntry]) -> list[CalendarEntry]:
    return sorted(entries, key=lambda e: (e.on, e.public_id))


def calendar_token(membership: Membership) -> str:
    """Return what stands in the address of one membership's feed; it ends when the person's roles change."""
    return signing.dumps([membership.public_id, membership.person.session_epoch], salt=_SALT)


def membership_of(token: str) -> Membership | None:
    """Return the membership a feed's address belongs to, if it is still in force."""
    try:
        public_id, epoch = signing.loads(token, salt=_SALT, max_age=400 * 86_400)
    except (signing.BadSignature, ValueError):
        return None
    found = (
        Membership.objects.in_force()
        .filter(public_id=public_id, person__session_epoch=epoch, person__is_active=True)
        .select_related("person", "organisation")
    )
    return found.first()


def ical(entries: Sequence[CalendarEntry], lang: Lang, origin: str, now: datetime) -> str:
    """Return entries as an iCalendar (RFC 5545) of whole-day events."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Biaochi//Deadlines//EN", "CALSCALE:GREGORIAN"]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.public_id}-{entry.on:%Y%m%d}@biaochi",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{entry.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{entry.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(entry.title.within(lang))}",
            f"URL:{origin}{entry.url}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) for line in lines)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """A line of at most 75 bytes, continued on the next with a space; never inside a character."""
    parts, size = [""], 0
    for character in line:
        width = len(character.encode())
        if size + width > 74:
            parts.append(" ")
            size = 1
        parts[-1] += character
        size += width
    return "\r\n".join(parts) + "\r\n"


def atom(decided: Sequence[Told], lang: Lang, origin: str, now: datetime) -> bytes:
    """Return decisions as an Atom feed (RFC 4287)."""
    ElementTree.register_namespace("", _ATOM)
    feed = ElementTree.Element(
        f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "zh-Hans" if lang == "zh" else "en"}
    )
    _child(feed, "id", f"{origin}/public/feed.atom")
    _child(feed, "title", Text("标尺 · 决定与理由", "Biaochi · decisions and reasons").within(lang))
    _child(feed, "updated", _moment(decided[0].decision.decided_at if decided else now))
    author = _child(feed, "author", "")
    _child(author, "name", Text("标尺", "Biaochi").within(lang))
    _child(feed, "link", "", {"rel": "self", "href": f"{origin}/public/feed.atom"})
    for told in decided:
        entry = _child(feed, "entry", "")
        _child(entry, "id", f"{origin}/o/{told.obj.public_id}#{told.decision.public_id}")
        _child(entry, "title", f"{told.name.within(lang)} · {told.obj.title.within(lang)}")
        _child(entry, "updated", _moment(told.decision.decided_at))
        _child(entry, "link", "", {"href": f"{origin}{told.obj.get_absolute_url()}"})
        _child(entry, "summary", told.reason.within(lang))
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _child(
    parent: ElementTree.Element, name: str, text: str, attributes: dict[str, str] | None = None
) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes or {})
    if text:
        child.text = text
    return child


def _moment(at: datetime | date) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(at, datetime) else at.isoformat()
