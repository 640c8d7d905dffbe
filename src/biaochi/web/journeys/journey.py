"""One journey: from what a mechanism gives to what another takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from biaochi.core.canonical import digest
from biaochi.core.errors import RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.registry import ledger
from biaochi.registry.models.record import LedgerEntry
from biaochi.registry.site import Offer, Site


@dataclass(frozen=True, slots=True)
class Journey:
    """A result on its way.

    Parameters
    ----------
    code : str
        Part of its address.
    title, meaning : Text
        What goes where, and what it means there.
    source, gives : str
        The mechanism it comes from, and the key in its ``gives``.
    target, takes : str
        The mechanism it goes to, and the key in its ``takes``.
    roles : tuple of Role
        Who may take it over.
    giver, taker : callable or None
        An end that only the top floor knows how to reach; in place of what the mechanism declares itself.
    """

    code: str
    title: Text
    meaning: Text
    source: str
    gives: str
    target: str
    takes: str
    roles: tuple[Role, ...]
    giver: Callable[[Actor, datetime], Sequence[Offer]] | None = None
    taker: Callable[[Offer, Actor], str] | None = None

    def open(self, sites: Sequence[Site]) -> bool:
        """Whether both ends are installed."""
        by_code = {s.code: s for s in sites}
        source, target = by_code.get(self.source), by_code.get(self.target)
        if source is None or target is None:
            return False
        given = self.giver is not None or self.gives in source.gives
        return given and (self.taker is not None or self.takes in target.takes)

    def offers(self, sites: Sequence[Site], actor: Actor, now: datetime) -> list[tuple[Offer, bool]]:
        """Return what the actor may take over, each with whether it was taken over before."""
        if actor.role not in self.roles or not self.open(sites):
            return []
        source = next(s for s in sites if s.code == self.source)
        give = self.giver or source.gives[self.gives]
        found = give(actor, now)
        names = [self._name(o) for o in found]
        taken = set(
            LedgerEntry.objects.filter(subject__in=names, transition="taken_over").values_list("subject", flat=True)
        )
        return [(offer, name in taken) for offer, name in zip(found, names, strict=True)]

    def take(self, sites: Sequence[Site], key: str, actor: Actor) -> str:
        """Take one offer over, once; its origin and digest enter the ledger; return the page to go to."""
        now = timezone.now()
        for offer, taken in self.offers(sites, actor, now):
            if self._name(offer) != key:
                continue
            if taken:
                raise RefusedError("taken_before", Text("已经转入过", "this was taken over before"))
            target = next(s for s in sites if s.code == self.target)
            with transaction.atomic():
                take = self.taker or target.takes[self.takes]
                address = take(offer, actor)
                ledger.append(
                    actor=actor,
                    at=now,
                    subject=key,
                    transition_code="taken_over",
                    reason="",
                    decision={
                        "journey": self.code,
                        "origin": offer.subject,
                        "origin_decision": offer.decision,
                        "payload_sha256": digest(offer.payload),
                    },
                )
            return address
        raise RefusedError(
            "not_found", Text("没有这项结果，或不向您开放", "there is no such result, or it is not open to you")
        )

    def key(self, offer: Offer) -> str:
        """Return the name under which an offer of this journey is known."""
        return self._name(offer)

    def _name(self, offer: Offer) -> str:
        return f"JN-{digest([self.code, offer.subject, offer.decision, offer.payload])[:20]}"
