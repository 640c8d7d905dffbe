"""The reading of one rule on one clause, stage by stage: why it spoke, or why it kept silent."""

from __future__ import annotations

from biaochi.methods.textreview.engine import Facts, Step, read_rule
from biaochi.methods.textreview.normalise import shadow
from biaochi.methods.textreview.rule_pack import Rule
from biaochi.methods.textreview.segment import Clause


def explain(clause: Clause, rule: Rule, *, facts: Facts | None = None, in_force: bool = True) -> tuple[Step, ...]:
    """Return the stages a rule goes through on a clause.

    Parameters
    ----------
    clause : Clause
        The clause.
    rule : Rule
        The rule.
    facts : Facts or None
        What the text does not show.
    in_force : bool
        Whether the rule binds the document on its day.

    Returns
    -------
    tuple of Step
        Ends with the stage ``state``; when the rule found several places, those of the gravest.
    """
    if not in_force:
        return (Step("applicable", "no"), Step("state", "NOT_APPLICABLE"))
    if not rule.reads_text:
        return (Step("applicable", "yes"), Step("state", "NOT_CHECKED"))
    order = ("violation", "needs_context", "lawful_preference", "clean")
    found = list(read_rule(clause, shadow(clause.text), rule, facts or Facts(), trace=True))
    if not found:
        return (Step("applicable", "yes"), Step("trigger", "none"), Step("state", "NO_TRIGGER"))
    gravest = min(found, key=lambda f: (order.index(f.verdict), f.start))
    return (Step("applicable", "yes"), *gravest.steps)
