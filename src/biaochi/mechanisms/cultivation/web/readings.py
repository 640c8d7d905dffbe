"""Computed answers of cultivation, kept in the cache under the digest of everything they were computed from."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.core.cache import cache

from biaochi.core.canonical import digest
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.cultivation.decisions import FirmStanding, firm_duties, stand, valid_to
from biaochi.mechanisms.cultivation.files.rules import shipped_rules
from biaochi.mechanisms.cultivation.model import Duty, Grant
from biaochi.mechanisms.cultivation.web.models import VALID, FirmFile
from biaochi.methods.rules import RuleSet

KEPT_SECONDS = 3600


@lru_cache(maxsize=1)
def rules() -> tuple[RuleSet, ...]:
    """Return every version of every rule set."""
    return tuple(shipped_rules())


def set_name(code: str) -> Text:
    """Return the name of a rule set, from its newest version."""
    return next((r.name for r in reversed(rules()) if r.code == code), Text.same(code))


def criterion_names(code: str) -> dict[str, Text]:
    """Return the names of a set's criteria, of all its versions, the newest last."""
    return {c.code: c.name for r in rules() if r.code == code for c in r.criteria}


def standing(file: FirmFile, at: date, horizon: int) -> FirmStanding:
    """Return where a firm stands on a day."""
    granted = file.titles.filter(state__in=VALID, valid_to__gte=at).values_list("grade", flat=True)
    listed = {g.grade for g in file.register() if _runs(g, at)}
    held = sorted({*granted, *listed})
    evidence = file.evidence_frame(at)
    known = [] if evidence is None else evidence.to_dict("records")
    key = "standing:" + digest(
        [
            file.code,
            file.facts,
            file.costs,
            held,
            known,
            at.isoformat(),
            horizon,
            [(r.code, r.version) for r in rules()],
        ]
    )
    kept = cache.get(key)
    if isinstance(kept, FirmStanding):
        return kept
    found = stand(file.frame(), rules(), at=at, costs=file.priced(), horizon=horizon, held=held, evidence=evidence)
    cache.set(key, found, KEPT_SECONDS)
    return found


def _runs(grant: Grant, at: date) -> bool:
    ends = valid_to(grant, parameters(at))
    begun = grant.granted_on <= at and (grant.ended_on is None or grant.ended_on > at)
    return begun and (ends is None or ends >= at)


def parameters(at: date) -> Snapshot:
    """Return the parameters of cultivation in force on a day."""
    return load_parameters("biaochi.mechanisms.cultivation").at(at)


def duties(file: FirmFile, found: FirmStanding, at: date) -> tuple[Duty, ...]:
    """Return what the firm's titles ask of it by when: those of its file, of the registers, and those granted here."""
    filed = [Grant(file.code, e.column.removesuffix("_until"), "", date.min, e.until) for e in found.expiries]
    return firm_duties([*filed, *file.register()], at=at, parameters=parameters(at))
