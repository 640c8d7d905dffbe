"""Taking a seat without a name: the code, who holds it, and what one sheet says.

The code is made once and shown once; only its digest is stored, with the seat.  The browser keeps the code in a cookie
whose name differs by person, so that two experts may share a machine.  Whoever runs the machines could still watch
requests as they come in: anonymity does not survive the operator, and the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from biaochi.core.canonical import digest
from biaochi.core.errors import RefusedError
from biaochi.core.text import Text
from biaochi.mechanisms.foresight.web.models import Invitation, Remark, Seat, Sheet, Study
from biaochi.registry import played
from biaochi.registry.acting import acting
from biaochi.registry.models import Person
from biaochi.registry.sealing import token_digest

MOST_REMARKS = 200
KEPT_SECONDS = 800 * 24 * 3600


def invitation_of(study: Study, person: Person | None) -> Invitation | None:
    """Return the invitation of a person."""
    return study.invitations.filter(person=person).first() if person is not None else None


def take_seat(study: Study, person: Person) -> str:
    """Give a free seat to an invited person, once; return the code that opens it.

    Raises
    ------
    RefusedError
        ``not_invited`` when there is no open invitation, ``no_seat`` when no round is open.
    """
    with transaction.atomic():
        invitation = study.invitations.select_for_update().filter(person=person, state="invited").first()
        if invitation is None:
            raise RefusedError("not_invited", Text("没有待接受的邀请", "there is no invitation waiting for you"))
        free = list(study.seats.select_for_update().filter(key_digest="")) if study.state == "round_open" else []
        grouped = [s for s in free if s.group == invitation.group] or [s for s in free if not s.group]
        if not grouped:
            raise RefusedError("no_seat", Text("本轮尚未开放", "no round is open"))
        seat = played.chance().choice(grouped)
        code = "-".join(played.chance().randbytes(2).hex() for _ in range(6))
        seat.key_digest = token_digest(code)
        if seat.state == "invited":
            seat.move("accept")
        seat.save(update_fields=["key_digest", "state"])
        invitation.state = "accepted"
        invitation.save(update_fields=["state"])
    return code


def seat_by_code(study: Study, code: str) -> Seat | None:
    """Return the seat a code opens."""
    cleaned = code.strip().lower()
    return study.seats.filter(key_digest=token_digest(cleaned)).first() if cleaned else None


def seat_here(request: HttpRequest, study: Study) -> Seat | None:
    """Return the seat whose code this browser holds for this person."""
    return seat_by_code(study, request.COOKIES.get(cookie_name(request, study), ""))


def cookie_name(request: HttpRequest, study: Study) -> str:
    """Return the name of the cookie: another one for another person on the same machine."""
    person = acting(request).person
    return f"panel-{digest([study.public_id, person.public_id if person else ''])[:16]}"


def remember(response: HttpResponse, request: HttpRequest, study: Study, code: str) -> None:
    """Leave the code with the browser."""
    response.set_cookie(
        cookie_name(request, study),
        code,
        max_age=KEPT_SECONDS,
        path="/foresight/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def reply(study: Study, said: Mapping[str, str]) -> None:
    """Keep replies between two rounds; nothing tells whose they are.

    Raises
    ------
    RefusedError
        ``discussion_full`` when an item has as many as are shown.
    """
    items = {i.code: i for i in study.asked}
    full = {code for code in said if Remark.objects.filter(item=items[code], round=study.round).count() >= MOST_REMARKS}
    if full:
        raise RefusedError("discussion_full", Text("这道题的发言已满", "this item has all the replies it can show"))
    Remark.objects.bulk_create([Remark(item=items[c], round=study.round, text=t) for c, t in said.items()])


def open_sheet(seat: Seat) -> Sheet | None:
    """Return the sheet of the round that is open."""
    if seat.study.state != "round_open":
        return None
    return seat.sheets.filter(round=seat.study.round).first()
