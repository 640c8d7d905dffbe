"""How the titles of one grade last, rise and lapse: survival and competing ends since the grant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from biaochi.mechanisms.cultivation.model import EndCause, Grant
from biaochi.methods.survival import aalen_johansen, kaplan_meier

DAYS_IN_YEAR = 365.25


def cohort_tables(
    grants: Sequence[Grant], grade: str, to: str, by: str, as_of: date, level: float
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return ``survival`` and ``incidence`` of one grade's titles, in years since the grant, by group.

    A change of name or a merger with a known successor is no end: the successor's spell is joined to it.
    """
    joined = linked([g for g in grants if g.grade == grade], [g for g in grants if to and g.grade == to])
    survival: list[dict[str, object]] = []
    incidence: list[dict[str, object]] = []
    groups: dict[str, list[tuple[float, int, float]]] = {}
    for grant, cause, ended in joined:
        end = min(ended or as_of, as_of)
        entry = grant.listed_from or grant.granted_on
        time, start = _years(grant.granted_on, end), _years(grant.granted_on, entry)
        if time <= max(start, 0.0):
            continue
        seen = ended is not None and ended <= as_of
        groups.setdefault(str(getattr(grant, by)) if by else "all", []).append(
            (time, _CAUSES.index(cause) + 1 if seen and cause else 0, start if start > 0 else -1.0)
        )
    for group, spells in sorted(groups.items()):
        times = np.array([t for t, _, _ in spells])
        causes = np.array([c for _, c, _ in spells])
        entries = np.array([e for _, _, e in spells])
        curve = kaplan_meier(times, causes > 0, entry=entries, level=level)
        survival += _records({"group": group}, curve.to_frame())
        for code, found in aalen_johansen(times, causes, entry=entries, level=level).items():
            incidence += _records({"group": group, "cause": _CAUSES[code - 1]}, found.to_frame())
    return survival, incidence


def _records(labels: dict[str, object], frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{**labels, **{str(k): v for k, v in r.items()}} for r in frame.to_dict("records")]


_CAUSES = ("promoted", "lapsed", "removed")


def _years(start: date, end: date) -> float:
    return (end - start).days / DAYS_IN_YEAR


def linked(grants: Sequence[Grant], goals: Sequence[Grant]) -> list[tuple[Grant, str, date | None]]:
    """Return each title with the cause and day of its end, successors followed, promotions to a goal grade found."""
    heirs = {g.successor: g for g in grants if g.successor and g.end_cause in (EndCause.MERGED, EndCause.RENAMED)}
    by_firm: dict[str, list[Grant]] = {}
    for grant in grants:
        by_firm.setdefault(grant.firm, []).append(grant)
    reached = {}
    for goal in sorted(goals, key=lambda g: g.granted_on, reverse=True):
        reached[goal.firm] = goal.granted_on
    found: list[tuple[Grant, str, date | None]] = []
    for grant in grants:
        if grant.firm in heirs and _continues(grant, heirs[grant.firm]):
            continue
        last, names = grant, [grant.firm]
        while last.end_cause in (EndCause.MERGED, EndCause.RENAMED) and last.successor in by_firm:
            following = [g for g in by_firm[last.successor] if g.firm not in names]
            if not following:
                break
            last = following[0]
            names.append(last.firm)
        promoted = min((reached[n] for n in names if n in reached and reached[n] > grant.granted_on), default=None)
        cause = last.end_cause.value if last.end_cause else ""
        ended = last.ended_on
        if promoted is not None and (ended is None or promoted <= ended):
            cause, ended = EndCause.PROMOTED.value, promoted
        if cause in (EndCause.MERGED.value, EndCause.RENAMED.value):
            # The successor is not in the register: the end is unseen, not a lapse.
            found.append((grant, "", ended))
        else:
            found.append((grant, cause or ("lapsed" if ended else ""), ended))
    return found


def _continues(grant: Grant, former: Grant) -> bool:
    """Whether a title only carries on that of the firm's former name, and so is no spell of its own."""
    begun = grant.listed_from or grant.granted_on
    return grant.granted_on == former.granted_on or (former.ended_on is not None and begun >= former.ended_on)
