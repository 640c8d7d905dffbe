"""Computed answers of cultivation, kept in the cache under the digest of everything they were computed from."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.core.cache import cache

from biaochi.core.canonical import digest
from biaochi.core.text import Text
from biaochi.mechanisms.cultivation.decisions import FirmStanding, stand
from biaochi.mechanisms.cultivation.files.rules import shipped_rules
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


def standing(file: FirmFile, at: date, horizon: int) -> FirmStanding:
    """Return where a firm stands on a day."""
    held = sorted(file.titles.filter(state__in=VALID, valid_to__gte=at).values_list("grade", flat=True))
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
