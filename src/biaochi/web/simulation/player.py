"""Plays acts as people do: by forms, pages and the API, with the present moved to each act and the clock run each day.

Nothing is written past the services; an act that is refused ends the play and says which and why.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.contrib.messages import ERROR, get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from biaochi.core.errors import BiaochiError
from biaochi.core.roles import Actor
from biaochi.programme.year import Act, Opening
from biaochi.registry import documents, played
from biaochi.registry.jobs import run_job
from biaochi.registry.models import Job, Membership, Person
from biaochi.registry.site import Demo
from biaochi.web import clock
from biaochi.web.sites import sites

BACKEND = "django.contrib.auth.backends.ModelBackend"
_NAME = re.compile(r"\{(\w+)\}")
_TAGS = re.compile(r"<(script|style).*?</\1>|<[^>]+>", re.DOTALL)


class ActRefusedError(BiaochiError):
    """The site refused an act of the year: the year and the rules do not fit each other."""


@dataclass
class Player:
    """Plays acts one after the other.

    Parameters
    ----------
    stage : Demo
        The cast; its instant is moved to each opening.
    """

    stage: Demo
    kept: dict[str, str] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    _day: date | None = None

    def play(self, acts: Iterable[Act | Opening]) -> int:
        """Play acts in their order inside :func:`biaochi.registry.played.year`; return how many.

        Raises
        ------
        ActRefusedError
            With the act's instant, address and what the site said.
        """
        count = 0
        for act in acts:
            played.move_to(act.at)
            if act.at.date() != self._day:
                self._day = act.at.date()
                played.label(False)
                clock.tick(act.at)
            played.label(isinstance(act, Act))
            if isinstance(act, Opening):
                self._open(act)
            else:
                self._perform(act)
            self._work()
            count += 1
        played.label(False)
        return count

    def _open(self, opening: Opening) -> None:
        """Let a mechanism open; it labels what it makes itself, real facts as real."""
        site = next((s for s in sites() if s.code == opening.mechanism), None)
        if site is not None and site.demo is not None:
            site.demo(replace(self.stage, now=opening.at))
            self.opened.append(opening.mechanism)

    def _perform(self, act: Act) -> None:
        client, actor = self._client(act)
        address = self._filled(act.address)
        if act.rows:
            body = json.dumps({"readings": list(act.rows)})
            headers = {"Authorization": f"Bearer {self.kept[act.key]}"}
            answer: Any = client.post(address, body, content_type="application/json", headers=headers)
        elif act.fields is None:
            answer = client.get(address)
        else:
            answer = client.post(address, self._form(act, address, actor))
        self._check(act, address, answer)
        if act.keeps:
            self.kept[act.keeps] = self._found(act, address, answer)

    def _client(self, act: Act) -> tuple[Client, Actor]:
        name = f"{act.role.value.replace('_', '-')}-{act.number}"
        person = Person.objects.get(username=name)
        client = Client(HTTP_HOST="localhost")
        client.cookies["language"] = "zh-hans"
        client.force_login(person, backend=BACKEND)
        return client, Membership.objects.get(person=person, role=act.role.value).actor

    def _form(self, act: Act, address: str, actor: Actor) -> dict[str, Any]:
        fields = act.fields or {}
        form: dict[str, Any] = {
            name: self._filled(value) if isinstance(value, str) else list(value) for name, value in fields.items()
        }
        form |= {n: SimpleUploadedFile(u.name, u.text.encode()) for n, u in act.files.items()}
        if "move" in form:
            found = documents.find_object(address.rstrip("/").rsplit("/", 1)[1], actor)
            if found is None:
                raise self._refused(act, address, "the person does not see it")
            form["version"] = str(found.version)
        return form

    def _filled(self, text: str) -> str:
        return _NAME.sub(lambda m: self.kept.get(m[1], m[0]), text)

    def _check(self, act: Act, address: str, answer: Any) -> None:
        said = [str(m) for m in get_messages(answer.wsgi_request) if m.level >= ERROR]
        shown = answer.status_code == 200 and (act.fields is None or act.pattern)
        if said or not (answer.status_code == 302 or shown):
            raise self._refused(act, address, f"{answer.status_code} {' '.join(said) or _plain(answer)}")

    def _found(self, act: Act, address: str, answer: Any) -> str:
        if not act.pattern:
            return str(answer["Location"]).rstrip("/").rsplit("/", 1)[1]
        found = re.search(act.pattern, html.unescape(answer.content.decode()))
        if found is None:
            raise self._refused(act, address, f"nothing there matches {act.pattern}")
        return found[1]

    def _refused(self, act: Act, address: str, said: str) -> ActRefusedError:
        return ActRefusedError(f"{act.at:%Y-%m-%d %H:%M} {act.role.value} {act.number} {address}: {said}")

    def _work(self) -> None:
        """Do what was queued, as the worker would."""
        for job in Job.objects.filter(state=Job.State.QUEUED).order_by("pk"):
            run_job.func(job.public_id)


def _plain(answer: Any) -> str:
    """Return what a page says, without its frame."""
    text = answer.content.decode(errors="replace")
    inside = re.search(r"<main.*?</main>", text, re.DOTALL)
    return " ".join(html.unescape(_TAGS.sub(" ", inside[0] if inside else text)).split())[:1500]
