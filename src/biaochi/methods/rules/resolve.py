"""Which version of each rule set applies on a day, for a purpose."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from biaochi.core.errors import DefinitionError
from biaochi.methods.rules.ruleset import Purpose, RuleSet


def resolve(rulesets: Iterable[RuleSet], at: date, purpose: Purpose = "entry") -> dict[str, RuleSet | None]:
    """Return for each set the version that applies, or ``None`` when none is in force.

    Parameters
    ----------
    rulesets : iterable of RuleSet
        All versions of all sets.
    at : datetime.date
        The day of the decision.
    purpose : {"entry", "recheck"}
        Re-checks may still use an older version where a notice says so.

    Returns
    -------
    dict
        Set code → version, in the order the sets first appear.

    Raises
    ------
    DefinitionError
        When two versions of one set are in force on the same day.

    Examples
    --------
    >>> resolve([], date(2026, 4, 1))
    {}
    """
    found: dict[str, RuleSet | None] = {}
    clashes: list[str] = []
    for rules in rulesets:
        found.setdefault(rules.code, None)
        if not rules.in_force(at):
            continue
        other = found[rules.code]
        if other is not None:
            clashes.append(f"{rules.code}: versions {other.version} and {rules.version} are both in force on {at}")
        found[rules.code] = rules
    if clashes:
        raise DefinitionError("rule sets", clashes)
    if purpose == "recheck":
        found |= {r.code: r for r in rulesets if r.rechecks(at)}
    return found
