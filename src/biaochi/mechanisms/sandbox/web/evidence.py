"""The evidence bundle of a stored case: the same bytes the command line writes from the same facts."""

from __future__ import annotations

from datetime import datetime

from biaochi.core.roles import Actor, Role
from biaochi.core.text import LANGS
from biaochi.mechanisms.sandbox.files import build_bundle
from biaochi.mechanisms.sandbox.report import public_summary
from biaochi.mechanisms.sandbox.web import watching
from biaochi.mechanisms.sandbox.web.models import ZONE, SandboxCase, rules_on
from biaochi.registry import ledger


def bundle_of(trial: SandboxCase, actor: Actor, now: datetime) -> bytes:
    """Return the bundle as of now.

    Only a whole chain can be verified, and a whole chain tells of every matter of the house: it enters for auditors
    alone.  Everybody else gets the bundle without it, and its check of the chain stays unknown.
    """
    file = trial.to_file()
    case = file.cases[0]
    readings = watching.stored_readings(trial)
    found = watching.supervised(trial, now, readings)
    chain = list(ledger.lines()) if actor.role is Role.AUDITOR else []
    summaries = {lang: public_summary(case, found, lang) for lang in LANGS}
    incidents = watching.stored_incidents(trial)
    rules = rules_on(now.astimezone(ZONE).date())
    return build_bundle(file, case, found, readings, incidents, chain, rules, summaries, now)
