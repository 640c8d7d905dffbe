"""May entry be forecast at all?  Too few events, no ranking."""

from __future__ import annotations

from datetime import date

from biaochi.core.decision import Decision, Reason
from biaochi.core.parameters import Snapshot
from biaochi.core.text import Text
from biaochi.core.verdict import Verdict

MIN_EVENTS = "layout.min_events"


def decide_gate(events: int, *, at: date, parameters: Snapshot) -> Decision:
    """Decide whether enough entries were seen for any ranking: ``met``, ``unmet`` or ``manual_review``.

    Parameters
    ----------
    events : int
        Entries seen over all origins.
    at : datetime.date
        Day of the decision.
    parameters : Snapshot
        Holds ``layout.min_events``.
    """
    rule = parameters[MIN_EVENTS]
    least = int(str(rule.value))
    verdict = Verdict.MET if events >= least else Verdict.UNMET
    if verdict is Verdict.MET and not rule.confirmed:
        verdict = Verdict.MANUAL_REVIEW
    text = Text(
        f"历史上见到 {events} 次进入，排序至少需要 {least} 次",
        f"{events} entries were seen; a ranking needs at least {least}",
    )
    reason = Reason(MIN_EVENTS, verdict, text, events, least, "events", rule.citation)
    return Decision(verdict.value, (reason,), at, parameters=parameters.only(MIN_EVENTS))
